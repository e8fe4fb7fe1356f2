from datetime import timedelta

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.storage import outbox
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.outbox import JobKind, JobState
from tests.storage.conftest import BY


def test_work_is_asked_for_once_and_done_once(session: Session) -> None:
    first = outbox.enqueue(session, JobKind.SIGNALS, "signals:2026-03-31", BY, {"on": "2026-03-31"})
    assert first == outbox.enqueue(session, JobKind.SIGNALS, "signals:2026-03-31", BY, {"on": "anders"})
    claimed = outbox.claim(session)
    assert claimed is not None
    outbox.done(session, claimed.id, {"raised": 3})
    outbox.refused(session, claimed.id, {"why": "te laat"})
    assert outbox.claim(session) is None
    after = outbox.job(session, first.id)
    assert after is not None
    assert (after.state, after.attempts, after.outcome) == (JobState.DONE, 1, {"raised": 3})


def test_two_workers_never_have_the_same_work(merwestad: Database) -> None:
    with merwestad.transaction() as session:
        for name in ("een", "twee"):
            outbox.enqueue(session, JobKind.PROPOSE, name, BY)
    with merwestad.transaction() as one, merwestad.transaction() as other:
        mine, theirs = outbox.claim(one), outbox.claim(other)
        assert mine is not None
        assert theirs is not None
        assert {"een", "twee"} == {mine.key, theirs.key}
        with merwestad.transaction() as third:
            assert outbox.claim(third) is None


def test_what_waits_is_nudged_again(session: Session) -> None:
    waiting = outbox.enqueue(session, JobKind.SEAL_AUDIT, "nu", BY)
    outbox.enqueue(session, JobKind.SEAL_AUDIT, "later", BY, due_at=clock.now() + timedelta(hours=1))
    assert [waiting] == outbox.stale(session)
    outbox.nudged(session, [waiting.id])
    assert outbox.stale(session) == []
    assert [waiting.id] == [each.id for each in outbox.stale(session, timedelta(0))]
    outbox.postponed(session, waiting.id, clock.now() + timedelta(minutes=1))
    assert outbox.claim(session) is None
