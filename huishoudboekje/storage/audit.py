"""The audit log: who did or read what, and why; sealed in a chain of hashes.

Each seal is SHA-256 over the seal before it and the events since then as canonical JSON. Who changes,
drops or slips in an event must change every later seal, and the database refuses all of that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Channel

WRITING: Final = 7_217_001
"""The lock that writers of events share, and a seal has alone."""


@dataclass(frozen=True, slots=True)
class Event:
    """One act or look; `facts` hold keys, never personal data."""

    id: int
    recorded_at: datetime
    by_user: str
    channel: Channel
    action: str
    subject: str
    reason: str | None
    facts: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Seal:
    """A link of the chain, over events `first_id` to `last_id`; `hash` in hexadecimal."""

    number: int
    first_id: int
    last_id: int
    events: int
    hash: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Break:
    """The first seal that no longer holds."""

    seal: Seal
    found_hash: str
    found_events: int


def record(
    session: Session,
    by: Actor,
    action: str,
    subject: str,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write down an act or look, in the transaction of what was done."""
    session.execute(
        text(
            "INSERT INTO audit_event (recorded_at, by_user, channel, action, subject, reason, facts)"
            " SELECT :now, :by, :channel, :action, :subject, :reason, cast(:facts AS jsonb)"
            " FROM (SELECT pg_advisory_xact_lock_shared(:lock, current_municipality())) AS writing"
        ),
        {
            "now": clock.now(),
            "by": by.user,
            "channel": by.channel.value,
            "action": action,
            "subject": subject,
            "reason": reason,
            "facts": None if facts is None else json.dumps(facts),
            "lock": WRITING,
        },
    )


_SELECT = "SELECT id, recorded_at, by_user, channel, action, subject, reason, facts FROM audit_event"


def events(
    session: Session, *, subject: str | None = None, by_user: str | None = None, limit: int = 200
) -> list[Event]:
    """The latest events, latest first; of one subject or one user where that is asked."""
    rows = session.execute(
        text(
            f"{_SELECT} WHERE (cast(:subject AS text) IS NULL OR subject = :subject)"
            " AND (cast(:by AS text) IS NULL OR by_user = :by) ORDER BY id DESC LIMIT :limit"
        ),
        {"subject": subject, "by": by_user, "limit": limit},
    )
    return [_event(row) for row in rows]


def all_events(session: Session) -> Iterator[Event]:
    """Stream the whole log, first to last."""
    rows = session.execute(text(f"{_SELECT} ORDER BY id").execution_options(yield_per=2000))
    return map(_event, rows)


def seal(session: Session) -> Seal | None:
    """Add a link over all events since the last one; None when nothing happened, or somebody still writes.

    An event with a lower number that is committed later would fall between two links; then the next seal
    holds them all.
    """
    alone = text("SELECT pg_try_advisory_xact_lock(:lock, current_municipality())")
    if not session.scalar(alone, {"lock": WRITING}):
        return None
    last = session.execute(
        text("SELECT number, last_id, hash FROM audit_seal ORDER BY number DESC LIMIT 1")
    ).one_or_none()
    after, previous = (0, b"") if last is None else (last.last_id, bytes(last.hash))
    first_id, last_id, count, digest = _hashed(session, previous, after, None)
    if not count:
        return None
    made = Seal(1 if last is None else last.number + 1, first_id, last_id, count, digest.hex(), clock.now())
    session.execute(
        text(
            "INSERT INTO audit_seal (number, first_id, last_id, events, hash, sealed_at)"
            " VALUES (:number, :first_id, :last_id, :events, :hash, :sealed_at)"
        ),
        {
            "number": made.number,
            "first_id": first_id,
            "last_id": last_id,
            "events": count,
            "hash": digest,
            "sealed_at": made.sealed_at,
        },
    )
    return made


def verify(session: Session) -> Break | None:
    """Follow the chain from its start; give the first link that does not hold, or None when all do."""
    previous, after = b"", 0
    for each in seals(session):
        _, _, count, digest = _hashed(session, previous, after, each.last_id)
        if (digest.hex(), count) != (each.hash, each.events):
            return Break(each, digest.hex(), count)
        previous, after = digest, each.last_id
    return None


def seals(session: Session) -> list[Seal]:
    """The whole chain, first to last."""
    rows = session.execute(
        text("SELECT number, first_id, last_id, events, hash, sealed_at FROM audit_seal ORDER BY number")
    )
    return [
        Seal(row.number, row.first_id, row.last_id, row.events, bytes(row.hash).hex(), row.sealed_at)
        for row in rows
    ]


def canonical(event: Event) -> bytes:
    """What an event says, the same wherever and whenever it is read."""
    said = {
        "id": event.id,
        "recorded_at": event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by_user": event.by_user,
        "channel": event.channel.value,
        "action": event.action,
        "subject": event.subject,
        "reason": event.reason,
        "facts": event.facts,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _hashed(session: Session, previous: bytes, after: int, until: int | None) -> tuple[int, int, int, bytes]:
    digest = hashlib.sha256(previous)
    first_id, last_id, count = 0, after, 0
    rows = session.execute(
        text(
            f"{_SELECT} WHERE id > :after AND (cast(:until AS bigint) IS NULL OR id <= :until) ORDER BY id"
        ).execution_options(yield_per=2000),
        {"after": after, "until": until},
    )
    for event in map(_event, rows):
        digest.update(canonical(event) + b"\n")
        first_id, last_id, count = first_id or event.id, event.id, count + 1
    return first_id, last_id, count, digest.digest()


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(
        id=row.id,
        recorded_at=row.recorded_at,
        by_user=row.by_user,
        channel=Channel(row.channel),
        action=row.action,
        subject=row.subject,
        reason=row.reason,
        facts=row.facts,
    )
