"""From the objects of an administration to the values that we keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from huishoudboekje.administration.document import members
from huishoudboekje.administration.fields import (
    CATEGORY,
    EMAIL,
    KVK,
    PHONE,
    SLUG,
    Node,
    Problems,
    Wrong,
)
from huishoudboekje.domain.agreements import Agreement, Direction, Schedule, Settlement, Unit
from huishoudboekje.domain.people import (
    AccountStart,
    Household,
    MunicipalAccount,
    Organisation,
    OrganisationAccount,
    Resident,
)

FORMAT: Final = "huishoudboekje-administration/1"
SECTIONS: Final = ("policy", "users", "ledger", "statements", "payments", "audit")
CORE: Final = ("format", "municipality", "organisations", "households")
DEFAULT_LIMIT_CENTS: Final = 150_000
LONGEST_REMITTANCE: Final = 140
LAST_DAY: Final = 31
LAST_WEEKDAY: Final = 7
MUNICIPALITY_FIELDS: Final = frozenset({"name", "slug", "guarantee_limit", "accounts"})
ACCOUNT_FIELDS: Final = frozenset({"iban", "bic", "name", "opening"})
ACCOUNT_OPENING_FIELDS: Final = frozenset({"date", "balance"})
ORGANISATION_FIELDS: Final = frozenset({"id", "name", "kvk_number", "accounts", "address", "departments"})
HELD_FIELDS: Final = frozenset({"iban", "name"})
HOUSEHOLD_FIELDS: Final = frozenset({"id", "opening", "residents", "agreements"})
OPENING_FIELDS: Final = frozenset({"balance", "advance"})
RESIDENT_FIELDS: Final = frozenset(
    {"id", "initials", "surname", "birth_date", "bsn", "iban", "email", "phone", "address"}
)
AGREEMENT_FIELDS: Final = frozenset(
    {
        "id",
        "resident",
        "direction",
        "category",
        "counterparty",
        "account",
        "amount",
        "amount_tolerance",
        "schedule",
        "settlement",
        "guaranteed",
        "reference",
        "search_terms",
        "remittance",
    }
)
SCHEDULE_FIELDS: Final = frozenset({"unit", "every", "day", "weekday", "from", "until"})
COUNTERPARTY_FIELDS: Final = frozenset({"organisation", "resident"})


@dataclass(frozen=True, slots=True)
class MunicipalityRead:
    """The municipality of a file: its accounts with their starts, the first of which pays."""

    slug: str
    name: str
    limit_cents: int
    accounts: tuple[MunicipalAccount, ...]
    starts: tuple[AccountStart, ...]

    @property
    def opens_on(self) -> date:
        """The day at whose end households start, too."""
        return self.starts[0].starts_on


@dataclass(frozen=True, slots=True)
class OrganisationRead:
    """An organisation of a file; `departments` is free, and None when it is absent."""

    path: str
    organisation: Organisation
    departments: Any | None


@dataclass(frozen=True, slots=True)
class HouseholdRead:
    """A household of a file, with the places of its residents and agreements in their lists."""

    path: str
    household: Household
    residents: tuple[tuple[int, Resident], ...]
    agreements: tuple[tuple[int, Agreement], ...]


def head(path: Path, problems: Problems) -> tuple[MunicipalityRead, dict[str, OrganisationRead]]:
    """Read the municipality and its organisations, wherever in the file they stand.

    Raises AdministrationRefused when the format is another, or one of them is absent or wrong.
    """
    municipality: MunicipalityRead | None = None
    organisations: dict[str, OrganisationRead] | None = None
    names = []
    for name, value in members(path):
        names.append(name)
        if name == "municipality":
            municipality = _municipality_or_none(value, problems)
        elif name == "organisations":
            organisations = _organisations(value, problems)
        elif name == "format" and value != FORMAT:
            problems.add(Wrong("format", f"dit is geen {FORMAT}"))
        elif name not in CORE and name not in SECTIONS:
            problems.add(Wrong(name, "dit veld bestaat niet in dit formaat"))
        if municipality and organisations is not None and "format" in names:
            break
    else:
        for missing in (each for each in CORE if each not in names):
            problems.add(Wrong(missing, "dit veld ontbreekt"))
    if municipality is None or organisations is None:
        problems.refuse_any()
        raise AssertionError(names)
    return municipality, organisations


def body(path: Path, problems: Problems) -> Iterator[tuple[str, Any]]:
    """Give what follows the head: `households` and the optional sections, lists as iterators."""
    names = set()
    for name, value in members(path):
        names.add(name)
        if name == "households" or name in SECTIONS:
            yield name, value
        elif name not in CORE:
            problems.add(Wrong(name, "dit veld bestaat niet in dit formaat"))
    if "households" not in names:
        problems.add(Wrong("households", "dit veld ontbreekt"))


def households(
    values: Iterable[object],
    opens_on: date,
    organisations: Mapping[str, OrganisationRead],
    problems: Problems,
) -> Iterator[HouseholdRead]:
    """Read the households one by one; what is wrong is remembered, and passed over."""
    if isinstance(values, dict | str) or not isinstance(values, Iterable):
        problems.add(Wrong("households", "hier hoort een lijst te staan"))
        return
    for number, value in enumerate(values):
        try:
            yield _household(Node(value, f"households[{number}]"), opens_on, organisations, problems)
        except Wrong as problem:
            problems.add(problem)


def _municipality_or_none(value: object, problems: Problems) -> MunicipalityRead | None:
    try:
        return _municipality(Node(value, "municipality"), problems)
    except Wrong as problem:
        problems.add(problem)
        return None


def _municipality(node: Node, problems: Problems) -> MunicipalityRead:
    node.only(MUNICIPALITY_FIELDS)
    accounts = list(node.each("accounts", _account, problems, at_least=1))
    ibans = [start.iban for _, (_, start) in accounts]
    for number, iban in enumerate(ibans):
        if iban in ibans[:number]:
            raise node.wrong(f"accounts[{number}].iban", "deze rekening staat er twee keer in")
    problems.refuse_any()
    return MunicipalityRead(
        slug=node.matching("slug", SLUG, "gebruik kleine letters, cijfers en streepjes"),
        name=node.text("name"),
        limit_cents=node.amount("guarantee_limit", default=DEFAULT_LIMIT_CENTS),
        accounts=tuple(
            MunicipalAccount(start.iban, bic, name, number + 1) for number, ((bic, name), start) in accounts
        ),
        starts=tuple(start for _, (_, start) in accounts),
    )


def _account(node: Node) -> tuple[tuple[str, str], AccountStart]:
    node.only(ACCOUNT_FIELDS)
    opening = node.node("opening")
    opening.only(ACCOUNT_OPENING_FIELDS)
    start = AccountStart(node.iban("iban"), opening.day("date"), opening.amount("balance", signed=True))
    return (node.bic("bic"), node.text("name")), start


def _organisations(values: object, problems: Problems) -> dict[str, OrganisationRead]:
    found: dict[str, OrganisationRead] = {}
    if isinstance(values, dict | str) or not isinstance(values, Iterable):
        problems.add(Wrong("organisations", "hier hoort een lijst te staan"))
        return found
    for number, value in enumerate(values):
        try:
            read = _organisation(Node(value, f"organisations[{number}]"), problems)
            if read.organisation.id in found:
                raise Wrong(f"{read.path}.id", f"organisatie {read.organisation.id} staat er twee keer in")
        except Wrong as problem:
            problems.add(problem)
        else:
            found[read.organisation.id] = read
    return found


def _organisation(node: Node, problems: Problems) -> OrganisationRead:
    node.only(ORGANISATION_FIELDS)
    number = node.value.get("kvk_number")
    return OrganisationRead(
        path=node.path,
        organisation=Organisation(
            id=node.id(),
            name=node.text("name"),
            accounts=tuple(held for _, held in node.each("accounts", _held, problems, at_least=1)),
            kvk_number=None
            if number is None
            else node.matching("kvk_number", KVK, "een KvK-nummer heeft acht cijfers"),
            address=None if node.value.get("address") is None else node.address("address"),
        ),
        departments=node.value.get("departments"),
    )


def _held(node: Node) -> OrganisationAccount:
    node.only(HELD_FIELDS)
    return OrganisationAccount(node.iban("iban"), node.text("name"))


def _household(
    node: Node, opens_on: date, organisations: Mapping[str, OrganisationRead], problems: Problems
) -> HouseholdRead:
    node.only(HOUSEHOLD_FIELDS)
    household_id = node.id()
    opening = node.node("opening")
    opening.only(OPENING_FIELDS)
    residents = tuple(
        node.each("residents", lambda each: _resident(each, household_id), problems, at_least=1)
    )
    payees = {f"resident:{each.id}": each.name for _, each in residents}
    return HouseholdRead(
        path=node.path,
        household=Household(
            id=household_id,
            opening_balance_cents=opening.amount("balance"),
            opening_advance_cents=opening.amount("advance"),
            started_on=opens_on,
        ),
        residents=residents,
        agreements=tuple(
            node.each(
                "agreements", lambda each: _agreement(each, household_id, organisations, payees), problems
            )
        ),
    )


def _resident(node: Node, household_id: str) -> Resident:
    node.only(RESIDENT_FIELDS)
    return Resident(
        id=node.id(),
        household_id=household_id,
        initials=node.text("initials"),
        surname=node.text("surname"),
        birth_date=node.day("birth_date"),
        bsn=node.bsn("bsn"),
        iban=node.iban("iban"),
        address=node.address("address"),
        email=_form(node, "email"),
        phone=_form(node, "phone"),
    )


def _form(node: Node, name: str) -> str | None:
    if node.value.get(name) is None:
        return None
    if name == "email":
        return node.matching(name, EMAIL, "dit is geen e-mailadres")
    return node.matching(name, PHONE, "schrijf een telefoonnummer als +31612345678")


def _agreement(
    node: Node, household_id: str, organisations: Mapping[str, OrganisationRead], payees: Mapping[str, str]
) -> Agreement:
    node.only(AGREEMENT_FIELDS)
    resident_id = node.id("resident")
    if f"resident:{resident_id}" not in payees:
        raise node.wrong("resident", f"inwoner {resident_id} hoort niet bij dit huishouden")
    direction = node.one_of("direction", Direction)
    organisation_id, payee_id, name = _counterparty(node.node("counterparty"), organisations, payees)
    return Agreement(
        id=node.id(),
        household_id=household_id,
        resident_id=resident_id,
        direction=direction,
        category=node.matching("category", CATEGORY, "gebruik kleine letters en lage streepjes"),
        organisation_id=organisation_id,
        payee_resident_id=payee_id,
        counterparty_name=name,
        iban=node.iban("account"),
        amount_cents=node.amount("amount"),
        tolerance_cents=node.amount("amount_tolerance", default=0),
        schedule=_schedule(node.node("schedule")),
        settlement=_settlement(node, direction),
        guaranteed=node.yes("guaranteed", default=False),
        reference=node.optional("reference"),
        search_terms=_search_terms(node),
        remittance=node.free_text("remittance", LONGEST_REMITTANCE),
    )


def _settlement(node: Node, direction: Direction) -> Settlement | None:
    if "settlement" not in node.value:
        raise node.wrong("settlement", "dit veld ontbreekt")
    if direction is Direction.INCOME:
        if node.value["settlement"] is not None:
            raise node.wrong("settlement", "bij inkomsten is dit null")
        return None
    if node.value["settlement"] is None:
        raise node.wrong("settlement", "bij uitgaven is dit transfer of direct_debit")
    return node.one_of("settlement", Settlement)


def _counterparty(
    node: Node, organisations: Mapping[str, OrganisationRead], payees: Mapping[str, str]
) -> tuple[str | None, str | None, str]:
    node.only(COUNTERPARTY_FIELDS)
    if len(node.value) != 1:
        raise Wrong(node.path, "noem een organisatie of een inwoner, een van de twee")
    if "organisation" in node.value:
        organisation_id = node.id("organisation")
        if organisation_id not in organisations:
            raise node.wrong("organisation", f"organisatie {organisation_id} staat niet in dit bestand")
        return organisation_id, None, organisations[organisation_id].organisation.name
    resident_id = node.id("resident")
    if f"resident:{resident_id}" not in payees:
        raise node.wrong("resident", f"inwoner {resident_id} hoort niet bij dit huishouden")
    return None, resident_id, payees[f"resident:{resident_id}"]


def _search_terms(node: Node) -> tuple[str, ...]:
    if "search_terms" not in node.value:
        return ()
    terms = node.list("search_terms")
    for number, term in enumerate(terms):
        if not isinstance(term, str) or not term or "\x00" in term:
            raise node.wrong(f"search_terms[{number}]", "hier hoort tekst te staan")
    return tuple(map(str, terms))


def _schedule(node: Node) -> Schedule:
    node.only(SCHEDULE_FIELDS)
    unit = node.one_of("unit", Unit)
    weekly = unit is Unit.WEEK
    if "day" in node.value and unit not in {Unit.MONTH, Unit.YEAR}:
        raise node.wrong("day", "een dag hoort alleen bij maand of jaar")
    if "weekday" in node.value and not weekly:
        raise node.wrong("weekday", "een weekdag hoort alleen bij week")
    return Schedule(
        unit=unit,
        starts_on=node.day("from"),
        every=node.whole("every", 1) if "every" in node.value else 1,
        day=node.whole("day", 1, LAST_DAY) if "day" in node.value else None,
        weekday=node.whole("weekday", 1, LAST_WEEKDAY) if weekly else None,
        ends_on=None if node.value.get("until") is None else node.day("until"),
    )
