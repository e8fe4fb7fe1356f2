"""The installation itself: what it is for, where its clock stands, which municipalities it holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage.db import enter
from huishoudboekje.storage.tables.people import InstallationKind

__all__ = [
    "ClockRunsHere",
    "InstallationKind",
    "IsSomethingElse",
    "add_municipality",
    "is_made_up",
    "kind",
    "mark",
    "municipalities",
    "set_clock",
    "standing_clock",
    "start_clock",
    "this_municipality",
]


class ClockRunsHere(Refused):
    """De klok kan alleen op een demo- of testinstallatie worden verzet. Haal HUISHOUDBOEKJE_NOW weg."""


class IsSomethingElse(Refused):
    """Deze installatie is al in gebruik ({now}) en kan geen {wanted} meer worden. Begin in een lege map of database."""  # noqa: E501 - one sentence


def kind(session: Session) -> InstallationKind:
    """What this installation is for; production unless it was marked otherwise."""
    found = session.scalar(text("SELECT kind FROM installation"))
    return InstallationKind(found) if found else InstallationKind.PRODUCTION


def is_made_up(session: Session) -> bool:
    """Whether it is marked demo or test, so that clock and tokens may be played with."""
    return kind(session) is not InstallationKind.PRODUCTION


def mark(session: Session, wanted: InstallationKind) -> None:
    """Say what this installation is for, before it holds a municipality. Raises IsSomethingElse."""
    now = kind(session)
    if now is wanted:
        return
    if municipalities(session):
        raise IsSomethingElse(now=now.value, wanted=wanted.value)
    session.execute(
        text("INSERT INTO installation (kind) VALUES (:kind) ON CONFLICT (id) DO UPDATE SET kind = :kind"),
        {"kind": wanted.value},
    )


def start_clock(session: Session) -> None:
    """Let the clock of this process stand or run as the installation says. Raises ClockRunsHere.

    HUISHOUDBOEKJE_NOW goes before the moment that the demo keeps; both count on demo and test only.
    """
    wanted = settings().now
    if not is_made_up(session):
        if wanted is not None:
            raise ClockRunsHere
        clock.stand_at(None)
        return
    clock.stand_at(wanted or standing_clock(session))


def set_clock(session: Session, moment: datetime | None) -> None:
    """Make the clock of a demo or test stand at a moment, for later processes too. Raises ClockRunsHere."""
    if not is_made_up(session):
        raise ClockRunsHere
    clock.stand_at(moment)
    kept = None if moment is None else clock.now()
    session.execute(text("UPDATE installation SET clock_at = :moment"), {"moment": kept})


def standing_clock(session: Session) -> datetime | None:
    """The moment at which the installation keeps its clock, or None where it runs."""
    found: datetime | None = session.scalar(text("SELECT clock_at FROM installation"))
    return found


def municipalities(session: Session) -> dict[str, str]:
    """Names by slug."""
    rows = session.execute(text("SELECT slug, name FROM municipality ORDER BY slug"))
    return {row.slug: row.name for row in rows}


def add_municipality(session: Session, slug: str, name: str) -> int:
    """Make the municipality where it is missing, with its user `system`, enter it, and give its number."""
    session.execute(
        text("INSERT INTO municipality (slug, name) VALUES (:slug, :name) ON CONFLICT (slug) DO NOTHING"),
        {"slug": slug, "name": name},
    )
    number = int(
        session.scalars(text("SELECT id FROM municipality WHERE slug = :slug"), {"slug": slug}).one()
    )
    enter(session, number)
    session.execute(
        text(
            "INSERT INTO app_user (id, name, roles) VALUES (:id, 'Systeem', ARRAY[:role])"
            " ON CONFLICT (municipality_id, id) DO NOTHING"
        ),
        {"id": SYSTEM.user, "role": "system"},
    )
    return number


def this_municipality(session: Session) -> tuple[str, str]:
    """Slug and name of the municipality of this transaction."""
    row = session.execute(text("SELECT slug, name FROM municipality WHERE id = current_municipality()")).one()
    return row.slug, row.name
