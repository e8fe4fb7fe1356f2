"""A terminal on a fresh installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from huishoudboekje.settings import settings
from huishoudboekje.storage.db import Database
from tests.commands.typed import Terminal


@pytest.fixture
def terminal(
    installed: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    """A terminal on a database that nobody used yet."""
    monkeypatch.setenv("COLUMNS", "400")
    settings.cache_clear()
    return Terminal(installed, tmp_path, capsys)


@pytest.fixture
def begun(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on a test installation with two households, its people, and a clock on 2 February 2026."""
    monkeypatch.setenv("HUISHOUDBOEKJE_NOW", "2026-02-02T09:00")
    settings.cache_clear()
    terminal.begin()
    terminal.people()
    return terminal
