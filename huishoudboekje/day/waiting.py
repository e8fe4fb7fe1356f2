"""Work that waits: asked for by people and by the clock, done once, whoever comes for it and how often.

The row is the truth; a task is a nudge to work through it. Whoever takes a row holds it locked until the
commit that also carries its effect: a worker that dies gives it back, and a twin passes it over.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.day import noticing, paying, taking_in
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Permission
from huishoudboekje.domain.bank_days import is_bank_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import accounts, audit, outbox, policy, spool, users
from huishoudboekje.storage.outbox import Job, JobKind, JobState

NIGHT: Final = time(5, 0)
"""From when on what did not come the day before is looked for; banks deliver in the night."""

TRIES: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=1)


def ask_to_take_in(session: Session, path: Path, name: str, by: Actor) -> Job:
    """Ask for a bank file to be taken in, in the name of who brings it; the caller commits, then nudges."""
    by.require(Permission.TAKE_IN_STATEMENTS)
    facts = {"sha256": spool.keep(path), "name": name, "channel": by.channel.value}
    # Not known by its content: a file that was refused may come again, and one taken in twice is harmless.
    key = f"{JobKind.TAKE_IN_STATEMENT}:{secrets.token_hex(8)}"
    job = outbox.enqueue(session, JobKind.TAKE_IN_STATEMENT, key, by, facts)
    outbox.nudged(session, [job.id])
    return job


def ask_for_what_is_due(session: Session) -> None:
    """Ask for what the clock says: proposals, signals and the seal of the log; again changes nothing.

    What was refused before is asked once more: the reason may be gone, and nobody else would ask that day.
    """
    now = clock.now().astimezone(clock.AMSTERDAM)
    today = now.date()
    if _may_propose(session, today, now.time()):
        _ask(session, JobKind.PROPOSE, f"propose:{today}", {"on": today.isoformat()})
    if now.time() >= NIGHT:
        _ask(session, JobKind.SIGNALS, f"signals:{today}", {"on": today.isoformat()})
    _ask(session, JobKind.SEAL_AUDIT, f"seal_audit:{today}T{now.hour:02}")


def _ask(session: Session, kind: JobKind, key: str, facts: Mapping[str, Any] | None = None) -> None:
    outbox.ask_again(session, key)
    outbox.enqueue(session, kind, key, SYSTEM, facts)


def _may_propose(session: Session, today: date, now: time) -> bool:
    """As soon as the statements of the last banking day are in, or at the policy's latest hour."""
    if not is_bank_day(today) or not accounts.municipal_accounts(session):
        return False
    if not noticing.missing_statements(session, today):
        return True
    return now >= policy.policy_on(session, today).latest_proposal


def to_nudge(session: Session, waited: timedelta = outbox.WAIT_FOR_NUDGE) -> list[int]:
    """What waits and whose task must be lost, by number; the caller commits, then sends a task for each."""
    lost = [each.id for each in outbox.stale(session, waited)]
    outbox.nudged(session, lost)
    return lost


def work(session: Session, job_id: int) -> Job | None:
    """Do one piece of work that waits, and write down what came of it; None when somebody else has or did it.

    Raises what its verb raises: the caller undoes, and then says `refuse` or `fail`.
    """
    job = outbox.claim(session, job_id)
    if job is None:
        return None
    outbox.done(session, job.id, VERBS[job.kind](session, job.facts, _actor(session, job)))
    return job


def refuse(session: Session, job_id: int, why: Refused) -> None:
    """Write down that the work cannot be done, and why."""
    outbox.refused(session, job_id, {"refused": why.name, "sentence": why.sentence})


def fail(session: Session, job_id: int, incident: str) -> None:
    """Try again later, each time after a longer pause; at last leave it to a person, with the incident."""
    job = outbox.job(session, job_id)
    if job is None or job.state is not JobState.WAITING:
        return
    if job.attempts + 1 >= TRIES:
        outbox.refused(session, job_id, {"refused": "Incident", "sentence": f"Storing {incident}."})
        return
    outbox.postponed(session, job_id, clock.now() + FIRST_PAUSE * 2**job.attempts)


def tidy(session: Session, job_id: int) -> None:
    """Let go of the file of work that is done or refused; again is harmless."""
    job = outbox.job(session, job_id)
    if job is not None and job.state is not JobState.WAITING and "sha256" in job.facts:
        spool.forget(job.facts["sha256"])


def _actor(session: Session, job: Job) -> Actor:
    if job.by_user == SYSTEM.user:
        return SYSTEM
    # Known when they asked; only whether they still work here, and what they may now, is looked at again.
    asked = users.user(session, job.by_user)
    if not asked.active:
        raise users.UserNotActive(user=asked.id)
    return Actor(asked.id, asked.roles, Channel(job.facts["channel"]))


def _take_in(session: Session, facts: Mapping[str, Any], by: Actor) -> Mapping[str, Any]:
    name = str(facts["name"])
    summary = asdict(taking_in.take_in(session, spool.find(facts["sha256"], name), name, by))
    return summary | {"gaps": len(summary["gaps"])}


def _propose(session: Session, facts: Mapping[str, Any], by: Actor) -> Mapping[str, Any]:
    on = date.fromisoformat(facts["on"])
    missing = noticing.tell_missing_statements(session, on, by)
    return {"batches": [each.id for each in paying.propose(session, on, by)], "statements_missing": missing}


def _notice(session: Session, facts: Mapping[str, Any], by: Actor) -> Mapping[str, Any]:
    return asdict(noticing.notice(session, date.fromisoformat(facts["on"]), by))


def _seal(session: Session, _facts: Mapping[str, Any], _by: Actor) -> Mapping[str, Any]:
    made = audit.seal(session)
    return {"seal": made.number if made else None}


Verb = Callable[[Session, Mapping[str, Any], Actor], Mapping[str, Any]]
VERBS: Final[dict[JobKind, Verb]] = {
    JobKind.TAKE_IN_STATEMENT: _take_in,
    JobKind.PROPOSE: _propose,
    JobKind.SIGNALS: _notice,
    JobKind.SEAL_AUDIT: _seal,
}
