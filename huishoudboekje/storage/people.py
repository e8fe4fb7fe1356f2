"""Households and residents as they are, and the history of who came, went, moved and left.

A resident's citizen service number is encrypted, and found by its blind index only. Residents who left
without joining another household stay listed where they last were, for what still comes in their name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.domain.people import Address, Household, NotABsn, Resident, read_bsn
from huishoudboekje.storage.bulk import insert_rows
from huishoudboekje.storage.encryption import Keys, keys
from huishoudboekje.storage.tables.people import HouseholdChange

__all__ = [
    "BsnKnown",
    "HouseholdChange",
    "HouseholdClosed",
    "HouseholdExists",
    "HouseholdStep",
    "ResidentExists",
    "add_household",
    "add_households",
    "add_residents",
    "change_resident",
    "close_household",
    "find_residents",
    "history",
    "household",
    "households",
    "join_household",
    "leave_household",
    "move_resident",
    "resident",
    "residents",
    "residents_by_household",
    "residents_without_bsn",
    "same_bsn",
]

BSN_COLUMN: Final = "resident.bsn"
DUTCH_DATE: Final = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")
ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
HOUSEHOLD_COLUMNS: Final = ("id", "opening_balance_cents", "opening_advance_cents", "started_on", "closed_on")
RESIDENT_COLUMNS: Final = (
    "id",
    "household_id",
    "initials",
    "surname",
    "birth_date",
    "bsn_encrypted",
    "bsn_index",
    "iban",
    "email",
    "phone",
    "street",
    "house_number",
    "postcode",
    "city",
)


class HouseholdExists(Refused):
    """Huishouden {id} bestaat al."""


class HouseholdClosed(Refused):
    """Huishouden {id} is gesloten op {closed_on}."""


class ResidentExists(Refused):
    """Inwoner {id} bestaat al."""


class BsnKnown(Refused):
    """Deze persoon staat al ingeschreven als inwoner {id} van huishouden {household}."""


@dataclass(frozen=True, slots=True)
class HouseholdStep:
    """Something that happened to a household or to who is in it."""

    step: int
    change: HouseholdChange
    resident_id: str | None
    effective_on: date
    by_user: str
    recorded_at: datetime
    reason: str | None


def households(
    session: Session, ids: Collection[str] | None = None, *, open_on: date | None = None
) -> list[Household]:
    """All households or those with these ids, by id; `open_on` leaves out what was closed before that day."""
    rows = session.execute(
        text(
            "SELECT id, opening_balance_cents, opening_advance_cents, started_on, closed_on FROM household"
            " WHERE (cast(:ids AS text[]) IS NULL OR id = ANY(cast(:ids AS text[])))"
            " AND (cast(:on AS date) IS NULL OR closed_on IS NULL OR closed_on >= :on) ORDER BY id"
        ),
        {"ids": None if ids is None else list(ids), "on": open_on},
    )
    return [
        Household(row.id, row.opening_balance_cents, row.opening_advance_cents, row.started_on, row.closed_on)
        for row in rows
    ]


def household(session: Session, household_id: str) -> Household:
    """One household. Raises NotFound."""
    for found in households(session, [household_id]):
        return found
    raise NotFound(what="Huishouden", id=household_id)


def history(session: Session, household_id: str) -> list[HouseholdStep]:
    """What happened to a household, first to last."""
    rows = session.execute(
        text(
            "SELECT step, change, resident_id, effective_on, by_user, recorded_at, reason FROM household_step"
            " WHERE household_id = :id ORDER BY step"
        ),
        {"id": household_id},
    )
    return [
        HouseholdStep(
            step=row.step,
            change=HouseholdChange(row.change),
            resident_id=row.resident_id,
            effective_on=row.effective_on,
            by_user=row.by_user,
            recorded_at=row.recorded_at,
            reason=row.reason,
        )
        for row in rows
    ]


_SELECT = (
    "SELECT r.id, r.household_id, r.initials, r.surname, r.birth_date, r.bsn_encrypted, r.iban, r.email,"
    " r.phone, r.street, r.house_number, r.postcode, r.city FROM resident r"
)


def residents(session: Session, ids: Collection[str] | None = None) -> list[Resident]:
    """All residents or those with these ids, by id, their citizen service numbers decrypted."""
    rows = session.execute(
        text(
            f"{_SELECT} WHERE cast(:ids AS text[]) IS NULL OR r.id = ANY(cast(:ids AS text[])) ORDER BY r.id"
        ),
        {"ids": None if ids is None else list(ids)},
    )
    with_keys = keys(session)
    return [_resident(row, with_keys) for row in rows]


def residents_without_bsn(session: Session, household_ids: Collection[str] | None = None) -> list[Resident]:
    """Residents of these households or of all, without citizen service numbers: for matching names."""
    return [_resident(row, None) for row in _of_households(session, household_ids)]


def residents_by_household(session: Session, household_ids: Collection[str]) -> dict[str, list[Resident]]:
    """Residents of these households, by household, their citizen service numbers decrypted."""
    found: dict[str, list[Resident]] = {each: [] for each in household_ids}
    with_keys = keys(session)
    for row in _of_households(session, household_ids):
        found[row.household_id].append(_resident(row, with_keys))
    return found


def _of_households(
    session: Session, household_ids: Collection[str] | None
) -> Iterable[Row[tuple[object, ...]]]:
    return session.execute(
        text(
            f"{_SELECT} WHERE cast(:ids AS text[]) IS NULL OR r.household_id = ANY(cast(:ids AS text[]))"
            " ORDER BY r.household_id, r.id"
        ),
        {"ids": None if household_ids is None else list(household_ids)},
    )


def resident(session: Session, resident_id: str) -> Resident:
    """One resident. Raises NotFound."""
    for found in residents(session, [resident_id]):
        return found
    raise NotFound(what="Inwoner", id=resident_id)


def find_residents(session: Session, words: str, limit: int = 50) -> list[Resident]:
    """Residents by whatever somebody has at hand.

    Id of resident or household, citizen service number, IBAN, date of birth (31-12-1980 or 1980-12-31),
    or words that together are in name and address, in any order.
    """
    asked = words.strip()
    with_keys = keys(session)
    where, facts = _where(asked, with_keys)
    rows = session.execute(
        text(f"{_SELECT} WHERE {where} ORDER BY r.surname, r.initials, r.id LIMIT :limit"),
        {**facts, "limit": limit},
    )
    return [_resident(row, with_keys) for row in rows]


def _where(asked: str, with_keys: Keys) -> tuple[str, dict[str, Any]]:
    compact = asked.replace(" ", "").upper()
    if born := _date(asked):
        return "r.birth_date = :born", {"born": born}
    try:
        number = read_bsn(asked)
    except NotABsn:
        pass
    else:
        return "r.bsn_index = :index", {"index": with_keys.blind(BSN_COLUMN, number)}
    every_word = (
        "(SELECT bool_and(strpos(folded(concat_ws(' ', r.initials, r.surname, r.street, r.house_number,"
        " replace(r.postcode, ' ', ''), r.postcode, r.city)), folded(word)) > 0)"
        " FROM unnest(cast(:words AS text[])) AS word)"
    )
    return (
        f"r.id = :asked OR r.household_id = :asked OR r.iban = :compact OR {every_word}",
        {"asked": asked, "compact": compact, "words": asked.split()},
    )


def _date(asked: str) -> date | None:
    if found := DUTCH_DATE.fullmatch(asked):
        day, month, year = map(int, found.groups())
    elif found := ISO_DATE.fullmatch(asked):
        year, month, day = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def add_household(session: Session, new: Household, by: Actor) -> Household:
    """Add a household that starts on a day, with nothing unless its opening is posted too.

    Raises HouseholdExists.
    """
    add_households(session, [new], by)
    return new


def add_households(session: Session, new: Iterable[Household], by: Actor) -> int:
    """Add households, and give their number. Raises HouseholdExists."""
    coming = list(new)
    for known in households(session, [each.id for each in coming]):
        raise HouseholdExists(id=known.id)
    insert_rows(session, "household", HOUSEHOLD_COLUMNS, map(household_row, coming))
    _steps(session, HouseholdChange.STARTED, [(each.id, None, each.started_on) for each in coming], by)
    return len(coming)


def add_residents(session: Session, new: Iterable[Resident], joined_on: date, by: Actor) -> int:
    """Add residents to their households, and give their number.

    Raises ResidentExists, BsnKnown, HouseholdClosed.
    """
    coming = list(new)
    with_keys = keys(session)
    known = session.scalars(
        text("SELECT id FROM resident WHERE id = ANY(cast(:ids AS text[])) LIMIT 1"),
        {"ids": [each.id for each in coming]},
    ).one_or_none()
    if known is not None:
        raise ResidentExists(id=known)
    for known_id, household_id in same_bsn(session, coming).values():
        raise BsnKnown(id=known_id, household=household_id)
    for closed in households(session, {each.household_id for each in coming}):
        if closed.closed_on is not None:
            raise HouseholdClosed(id=closed.id, closed_on=closed.closed_on)
    insert_rows(session, "resident", RESIDENT_COLUMNS, (resident_row(each, with_keys) for each in coming))
    joined = [(each.household_id, each.id, joined_on) for each in coming]
    _steps(session, HouseholdChange.JOINED, joined, by)
    return len(coming)


def same_bsn(session: Session, coming: Iterable[Resident]) -> dict[str, tuple[str, str]]:
    """Whose number is known under another id: that resident and household, by the id that comes."""
    with_keys = keys(session)
    ids = {with_keys.blind(BSN_COLUMN, each.bsn): each.id for each in coming}
    rows = session.execute(
        text(
            "SELECT id, household_id, bsn_index FROM resident WHERE bsn_index = ANY(cast(:found AS bytea[]))"
        ),
        {"found": list(ids)},
    )
    return {
        ids[bytes(row.bsn_index)]: (row.id, row.household_id)
        for row in rows
        if row.id != ids[bytes(row.bsn_index)]
    }


def change_resident(
    session: Session, changed: Resident, effective_on: date, by: Actor, reason: str | None = None
) -> Resident:
    """Let a resident be as it is here, in the same household; another address is told as a move.

    Raises NotFound, BsnKnown.
    """
    before = resident(session, changed.id)
    changed = replace(changed, household_id=before.household_id)
    if before == changed:
        return before
    with_keys = keys(session)
    for known_id, household_id in same_bsn(session, [changed]).values():
        raise BsnKnown(id=known_id, household=household_id)
    _write(session, changed, with_keys)
    moved = before.address != changed.address
    _step(
        session,
        changed.household_id,
        HouseholdChange.MOVED if moved else HouseholdChange.CHANGED,
        effective_on,
        by,
        resident_id=changed.id,
        reason=reason,
    )
    return changed


def move_resident(
    session: Session, resident_id: str, address: Address, moved_on: date, by: Actor
) -> Resident:
    """Let a resident live somewhere else. Raises NotFound."""
    return change_resident(session, replace(resident(session, resident_id), address=address), moved_on, by)


def join_household(
    session: Session, resident_id: str, household_id: str, joined_on: date, by: Actor
) -> Resident:
    """Let a resident leave one household for another. Raises NotFound, HouseholdClosed."""
    before = resident(session, resident_id)
    _refuse_closed(session, household_id)
    if before.household_id != household_id:
        _step(
            session,
            before.household_id,
            HouseholdChange.LEFT,
            joined_on,
            by,
            resident_id=resident_id,
            reason=f"naar huishouden {household_id}",
        )
        session.execute(
            text("UPDATE resident SET household_id = :household WHERE id = :id"),
            {"household": household_id, "id": resident_id},
        )
    _step(session, household_id, HouseholdChange.JOINED, joined_on, by, resident_id=resident_id)
    return replace(before, household_id=household_id)


def leave_household(
    session: Session, resident_id: str, left_on: date, by: Actor, reason: str | None = None
) -> None:
    """Write down that a resident left, for no other household. Raises NotFound."""
    gone = resident(session, resident_id)
    _step(
        session,
        gone.household_id,
        HouseholdChange.LEFT,
        left_on,
        by,
        resident_id=resident_id,
        reason=reason,
    )


def close_household(session: Session, household_id: str, closed_on: date, by: Actor, reason: str) -> None:
    """Close a household after a day: nothing falls due any more. Raises NotFound, HouseholdClosed.

    What is left of its money is the caller's to settle.
    """
    _refuse_closed(session, household_id)
    session.execute(
        text("UPDATE household SET closed_on = :on WHERE id = :id"), {"on": closed_on, "id": household_id}
    )
    _step(session, household_id, HouseholdChange.CLOSED, closed_on, by, reason=reason)


def household_row(household: Household) -> tuple[object, ...]:
    """One household as a row of HOUSEHOLD_COLUMNS."""
    return (
        household.id,
        household.opening_balance_cents,
        household.opening_advance_cents,
        household.started_on,
        household.closed_on,
    )


def resident_row(resident: Resident, with_keys: Keys) -> tuple[object, ...]:
    """One resident as a row of RESIDENT_COLUMNS."""
    return (
        resident.id,
        resident.household_id,
        resident.initials,
        resident.surname,
        resident.birth_date,
        with_keys.seal(BSN_COLUMN, resident.id, resident.bsn),
        with_keys.blind(BSN_COLUMN, resident.bsn),
        resident.iban,
        resident.email,
        resident.phone,
        resident.address.street,
        resident.address.house_number,
        resident.address.postcode,
        resident.address.city,
    )


def _write(session: Session, changed: Resident, with_keys: Keys) -> None:
    session.execute(
        text(
            "UPDATE resident SET initials = :initials, surname = :surname, birth_date = :birth_date,"
            " bsn_encrypted = :bsn_encrypted, bsn_index = :bsn_index, iban = :iban, email = :email,"
            " phone = :phone, street = :street, house_number = :house_number, postcode = :postcode,"
            " city = :city WHERE id = :id"
        ),
        dict(zip(RESIDENT_COLUMNS, resident_row(changed, with_keys), strict=True)),
    )


def _refuse_closed(session: Session, household_id: str) -> None:
    found = household(session, household_id)
    if found.closed_on is not None:
        raise HouseholdClosed(id=household_id, closed_on=found.closed_on)


def _step(
    session: Session,
    household_id: str,
    change: HouseholdChange,
    effective_on: date,
    by: Actor,
    *,
    resident_id: str | None = None,
    reason: str | None = None,
) -> None:
    session.execute(text("SELECT id FROM household WHERE id = :id FOR NO KEY UPDATE"), {"id": household_id})
    _steps(session, change, [(household_id, resident_id, effective_on)], by, reason)


def _steps(
    session: Session,
    change: HouseholdChange,
    who_and_when: Collection[tuple[str, str | None, date]],
    by: Actor,
    reason: str | None = None,
) -> None:
    session.execute(
        text("""
            INSERT INTO household_step (household_id, step, change, resident_id, effective_on, by_user,
              recorded_at, reason)
            SELECT new.household_id,
              row_number() OVER (PARTITION BY new.household_id ORDER BY new.number)
                + coalesce((SELECT max(step) FROM household_step s
                    WHERE s.household_id = new.household_id), 0),
              :change, new.resident_id, new.effective_on, :by, cast(:now AS timestamptz), :reason
            FROM unnest(cast(:households AS text[]), cast(:residents AS text[]), cast(:days AS date[]))
              WITH ORDINALITY AS new (household_id, resident_id, effective_on, number)
        """),
        {
            "change": change.value,
            "by": by.user,
            "now": clock.now(),
            "reason": reason,
            "households": [each[0] for each in who_and_when],
            "residents": [each[1] for each in who_and_when],
            "days": [each[2] for each in who_and_when],
        },
    )


def _resident(row: Row[tuple[object, ...]], with_keys: Keys | None) -> Resident:
    return Resident(
        id=row.id,
        household_id=row.household_id,
        initials=row.initials,
        surname=row.surname,
        birth_date=row.birth_date,
        bsn=with_keys.unseal(BSN_COLUMN, row.id, bytes(row.bsn_encrypted)) if with_keys else "",
        iban=row.iban,
        address=Address(row.street, row.house_number, row.postcode, row.city),
        email=row.email,
        phone=row.phone,
    )
