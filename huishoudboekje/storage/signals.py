"""Signals as they stand, each raised once, and their history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import NotFound
from huishoudboekje.domain.signals import Signal, SignalKind
from huishoudboekje.storage.tables.signals import SignalChange

__all__ = [
    "KeptSignal",
    "SignalChange",
    "SignalStep",
    "history",
    "key_of",
    "raise_signals",
    "signal",
    "signals",
    "silence",
    "solve",
    "solve_gone",
]


@dataclass(frozen=True, slots=True)
class KeptSignal:
    """A signal with its number: open, silenced until a day, or solved."""

    id: int
    key: str
    kind: SignalKind
    sentence: str
    household_id: str | None
    agreement_id: str | None
    due_on: date | None
    end_to_end_id: str | None
    raised_at: datetime
    silenced_until: date | None
    solved_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignalStep:
    """Something that happened to a signal."""

    step: int
    change: SignalChange
    by_user: str
    recorded_at: datetime
    reason: str | None
    until: date | None


_SELECT = (
    "SELECT id, key, kind, sentence, household_id, agreement_id, due_on, end_to_end_id, raised_at,"
    " silenced_until, solved_at FROM signal"
)
_STEP = """
    INSERT INTO signal_step (signal_id, step, change, by_user, recorded_at, reason, until)
    SELECT id, 1 + coalesce((SELECT max(step) FROM signal_step s
        WHERE s.municipality_id = signal.municipality_id AND s.signal_id = signal.id), 0),
      :change, :by, :now, :reason, cast(:until AS date)
    FROM signal WHERE id = ANY(cast(:ids AS bigint[]))
"""


def key_of(signal: Signal) -> str:
    """What a signal is about, so that the same is raised once."""
    occurrence = signal.occurrence
    about = (
        signal.kind.value,
        signal.household_id or "",
        signal.agreement_id or (occurrence.agreement_id if occurrence else ""),
        occurrence.due_on.isoformat() if occurrence else "",
        str(occurrence.part) if occurrence else "",
        signal.subject,
    )
    return "|".join(about)


def raise_signals(session: Session, raised: Iterable[Signal], by: Actor) -> int:
    """Raise signals that are not there yet and open those that were solved; give how many did change.

    What somebody silenced stays silent until its day.
    """
    rows = {key_of(each): each for each in raised}
    if not rows:
        return 0
    found = session.execute(
        text("""
            INSERT INTO signal AS s (key, kind, household_id, agreement_id, due_on, sentence, raised_at,
              end_to_end_id)
            SELECT key, kind, household_id, agreement_id, due_on, sentence, cast(:now AS timestamptz), payment
            FROM unnest(cast(:keys AS text[]), cast(:kinds AS text[]), cast(:households AS text[]),
              cast(:agreements AS text[]), cast(:due AS date[]), cast(:sentences AS text[]),
              cast(:payments AS text[]))
              AS new (key, kind, household_id, agreement_id, due_on, sentence, payment)
            ORDER BY key
            ON CONFLICT (municipality_id, key) DO UPDATE SET solved_at = NULL, sentence = excluded.sentence
              WHERE s.solved_at IS NOT NULL
            RETURNING id, xmax = 0 AS fresh
        """),
        {
            "now": clock.now(),
            "keys": list(rows),
            "kinds": [each.kind.value for each in rows.values()],
            "households": [each.household_id for each in rows.values()],
            "agreements": [
                each.agreement_id or (each.occurrence.agreement_id if each.occurrence else None)
                for each in rows.values()
            ],
            "due": [each.occurrence.due_on if each.occurrence else None for each in rows.values()],
            "sentences": [each.sentence for each in rows.values()],
            "payments": [each.subject if each.kind in ABOUT_A_PAYMENT else None for each in rows.values()],
        },
    ).all()
    _step(session, [row.id for row in found if row.fresh], SignalChange.RAISED, by)
    _step(session, [row.id for row in found if not row.fresh], SignalChange.REOPENED, by)
    return len(found)


ABOUT_A_PAYMENT = frozenset(
    {
        SignalKind.RETURNED,
        SignalKind.REJECTED,
        SignalKind.HELD,
        SignalKind.HELD_TOO_LONG,
        SignalKind.SENT_NOT_BOOKED,
        SignalKind.NOT_DELIVERED_BUT_SETTLED,
    }
)
"""Kinds whose subject is a payment's EndToEndId."""


def silence(session: Session, signal_id: int, until: date, reason: str, by: Actor) -> KeptSignal:
    """Keep a signal quiet until a day, with the reason. Raises NotFound."""
    signal(session, signal_id)
    session.execute(
        text("UPDATE signal SET silenced_until = :until WHERE id = :id"), {"id": signal_id, "until": until}
    )
    _step(session, [signal_id], SignalChange.SILENCED, by, reason, until)
    return signal(session, signal_id)


def solve(session: Session, signal_ids: Collection[int], by: Actor, reason: str | None = None) -> int:
    """Write down that these signals ask for nothing any more; give how many were open."""
    closed = session.scalars(
        text(
            "UPDATE signal SET solved_at = :now WHERE id = ANY(cast(:ids AS bigint[])) AND solved_at IS NULL"
            " RETURNING id"
        ),
        {"now": clock.now(), "ids": list(signal_ids)},
    ).all()
    _step(session, closed, SignalChange.SOLVED, by, reason)
    return len(closed)


def solve_gone(session: Session, kinds: Collection[SignalKind], still: Iterable[Signal], by: Actor) -> int:
    """Solve all open signals of these kinds that are not among those that still hold; give how many."""
    gone = session.scalars(
        text(
            "SELECT id FROM signal WHERE solved_at IS NULL AND kind = ANY(cast(:kinds AS text[]))"
            " AND key <> ALL(cast(:still AS text[])) ORDER BY id"
        ),
        {"kinds": [each.value for each in kinds], "still": [key_of(each) for each in still]},
    ).all()
    return solve(session, gone, by)


def signals(
    session: Session,
    *,
    household_id: str | None = None,
    kinds: Collection[SignalKind] | None = None,
    silenced: bool = False,
    solved: bool = False,
) -> list[KeptSignal]:
    """Signals that ask for somebody today, oldest first; with silenced and solved ones where asked."""
    rows = session.execute(
        text(
            f"{_SELECT} WHERE (:solved OR solved_at IS NULL)"
            " AND (:silenced OR silenced_until IS NULL OR silenced_until < :today)"
            " AND (cast(:household AS text) IS NULL OR household_id = :household)"
            " AND (cast(:kinds AS text[]) IS NULL OR kind = ANY(cast(:kinds AS text[])))"
            " ORDER BY raised_at, id"
        ),
        {
            "solved": solved,
            "silenced": silenced,
            "today": clock.today(),
            "household": household_id,
            "kinds": None if kinds is None else [each.value for each in kinds],
        },
    )
    return [_signal(row) for row in rows]


def signal(session: Session, signal_id: int) -> KeptSignal:
    """One signal. Raises NotFound."""
    row = session.execute(text(f"{_SELECT} WHERE id = :id"), {"id": signal_id}).one_or_none()
    if row is None:
        raise NotFound(what="Signaal", id=signal_id)
    return _signal(row)


def history(session: Session, signal_id: int) -> list[SignalStep]:
    """What happened to a signal, first to last."""
    rows = session.execute(
        text(
            "SELECT step, change, by_user, recorded_at, reason, until FROM signal_step"
            " WHERE signal_id = :id ORDER BY step"
        ),
        {"id": signal_id},
    )
    return [
        SignalStep(row.step, SignalChange(row.change), row.by_user, row.recorded_at, row.reason, row.until)
        for row in rows
    ]


def _step(
    session: Session,
    signal_ids: Sequence[int],
    change: SignalChange,
    by: Actor,
    reason: str | None = None,
    until: date | None = None,
) -> None:
    if not signal_ids:
        return
    session.execute(
        text(_STEP),
        {
            "ids": list(signal_ids),
            "change": change.value,
            "by": by.user,
            "now": clock.now(),
            "reason": reason,
            "until": until,
        },
    )


def _signal(row: Row[tuple[object, ...]]) -> KeptSignal:
    return KeptSignal(
        id=row.id,
        key=row.key,
        kind=SignalKind(row.kind),
        sentence=row.sentence,
        household_id=row.household_id,
        agreement_id=row.agreement_id,
        due_on=row.due_on,
        end_to_end_id=row.end_to_end_id,
        raised_at=row.raised_at,
        silenced_until=row.silenced_until,
        solved_at=row.solved_at,
    )
