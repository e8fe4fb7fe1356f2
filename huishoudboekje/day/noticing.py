"""Noticing: what should have come and did not, what was sent and is not seen, which statement is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from huishoudboekje.domain import signals as rules
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.agreements import Settlement
from huishoudboekje.domain.bank_days import next_bank_day, previous_bank_day, show_day
from huishoudboekje.domain.people import Household
from huishoudboekje.domain.policy import Policy
from huishoudboekje.domain.schedule import occurrences as due
from huishoudboekje.domain.signals import Signal, SignalKind, signal
from huishoudboekje.storage import accounts, agreements, audit, occurrences, people, policy, signals
from ingest import store as ingest_store
from ingest.states import Standing
from payouts import pay

# What did not come in a year is told at the yearly talk, and no longer by a signal.
LOOK_BACK: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Noticed:
    """How many of each ask for somebody now."""

    late_or_missing: int
    sent_not_booked: int
    statements_missing: int


def notice(session: Session, on: date, by: Actor) -> Noticed:
    """Raise a signal for all that did not come by a day, and solve those of what came since."""
    by.require(Permission.SIGNAL)
    known_until = _known_until(session, on)
    unmet = list(_unmet(session, known_until, policy.policy_on(session, on))) if known_until else []
    signals.raise_signals(session, unmet, by)
    signals.solve_gone(session, [SignalKind.LATE, SignalKind.MISSING], unmet, by)
    told = [each for each in _open_missing_statements(session) if each.since <= on]
    signals.solve_gone(session, [SignalKind.STATEMENT_MISSING], told, by)
    noticed = Noticed(len(unmet), pay.signal_sent_not_booked(session, on, by), len(told))
    audit.record(session, by, "signal.notice", f"day:{on}", facts=asdict(noticed))
    return noticed


def missing_statements(session: Session, on: date) -> list[str]:
    """The accounts, by IBAN, of which the statement of the banking day before a day is not in."""
    wanted = previous_bank_day(on)
    return sorted(iban for iban, last_on in _last_days(session).items() if last_on < wanted)


def tell_missing_statements(session: Session, on: date, by: Actor) -> list[str]:
    """Raise a signal for each account of `missing_statements`, and give them."""
    by.require(Permission.SIGNAL)
    missing = missing_statements(session, on)
    signals.raise_signals(session, (_statement_missing(each, previous_bank_day(on)) for each in missing), by)
    return missing


def _statement_missing(iban: str, day: date) -> Signal:
    return signal(
        SignalKind.STATEMENT_MISSING,
        since=next_bank_day(day),
        subject=f"{iban}:{day}",
        iban=iban,
        day=show_day(day),
    )


def _open_missing_statements(session: Session) -> Iterator[Signal]:
    """Those told before that are still missing."""
    last = _last_days(session)
    for each in signals.signals(session, kinds=[SignalKind.STATEMENT_MISSING], silenced=True):
        iban, _, day = each.key.rpartition("|")[2].partition(":")
        missing_on = date.fromisoformat(day)
        if last.get(iban, date.min) < missing_on:
            yield _statement_missing(iban, missing_on)


def _last_days(session: Session) -> dict[str, date]:
    """Up to which day the statements of each account are in; an account begins with what it started from."""
    starts = accounts.account_starts(session)
    last = {
        each.iban: starts[each.iban].starts_on if each.iban in starts else date.min
        for each in accounts.municipal_accounts(session)
    }
    for each in ingest_store.statements(session, standing=Standing.BOOKED):
        iban = each.header.iban
        last[iban] = max(last.get(iban, date.min), each.header.closes_on)
    return last


def _known_until(session: Session, on: date) -> date | None:
    """The day as seen from the bank: what no statement covers yet cannot be called late."""
    last = _last_days(session)
    seen = min(last.values(), default=date.min)
    return None if seen == date.min else min(on, next_bank_day(seen))


def _unmet(session: Session, today: date, figures: Policy) -> Iterator[Signal]:
    since = today - LOOK_BACK
    met = occurrences.taken(session, since, today)
    started = _first_days(session)
    for agreement in agreements.all_on(session, since, today):
        if agreement.settlement is Settlement.TRANSFER or agreement.household_id not in started:
            continue
        yield from rules.missing(
            agreement,
            due(agreement, max(since, started[agreement.household_id]), today),
            met,
            today,
            late_after_bank_days=figures.late_after_bank_days,
            missing_after_bank_days=figures.missing_after_bank_days,
        )


def _first_days(session: Session) -> dict[str, date]:
    """From which day on money of a household is ours to expect: never before the books begin."""
    begun = max((each.starts_on for each in accounts.account_starts(session).values()), default=date.min)
    return {each.id: _first_day(each, begun) for each in people.households(session) if each.closed_on is None}


def _first_day(household: Household, begun: date) -> date:
    return max(household.started_on, begun + timedelta(days=1))
