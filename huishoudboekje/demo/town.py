"""The fictional municipality: its accounts, who works there, and the organisations of its residents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from huishoudboekje.demo.numbers import euros, iban
from huishoudboekje.domain.access import Role

SLUG: Final = "merwestad"
NAME: Final = "Gemeente Merwestad"
OPENED: Final = date(2026, 2, 27)
"""The day at whose end accounts and households start: the last banking day before the month."""
FIRST_DAY: Final = date(2026, 3, 2)
LAST_DAY: Final = date(2026, 3, 31)


@dataclass(frozen=True, slots=True)
class Account:
    """One of the municipality's bank accounts; cents."""

    iban: str
    bic: str
    opening_cents: int
    batch_booking: bool


ACCOUNTS: Final = (
    Account(iban("BNGH", 285_074_401), "BNGHNL2G", 18_500_000, batch_booking=False),
    Account(iban("INGB", 670_331_902), "INGBNL2A", 4_250_000, batch_booking=True),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works there."""

    id: str
    name: str
    roles: tuple[Role, ...]


SANNE: Final = Person("sanne", "Sanne de Wit", (Role.BACK_OFFICE,))
YOUSSEF: Final = Person("youssef", "Youssef Amrani", (Role.BACK_OFFICE,))
DEWI: Final = Person("dewi", "Dewi Sahetapy", (Role.BACK_OFFICE, Role.APPROVER))
MARIJKE: Final = Person("marijke", "Marijke Hoekstra", (Role.APPROVER,))
LOTTE: Final = Person("lotte", "Lotte Vermeer", (Role.CASEWORKER,))
PETER: Final = Person("peter", "Peter Janssen", (Role.ADMINISTRATOR,))
INGRID: Final = Person("ingrid", "Ingrid Bakker", (Role.AUDITOR,))
PEOPLE: Final = (SANNE, YOUSSEF, DEWI, MARIJKE, LOTTE, PETER, INGRID)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who pays or is paid; `word` is what it writes first in a description."""

    id: str
    name: str
    iban: str
    bic: str
    kvk_number: str | None
    word: str
    town: str = "Merwestad"

    def as_document(self) -> dict[str, Any]:
        """The organisation in the administration's format."""
        return {
            "id": self.id,
            "name": self.name,
            "kvk_number": self.kvk_number,
            "accounts": [{"iban": self.iban, "name": self.name}],
            "address": {
                "street": "Stationsplein",
                "house_number": str(int(self.id[1:])),
                "postcode": f"33{int(self.id[1:]):02} AB",
                "city": self.town,
            },
        }


BICS: Final = {
    "ABNA": "ABNANL2A",
    "ASNB": "ASNBNL21",
    "BNGH": "BNGHNL2G",
    "BUNQ": "BUNQNL2A",
    "INGB": "INGBNL2A",
    "KNAB": "KNABNL2H",
    "RABO": "RABONL2U",
    "SNSB": "SNSBNL2A",
    "TRIO": "TRIONL2U",
}


def _organisation(number: int, name: str, bank: str, word: str, *, private: bool = False) -> Organisation:
    return Organisation(
        id=f"O{number:06}",
        name=name,
        iban=iban(bank, 710_000_000 + 7_919 * number),
        bic=BICS[bank],
        kvk_number=None if private else f"00{number:06}",
        word=word,
    )


MERWE_HOMES: Final = _organisation(1, "Woonstichting De Merwe", "BNGH", "Huur")
LINGE_HOMES: Final = _organisation(2, "Stichting Thuis aan de Linge", "RABO", "Huur")
KOPERSLAGER: Final = _organisation(3, "Koperslager Vastgoed B.V.", "ABNA", "Huur")
STROOMWIJK: Final = _organisation(4, "Stroomwijk Energie B.V.", "INGB", "Termijn energie")
LICHTLAND: Final = _organisation(5, "Lichtland Coöperatie U.A.", "TRIO", "Voorschot stroom en gas")
WATER: Final = _organisation(6, "Waterbedrijf Merwezoom", "BNGH", "Drinkwater")
HEAT: Final = _organisation(7, "Warmtenet Merwestad B.V.", "RABO", "Stadswarmte")
VITAAL: Final = _organisation(8, "Vitaal Zorgverzekeringen N.V.", "ABNA", "Premie zorgverzekering")
ZORGZAAM: Final = _organisation(9, "Onderlinge Zorgzaam U.A.", "RABO", "Zorgpremie")
BELHUIS: Final = _organisation(10, "Belhuis Telecom B.V.", "INGB", "Abonnement bellen")
GLASLIJN: Final = _organisation(11, "Glaslijn Internet B.V.", "BUNQ", "Internet en tv")
BAILIFF: Final = _organisation(12, "Prins & Zn. Gerechtsdeurwaarders", "ABNA", "Aflossing dossier")
COLLECTOR: Final = _organisation(13, "Incassobureau Vlietstra", "KNAB", "Aflossing")
TAXES: Final = _organisation(14, "Gemeente Merwestad Belastingen", "BNGH", "Gemeentebelasting")
UWV: Final = _organisation(15, "UWV", "RABO", "UWV uitkering")
SVB: Final = _organisation(16, "Sociale Verzekeringsbank", "INGB", "AOW")
ALLOWANCES: Final = _organisation(17, "Belastingdienst Toeslagen", "INGB", "Voorschot toeslag")
SOCIAL: Final = _organisation(18, "Gemeente Merwestad Werk en Inkomen", "BNGH", "Uitkering Participatiewet")
PENSION: Final = _organisation(19, "Pensioenfonds Ambacht en Techniek", "ABNA", "Pensioen")
CLEANERS: Final = _organisation(20, "Schoonmaakbedrijf Helder B.V.", "RABO", "Salaris")
BAKERY: Final = _organisation(21, "Bakkerij De Korenaar", "SNSB", "Loon")
WAREHOUSE: Final = _organisation(22, "Distributiecentrum Merwehaven B.V.", "INGB", "Salaris")
CARE: Final = _organisation(23, "Zorggroep Lingehof", "ABNA", "Salaris")
FATHER: Final = _organisation(24, "F. Yıldız", "ASNB", "Alimentatie", private=True)
ORGANISATIONS: Final = (
    *(MERWE_HOMES, LINGE_HOMES, KOPERSLAGER, STROOMWIJK, LICHTLAND, WATER, HEAT, VITAAL, ZORGZAAM),
    *(BELHUIS, GLASLIJN, BAILIFF, COLLECTOR, TAXES, UWV, SVB, ALLOWANCES, SOCIAL, PENSION),
    *(CLEANERS, BAKERY, WAREHOUSE, CARE, FATHER),
)


def municipality() -> dict[str, Any]:
    """The municipality in the administration's format."""
    return {
        "name": NAME,
        "slug": SLUG,
        "guarantee_limit": "1500.00",
        "accounts": [
            {
                "iban": each.iban,
                "bic": each.bic,
                "name": NAME,
                "opening": {"date": OPENED.isoformat(), "balance": euros(each.opening_cents)},
            }
            for each in ACCOUNTS
        ],
    }
