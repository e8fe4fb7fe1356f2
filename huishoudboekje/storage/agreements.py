"""Agreements in their versions.

Versions are added, never changed. Each answers for the due days from its `valid_from` on, until a later
version's; the first also for all days before it. So an agreement is read as one or more values, each
with the span of due days for which it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Agreement, Direction, Schedule, Settlement, Unit, reference_key
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.storage.bulk import insert_rows

ONE_DAY: Final = timedelta(days=1)


class AgreementExists(Refused):
    """Afspraak {id} bestaat al. Maak een nieuwe versie van die afspraak."""


class EndsBeforeItStarts(Refused):
    """Afspraak {id} begint op {starts_on} en kan niet eindigen op {ends_on}."""


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """One version of an agreement as it was recorded; it holds for due days from `valid_from` on."""

    version: int
    valid_from: date
    recorded_at: datetime
    by_user: str
    agreement: Agreement


COLUMNS: Final = (
    "id",
    "version",
    "valid_from",
    "recorded_at",
    "by_user",
    "household_id",
    "resident_id",
    "direction",
    "category",
    "organisation_id",
    "payee_resident_id",
    "iban",
    "amount_cents",
    "tolerance_cents",
    "unit",
    "every",
    "day",
    "weekday",
    "starts_on",
    "ends_on",
    "settlement",
    "guaranteed",
    "reference",
    "reference_key",
    "search_terms",
    "remittance",
)
_SELECT: Final = """
    WITH known AS (
      SELECT v.*, min(v.valid_from) OVER (PARTITION BY v.id ORDER BY v.version
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_from
      FROM agreement_version v
      WHERE (cast(:known_at AS timestamptz) IS NULL OR v.recorded_at <= :known_at) AND {which})
    SELECT known.*, coalesce(o.name, r.initials || ' ' || r.surname) AS counterparty_name, h.closed_on
    FROM known
    JOIN household h ON h.municipality_id = known.municipality_id AND h.id = known.household_id
    LEFT JOIN organisation o ON o.municipality_id = known.municipality_id AND o.id = known.organisation_id
    LEFT JOIN resident r ON r.municipality_id = known.municipality_id AND r.id = known.payee_resident_id
    WHERE (known.version = 1 OR known.valid_from <= :until)
      AND (known.next_from IS NULL OR known.next_from > :since)
      AND known.starts_on <= :until AND (known.ends_on IS NULL OR known.ends_on >= :since)
      AND (h.closed_on IS NULL OR h.closed_on >= :since)
    ORDER BY known.id, known.version
"""
_ALL: Final = _SELECT.format(which="true")
_OF_IDS: Final = _SELECT.format(which="v.id = ANY(cast(:keys AS text[]))")
_OF_HOUSEHOLDS: Final = _SELECT.format(
    which="v.id IN (SELECT id FROM agreement_version WHERE household_id = ANY(cast(:keys AS text[])))"
)
_OF_IBANS: Final = _SELECT.format(
    which="v.id IN (SELECT id FROM agreement_version WHERE iban = ANY(cast(:keys AS text[])))"
)
_OF_REFERENCES: Final = _SELECT.format(
    which="v.id IN (SELECT id FROM agreement_version WHERE reference_key = ANY(cast(:keys AS text[])))"
)


def all_on(
    session: Session, since: date = date.min, until: date = date.max, known_at: datetime | None = None
) -> list[Agreement]:
    """Every agreement that may fall due from `since` up to and including `until`, a value for each version.

    As known at a moment, or now. Days after a household closed belong to no version.
    """
    return _read(session, _ALL, None, since, until, known_at)


def for_households(
    session: Session,
    household_ids: Collection[str],
    since: date = date.min,
    until: date = date.max,
    known_at: datetime | None = None,
) -> dict[str, list[Agreement]]:
    """Agreements as `all_on` gives them, by household; a household without any has an empty list."""
    found: dict[str, list[Agreement]] = {each: [] for each in household_ids}
    for agreement in _read(session, _OF_HOUSEHOLDS, household_ids, since, until, known_at):
        found.setdefault(agreement.household_id, []).append(agreement)
    return found


def by_ids(session: Session, agreement_ids: Collection[str]) -> dict[str, list[Agreement]]:
    """All versions of these agreements, by id."""
    return _grouped(_read(session, _OF_IDS, agreement_ids))


def by_iban(session: Session, ibans: Collection[str]) -> list[Agreement]:
    """All versions of agreements that have, or once had, one of these counter accounts."""
    return _read(session, _OF_IBANS, ibans)


def by_reference_key(session: Session, keys: Collection[str]) -> list[Agreement]:
    """All versions of agreements that have, or once had, one of these references; see `reference_key`."""
    return _read(session, _OF_REFERENCES, keys)


def latest(session: Session, agreement_ids: Collection[str] | None = None) -> dict[str, Agreement]:
    """The latest version of these agreements or of all, by id."""
    statement, keys = (_ALL, None) if agreement_ids is None else (_OF_IDS, agreement_ids)
    return {each.id: each for each in _read(session, statement, keys)}


def agreement(session: Session, agreement_id: str) -> Agreement:
    """The latest version of an agreement. Raises NotFound."""
    found = latest(session, [agreement_id])
    if agreement_id not in found:
        raise NotFound(what="Afspraak", id=agreement_id)
    return found[agreement_id]


def versions(session: Session, agreement_id: str) -> list[AgreementVersion]:
    """The history of an agreement, first to last."""
    rows = session.execute(
        text("""
            SELECT v.*, NULL AS next_from, NULL AS closed_on,
              coalesce(o.name, r.initials || ' ' || r.surname) AS counterparty_name
            FROM agreement_version v
            LEFT JOIN organisation o ON o.municipality_id = v.municipality_id AND o.id = v.organisation_id
            LEFT JOIN resident r ON r.municipality_id = v.municipality_id AND r.id = v.payee_resident_id
            WHERE v.id = :id ORDER BY v.version
        """),
        {"id": agreement_id},
    )
    return [
        AgreementVersion(
            row.version, row.valid_from, row.recorded_at, row.by_user, _agreement(row, date.min, date.max)
        )
        for row in rows
    ]


def add_agreements(session: Session, new: Iterable[Agreement], valid_from: date, by: Actor) -> int:
    """Add first versions, and give their number. Raises AgreementExists."""
    agreements = list(new)
    known = session.scalars(
        text("SELECT id FROM agreement_version WHERE id = ANY(cast(:ids AS text[])) LIMIT 1"),
        {"ids": [each.id for each in agreements]},
    ).one_or_none()
    if known is not None:
        raise AgreementExists(id=known)
    now = clock.now()
    return insert_rows(
        session,
        "agreement_version",
        COLUMNS,
        (row_of(each, 1, valid_from, now, by.user) for each in agreements),
    )


def add_version(session: Session, changed: Agreement, valid_from: date, by: Actor) -> AgreementVersion:
    """Let an agreement hold as it is here for due days from `valid_from` on. Raises NotFound."""
    # Locking the household makes two changes at once wait for each other, and not take the same number.
    session.execute(
        text("SELECT id FROM household WHERE id = :id FOR NO KEY UPDATE"), {"id": changed.household_id}
    )
    last = session.scalar(
        text("SELECT max(version) FROM agreement_version WHERE id = :id"), {"id": changed.id}
    )
    if last is None:
        raise NotFound(what="Afspraak", id=changed.id)
    insert_rows(
        session,
        "agreement_version",
        COLUMNS,
        [row_of(changed, last + 1, valid_from, clock.now(), by.user)],
    )
    return versions(session, changed.id)[-1]


def end(session: Session, agreement_id: str, ends_on: date, by: Actor) -> AgreementVersion:
    """Let an agreement fall due for the last time on or before a day. Raises NotFound, EndsBeforeItStarts.

    A day before its start is refused; an agreement that never ran ends on the day before it starts.
    Versions that would hold only after that day are replaced too.
    """
    latest_version = agreement(session, agreement_id)
    starts_on = latest_version.schedule.starts_on
    if ends_on < starts_on - ONE_DAY:
        raise EndsBeforeItStarts(id=agreement_id, starts_on=starts_on, ends_on=ends_on)
    in_force = [
        each for each in by_ids(session, [agreement_id])[agreement_id] if each.applies_from <= ends_on
    ]
    last = in_force[-1] if in_force else latest_version
    ended = replace(last, schedule=replace(last.schedule, ends_on=ends_on))
    return add_version(session, ended, max(last.applies_from, min(ends_on, clock.today())), by)


def row_of(
    agreement: Agreement, version: int, valid_from: date, recorded_at: datetime, by_user: str
) -> tuple[object, ...]:
    """One version as a row of COLUMNS."""
    schedule = agreement.schedule
    return (
        agreement.id,
        version,
        valid_from,
        recorded_at,
        by_user,
        agreement.household_id,
        agreement.resident_id,
        agreement.direction.value,
        agreement.category,
        agreement.organisation_id,
        agreement.payee_resident_id,
        agreement.iban,
        agreement.amount_cents,
        agreement.tolerance_cents,
        schedule.unit.value,
        schedule.every,
        schedule.day,
        schedule.weekday,
        schedule.starts_on,
        schedule.ends_on,
        agreement.settlement.value if agreement.settlement else None,
        agreement.guaranteed,
        agreement.reference,
        (reference_key(agreement.reference) or None) if agreement.reference else None,
        list(agreement.search_terms),
        agreement.remittance,
    )


def _read(
    session: Session,
    statement: str,
    keys: Collection[str] | None,
    since: date = date.min,
    until: date = date.max,
    known_at: datetime | None = None,
) -> list[Agreement]:
    if keys is not None and not keys:
        return []
    asked: dict[str, Any] = {"since": since, "until": until, "known_at": known_at}
    if keys is not None:
        asked["keys"] = list(keys)
    rows = session.execute(text(statement).execution_options(yield_per=5000), asked)
    return [each for row in rows for each in _in_its_span(row)]


def _in_its_span(row: Row[tuple[object, ...]]) -> Iterable[Agreement]:
    applies_from = date.min if row.version == 1 else row.valid_from
    applies_until = date.max
    if row.next_from is not None:
        if row.next_from <= applies_from:
            return
        applies_until = row.next_from - ONE_DAY
    if row.closed_on is not None:
        applies_until = min(applies_until, row.closed_on)
    if applies_from <= applies_until:
        yield _agreement(row, applies_from, applies_until)


def _agreement(row: Row[tuple[object, ...]], applies_from: date, applies_until: date) -> Agreement:
    return Agreement(
        id=row.id,
        household_id=row.household_id,
        resident_id=row.resident_id,
        direction=Direction(row.direction),
        category=row.category,
        organisation_id=row.organisation_id,
        payee_resident_id=row.payee_resident_id,
        counterparty_name=row.counterparty_name,
        iban=row.iban,
        amount_cents=row.amount_cents,
        tolerance_cents=row.tolerance_cents,
        schedule=Schedule(
            unit=Unit(row.unit),
            starts_on=row.starts_on,
            every=row.every,
            day=row.day,
            weekday=row.weekday,
            ends_on=row.ends_on,
        ),
        settlement=Settlement(row.settlement) if row.settlement else None,
        guaranteed=row.guaranteed,
        reference=row.reference,
        search_terms=tuple(row.search_terms),
        remittance=row.remittance,
        applies_from=applies_from,
        applies_until=applies_until,
    )


def _grouped(found: Iterable[Agreement]) -> dict[str, list[Agreement]]:
    return {key: list(group) for key, group in groupby(found, lambda each: each.id)}
