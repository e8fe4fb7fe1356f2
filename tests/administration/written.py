"""A small administration as a file says it, to be changed by each test."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

ADDRESS = {"street": "Eikenlaan", "house_number": "12a", "postcode": "3394 CK", "city": "Merwestad"}
ADMINISTRATION: dict[str, Any] = {
    "format": "huishoudboekje-administration/1",
    "municipality": {
        "name": "Gemeente Merwestad",
        "slug": "merwestad",
        "guarantee_limit": "1000.00",
        "accounts": [
            {
                "iban": "NL33BNGH0254028501",
                "bic": "BNGHNL2G",
                "name": "Gemeente Merwestad Budgetbeheer",
                "opening": {"date": "2025-12-31", "balance": "20000.00"},
            }
        ],
    },
    "organisations": [
        {
            "id": "O000001",
            "name": "Woonstichting De Merwe",
            "kvk_number": "00402850",
            "accounts": [{"iban": "NL89RABO0401404241", "name": "Woonstichting De Merwe"}],
            "address": ADDRESS,
        },
        {
            "id": "O000002",
            "name": "Bakkerij Jansen",
            "kvk_number": None,
            "accounts": [{"iban": "NL56INGB0475092111", "name": "Bakkerij Jansen"}],
            "address": None,
            "departments": [{"name": "Lonen"}],
        },
    ],
    "households": [
        {
            "id": "H000001",
            "opening": {"balance": "120.50", "advance": "1200.00"},
            "residents": [
                {
                    "id": "R000001",
                    "initials": "J.P.",
                    "surname": "van der Berg",
                    "birth_date": "1980-12-31",
                    "bsn": "999999990",
                    "iban": "NL75RABO5191115792",
                    "email": "jan@example.org",
                    "phone": "+31612345678",
                    "address": ADDRESS,
                }
            ],
            "agreements": [
                {
                    "id": "A0000001",
                    "resident": "R000001",
                    "direction": "income",
                    "category": "wage",
                    "counterparty": {"organisation": "O000002"},
                    "account": "NL56INGB0475092111",
                    "amount": "1800.00",
                    "amount_tolerance": "150.00",
                    "schedule": {
                        "unit": "week",
                        "every": 4,
                        "weekday": 5,
                        "from": "2025-01-03",
                        "until": None,
                    },
                    "settlement": None,
                    "guaranteed": False,
                    "reference": None,
                    "search_terms": ["SALARIS"],
                    "remittance": "",
                },
                {
                    "id": "A0000002",
                    "resident": "R000001",
                    "direction": "expense",
                    "category": "rent",
                    "counterparty": {"organisation": "O000001"},
                    "account": "NL89RABO0401404241",
                    "amount": "612.34",
                    "amount_tolerance": "0.00",
                    "schedule": {"unit": "month", "every": 1, "day": 31, "from": "2025-01-01", "until": None},
                    "settlement": "transfer",
                    "guaranteed": True,
                    "reference": "00.123-45",
                    "search_terms": [],
                    "remittance": "Huur",
                },
                {
                    "id": "A0000003",
                    "resident": "R000001",
                    "direction": "expense",
                    "category": "living_money",
                    "counterparty": {"resident": "R000001"},
                    "account": "NL75RABO5191115792",
                    "amount": "80.00",
                    "amount_tolerance": "0.00",
                    "schedule": {
                        "unit": "once",
                        "every": 1,
                        "from": "2026-02-01",
                        "until": "2026-02-01",
                    },
                    "settlement": "transfer",
                    "guaranteed": False,
                    "reference": None,
                    "search_terms": [],
                    "remittance": "Leefgeld",
                },
            ],
        },
        {
            "id": "H000002",
            "opening": {"balance": "0.00", "advance": "0.00"},
            "residents": [
                {
                    "id": "R000002",
                    "initials": "Ş.",
                    "surname": "Yıldız",
                    "birth_date": "1990-02-28",
                    "bsn": "999999989",
                    "iban": "NL20INGB0001234567",
                    "email": None,
                    "phone": None,
                    "address": ADDRESS,
                }
            ],
            "agreements": [],
        },
    ],
}
GONE = object()
PAYMENTS = """\
end_to_end_id,payment_information_id,household,agreement,due_date,execution_date,amount,counter_iban,batch_booking
HHB1,HHBB1,H000001,A0000002,2025-12-31,2025-12-31,612.34,NL89RABO0401404241,true
HHB2,HHBB1,H000001,A0000003,2026-02-01,2026-01-30,80.00,NL75RABO5191115792,false
"""


def changed(*changes: tuple[str, object]) -> dict[str, Any]:
    """The administration with other values at some paths, such as `households.0.id`; GONE takes one out."""
    made = copy.deepcopy(ADMINISTRATION)
    for path, value in changes:
        *parents, last = path.split(".")
        at: Any = made
        for name in parents:
            at = at[int(name)] if isinstance(at, list) else at[name]
        if value is GONE:
            del at[int(last) if isinstance(at, list) else last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
    return made


def write(folder: Path, administration: object, name: str = "administration.json") -> Path:
    """The administration as a file."""
    path = folder / name
    path.write_text(json.dumps(administration, ensure_ascii=False), "utf-8")
    return path
