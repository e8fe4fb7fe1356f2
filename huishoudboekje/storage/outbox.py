"""Work that waits, asked for in the transaction of its cause; a task is only a nudge to do it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.storage.tables.outbox import JobKind, JobState

__all__ = [
    "Job",
    "JobKind",
    "JobState",
    "ask_again",
    "claim",
    "done",
    "enqueue",
    "job",
    "jobs",
    "nudged",
    "postponed",
    "refused",
    "stale",
]

WAIT_FOR_NUDGE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of background work, and what came of it; `key` makes it be asked for once."""

    id: int
    key: str
    kind: JobKind
    facts: Mapping[str, Any]
    state: JobState
    due_at: datetime
    nudged_at: datetime | None
    attempts: int
    by_user: str
    outcome: Mapping[str, Any] | None
    finished_at: datetime | None


_SELECT = (
    "SELECT id, key, kind, facts, state, due_at, nudged_at, attempts, by_user, outcome, finished_at FROM job"
)


def enqueue(
    session: Session,
    kind: JobKind,
    key: str,
    by: Actor,
    facts: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Ask for work, once for each key: what was asked before is given as it stands."""
    session.execute(
        text(
            "INSERT INTO job (key, kind, facts, due_at, by_user)"
            " VALUES (:key, :kind, cast(:facts AS jsonb), :due_at, :by)"
            " ON CONFLICT (municipality_id, key) DO NOTHING"
        ),
        {
            "key": key,
            "kind": kind.value,
            "facts": json.dumps(dict(facts or {})),
            "due_at": due_at or clock.now(),
            "by": by.user,
        },
    )
    return _job(session.execute(text(f"{_SELECT} WHERE key = :key"), {"key": key}).one())


def ask_again(session: Session, key: str) -> None:
    """Let work that was refused wait once more, as if nobody had tried it; other work stays as it is."""
    session.execute(
        text(
            "UPDATE job SET state = 'waiting', due_at = :now, nudged_at = NULL, attempts = 0,"
            " outcome = NULL, finished_at = NULL WHERE key = :key AND state = 'refused'"
        ),
        {"key": key, "now": clock.now()},
    )


def claim(session: Session, job_id: int | None = None) -> Job | None:
    """Take one piece of work that is due and that nobody else has, or None; it is ours until we commit.

    A worker that dies gives it back by that alone: its transaction is undone, and the row waits again.
    """
    row = session.execute(
        text(
            f"{_SELECT} WHERE state = 'waiting' AND due_at <= :now"
            " AND (cast(:id AS bigint) IS NULL OR id = :id) ORDER BY due_at, id LIMIT 1"
            " FOR UPDATE SKIP LOCKED"
        ),
        {"now": clock.now(), "id": job_id},
    ).one_or_none()
    return None if row is None else _job(row)


def done(session: Session, job_id: int, outcome: Mapping[str, Any] | None = None) -> None:
    """Write down that the work is done, in the transaction that did it."""
    _finish(session, job_id, JobState.DONE, outcome)


def refused(session: Session, job_id: int, outcome: Mapping[str, Any] | None = None) -> None:
    """Write down that the work cannot be done, and why, in a transaction after the one that was undone."""
    _finish(session, job_id, JobState.REFUSED, outcome)


def postponed(session: Session, job_id: int, until: datetime) -> None:
    """Count an attempt that failed for a while (a broker, a lock, a full disk), and try again later."""
    session.execute(
        text("UPDATE job SET attempts = attempts + 1, due_at = :until WHERE id = :id AND state = 'waiting'"),
        {"id": job_id, "until": until},
    )


def stale(session: Session, waited: timedelta = WAIT_FOR_NUDGE, limit: int = 1000) -> list[Job]:
    """Work that is due, and was never nudged or so long ago that its task must be lost."""
    rows = session.execute(
        text(
            f"{_SELECT} WHERE state = 'waiting' AND due_at <= :now"
            " AND (nudged_at IS NULL OR nudged_at <= :before) ORDER BY due_at, id LIMIT :limit"
            " FOR UPDATE SKIP LOCKED"  # what somebody is busy with is not lost
        ),
        {"now": clock.now(), "before": clock.now() - waited, "limit": limit},
    )
    return [_job(row) for row in rows]


def nudged(session: Session, job_ids: list[int]) -> None:
    """Remember that tasks were sent for this work."""
    session.execute(
        text("UPDATE job SET nudged_at = :now WHERE id = ANY(cast(:ids AS bigint[]))"),
        {"now": clock.now(), "ids": job_ids},
    )


def job(session: Session, job_id: int) -> Job | None:
    """One piece of work as it stands, or None."""
    row = session.execute(text(f"{_SELECT} WHERE id = :id"), {"id": job_id}).one_or_none()
    return None if row is None else _job(row)


def jobs(session: Session, state: JobState | None = None, limit: int = 200) -> list[Job]:
    """The latest work, latest first; in one state where that is asked."""
    rows = session.execute(
        text(f"{_SELECT} WHERE cast(:state AS text) IS NULL OR state = :state ORDER BY id DESC LIMIT :limit"),
        {"state": state.value if state else None, "limit": limit},
    )
    return [_job(row) for row in rows]


def _finish(session: Session, job_id: int, state: JobState, outcome: Mapping[str, Any] | None) -> None:
    session.execute(
        text(
            "UPDATE job SET state = :state, outcome = cast(:outcome AS jsonb), finished_at = :now,"
            " attempts = attempts + 1 WHERE id = :id AND state = 'waiting'"
        ),
        {
            "id": job_id,
            "state": state.value,
            "outcome": None if outcome is None else json.dumps(dict(outcome)),
            "now": clock.now(),
        },
    )


def _job(row: Row[tuple[object, ...]]) -> Job:
    return Job(
        id=row.id,
        key=row.key,
        kind=JobKind(row.kind),
        facts=row.facts,
        state=JobState(row.state),
        due_at=row.due_at,
        nudged_at=row.nudged_at,
        attempts=row.attempts,
        by_user=row.by_user,
        outcome=row.outcome,
        finished_at=row.finished_at,
    )
