"""What happened in the month, as a person reads it."""

from __future__ import annotations

from rich.console import Console

from huishoudboekje.demo import month
from huishoudboekje.storage import db


def run(*, reset: bool = False) -> None:
    """Live the month, or go on with it, and print it."""
    console = Console()
    database = db.open_database()
    try:
        outcome = month.run(database, reset_first=reset, seen=lambda day: console.print(day))
        console.print(outcome)
    finally:
        database.close()
