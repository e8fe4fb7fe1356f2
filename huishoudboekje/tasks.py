"""Background work: Celery, the timetable, and tasks of three lines.

A task carries the number of a row at most, and may run twice, late or next to its twin: the row in the
database says what is to be done and whether it was. A broker that loses a task loses nothing, as the
sweeper sends it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from celery import Celery
from celery.signals import worker_process_init
from kombu.exceptions import OperationalError

from huishoudboekje import clock
from huishoudboekje.day import waiting
from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage import installation
from huishoudboekje.storage.db import Database

EVERY_MINUTE_S: Final = 60.0
TIMETABLE: Final = {"ask": EVERY_MINUTE_S, "sweep": EVERY_MINUTE_S}
"""Task by task, every how many seconds; the hours of the day's work are in day/waiting.py."""

CALLED: Final = frozenset({"work"})
"""Tasks that are sent for a row, by who made it or by the sweeper."""

VISIBLE_AGAIN_S: Final = 1800
"""After which Redis gives a task of a silent worker to another: longer than the longest import."""

POLL_S: Final = 0.05
BROKER_PATIENCE_S: Final = 5

ALONE: Final = ("--pool=solo", "--without-mingle", "--without-gossip", "--without-heartbeat")
"""One worker is one process that knows of no other; arguments may say otherwise."""

app = Celery("huishoudboekje")
app.conf.update(
    beat_schedule={
        # A turn that nobody took in time is not worth a queue: the next one does the same.
        name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
        for name, seconds in TIMETABLE.items()
    },
    broker_connection_retry_on_startup=True,
    broker_heartbeat=0,  # a worker that is busy with a large file does not answer
    task_acks_late=True,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    timezone=clock.AMSTERDAM.key,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
)
_open: list[Database] = []


@app.task(name="work")
def work(job_id: int) -> None:
    """Do one piece of work, unless it is done or somebody has it."""
    for municipality in _municipalities():
        _work(municipality, job_id)


@app.task(name="ask")
def ask() -> None:
    """Ask for what the clock says is due."""
    for municipality in _municipalities():
        with _open[0].transaction(municipality) as session:
            waiting.ask_for_what_is_due(session)


@app.task(name="sweep")
def sweep() -> None:
    """Send tasks again for what waits too long."""
    nudge(_lost())


def nudge(job_ids: Iterable[int]) -> None:
    """Send a task for each row; where the broker is away the sweeper sends it later."""
    numbers = list(job_ids)
    if not numbers:
        return
    _configure()
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=BROKER_PATIENCE_S)
            for number in numbers:
                app.send_task(str(work.name), (number,), connection=connection, retry=False)
    except (OSError, OperationalError) as error:
        structlog.get_logger().warning("broker away", kind=type(error).__name__, waiting=len(numbers))


def worker(database: Database, arguments: Sequence[str] = ()) -> None:
    """Work through the queue until told to stop; first what waited while nobody did."""
    _configure()
    _open[:] = [database]
    nudge(_lost(timedelta(0)))
    quiet = (
        "--without-mingle",
        "--without-gossip",
        "--without-heartbeat",
        "--pool=solo",
        "--loglevel=WARNING",
    )
    app.worker_main(["worker", *quiet, *arguments])


def scheduler(arguments: Sequence[str] = ()) -> None:
    """Send the tasks of the timetable, each at its time, until told to stop."""
    _configure()
    kept = settings().home / "scheduler"
    app.start(["beat", f"--schedule={kept}", "--pidfile=", "--loglevel=WARNING", *arguments])


@worker_process_init.connect
def _own_connections(**_: object) -> None:
    """Leave the connections of the process that a worker was split off from to that one."""
    for each in _open:
        each.engine.dispose(close=False)


def _work(municipality: str, job_id: int) -> None:
    database = _open[0]
    try:
        with database.transaction(municipality) as session:
            waiting.work(session, job_id)
    except Refused as why:
        with database.transaction(municipality) as session:
            waiting.refuse(session, job_id, why)
    except Exception as error:  # noqa: BLE001 - whatever it is, the row tells and is tried again
        incident = secrets.token_hex(4)
        structlog.get_logger().error("incident", incident=incident, job=job_id, kind=type(error).__name__)
        with database.transaction(municipality) as session:
            waiting.fail(session, job_id, incident)
    with database.transaction(municipality) as session:
        waiting.tidy(session, job_id)


def _lost(waited: timedelta | None = None) -> list[int]:
    lost: list[int] = []
    for municipality in _municipalities():
        with _open[0].transaction(municipality) as session:
            lost += waiting.to_nudge(session) if waited is None else waiting.to_nudge(session, waited)
    return lost


def _municipalities() -> list[str]:
    with _open[0].anywhere() as session:
        installation.start_clock(session)  # the demo's may have moved since
        return list(installation.municipalities(session))


def _configure() -> None:
    """Let Celery use the broker of the settings: a folder in the home where none is named."""
    named = settings().broker_url
    url = "filesystem://localhost" if named is None else named.get_secret_value()
    if url != app.conf.broker_url or named is None:
        app.conf.update(broker_url=url, broker_transport_options=_transport(url))


def _transport(url: str) -> dict[str, Any]:
    if url.startswith("redis"):
        return {"visibility_timeout": VISIBLE_AGAIN_S, "socket_connect_timeout": BROKER_PATIENCE_S}
    if url.startswith("filesystem"):
        folder = settings().home.resolve() / "broker"
        for each in (folder, folder / "control"):
            each.mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
            "polling_interval": POLL_S,
        }
    return {}
