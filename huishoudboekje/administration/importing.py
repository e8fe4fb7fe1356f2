"""Adding an administration to what is there: new is added, known is compared, other content is refused."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy.orm import Session

from huishoudboekje.administration import reading
from huishoudboekje.administration.fields import Problems, Wrong
from huishoudboekje.administration.payments import import_payments
from huishoudboekje.administration.reading import HouseholdRead, MunicipalityRead, OrganisationRead
from huishoudboekje.administration.sections import Sections
from huishoudboekje.domain import ledger as money
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Agreement
from huishoudboekje.domain.ledger import Entry, EntryKind
from huishoudboekje.domain.people import Household, Resident
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage import (
    accounts,
    agreements,
    audit,
    installation,
    leaving,
    ledger,
    organisations,
    people,
    policy,
)
from huishoudboekje.storage.bulk import refresh_statistics

HOUSEHOLDS_AT_ONCE: Final = 2000
FILLED: Final = ("organisation", "household", "resident", "agreement_version", "ledger_balance")
"""Tables that an import fills in pieces: the planner must know before the first statement comes."""

OTHER_CONTENT: Final = "is hier anders dan wat al bekend is; kies met --update-from vanaf welke dag dit geldt"
NEVER_CHANGES: Final = "het begin ligt vast en kan niet anders worden"

T = TypeVar("T")


@dataclass(slots=True)
class Counts:
    """How many of a kind were new, the same as before, or changed."""

    new: int = 0
    unchanged: int = 0
    changed: int = 0


@dataclass(slots=True)
class Imported:
    """What an import did; `not_read` names sections of the file that were passed over."""

    municipality: str
    organisations: Counts = field(default_factory=Counts)
    households: Counts = field(default_factory=Counts)
    residents: Counts = field(default_factory=Counts)
    agreements: Counts = field(default_factory=Counts)
    payments: Counts = field(default_factory=Counts)
    entries: int = 0
    not_read: list[str] = field(default_factory=list)


def import_administration(
    session: Session,
    path: Path,
    by: Actor,
    *,
    payments: Path | None = None,
    update_from: date | None = None,
    seen: Callable[[int], None] = lambda _households: None,
) -> Imported:
    """Read an administration in, all of it or nothing.

    The session is one of `Database.anywhere`: the file names its municipality, which is made when it is
    new, and entered. What is known by its id must say the same, unless `update_from` names the day from
    which the file is right. `payments` is a CSV of what a previous system instructed. `seen` is told how
    many households were read so far. Raises AdministrationRefused with up to twenty problems, NotJson.
    """
    problems = Problems()
    municipality, read_organisations = reading.head(path, problems)
    new = municipality.slug not in installation.municipalities(session)
    installation.add_municipality(session, municipality.slug, municipality.name)
    importing = _Importing(session, by, municipality, read_organisations, update_from, problems, new=new)
    importing.municipality_itself()
    importing.all_organisations()
    sections = Sections(session, by, problems, new=new)
    for name, value in reading.body(path, problems):
        if name == "households":
            found = reading.households(value, municipality.opens_on, read_organisations, problems)
            for batch in _batches(found, HOUSEHOLDS_AT_ONCE):
                importing.some_households(batch)
                seen(len(batch))
        else:
            sections.read(name, value)
    problems.refuse_any()
    if new:
        leaving.continue_numbers(session)
    importing.done.entries = sections.entries or importing.post_openings()
    importing.done.not_read = sections.not_read
    if payments is not None:
        importing.done.payments = Counts(*import_payments(session, payments, problems))
        problems.refuse_any()
    for table in FILLED:
        refresh_statistics(session, table)
    audit.record(
        session,
        by,
        "import_administration",
        f"municipality:{municipality.slug}",
        facts={"households": importing.done.households.new, "agreements": importing.done.agreements.new},
    )
    return importing.done


class _Importing:
    def __init__(
        self,
        session: Session,
        by: Actor,
        municipality: MunicipalityRead,
        read_organisations: Mapping[str, OrganisationRead],
        update_from: date | None,
        problems: Problems,
        *,
        new: bool,
    ) -> None:
        self.session = session
        self.by = by
        self.municipality = municipality
        self.organisations = read_organisations
        self.update_from = update_from
        self.problems = problems
        self.new = new
        self.done = Imported(municipality.slug)
        self.seen: set[int] = set()
        self.opening: list[Household] = []

    def municipality_itself(self) -> None:
        """Name, accounts with their starts, and the limit as the first version of its policy."""
        slug, name = installation.this_municipality(self.session)
        if name != self.municipality.name:
            self.problems.add(Wrong("municipality.name", f"gemeente {slug} heet hier al {name}"))
        known = {each.iban: each for each in accounts.municipal_accounts(self.session)}
        starts = accounts.account_starts(self.session)
        for account, start in zip(self.municipality.accounts, self.municipality.starts, strict=True):
            path = f"municipality.accounts[{account.position - 1}]"
            before = known.get(account.iban)
            asked = replace(account, batch_booking=before is not None and before.batch_booking)
            if before is None or self._may_change(before, asked, path):
                accounts.add_account(self.session, asked)
            if account.iban not in starts:
                accounts.add_account_start(self.session, start)
            elif starts[account.iban] != start:
                self.problems.add(Wrong(f"{path}.opening", NEVER_CHANGES))
        self._limit()

    def _limit(self) -> None:
        versions = policy.policy_versions(self.session)
        limit = self.municipality.limit_cents
        if not versions:
            first = Policy(guarantee_limit_cents=limit)
            policy.add_policy(self.session, first, self.municipality.opens_on, self.by)
        elif self._may_change(
            versions[-1].policy.guarantee_limit_cents, limit, "municipality.guarantee_limit"
        ):
            changed = replace(versions[-1].policy, guarantee_limit_cents=limit)
            policy.add_policy(self.session, changed, self.update_from or self.municipality.opens_on, self.by)

    def all_organisations(self) -> None:
        """Add, compare or change the payers and creditors."""
        known = organisations.organisations(self.session, list(self.organisations))
        known_departments = organisations.departments(self.session, list(self.organisations))
        coming = [each for id, each in self.organisations.items() if id not in known]
        organisations.add_organisations(self.session, (each.organisation for each in coming))
        self.done.organisations.new += len(coming)
        for id, each in self.organisations.items():
            if id not in known:
                if each.departments is not None:
                    organisations.set_departments(self.session, id, each.departments)
                continue
            before = (known[id], known_departments.get(id))
            if self._changes(
                before, (each.organisation, each.departments), each.path, self.done.organisations
            ):
                organisations.change_organisation(self.session, each.organisation)
                organisations.set_departments(self.session, id, each.departments)

    def some_households(self, batch: Sequence[HouseholdRead]) -> None:
        """Add, compare or change some households with all that is theirs."""
        batch = [each for each in batch if self._once("huishouden", each.household.id, each.path)]
        residents = [
            (f"{each.path}.residents[{number}]", one)
            for each in batch
            for number, one in each.residents
            if self._once("inwoner", one.id, f"{each.path}.residents[{number}]")
        ]
        agreed = [
            (f"{each.path}.agreements[{number}]", one)
            for each in batch
            for number, one in each.agreements
            if self._once("afspraak", one.id, f"{each.path}.agreements[{number}]")
        ]
        if self.problems.found:
            return
        self._households(batch)
        self._residents(residents)
        if self.problems.found:
            return
        self._agreements(agreed)

    def _households(self, batch: Sequence[HouseholdRead]) -> None:
        known = {} if self.new else self._known_households(batch)
        coming = [each.household for each in batch if each.household.id not in known]
        people.add_households(self.session, coming, self.by)
        self.done.households.new += len(coming)
        self.opening.extend(
            each for each in coming if each.opening_balance_cents or each.opening_advance_cents
        )
        for each in batch:
            before = known.get(each.household.id)
            if before is not None:
                same = replace(before, closed_on=None, started_on=each.household.started_on)
                if same != each.household:
                    self.problems.add(Wrong(f"{each.path}.opening", NEVER_CHANGES))
                self.done.households.unchanged += 1

    def _known_households(self, batch: Sequence[HouseholdRead]) -> dict[str, Household]:
        found = people.households(self.session, [each.household.id for each in batch])
        return {each.id: each for each in found}

    def _residents(self, batch: Sequence[tuple[str, Resident]]) -> None:
        paths = {each.id: path for path, each in batch}
        by_bsn: dict[str, str] = {}
        for path, each in batch:
            if by_bsn.setdefault(each.bsn, each.id) != each.id:
                self.problems.add(Wrong(f"{path}.bsn", f"dit BSN heeft ook inwoner {by_bsn[each.bsn]}"))
        for id, (other, _household) in people.same_bsn(self.session, [each for _, each in batch]).items():
            self.problems.add(Wrong(f"{paths[id]}.bsn", f"dit BSN heeft ook inwoner {other}"))
        if self.problems.found:
            return
        known = {} if self.new else {each.id: each for each in people.residents(self.session, list(paths))}
        coming = [each for _, each in batch if each.id not in known]
        people.add_residents(self.session, coming, self.update_from or self.municipality.opens_on, self.by)
        self.done.residents.new += len(coming)
        for path, each in batch:
            before = known.get(each.id)
            if before is not None and self._changes(before, each, path, self.done.residents):
                self._change(before, each)

    def _change(self, before: Resident, after: Resident) -> None:
        on = self.update_from or self.municipality.opens_on
        if before.household_id != after.household_id:
            people.join_household(self.session, after.id, after.household_id, on, self.by)
        people.change_resident(self.session, after, on, self.by, "administratie ingelezen")

    def _agreements(self, batch: Sequence[tuple[str, Agreement]]) -> None:
        known = {} if self.new else agreements.latest(self.session, [each.id for _, each in batch])
        coming = [each for _, each in batch if each.id not in known]
        agreements.add_agreements(
            self.session, coming, self.update_from or self.municipality.opens_on, self.by
        )
        self.done.agreements.new += len(coming)
        for path, each in batch:
            before = known.get(each.id)
            if before is None:
                continue
            same = replace(
                before,
                applies_from=date.min,
                applies_until=date.max,
                counterparty_name=each.counterparty_name,
            )
            if same.household_id != each.household_id:
                self.problems.add(Wrong(path, f"deze afspraak hoort bij huishouden {same.household_id}"))
            elif self._changes(same, each, path, self.done.agreements) and self.update_from:
                agreements.add_version(self.session, each, self.update_from, self.by)

    def post_openings(self) -> int:
        """Book with what accounts and new households start; give the number of new entries."""
        starts = [
            Entry(
                key=f"opening:{money.bank(start.iban)}",
                kind=EntryKind.OPENING,
                effective_on=start.starts_on,
                transfers=money.moved(money.bank(start.iban), money.OPENING, start.balance_cents),
            )
            for start in self.municipality.starts
        ]
        booked = ledger.post(self.session, starts, self.by)
        for some in _batches(self.opening, HOUSEHOLDS_AT_ONCE * 5):
            booked += ledger.post(self.session, [_opening(each) for each in some], self.by)
        return booked

    def _once(self, what: str, id: str, path: str) -> bool:
        # Hashes, as the ids of a hundred thousand households would fill the memory.
        mark = hash((what, id))
        if mark in self.seen:
            self.problems.add(Wrong(f"{path}.id", f"{what} {id} staat er twee keer in"))
            return False
        self.seen.add(mark)
        return True

    def _may_change(self, before: Hashable, after: Hashable, path: str) -> bool:
        if before == after:
            return False
        if self.update_from is None:
            self.problems.add(Wrong(path, OTHER_CONTENT))
        return self.update_from is not None

    def _changes(self, before: Any, after: Any, path: str, counts: Counts) -> bool:  # noqa: ANN401
        changes = self._may_change(before, after, path)
        counts.changed += changes
        counts.unchanged += before == after
        return changes


def _opening(household: Household) -> Entry:
    return Entry(
        key=f"opening:{money.household(household.id)}",
        kind=EntryKind.OPENING,
        effective_on=household.started_on,
        transfers=(
            *money.moved(money.OPENING, money.household(household.id), household.opening_balance_cents),
            *money.moved(money.advance(household.id), money.OPENING, household.opening_advance_cents),
        ),
    )


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    coming = iter(values)
    while batch := list(islice(coming, size)):
        yield batch
