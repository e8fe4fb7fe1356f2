"""The whole job, each size in a process of its own and with an embedded database, as an installation has."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

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


@contextmanager
def installed(households: int, settlement: str) -> Generator[tuple[Database, Path]]:
    """An installation with as many households, on the morning of the day."""
    folder = settings().home
    database = open_database()
    try:
        migrations.migrate(database)
        clock.stand_at(datetime(2026, 11, 2, 7, tzinfo=clock.AMSTERDAM))
        municipality.administration(
            folder / "administration.json", households, settlement=settlement, balance_cents=BALANCE_CENTS
        )
        with database.anywhere() as session:
            installation.mark(session, InstallationKind.TEST)
            import_administration(session, folder / "administration.json", SYSTEM)
            for actor in (PROPOSER, APPROVER):
                users.add_user(session, actor.user, actor.user, actor.roles)
        yield database, folder
    finally:
        database.close()


def ingest(count: int) -> float:
    """Seconds from a file of as many transactions to all of them stored, matched and booked."""
    households = -(-count // len(municipality.LINES))
    with installed(households, "direct_debit") as (database, folder):
        path = folder / "statement.xml"
        municipality.statement(path, households, count, households * BALANCE_CENTS)
        start = time.perf_counter()
        with database.transaction() as session:
            summary = taking_in.take_in(session, path, path.name, PROPOSER)
        taken = time.perf_counter() - start
        assert summary.matched == count, summary
        return taken


def plan_to_file(count: int) -> float:
    """Seconds from the plan of a day with as many payments to a validated file on disk."""
    households = -(-count // (len(municipality.LINES) - 1))
    with installed(households, "transfer") as (database, folder):
        start = time.perf_counter()
        with database.transaction() as session:
            paying.plan(session, municipality.DAY, PROPOSER)
        with database.transaction() as session:
            batches = paying.propose(session, municipality.DAY, PROPOSER)
        for batch in batches:
            with database.transaction() as session:
                paying.approve(session, batch.id, APPROVER)
            with database.transaction() as session:
                _to_disk(session, batch.id, folder)
        taken = time.perf_counter() - start
        assert sum(batch.payments for batch in batches) >= count, batches
        return taken


def _to_disk(session: Session, batch: str, folder: Path) -> None:
    archived = paying.export(session, batch, PROPOSER)
    assert isinstance(archived, ArchivedFile), archived
    paying.write_out(archived, folder / "out")


def alone(work: str, count: int) -> tuple[float, float]:
    """Seconds and peak MiB of a work in a process and installation of its own."""
    with tempfile.TemporaryDirectory(prefix="hhb_bench_") as home:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.work", work, str(count)],
            env={"HUISHOUDBOEKJE_HOME": home, "PATH": "", "HOME": home},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    return told["seconds"], told["peak_mib"]


def _ladder(work: str, sizes: tuple[int, ...], aim_s: float, name: str, flat: str) -> Iterator[Measured]:
    took = {size: alone(work, size) for size in sizes}
    small, large = sizes[0], sizes[-1]
    seconds, peak_mib = took[large]
    each = ", ".join(f"{size:,}: {one:.2f} s" for size, (one, _) in took.items())
    yield Measured(name, round(seconds, 2), "s", f"aim: under {aim_s:.0f} s; {each}")
    ratio = (seconds / large) / (took[small][0] / small)
    against = f"cost of one at {large:,} over that at {small:,}; aim: about 1"
    yield Measured(flat, round(ratio, 3), "ratio", against)
    peak = name.removesuffix("_s") + "_peak_mib"
    yield Measured(peak, round(peak_mib), "MiB", "aim: under 400 MiB, our process")


def ingesting() -> Iterator[Measured]:
    """Take in 1,000 to 100,000 transactions."""
    return _ladder("ingest", (1_000, 10_000, 100_000), 60, "ingest_100k_s", "ingest_flatness")


def paying_out() -> Iterator[Measured]:
    """Plan, propose, approve and write 1,000 to 50,000 payments."""
    return _ladder("plan_to_file", (1_000, 10_000, 50_000), 30, "plan_to_file_50k_s", "plan_flatness")


if __name__ == "__main__":
    seconds = {"ingest": ingest, "plan_to_file": plan_to_file}[sys.argv[1]](int(sys.argv[2]))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib}))
