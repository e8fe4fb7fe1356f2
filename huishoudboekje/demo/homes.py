"""The forty households of the municipality: who they are, what comes in and what goes out.

Every figure follows from a household's number, so that every newcomer meets the same people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from typing import Any, Final

from bank_formats.sepa_text import betalingskenmerk
from huishoudboekje.demo import town
from huishoudboekje.demo.numbers import bsns, euros, iban
from huishoudboekje.demo.town import Account, Organisation
from huishoudboekje.domain.agreements import LIVING_MONEY, Schedule, Settlement, Unit
from huishoudboekje.domain.people import Address, Resident
from huishoudboekje.domain.schedule import due_days

SHORT: Final = 12
"""The household that is short until its income comes: its rent is advanced."""
AT_LIMIT: Final = 24
"""The household that owes nearly the limit: a cost that does not fit any more is held."""
MOVED_BANK: Final = 18
"""The household whose resident closed an account: its living money comes back."""
DAY_31: Final = 31
VARYING: Final = 9
PARTIAL: Final = 15
FOUR_WEEKLY: Final = 6
ALIMONY: Final = 27

FRIDAY: Final = 5
THURSDAY: Final = 4
SECOND_ACCOUNT_EVERY: Final = 4
OWING_EVERY: Final = 13
LAST_PROJECTED: Final = date(2026, 5, 31)
SINCE: Final = date(2026, 1, 1)

# Initials, surname, year of birth, initials and surname of a partner, and of what the household lives.
PEOPLE: Final = (
    ("J.P.", "van den Berg", 1981, None, "wage"),
    ("F.", "Çelik", 1975, "A. Çelik", "social"),
    ("M.A.", "de Vries", 1952, None, "aow"),
    ("T.", "Nguyễn", 1988, None, "wage"),
    ("K.", "Wójcik", 1979, "Z. Wójcik-Łoś", "uwv"),
    ("R.", "Sahetapy", 1990, None, "four"),
    ("H.", "Müller", 1949, "G. Müller-Weiß", "aow"),
    ("S.", "El Idrissi", 1984, None, "social"),
    ("D.", "García López", 1992, None, "wage"),
    ("A.B.", "van 't Hoff", 1968, None, "uwv"),
    ("N.", "Đorđević", 1973, None, "ww"),
    ("E.", "Öztürk", 1986, None, "ww"),
    ("L.", "Bakker", 1995, None, "social"),
    ("I.", "Šimić", 1977, None, "wage"),
    ("C.", "Janssen", 1980, None, "uwv"),
    ("O.", "Tesfaye", 1991, None, "wage"),
    ("B.", "Ó Briain", 1963, None, "uwv"),
    ("W.", "Kowalczyk", 1983, "M. Kowalczyk", "wage"),
    ("G.", "Ait Ben Haddou", 1970, None, "social"),
    ("P.J.", "Hoekstra", 1947, None, "aow"),
    ("V.", "Ørsted", 1989, None, "wage"),
    ("Y.", "Şahin", 1982, None, "ww"),
    ("J.", "de Groot-Visser", 1950, None, "aow"),
    ("M.", "Abdi", 1985, None, "first"),
    ("Q.", "Dijkstra", 1998, None, "social"),
    ("L.M.", "Fernández", 1994, None, "wage"),
    ("S.", "Yıldız-Kaya", 1987, None, "social"),
    ("D.", "Peeters", 1966, None, "uwv"),
    ("R.", "Petrović", 1974, None, "wage"),
    ("H.", "Smit", 1945, None, "aow"),
    ("A.", "Kramer", 1978, "T. Kramer-Bos", "wage"),
    ("J.", "Janssen", 1993, None, "ww"),
    ("X.", "Håkansson", 1990, None, "wage"),
    ("F.", "Amoah", 1981, None, "social"),
    ("N.", "Brouwer", 1972, None, "uwv"),
    ("C.", "Dupré", 1984, None, "wage"),
    ("U.", "Warsame", 1988, "H. Warsame", "social"),
    ("T.", "van der Zwaag", 1953, None, "aow"),
    ("E.", "Mazur", 1996, None, "wage"),
    ("K.", "Günay", 1969, None, "uwv"),
)
STREETS: Final = ("Eikenlaan", "Merwekade", "Veerstraat", "Wilgenhof", "Molenpad", "Lingeplein")
EMPLOYERS: Final = (town.CLEANERS, town.BAKERY, town.WAREHOUSE, town.CARE)
BANKS: Final = ("ABNA", "INGB", "RABO", "SNSB", "TRIO", "ASNB", "BUNQ", "KNAB")


@dataclass(frozen=True, slots=True)
class Agreed:
    """One agreement as the demo knows it; `organisation` None is the resident's living money. Cents."""

    id: str
    income: bool
    category: str
    organisation: Organisation | None
    iban: str
    cents: int
    schedule: Schedule
    settlement: Settlement | None
    guaranteed: bool
    reference: str | None
    tolerance_cents: int = 0
    search_terms: tuple[str, ...] = ()

    def due(self, since: date, until: date) -> list[date]:
        """The nominal days on which it falls due."""
        return list(due_days(self.schedule, since, until))


@dataclass(slots=True)
class Home:
    """One household, with the municipal account on which its money comes in; cents."""

    number: int
    residents: list[Resident]
    account: Account
    agreements: list[Agreed] = field(default_factory=list)
    opening_cents: int = 0
    advance_cents: int = 0

    @property
    def id(self) -> str:
        """Its id in the administration."""
        return f"H{self.number:06}"

    def agreement(self, category: str) -> Agreed:
        """Its first agreement of a category."""
        return next(each for each in self.agreements if each.category == category)


@cache
def homes() -> tuple[Home, ...]:
    """All households, by number from 1."""
    numbers, agreement_ids = bsns(), (f"A{number:07}" for number in count(1))
    found = []
    for number, (initials, surname, born, partner, kind) in enumerate(PEOPLE, start=1):
        home = Home(
            number, list(_residents(number, initials, surname, born, partner, numbers)), _account(number)
        )
        signing = _Signing(home, agreement_ids)
        signing.incomes(kind)
        signing.costs(kind)
        _open(home)
        found.append(home)
    return tuple(found)


def home(number: int) -> Home:
    """The household of this number."""
    return homes()[number - 1]


def _account(number: int) -> Account:
    return town.ACCOUNTS[number % SECOND_ACCOUNT_EVERY == 0]


def _residents(
    number: int, initials: str, surname: str, born: int, partner: str | None, numbers: Iterator[str]
) -> Iterator[Resident]:
    address = Address(
        STREETS[number % len(STREETS)], str(number * 3 % 97 + 1), f"33{60 + number % 30} CK", "Merwestad"
    )
    names = [(initials, surname)] if partner is None else [(initials, surname), tuple(partner.split(" ", 1))]
    for place, (first, last) in enumerate(names):
        yield Resident(
            id=f"R{number * 2 - 1 + place:07}",
            household_id=f"H{number:06}",
            initials=first,
            surname=last,
            birth_date=date(born + place, number % 12 + 1, number * 7 % 28 + 1),
            bsn=next(numbers),
            iban=iban(BANKS[(number + place) % len(BANKS)], 820_000_000 + 104_729 * number + 17 * place),
            address=address,
            email=None if number % 3 else f"bewoner{number}@voorbeeld.invalid",
            phone=None if number % 5 else f"+316000000{number:02}",
        )


class _Signing:
    """The agreements of one household while they are made."""

    def __init__(self, home: Home, ids: Iterator[str]) -> None:
        self.home = home
        self.number = home.number
        self.ids = ids

    def incomes(self, kind: str) -> None:
        makers: dict[str, Callable[[], None]] = {
            "wage": self._wage,
            "first": self._wage_on_the_first,
            "four": self._four_weekly,
            "social": lambda: self._income(town.SOCIAL, "benefit", 136_500 + self.number * 311, 6),
            "aow": self._old_age,
            "uwv": lambda: self._income(town.UWV, "benefit", 151_000 + self.number * 1_117, 23),
            "ww": lambda: self._income(town.UWV, "benefit", 158_000 + self.number * 403, 9),
        }
        makers[kind]()
        if kind != "first":
            self._income(town.ALLOWANCES, "allowance", 12_300 + self.number % 4 * 100, 20, ("ZORGTOESLAG",))
        if kind in {"social", "aow"}:
            self._income(town.ALLOWANCES, "allowance", 21_400 + self.number * 97, 20, ("HUURTOESLAG",))
        if self.number == ALIMONY:
            self._income(town.FATHER, "alimony", 17_500, 12)

    def _wage(self) -> None:
        employer = EMPLOYERS[self.number % len(EMPLOYERS)]
        cents = 188_000 + self.number * 1_713
        varies = 6_000 if self.number % 2 else 0
        self._income(employer, "wage", cents, 24 + self.number % 3, tolerance_cents=varies)

    def _wage_on_the_first(self) -> None:
        self._income(town.WAREHOUSE, "wage", 178_400, 1)

    def _four_weekly(self) -> None:
        schedule = Schedule(Unit.WEEK, date(2026, 1, 8), every=4, weekday=THURSDAY)
        self._add("wage", town.WAREHOUSE, 162_340, schedule, reference="4410826")

    def _old_age(self) -> None:
        self._income(town.SVB, "benefit", 158_037 + self.number * 100, 23)
        self._income(town.PENSION, "pension", 21_000 + self.number * 613, 25)

    def _income(
        self,
        payer: Organisation,
        category: str,
        cents: int,
        day: int,
        search_terms: tuple[str, ...] = (),
        tolerance_cents: int = 0,
    ) -> None:
        place = len(self.home.agreements)
        seed = (self.number * 7_919 + place * 31) % 9_973
        self._add(
            category,
            payer,
            cents,
            Schedule(Unit.MONTH, SINCE, day=day),
            reference=f"{int(payer.id[1:])}{self.number:02}{place + 3}{seed:04}",
            search_terms=search_terms,
            tolerance_cents=tolerance_cents,
        )

    def costs(self, kind: str) -> None:
        number = self.number
        landlord = (town.MERWE_HOMES, town.LINGE_HOMES, town.KOPERSLAGER)[number % 3]
        rent_day = 31 if number == DAY_31 else (2, 3, 4, 5, 26, 27)[number % 6]
        self._cost(landlord, "rent", 54_300 + number * 2_917 % 17_900, 3 if kind == "first" else rent_day)
        energy_day = {"first": 27}.get(kind, (9, 11, 16, 18, 24, 25)[number % 6])
        supplier = (town.STROOMWIJK, town.LICHTLAND)[number % 2]
        energy = 14_820 if number == AT_LIMIT else 9_500 + number * 1_733 % 8_100
        self._cost(supplier, "energy", energy, energy_day, kenmerk=number % 2 == 0)
        self._water()
        if number % 5 == 1:
            self._cost(town.HEAT, "heating", 8_850 + number * 10, 17)
        insurer = (town.VITAAL, town.ZORGZAAM)[number % 2]
        self._cost(insurer, "health_insurance", 14_250 + number % 7 * 325, (5, 10, 19)[number % 3])
        provider = (town.BELHUIS, town.GLASLIJN)[number % 2]
        self._cost(
            provider,
            "telecom",
            2_750 + number % 6 * 500,
            (8, 18, 26)[number % 3],
            settlement=Settlement.DIRECT_DEBIT,
            guaranteed=False,
        )
        if number % 4 == 1:
            creditor = (town.BAILIFF, town.COLLECTOR)[number % 2]
            self._cost(
                creditor,
                "debt_repayment",
                4_000 + number * 50,
                23 if number % 8 == 1 else 30,
                guaranteed=False,
            )
        if number % 3 == 1:
            self._cost(town.TAXES, "municipal_tax", 2_840 + number * 45, 28, kenmerk=True)
        self._living_money()

    def _water(self) -> None:
        if self.number % 3:
            self._cost(town.WATER, "water", 1_640 + self.number * 12, 19, settlement=Settlement.DIRECT_DEBIT)
        else:
            self._cost(town.WATER, "water", 5_480 + self.number * 21, 12, every=3)

    def _cost(
        self,
        payee: Organisation,
        category: str,
        cents: int,
        day: int,
        *,
        settlement: Settlement = Settlement.TRANSFER,
        guaranteed: bool = True,
        kenmerk: bool = False,
        every: int = 1,
    ) -> None:
        customer = f"{int(payee.id[1:]) + 30}{self.number * 8_837 % 90_001:05}"
        self._add(
            category,
            payee,
            cents,
            # From the month on: what fell due before was paid by whoever kept the money then.
            Schedule(Unit.MONTH, town.FIRST_DAY, every=every, day=day),
            settlement=settlement,
            guaranteed=guaranteed,
            reference=betalingskenmerk(customer) if kenmerk else customer,
        )

    def _living_money(self) -> None:
        """What income leaves, down to whole fives of euros."""
        left = sum(_monthly(each) * (1 if each.income else -1) for each in self.home.agreements)
        weekly = self.number % 2 == 0 and self.number != MOVED_BANK
        share = left * 85 // 100 * 12 // 52 if weekly else left * 85 // 100
        schedule = (
            Schedule(Unit.WEEK, town.FIRST_DAY, weekday=FRIDAY)
            if weekly
            else Schedule(Unit.MONTH, town.FIRST_DAY, day=26)
        )
        cents = max(4_000, share - share % 500)
        self._add(LIVING_MONEY, None, cents, schedule, settlement=Settlement.TRANSFER)

    def _add(  # noqa: PLR0913 - the fields of an agreement
        self,
        category: str,
        organisation: Organisation | None,
        cents: int,
        schedule: Schedule,
        *,
        settlement: Settlement | None = None,
        guaranteed: bool = False,
        reference: str | None = None,
        search_terms: tuple[str, ...] = (),
        tolerance_cents: int = 0,
    ) -> None:
        self.home.agreements.append(
            Agreed(
                next(self.ids),
                settlement is None,
                category,
                organisation,
                organisation.iban if organisation else self.home.residents[0].iban,
                cents,
                schedule,
                settlement,
                guaranteed,
                reference,
                tolerance_cents,
                search_terms,
            )
        )


def _monthly(agreed: Agreed) -> int:
    if agreed.schedule.unit is Unit.WEEK:
        return agreed.cents * 52 // (12 * agreed.schedule.every)
    return agreed.cents // agreed.schedule.every


def _open(home: Home) -> None:
    """Give a household what its costs need until its income has come, and a little more."""
    moves = sorted(
        (day, each.cents if each.income else -each.cents)
        for each in home.agreements
        for day in each.due(town.FIRST_DAY, LAST_PROJECTED)
    )
    running = lowest = 0
    for _, cents in moves:
        running += cents
        lowest = min(lowest, running)
    if home.number == SHORT:
        home.opening_cents = 30_000
    elif home.number == AT_LIMIT:
        home.opening_cents, home.advance_cents = -lowest, 143_000
    else:
        home.opening_cents = -lowest + 9_000 + home.number * 1_300 % 17_000
        home.advance_cents = 21_550 if home.number % OWING_EVERY == 0 else 0


def administration() -> dict[str, Any]:
    """The whole municipality in the format huishoudboekje-administration/1."""
    return {
        "format": "huishoudboekje-administration/1",
        "municipality": town.municipality(),
        "organisations": [each.as_document() for each in town.ORGANISATIONS],
        "households": [_as_document(each) for each in homes()],
    }


def _as_document(home: Home) -> dict[str, Any]:
    return {
        "id": home.id,
        "opening": {"balance": euros(home.opening_cents), "advance": euros(home.advance_cents)},
        "residents": [_resident(each) for each in home.residents],
        "agreements": [_agreement(each, home) for each in home.agreements],
    }


def _resident(resident: Resident) -> dict[str, Any]:
    address = resident.address
    return {
        "id": resident.id,
        "initials": resident.initials,
        "surname": resident.surname,
        "birth_date": resident.birth_date.isoformat(),
        "bsn": resident.bsn,
        "iban": resident.iban,
        "email": resident.email,
        "phone": resident.phone,
        "address": {
            "street": address.street,
            "house_number": address.house_number,
            "postcode": address.postcode,
            "city": address.city,
        },
    }


def _agreement(agreed: Agreed, home: Home) -> dict[str, Any]:
    schedule: dict[str, Any] = {
        "unit": agreed.schedule.unit.value,
        "every": agreed.schedule.every,
        "from": agreed.schedule.starts_on.isoformat(),
    }
    if agreed.schedule.unit is Unit.WEEK:
        schedule["weekday"] = agreed.schedule.weekday
    else:
        schedule["day"] = agreed.schedule.day
    payee = agreed.organisation
    return {
        "id": agreed.id,
        "resident": home.residents[0].id,
        "direction": "income" if agreed.income else "expense",
        "category": agreed.category,
        "counterparty": {"organisation": payee.id} if payee else {"resident": home.residents[0].id},
        "account": agreed.iban,
        "amount": euros(agreed.cents),
        "amount_tolerance": euros(agreed.tolerance_cents),
        "schedule": schedule,
        "settlement": agreed.settlement.value if agreed.settlement else None,
        "guaranteed": agreed.guaranteed,
        "reference": agreed.reference,
        "search_terms": list(agreed.search_terms),
        "remittance": _remittance(agreed, home),
    }


def _remittance(agreed: Agreed, home: Home) -> str:
    if agreed.organisation is None:
        return f"Leefgeld {home.residents[0].name}"
    return "" if agreed.income else f"{agreed.organisation.word} {agreed.reference}"
