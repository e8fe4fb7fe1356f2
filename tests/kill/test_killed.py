"""Commands killed at random moments, then repeated: nothing lost, nothing twice, as if nothing happened."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text

from huishoudboekje.commands import app
from huishoudboekje.day import closing
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.settings import settings
from huishoudboekje.storage.db import Database, plain
from tests.bench.municipality import DAY
from tests.conftest import _made
from tests.kill import small

SEEDS = range(int(os.environ.get("HHB_KILL_SEEDS", "3")))
NUMBERS = count(1)
KILLED = -signal.SIGKILL
# Rows that every run makes as many of; the log may tell of a run that was repeated after its commit.
TABLES = (
    "archived_file",
    "bank_statement",
    "bank_transaction",
    "batch_file",
    "batch_step",
    "booking",
    "instruction",
    "instruction_outcome",
    "ledger_account",
    "ledger_transfer",
    "occurrence_event",
    "payment",
    "payment_batch",
    "payment_step",
    "signal",
)


def named(arguments: Sequence[str]) -> str:
    """The command of these arguments."""
    return " ".join(arguments[: 1 if arguments[0] == "ingest" else 2])


@dataclass
class Town:
    """A copy of the small municipality, with a home of its own, where commands run in processes."""

    database: Database
    folder: Path
    durations_s: dict[str, float] = field(default_factory=dict)

    def start(self, *arguments: str) -> int:
        """Begin a command in a process of its own, which has all modules already; gives its number."""
        self.database.engine.dispose()
        child = os.fork()
        if child:
            return child
        try:
            os.environ.update(
                HUISHOUDBOEKJE_HOME=str(self.folder / "home"),
                DATABASE_URL=plain(self.database.owner_url),
                HUISHOUDBOEKJE_NOW=small.NOW,
            )
            settings.cache_clear()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (1, 2):
                os.dup2(nowhere, stream)
            code = app.run(arguments)
        except BaseException:  # noqa: BLE001 - a child never returns to pytest
            code = 99
        os._exit(code)

    def run(self, *arguments: str, kill_after_s: float | None = None) -> int:
        """Run a command to its end, or kill it after a while; gives how it ended."""
        began = time.monotonic()
        child = self.start(*arguments)
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if kill_after_s is None:
            self.durations_s[named(arguments)] = time.monotonic() - began
        return code

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.transaction() as session:
            return [tuple(row) for row in session.execute(text(statement))]

    def one(self, statement: str) -> Any:
        return self.rows(statement)[0][0]


@contextmanager
def copied(server: URL, template: str, folder: Path) -> Generator[Town]:
    with _made(server, f"hhb_kill_{os.getpid()}_{next(NUMBERS)}", template) as database:
        yield Town(database, folder)


@pytest.fixture(scope="module")
def filled(server: URL, template: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The name of a database with the small municipality, to copy."""
    name = f"hhb_kill_{os.getpid()}_template"
    with pytest.MonkeyPatch.context() as environment, _made(server, name, template) as database:
        folder = tmp_path_factory.mktemp("filled")
        environment.setenv("HUISHOUDBOEKJE_HOME", str(folder))
        environment.setenv("HUISHOUDBOEKJE_KEY", "0" * 64)
        settings.cache_clear()
        small.install(database, folder)
        database.close()
        yield name
        settings.cache_clear()


def ingest(town: Town) -> Sequence[str]:
    return "ingest", str(small.statement(town.folder)), "--by", "ans"


def propose(_: Town) -> Sequence[str]:
    return "batch", "propose", "--on", DAY.isoformat(), "--by", "ans"


def export(town: Town) -> Sequence[str]:
    batch = str(town.one("SELECT id FROM payment_batch"))
    return "batch", "export", batch, "--out", str(town.folder / "out"), "--by", "ans"


COMMANDS: tuple[Callable[[Town], Sequence[str]], ...] = (ingest, propose, export)


def between(town: Town, after: Callable[[Town], Sequence[str]]) -> None:
    """What a second person does before the next command."""
    if after is propose:
        batch = str(town.one("SELECT id FROM payment_batch"))
        assert town.run("batch", "approve", batch, "--by", "bea") == 0


def state(town: Town) -> dict[str, object]:
    """All that a run leaves, without the numbers that differ from one run to the next."""
    with town.database.transaction() as session:
        close, verdict = closing.close_day(session, DAY, SYSTEM), closing.verify(session, SYSTEM)
    assert close.explained, (close.differences, close.problems)
    assert verdict.broken == []
    entries = town.rows("""
        SELECT e.kind, e.effective_on, array_agg(split_part(t.source, ':', 1) || '>' || t.target || ' '
          || t.amount_cents || ' ' || t.phase ORDER BY t.id)::text
        FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id
        GROUP BY e.id, e.kind, e.effective_on
    """)
    return {
        "counts": {name: town.one(f"SELECT count(*) FROM {name}") for name in TABLES},
        "balances": town.rows(
            "SELECT account, received_cents, given_cents, reserved_out_cents FROM ledger_balance ORDER BY 1"
        ),
        "entries": Counter(entries),
        "payments": town.rows("""
            SELECT agreement_id, due_on, part, amount_cents, own_cents, advanced_cents, state FROM payment
            ORDER BY 1, 2, 3
        """),
    }


def require_file_is_what_left(town: Town) -> None:
    """The one file in the folder has the bytes that the database knows, and every payment once."""
    (written,) = (town.folder / "out").glob("*.xml")
    content = written.read_bytes()
    assert sha256(content).hexdigest() == town.one("SELECT sha256 FROM batch_file")
    named = Counter(one.partition(b"</EndToEndId>")[0].decode() for one in content.split(b"<EndToEndId>")[1:])
    assert named == Counter(each for (each,) in town.rows("SELECT end_to_end_id FROM payment"))


@pytest.fixture(scope="module")
def unkilled(
    server: URL, filled: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, object], dict[str, float]]:
    """What is there when nothing was killed, and how long each command took."""
    with copied(server, filled, tmp_path_factory.mktemp("unkilled")) as town:
        for command in COMMANDS:
            assert town.run(*command(town)) == 0
            between(town, command)
        require_file_is_what_left(town)
        assert town.one("SELECT count(*) FROM payment WHERE state = 'exported'") == small.PAYMENTS
        return state(town), town.durations_s


def whole_or_nothing(town: Town) -> None:
    """Whatever was killed left all of its rows or none."""
    lines = small.HOUSEHOLDS + small.UNKNOWN
    assert town.one("SELECT count(*) FROM bank_transaction") in {0, lines}
    assert town.one("SELECT count(*) FROM booking") == town.one("SELECT count(*) FROM bank_transaction")
    assert town.one("SELECT count(*) FROM payment") in {0, small.PAYMENTS}
    sent = town.one("SELECT count(*) FROM payment WHERE state = 'exported'")
    assert sent in {0, small.PAYMENTS}
    assert town.one("SELECT count(*) FROM batch_file") == (1 if sent else 0)
    with town.database.transaction() as session:
        assert closing.verify(session, SYSTEM).broken == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_command_is_repeated_as_if_nothing_happened(
    seed: int,
    server: URL,
    filled: str,
    unkilled: tuple[dict[str, object], dict[str, float]],
    tmp_path: Path,
) -> None:
    wanted, durations_s = unkilled
    moments = random.Random(seed)
    with copied(server, filled, tmp_path) as town:
        for command in COMMANDS:
            arguments = command(town)
            longest_s = durations_s[named(arguments)]
            ended = town.run(*arguments, kill_after_s=moments.uniform(0, longest_s))
            assert ended in {0, KILLED}
            whole_or_nothing(town)
            assert town.run(*arguments) == 0
            between(town, command)
        require_file_is_what_left(town)
        assert state(town) == wanted
