"""The matching benchmark, walked through by command: three weeks of a generated municipality."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.typed import Terminal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generated(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "out"
    made = ["generate", str(out), "--households", "40", "--days", "21", "--seed", "3"]
    hhb_match(shared, *made)
    return out


def hhb_match(shared: Path, *asked: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hhb_match", *asked],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(shared / "hhb-match"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return done.stdout


def imported(terminal: Terminal, generated: Path) -> None:
    terminal.does("migrate", "--kind", "test")
    files = (generated / "administration.json", "--payments", generated / "payments.csv")
    terminal.does("administration", "import", *files)


def statements(generated: Path) -> list[Path]:
    return sorted((generated / "statements").glob("*.xml"), key=lambda path: (path.name[:10], path.name))


def close(terminal: Terminal, day: str) -> dict[str, object]:
    closed: dict[str, object] = terminal.asks("day-close", "--on", day)
    assert closed["explained"]
    terminal.does("verify")
    return closed


def test_every_day_closes_and_no_household_is_mistaken(
    terminal: Terminal, generated: Path, shared: Path
) -> None:
    imported(terminal, generated)
    files = statements(generated)
    for path in files[: len(files) // 2]:
        terminal.does("ingest", path)
    close(terminal, files[len(files) // 2 - 1].name[:10])
    summary = terminal.asks("ingest", *files)
    assert summary["gaps"] == []
    assert summary["doubles"] > 0
    assert close(terminal, files[-1].name[:10])["complete"]

    lines = terminal.does("matches", "--format", "jsonl").out
    (generated / "matches.jsonl").write_text(lines, "utf-8")
    told = hhb_match(shared, "score", str(generated), str(generated / "matches.jsonl"), "--json")
    score = json.loads(told)
    assert score["wrong_household"] == 0
    assert score["matched"] > 0.9 * score["transactions"]

    balances = terminal.asks("balance")["balances_cents"]
    expected = [
        json.loads(each) for each in (generated / "redelivery" / "expected.jsonl").read_text().splitlines()
    ]
    for each in expected:
        again = terminal.asks("ingest", generated / "redelivery" / each["file"])
        assert (again["transactions"], again["queued"]) == (0, 0), each
        assert (again["before_start"] > 0) == (each["expect"] == "before_start"), each
    assert terminal.asks("balance")["balances_cents"] == balances


def test_a_statement_that_comes_late_closes_its_gap(terminal: Terminal, generated: Path) -> None:
    imported(terminal, generated)
    found = {}
    for each in map(json.loads, (generated / "gap" / "expected.jsonl").read_text().splitlines()):
        summary = terminal.asks("ingest", generated / "gap" / each["file"])
        found[each["file"][0]] = [gap["missing"] for gap in summary["gaps"]]
    assert found == {"1": [], "2": [], "3": [[3]], "4": [[3]], "5": []}
    close(terminal, "2026-01-08")
