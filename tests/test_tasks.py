"""Background work: asked for once, done once, whatever happens to broker and worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Scheduler
from sqlalchemy import text

from huishoudboekje import clock, tasks
from huishoudboekje.day import closing, noticing, waiting
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.settings import settings
from huishoudboekje.storage import outbox
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.outbox import Job, JobKind, JobState
from tests.bench.municipality import ACCOUNT
from tests.kill import small

HERE = Path(__file__).resolve().parents[1]
PATIENCE_S = 120


@pytest.fixture
def town(installed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A small municipality, with a broker in its home, on one morning."""
    monkeypatch.setenv("HUISHOUDBOEKJE_NOW", small.NOW)
    settings.cache_clear()
    clock.stand_at(datetime.fromisoformat(small.NOW))
    small.install(installed, tmp_path)
    return installed


@pytest.fixture
def in_process(town: Database) -> Generator[Database]:
    """Tasks that run here."""
    tasks._open[:] = [town]
    yield town
    tasks._open.clear()


@pytest.fixture(params=["filesystem", "redis", "rabbitmq"])
def broker(
    request: pytest.FixtureRequest, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of a worker that listens to this broker."""
    if request.param != "filesystem":
        url = request.getfixturevalue("redis_url" if request.param == "redis" else "amqp_url")
        environment["BROKER_URL"] = url
        monkeypatch.setenv("BROKER_URL", url)
        settings.cache_clear()
        with tasks.app.connection_for_write(url) as connection:
            channel: Any = connection.default_channel
            channel.queue_declare("celery", durable=True, auto_delete=False)
            channel.queue_purge("celery")
    return environment


@contextmanager
def worker(environment: dict[str, str]) -> Generator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, gone at the end."""
    command = [sys.executable, "-m", "huishoudboekje", "worker"]
    with subprocess.Popen(command, env={**environment, "HUISHOUDBOEKJE_NOW": small.NOW}, cwd=HERE) as running:
        try:
            yield running
        finally:
            running.kill()


def until(holds: Callable[[], Any]) -> None:
    """Wait for it, and fail when it does not come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def asked(town: Database, folder: Path, times: int = 1) -> int:
    """A bank file that waits to be taken in."""
    path = small.statement(folder, times=times)
    with town.transaction() as session:
        return waiting.ask_to_take_in(session, path, path.name, small.ANS).id


def state(town: Database, job_id: int) -> JobState:
    return found(town, job_id).state


def found(town: Database, job_id: int) -> Job:
    with town.transaction() as session:
        job = outbox.job(session, job_id)
    assert job is not None
    return job


def count(town: Database, table: str) -> int:
    with town.transaction() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def busy(town: Database, job_id: int) -> bool:
    with town.transaction() as session:
        return outbox.claim(session, job_id) is None and state(town, job_id) is JobState.WAITING


def test_a_worker_does_what_it_is_sent(town: Database, broker: dict[str, str], tmp_path: Path) -> None:
    with worker(broker):
        job = asked(town, tmp_path)
        tasks.nudge([job, job])  # a task may come twice
        until(lambda: state(town, job) is not JobState.WAITING)
    done = found(town, job)
    assert (done.state, (done.outcome or {})["matched"], done.attempts) == (
        JobState.DONE,
        small.HOUSEHOLDS,
        1,
    )
    assert count(town, "bank_transaction") == small.HOUSEHOLDS + small.UNKNOWN


def test_what_a_killed_worker_left_is_done_once(
    town: Database, broker: dict[str, str], tmp_path: Path
) -> None:
    job = asked(town, tmp_path, times=150)
    tasks.nudge([job])
    with worker(broker) as killed:
        until(lambda: busy(town, job))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    until(lambda: not busy(town, job))  # the server notices that nobody is there any more
    assert state(town, job) is JobState.WAITING
    assert count(town, "bank_transaction") == 0
    with worker(broker):
        until(lambda: state(town, job) is JobState.DONE)
        until(lambda: [*(settings().home / "spool").iterdir()] == [])
    assert count(town, "bank_transaction") == small.HOUSEHOLDS * 150 + small.UNKNOWN
    with town.transaction() as session:
        assert closing.verify(session, SYSTEM).clean


def test_a_task_that_comes_again_or_for_nothing_changes_nothing(in_process: Database, tmp_path: Path) -> None:
    job = asked(in_process, tmp_path)
    tasks.work(job)
    before = count(in_process, "ledger_entry")
    tasks.work(job)
    tasks.work(987_654)
    assert before == count(in_process, "ledger_entry") > 0


def test_what_is_refused_says_why_and_waits_no_more(in_process: Database, tmp_path: Path) -> None:
    path = tmp_path / "geen.xml"
    path.write_text("<html/>")
    with in_process.transaction() as session:
        job = waiting.ask_to_take_in(session, path, path.name, small.ANS)
    tasks.work(job.id)
    refused = found(in_process, job.id)
    assert refused.state is JobState.REFUSED
    assert "geen.xml" in (refused.outcome or {})["sentence"]
    assert [*(settings().home / "spool").iterdir()] == []


def test_what_fails_is_tried_again_later_and_at_last_left_to_a_person(
    in_process: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setitem(waiting.VERBS, JobKind.SEAL_AUDIT, broken)
    with in_process.transaction() as session:
        job = outbox.enqueue(session, JobKind.SEAL_AUDIT, "kapot", SYSTEM)
    pauses = []
    while found(in_process, job.id).state is JobState.WAITING:
        due = found(in_process, job.id).due_at
        monkeypatch.setenv("HUISHOUDBOEKJE_NOW", (due + timedelta(seconds=1)).isoformat())
        settings.cache_clear()
        tasks.work(job.id)
        pauses.append(found(in_process, job.id).due_at - due)
    assert len(pauses) == waiting.TRIES
    assert found(in_process, job.id).state is JobState.REFUSED
    assert pauses[:-1] == sorted(pauses[:-1])


def test_without_a_broker_the_row_waits(
    town: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://127.0.0.1:1")
    settings.cache_clear()
    job = asked(town, tmp_path)
    tasks.nudge([job])
    with town.transaction() as session:
        assert waiting.to_nudge(session) == []
        assert waiting.to_nudge(session, timedelta(0)) == [job]


@pytest.mark.parametrize(
    ("moment", "kinds"),
    [
        ("2026-11-01T10:00", {"signals"}),  # a Sunday
        ("2026-11-02T04:00", {"propose"}),  # all that the bank has booked is in
        ("2026-11-02T09:00", {"propose", "signals"}),
        ("2026-11-03T09:00", {"signals"}),  # the statement of Monday is not in
        ("2026-11-03T11:00", {"propose", "signals"}),  # and will not be waited for any longer
    ],
)
def test_the_clock_asks_for_the_work_of_the_day(
    in_process: Database, monkeypatch: pytest.MonkeyPatch, moment: str, kinds: set[str]
) -> None:
    monkeypatch.setenv("HUISHOUDBOEKJE_NOW", moment)
    settings.cache_clear()
    tasks.ask()
    tasks.ask()
    with in_process.transaction() as session:
        assert sorted([*kinds, "seal_audit"]) == sorted(each.kind.value for each in outbox.jobs(session))


def test_a_statement_that_is_not_there_is_named(in_process: Database, tmp_path: Path) -> None:
    clock.stand_at(datetime(2026, 11, 3, 11, tzinfo=clock.AMSTERDAM))
    with in_process.transaction() as session:
        waiting.ask_for_what_is_due(session)
    with in_process.transaction() as session:
        for each in outbox.jobs(session):
            waiting.work(session, each.id)
        told = session.scalars(text("SELECT sentence FROM signal WHERE kind = 'statement_missing'")).all()
        (proposal,) = [each for each in outbox.jobs(session) if each.kind is JobKind.PROPOSE]
    assert [each[:17] for each in told] == ["Het afschrift van"]
    assert ACCOUNT in told[0]
    assert (proposal.outcome or {})["batches"]
    job = asked(in_process, tmp_path)
    with in_process.transaction() as session:
        waiting.work(session, job)
        noticed = noticing.notice(session, clock.today(), SYSTEM)
    assert noticed.statements_missing == 0


def test_every_task_is_on_the_timetable_or_called() -> None:
    ours = {name for name in tasks.app.tasks if not name.startswith("celery.")}
    assert ours == set(tasks.TIMETABLE) | tasks.CALLED


def test_every_kind_of_work_has_its_verb() -> None:
    assert set(JobKind) == set(waiting.VERBS)


def test_the_scheduler_sends_the_timetable(town: Database, environment: dict[str, str]) -> None:
    tasks._configure()
    scheduler = Scheduler(app=tasks.app)
    scheduler.setup_schedule()
    for each in scheduler.schedule.values():
        scheduler.apply_async(each, advance=False)
    sent = (Path(environment["HUISHOUDBOEKJE_HOME"]) / "broker").glob("*.msg")
    assert len(tasks.TIMETABLE) == len([*sent])
