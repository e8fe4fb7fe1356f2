"""The optional sections of an administration: what we wrote ourselves is read again, the rest passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from huishoudboekje.administration.fields import Problems
from huishoudboekje.domain.access import Actor


class Sections:
    """Reads the optional sections of one file, in the order in which they come."""

    def __init__(self, session: Session, by: Actor, problems: Problems, *, new: bool) -> None:
        self.session = session
        self.by = by
        self.problems = problems
        self.new = new
        self.not_read: list[str] = []

    def read(self, name: str, value: Iterator[Any] | object) -> None:
        """Read a section, or remember that it was passed over."""
        self.not_read.append(name)

    def restore_ledger(self, path: Path) -> int:
        """Book the entries of the file's ledger, and give their number; 0 when it has none."""
        return 0
