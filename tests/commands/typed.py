"""Somebody at the command line: what they type, and what they get back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bank_formats import Transaction
from huishoudboekje.commands.app import run
from huishoudboekje.storage.db import Database
from tests.administration import written
from tests.day import branch

OPENING = Decimal("20000.00")
HOUSEHOLD, RESIDENT, RENT, WAGE = "H000001", "R000001", "A0000002", "A0000001"


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """A terminal of one installation, whose commands run in this process."""

    database: Database
    folder: Path
    captured: pytest.CaptureFixture[str]
    files: list[Path] = field(default_factory=list)

    def types(self, *words: object) -> Told:
        self.captured.readouterr()
        code = run([str(each) for each in words])
        out, err = self.captured.readouterr()
        return Told(code, out, err)

    def does(self, *words: object) -> Told:
        told = self.types(*words)
        assert (told.code, told.err) == (0, ""), told
        return told

    def asks(self, *words: object) -> Any:
        return self.does(*words, "--json").json

    def refused(self, *words: object) -> str:
        told = self.types(*words)
        assert told.code == 1, told
        assert "Traceback" not in told.out + told.err
        return told.err.strip()

    def begin(self, kind: str | None = "test", *changes: tuple[str, object]) -> None:
        """An installation with its administration and the people of a small department."""
        self.does("migrate", *(("--kind", kind) if kind else ()))
        path = written.write(self.folder, written.changed(*changes))
        self.does("administration", "import", path)

    def people(self) -> None:
        for name, role in (("ada", "back_office"), ("bo", "back_office"), ("cas", "approver")):
            self.does("user", "add", name, "--role", role)
        self.does("user", "add", "eva", "--role", "administrator")

    def statement(
        self, *lines: Transaction, sequence: int = 1, on: date = date(2026, 1, 2), opening: Decimal = OPENING
    ) -> Path:
        made = branch.Branch(self.database, self.folder, self.files)
        return made.file(made.statement(*lines, sequence=sequence, on=on, opening=opening))
