"""The whole job, each size in a process of its own and with an embedded database, as an installation has."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock, migrations
from huishoudboekje.administration import import_administration
from huishoudboekje.day import paying, taking_in
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Role
from huishoudboekje.settings import settings
from huishoudboekje.storage import installation, users
from huishoudboekje.storage.archive import ArchivedFile
from huishoudboekje.storage.db import Database, open_database
from huishoudboekje.storage.installation import InstallationKind
from tests.bench import municipality
from tests.bench.measured import Measured

PROPOSER = Actor("ans", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
APPROVER = Actor("bea", frozenset({Role.APPROVER}), Channel.COMMAND_LINE)
BALANCE_CENTS = 300_000
STATEMENT = "statement.xml"


@contextmanager
def installed() -> Generator[tuple[Database, Path]]:
    """The installation in the home, on the morning of the day."""
    database = open_database()
    clock.stand_at(datetime(2026, 11, 2, 7, tzinfo=clock.AMSTERDAM))
    try:
        yield database, settings().home
    finally:
        database.close()


def fill(work: str, count: int) -> None:
    """Make an installation for so many transactions (five a household) or payments (four a household)."""
    lines = len(municipality.LINES)
    ingesting = work == "ingest"
    households = -(-count // (lines if ingesting else lines - 1))
    with installed() as (database, folder):
        migrations.migrate(database)
        administration, known = folder / "administration.json", folder / "payments.csv" if ingesting else None
        municipality.administration(
            administration,
            households,
            settlement="mixed" if ingesting else "transfer",
            balance_cents=BALANCE_CENTS,
        )
        if known is not None:
            municipality.payments(known, households)
            municipality.statement(folder / STATEMENT, households, count, households * BALANCE_CENTS)
        with database.anywhere() as session:
            installation.mark(session, InstallationKind.TEST)
            import_administration(session, administration, SYSTEM, payments=known)
            for actor in (PROPOSER, APPROVER):
                users.add_user(session, actor.user, actor.user, actor.roles)


class Took(NamedTuple):
    """What a work cost: seconds on the clock, of our processor and of the database's, and our memory."""

    seconds: float
    ours_s: float
    database_s: float
    peak_mib: float

    @property
    def cpu_s(self) -> float:
        """Seconds of work, whoever else uses the machine."""
        return self.ours_s + self.database_s


@contextmanager
def timed(database: Database) -> Generator[list[Took]]:
    """Time what happens within; all of it goes over the one connection of the pool."""
    took: list[Took] = []
    with database.anywhere() as session:
        backend = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
    start, ours, there = time.perf_counter(), time.process_time(), _cpu_s(backend)
    yield took
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, ours_s = time.perf_counter() - start, time.process_time() - ours
    took.append(Took(seconds, ours_s, _cpu_s(backend) - there, peak_mib))


def _cpu_s(process: int) -> float:
    """Seconds that another process has had of the processor; 0 where the system does not say."""
    said = Path("/proc", str(process), "stat")
    if not said.exists():
        return 0
    user, system = said.read_text("ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def ingest(count: int) -> Took:
    """From a file of as many transactions to all of them stored, matched and booked.

    A household for every five of them: an income, two costs that were sent and two that are collected.
    """
    with installed() as (database, folder):
        path = folder / STATEMENT
        with timed(database) as took, database.transaction() as session:
            summary = taking_in.take_in(session, path, path.name, PROPOSER)
        assert summary.matched == count - municipality.unknown(count), summary
        return took[0]


def plan_to_file(count: int) -> Took:
    """From the plan of a day with as many payments to a validated file on disk; four for each household."""
    with installed() as (database, folder):
        with timed(database) as took:
            with database.transaction() as session:
                paying.plan(session, municipality.DAY, PROPOSER)
            with database.transaction() as session:
                batches = paying.propose(session, municipality.DAY, PROPOSER)
            for batch in batches:
                with database.transaction() as session:
                    paying.approve(session, batch.id, APPROVER)
                with database.transaction() as session:
                    _to_disk(session, batch.id, folder)
        assert sum(batch.payments for batch in batches) >= count, batches
        return took[0]


def _to_disk(session: Session, batch: str, folder: Path) -> None:
    archived = paying.export(session, batch, PROPOSER)
    assert isinstance(archived, ArchivedFile), archived
    paying.write_out(archived, folder / "out")


def alone(work: str, count: int) -> Took:
    """What a work costs in a process of its own, on an installation that another process filled."""
    with tempfile.TemporaryDirectory(prefix="hhb_bench_") as home:
        _in_a_process(home, "fill", work, str(count))
        return Took(*json.loads(_in_a_process(home, work, str(count)).splitlines()[-1]))


def _in_a_process(home: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.work", *arguments],
        env={"HUISHOUDBOEKJE_HOME": home, "PATH": "", "HOME": home},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout


def _ladder(work: str, sizes: tuple[int, ...], aim_s: float, name: str, flat: str) -> Iterator[Measured]:
    took = {size: alone(work, size) for size in sizes}
    small, large = sizes[0], sizes[-1]
    most = took[large]
    each = ", ".join(f"{size:,}: {one.seconds:.2f} s" for size, one in took.items())
    cpu = f"CPU {most.cpu_s:.1f} s, of which the database {most.database_s:.1f} s"
    yield Measured(name, round(most.seconds, 2), "s", f"aim: under {aim_s:.0f} s; {each}; {cpu}")
    ratio = (most.cpu_s / large) / (took[small].cpu_s / small)
    against = f"CPU cost of one at {large:,} over that at {small:,}; aim: about 1"
    yield Measured(flat, round(ratio, 3), "ratio", against)
    peak = name.removesuffix("_s") + "_peak_mib"
    yield Measured(peak, round(most.peak_mib), "MiB", "aim: under 400 MiB, our process")


def ingesting() -> Iterator[Measured]:
    """Take in 1,000 to 100,000 transactions."""
    return _ladder("ingest", (1_000, 10_000, 100_000), 60, "ingest_100k_s", "ingest_flatness")


def paying_out() -> Iterator[Measured]:
    """Plan, propose, approve and write 1,000 to 50,000 payments."""
    return _ladder("plan_to_file", (1_000, 10_000, 50_000), 30, "plan_to_file_50k_s", "plan_flatness")


if __name__ == "__main__":
    *filling, named, size = sys.argv[1:]
    if filling:
        fill(named, int(size))
    else:
        print(json.dumps({"ingest": ingest, "plan_to_file": plan_to_file}[named](int(size))))
