"""What other programs rely on: exit codes, streams and JSON of commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huishoudboekje.commands.app import app
from tests.administration import written
from tests.commands.typed import Terminal

COMMAND = [sys.executable, "-m", "huishoudboekje"]

NOWHERE = "postgresql://nobody:made-up@127.0.0.1:1/nothing"


def typed(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        env={**environment, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_first_day_from_the_outside(
    environment: dict[str, str], tmp_path: Path, terminal: Terminal
) -> None:
    administration = written.write(tmp_path, written.ADMINISTRATION)
    statement = terminal.statement()
    broken = tmp_path / "broken.xml"
    broken.write_text("<Document>", "utf-8")

    assert typed(environment, "migrate", "--kind", "test").returncode == 0
    assert typed(environment, "administration", "import", administration).returncode == 0
    taken = typed(environment, "ingest", broken, statement, "--json")
    assert taken.returncode == 1
    assert json.loads(taken.stderr)["sentence"].startswith("broken.xml")
    summary = json.loads(taken.stdout)
    assert [Path(each["file"]).name for each in summary["refused"]] == ["broken.xml"]
    assert [statement.name] == [each["file"] for each in summary["files"]]
    counted = {"statements": 1, "entries": 0, "transactions": 0, "matched": 0, "queued": 0, "doubles": 0}
    assert counted == {name: summary[name] for name in counted}
    assert (summary["kept_aside"], summary["before_start"], summary["gaps"]) == (0, 0, [])
    closed = typed(environment, "day-close", "--on", "2026-01-02", "--json")
    assert (closed.returncode, json.loads(closed.stdout)["complete"]) == (0, True)
    assert typed(environment, "verify").returncode == 0


def test_read_prints_json_lines_without_any_installation(tmp_path: Path, terminal: Terminal) -> None:
    statement = terminal.statement()
    nowhere = {"PATH": os.environ["PATH"], "DATABASE_URL": NOWHERE}
    read = typed(nowhere, "read", statement, "--format", "jsonl")
    assert (read.returncode, read.stderr) == (0, "")
    assert [json.loads(line)["kind"] for line in read.stdout.splitlines()] == ["statement"]


def test_a_fresh_installation_says_what_to_do_first_and_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {"PATH": os.environ["PATH"], "HUISHOUDBOEKJE_HOME": str(home)}
    told = typed(environment, "administration", "import", tmp_path / "any.json")
    assert told.returncode == 1
    assert "huishoudboekje migrate" in told.stderr
    assert not home.exists()


def test_an_unreachable_database_is_a_sentence() -> None:
    told = typed({"PATH": os.environ["PATH"], "DATABASE_URL": NOWHERE}, "verify")
    assert told.returncode == 1
    assert told.stderr.startswith("De database is niet bereikbaar")
    assert told.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("batch", "approve"),
        ("batch", "approve", "B1"),
        ("transaction", "book", "T1", "--by", "ada"),
        ("plan", "--on", "2026-02-30"),
        ("read", "x", "--format", "xml"),
        ("user", "add", "ada", "--role", "king"),
    ],
)
def test_wrong_usage_exits_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    told = terminal.types(*words)
    assert (told.code, told.out) == (2, "")
    assert told.err


def test_a_fault_is_told_by_a_number_and_without_a_traceback(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.begin()

    def breaks(*_: object) -> None:
        raise ValueError("J.P. van der Berg 999999990")

    monkeypatch.setattr("huishoudboekje.day.closing.verify", breaks)
    told = terminal.types("verify")
    assert (told.code, told.out) == (1, "")
    logged, sentence = told.err.splitlines()[0], told.err.splitlines()[-1]
    assert json.loads(logged)["incident"] in sentence
    assert "Berg" not in told.err


def test_every_command_tells_what_it_is_for() -> None:
    groups = [app, *(each.typer_instance for each in app.registered_groups)]
    for group in groups:
        for command in group.registered_commands if group else ():
            assert command.callback is not None
            assert command.callback.__doc__, command.callback


def test_a_setting_that_cannot_be_read_is_named(terminal: Terminal, environment: dict[str, str]) -> None:
    terminal.begin()
    told = typed({**environment, "HUISHOUDBOEKJE_NOW": "yesterday"}, "verify")
    assert told.returncode == 1
    assert "HUISHOUDBOEKJE_NOW" in told.stderr
