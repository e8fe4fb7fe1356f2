"""Ids for what people add by hand: a letter and the next number, as the administrations that we read have."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

LETTERS: Final = {
    "household": ("H", 6),
    "resident": ("R", 7),
    "organisation": ("O", 6),
    "agreement_version": ("A", 7),
}


def next_id(session: Session, table: str) -> str:
    """The next free id of a table in LETTERS; whoever asks next waits until this transaction ends."""
    letter, digits = LETTERS[table]
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:table))"), {"table": f"next id of {table}"})
    highest = session.scalar(
        text(
            f"SELECT max(cast(substr(id, 2) AS bigint)) FROM {table}"  # noqa: S608 - a name of LETTERS
            " WHERE id ~ ('^' || :letter || '[0-9]{1,15}$')"
        ),
        {"letter": letter},
    )
    return f"{letter}{(highest or 0) + 1:0{digits}}"
