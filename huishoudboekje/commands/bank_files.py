"""Bank files: read one without a database, take them in, and say of every transaction whose it is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from huishoudboekje.commands.acting import By, Reason, at_work, installation, transaction
from huishoudboekje.commands.showing import (
    Json,
    as_json,
    as_json_lines,
    money,
    on_one_line,
    plain,
    progress,
    refusal,
    table,
)

if TYPE_CHECKING:
    import bank_formats
    from huishoudboekje.day.taking_in import Summary
    from huishoudboekje.domain.errors import Refused
    from huishoudboekje.storage.db import Database
    from ingest.statements import Gap

COUNTED = (
    "statements",
    "entries",
    "transactions",
    "matched",
    "queued",
    "doubles",
    "kept_aside",
    "before_start",
)
HEADS = (
    "Bestand",
    "Afschriften",
    "Boekingen",
    "Mutaties",
    "Herkend",
    "Voor mensen",
    "Dubbel",
    "Apart",
    "Eerder",
)

statement = typer.Typer(
    help="Statements that were taken in, and those that were kept aside.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A bank file; gzip and zip are read too.")]
RefusalAsJson = Annotated[bool, typer.Option("--json", help="Tell a refusal as JSON, on stderr.")]
Lines = Annotated[Literal["jsonl"], typer.Option("--format", help="How it is printed: JSON lines.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel="Bank")(read)
    app.command(rich_help_panel="Bank")(ingest)
    app.command(rich_help_panel="Bank")(matches)
    app.add_typer(statement, name="statement", rich_help_panel="Bank")


def read(
    file: File,
    format: Lines = "jsonl",  # noqa: ARG001 - the one form there is
    payments: Annotated[
        bool, typer.Option("--payments", help="Print the payments of a payment file (pain.001) instead.")
    ] = False,
    as_json_: RefusalAsJson = False,
) -> None:
    """Print what a bank sent, one JSON object a line; needs no database.

    Statements (camt.052, .053, .054, MT940, MT942) and status reports (pain.002), known by their content. A
    payment file (pain.001) goes to the bank: it is refused, unless --payments asks for its payments.
    """
    from bank_formats import Refused, jsonl
    from bank_formats.errors import NotOpened

    lines = jsonl.payment_texts if payments else jsonl.texts
    try:
        with file.open("rb") as stream:
            for line in lines(stream, file.name):
                sys.stdout.write(line)
    except Refused as refused:
        _refuse(refused, as_json_=as_json_)
    except OSError as error:
        if error.filename is None:  # not the file, but where the lines go
            raise
        _refuse(NotOpened.because(error), as_json_=as_json_)


def _refuse(refused: bank_formats.Refused, *, as_json_: bool) -> NoReturn:
    """Tell a refusal on stderr, as data when that was asked for."""
    refusal(json.dumps(refused.as_data(), ensure_ascii=False) if as_json_ else refused.sentence)
    raise typer.Exit(1)


def ingest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Bank files, in order of their days.")
    ],
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Take in bank files, recognise whose each line is, and book it.

    Each file is taken in whole or not at all. One that is refused does not stop the others; the exit code is
    1 then. Lines that wait for a person and statements that are missing are no refusal.
    """
    from huishoudboekje.domain.access import Permission

    summaries: list[Summary] = []
    refused: list[dict[str, Any]] = []
    with installation() as database, progress("Mutaties") as count:
        with transaction(database, by) as (_, actor):
            actor.require(Permission.TAKE_IN_STATEMENTS)  # once, and not for each file
        for file in files:
            found = _take_in(database, file, by, count)
            if isinstance(found, dict):
                refused.append(found)
                refusal(json.dumps(found, ensure_ascii=False) if as_json_ else found["sentence"])
            else:
                summaries.append(found)
    if as_json_:
        as_json(_totals(summaries) | {"files": list(map(_file, summaries)), "refused": refused})
    else:
        _show(summaries)
    if refused:
        raise typer.Exit(1)


def _take_in(database: Database, file: Path, by: str | None, count: Any) -> Summary | dict[str, Any]:  # noqa: ANN401
    """Take in one file; what was refused comes back as data."""
    from bank_formats.errors import NotOpened
    from huishoudboekje.day import taking_in
    from huishoudboekje.domain.errors import Refused

    try:
        with transaction(database, by) as (session, actor):
            return taking_in.take_in(session, file, file.name, actor, count)
    except Refused as error:
        return _as_data(error, file)
    except OSError as error:
        return {"name": "NotOpened"} | NotOpened.because(error).as_data() | {"file": str(file)}


def _as_data(refused: Refused, file: Path) -> dict[str, Any]:
    """What a file was refused for, with line, path and value where the reader of the file knows them."""
    from bank_formats import Refused as FileRefused
    from bank_formats.errors import shown

    name = refused.name
    code = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    said = dict.fromkeys(("line", "path", "value", "remedy", "detail")) | {"refused": code}
    if isinstance(refused.__cause__, FileRefused):
        said |= refused.__cause__.as_data()
    sentence = (
        refused.sentence if shown(file.name) in refused.sentence else f"{file.name}: {refused.sentence}"
    )
    return said | {"name": name, "file": str(file), "sentence": sentence}


def _totals(summaries: list[Summary]) -> dict[str, Any]:
    totals: dict[str, Any] = {name: sum(getattr(each, name) for each in summaries) for name in COUNTED}
    return totals | {"gaps": list(map(_gap, summaries[-1].gaps)) if summaries else []}


def _file(summary: Summary) -> dict[str, Any]:
    shown: dict[str, Any] = plain(summary)
    judged = [each.verdict.as_data() | {"statement": each.statement} for each in summary.verdicts]
    return shown | {"gaps": list(map(_gap, summary.gaps)), "verdicts": judged}


def _gap(gap: Gap) -> dict[str, Any]:
    shown: dict[str, Any] = plain(gap)
    return shown | {"missing": list(gap.missing), "sentence": gap.sentence}


def _show(summaries: list[Summary]) -> None:
    rows: list[list[object]] = [[each.file, *(getattr(each, name) for name in COUNTED)] for each in summaries]
    if len(summaries) > 1:
        rows.append(["samen", *(sum(getattr(each, name) for each in summaries) for name in COUNTED)])
    if rows:
        table(HEADS, rows)
    for each in summaries:
        for aside in each.asides:
            typer.echo(aside)
        for judged in each.verdicts:
            typer.echo(on_one_line(judged.sentence))
    if summaries:
        for gap in summaries[-1].gaps:
            typer.echo(gap.sentence)


def matches(format: Lines = "jsonl", by: By = None) -> None:  # noqa: ARG001 - the one form there is
    """Print of every transaction whose it is, one JSON object a line."""
    from huishoudboekje.day import taking_in

    with at_work(by, program=True) as (session, actor):
        as_json_lines(taking_in.matches(session, actor))


@statement.command("list")
def list_statements(
    aside: Annotated[bool, typer.Option("--aside", help="Only those that were kept aside.")] = False,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show the statements that were taken in, with their balances and how they stand."""
    from huishoudboekje.day import taking_in

    with at_work(by, program=True) as (session, actor):
        found = taking_in.statements_taken_in(session, actor, aside=aside)
    if as_json_:
        return as_json(found)
    rows = [
        (
            each.id,
            each.header.iban,
            each.header.bank_statement_id,
            each.header.sequence,
            each.header.closes_on,
            money(each.header.opening_cents),
            money(each.header.closing_cents),
            each.header.lines,
            each.standing,
            each.reason,
        )
        for each in found
    ]
    heads = (
        "Nr",
        "Rekening",
        "Afschrift",
        "Volgnr",
        "Tot en met",
        "Begin",
        "Eind",
        "Mutaties",
        "Stand",
        "Waarom",
    )
    return table(heads, rows)


@statement.command()
def accept(
    statement_id: Annotated[int, typer.Argument(metavar="ID", help="Number of `statement list`.")],
    reason: Reason,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Book a statement that was kept aside because it does not add up or misses a page."""
    from huishoudboekje.day import taking_in

    with at_work(by) as (session, actor):
        summary = taking_in.accept_statement(session, statement_id, reason, actor)
    if as_json_:
        return as_json(_file(summary))
    return _show([summary])
