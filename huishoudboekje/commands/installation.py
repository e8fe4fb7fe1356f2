"""The installation itself: make it, fill and empty it, and let it run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from huishoudboekje.commands.acting import (
    By,
    PersonNeeded,
    at_work,
    configure,
    day,
    installation,
    program,
    somebody_works,
    transaction,
)
from huishoudboekje.commands.showing import Json, as_json, progress, table
from huishoudboekje.domain.errors import Refused

if TYPE_CHECKING:
    from huishoudboekje.domain.access import Actor
    from huishoudboekje.storage.db import Database

administration = typer.Typer(
    help="A whole administration as one file, in and out (format huishoudboekje-administration/1).",
    no_args_is_help=True,
)


HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class OnlyHere(Refused):
    """Zonder echt inloggen zijn de schermen er alleen hier. Zet HUISHOUDBOEKJE_HOST op 127.0.0.1."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel="Installation")(migrate)
    app.add_typer(administration, name="administration", rich_help_panel="Installation")
    app.command(rich_help_panel="Installation")(demo)
    app.command(rich_help_panel="Installation")(serve)
    for name in ("worker", "scheduler"):
        app.command(
            name,
            rich_help_panel="Installation",
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        )(worker if name == "worker" else scheduler)


def migrate(
    kind: Annotated[
        Literal["production", "test", "demo"] | None,
        typer.Option(
            "--kind",
            help="What a new one is for; on test and demo no tokens are asked and the clock may be set.",
        ),
    ] = None,
) -> None:
    """Make the database, or bring it to this version; harmless to repeat."""
    from huishoudboekje import migrations
    from huishoudboekje.storage import installation as kept

    with installation(migrated=False) as database:
        migrations.migrate(database)
        with database.anywhere() as session:
            if kind is not None:
                kept.mark(session, kept.InstallationKind(kind))
            now = kept.kind(session)
    typer.echo(f"De database is ingericht ({now.value}).")


@administration.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The administration, JSON.")],
    payments: Annotated[
        Path | None,
        typer.Option("--payments", metavar="CSV", help="What the previous system instructed the bank."),
    ] = None,
    update_from: Annotated[
        date | None,
        typer.Option(
            "--update-from",
            parser=day,
            metavar="DATE",
            help="What differs holds from this day; else refused.",
        ),
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Take in an administration, whole or not at all; the same file again changes nothing."""
    from huishoudboekje.administration import import_administration

    with installation() as database:
        who = _importer(database, by)
        with progress("Huishoudens") as seen, database.anywhere() as session:
            taken = import_administration(
                session, file, who, payments=payments, update_from=update_from, seen=seen
            )
    if as_json_:
        return as_json(taken)
    typer.echo(f"Gemeente {taken.municipality} is ingelezen.")
    names = {
        "organisations": "organisaties",
        "households": "huishoudens",
        "residents": "inwoners",
        "agreements": "afspraken",
        "payments": "betaalopdrachten",
    }
    counts = ((what, getattr(taken, name)) for name, what in names.items())
    rows = ((what, each.new, each.unchanged, each.changed) for what, each in counts)
    table(("", "nieuw", "gelijk", "veranderd"), rows)
    return None


def _importer(database: Database, by: str | None) -> Actor:
    """Who imports: a person, or the program where nobody works yet or all people are made up."""
    from huishoudboekje.domain.access import Permission
    from huishoudboekje.storage import installation as kept
    from huishoudboekje.storage.db import NoMunicipality

    try:
        with transaction(database, by) as (session, who):
            who.require(Permission.IMPORT_ADMINISTRATION)
            if by is None and not kept.is_made_up(session) and somebody_works(session):
                raise PersonNeeded
            return who
    except NoMunicipality:
        if by is not None:
            raise
        return program()


@administration.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written.")],
    core: Annotated[
        bool, typer.Option("--core", help="Only people and agreements, without what was booked and done.")
    ] = False,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Write everything that this municipality holds to one file, personal data included."""
    from huishoudboekje.administration import export_administration
    from huishoudboekje.domain.access import Permission
    from huishoudboekje.storage.installation import is_made_up

    with at_work(by, program=True) as (session, who):
        who.require(Permission.EXPORT_ADMINISTRATION)
        if by is None and not is_made_up(session):
            raise PersonNeeded
        done = export_administration(session, file, who, everything=not core)
    if as_json_:
        return as_json(done)
    return typer.echo(f"{file}: {done.households} huishoudens, {done.organisations} organisaties.")


def serve(
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65_000, help="Port, or the next free one; 8100 when absent."),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open a browser there.")] = False,
) -> None:
    """Serve the pages to this computer, until Ctrl-C; only on a demo, as there is no real login yet."""
    from huishoudboekje.settings import settings

    with installation() as database:
        _serve(database, settings().host, port or settings().port, open_browser=open_browser)


def _serve(database: Database, host: str, port: int, *, open_browser: bool = False) -> None:
    from huishoudboekje.web import app as faces

    if host not in HERE:
        raise OnlyHere
    faces.serve(database, host, port, open_browser=open_browser)


def worker(context: typer.Context) -> None:
    """Work through the tasks of the queue; further options go to Celery."""
    from huishoudboekje import tasks

    with installation() as database:
        tasks.worker(database, context.args)


def scheduler(context: typer.Context) -> None:
    """Send what the timetable says, when it says so; further options go to Celery."""
    from huishoudboekje import tasks

    with installation():
        tasks.scheduler(context.args)


def demo(
    reset: Annotated[bool, typer.Option("--reset", help="Throw the demo away and begin anew.")] = False,
    serve_pages: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages when the month is done.")
    ] = True,
) -> None:
    """Live a month of a fictional municipality, then show it; repeating it changes nothing."""
    from huishoudboekje import demo as fictional

    configure()
    fictional.run(reset=reset)
    if serve_pages:
        serve()
