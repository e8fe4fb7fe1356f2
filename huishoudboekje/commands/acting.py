"""Who acts, on which installation, in which transaction."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from huishoudboekje.domain.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from huishoudboekje.domain.access import Actor
    from huishoudboekje.storage.db import Database


class DatabaseNotReachable(Refused):
    """De database is niet bereikbaar: {why}. Controleer DATABASE_URL, en of PostgreSQL draait."""


class SettingWrong(Refused):
    """De instelling {setting} klopt niet: {why}."""


class PersonNeeded(Refused):
    """Dit mag alleen een persoon op een installatie met echte gegevens. Zeg wie met --by."""


def day(text: str) -> date:
    """Read a day as 2026-01-31 or 31-01-2026."""
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise typer.BadParameter(f"'{text}' is geen datum. Schrijf 2026-01-31.")


def euros(text: str) -> int:
    """Read an amount as 1234,56 or as files write it, 1234.56; gives cents."""
    from huishoudboekje.domain.money import NotAnAmount, NotAWrittenAmount, parse_euros, read_amount

    try:
        return read_amount(text)
    except NotAWrittenAmount:
        try:
            return parse_euros(text)
        except NotAnAmount as refused:
            raise typer.BadParameter(refused.sentence) from refused


BY_HELP = "Who does this (or HUISHOUDBOEKJE_USER); needs the permission for it."
By = Annotated[str | None, typer.Option("--by", metavar="USER", envvar="HUISHOUDBOEKJE_USER", help=BY_HELP)]
On = Annotated[
    date | None,
    typer.Option("--on", parser=day, metavar="DATE", help="The day, as 2026-01-31; today when absent."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the history.")]


@contextmanager
def installation(*, migrated: bool = True) -> Generator[Database]:
    """Open the installation that the environment names, its clock as it keeps it; close it whatever happens.

    Raises NotMigrated, DatabaseNotReachable, SettingWrong, ClockRunsHere.
    """
    from sqlalchemy.exc import OperationalError

    from huishoudboekje.storage import db
    from huishoudboekje.storage import installation as kept

    configure()
    _require_made(migrated=migrated)
    try:
        database = db.open_database()
    except OperationalError as error:
        raise DatabaseNotReachable(why=str(error.orig).partition("\n")[0]) from error
    try:
        if migrated:
            try:
                with database.anywhere() as session:
                    db.require_migrated(session)
                    kept.start_clock(session)
            except OperationalError as error:
                raise DatabaseNotReachable(why=str(error.orig).partition("\n")[0]) from error
        yield database
    finally:
        database.close()


def configure() -> None:
    """Read the settings, and log as they say. Raises SettingWrong."""
    from pydantic import ValidationError

    from huishoudboekje import log
    from huishoudboekje.settings import settings

    try:
        log.configure(settings().log_level)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]).upper()
        known = name if name.endswith("_URL") else f"HUISHOUDBOEKJE_{name}"
        raise SettingWrong(setting=known, why=wrong["msg"]) from error
    except KeyError as error:
        raise SettingWrong(setting="HUISHOUDBOEKJE_LOG_LEVEL", why=f"{error} bestaat niet") from error


def _require_made(*, migrated: bool) -> None:
    """Refuse before an embedded database is made for a question that it cannot answer."""
    from huishoudboekje.settings import settings
    from huishoudboekje.storage.db import NotMigrated

    there = settings().database_url is not None or (settings().home / "postgres" / "PG_VERSION").exists()
    if migrated and not there:
        raise NotMigrated


@contextmanager
def at_work(by: str | None, *, program: bool = False) -> Generator[tuple[Session, Actor]]:
    """Open the one transaction of a command for who acts: a person, or where `program` says so nobody.

    Committed at the end, or nothing of it. Raises as `installation` and storage.users.actor do.
    """
    require_person(by, program=program)
    with installation() as database, transaction(database, by) as work:
        yield work


@contextmanager
def transaction(database: Database, by: str | None) -> Generator[tuple[Session, Actor]]:
    """Open one transaction for who acts on an installation that is open already."""
    with database.transaction() as session:
        yield session, actor(session, by)


def require_person(by: str | None, *, program: bool = False) -> None:
    """Call a command that needs to know who acts wrongly used when nobody is named."""
    if by is None and not program:
        raise typer.BadParameter("Zeg wie dit doet.", param_hint="--by")


def second_actor(session: Session, user: str) -> Actor:
    """The second of two people who decide together, who types a token of their own where one is needed."""
    from huishoudboekje.domain.access import Channel
    from huishoudboekje.storage import users

    try:
        return users.actor(session, user, Channel.COMMAND_LINE, None)
    except users.TokenNeeded:
        if not sys.stdin.isatty():
            raise
    return users.actor(session, user, Channel.COMMAND_LINE, getpass.getpass(f"Token van {user}: "))


def program() -> Actor:
    """The program itself, on the command line."""
    from huishoudboekje.domain.access import SYSTEM, Actor, Channel

    return Actor(SYSTEM.user, SYSTEM.roles, Channel.COMMAND_LINE)


def somebody_works(session: Session) -> bool:
    """Whether there are people who could say that it was them."""
    from huishoudboekje.domain.access import SYSTEM
    from huishoudboekje.storage import users

    return any(each.active and each.id != SYSTEM.user for each in users.users(session))


def actor(session: Session, by: str | None) -> Actor:
    """Who acts: the person of this name, who may have to show a token, or the program itself."""
    from huishoudboekje.domain.access import Channel
    from huishoudboekje.settings import settings
    from huishoudboekje.storage import users

    if by is None:
        return program()
    secret = settings().token
    try:
        return users.actor(
            session, by, Channel.COMMAND_LINE, None if secret is None else secret.get_secret_value()
        )
    except users.TokenNeeded:
        if secret is not None or not sys.stdin.isatty():
            raise
    return users.actor(session, by, Channel.COMMAND_LINE, getpass.getpass(f"Token van {by}: "))
