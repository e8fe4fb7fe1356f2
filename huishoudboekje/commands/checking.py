"""Bank files judged: what does not add up in them, without a database and without taking anything in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from huishoudboekje.commands.showing import as_json, refusal, table

if TYPE_CHECKING:
    from bank_formats import Statement
    from bank_formats.verdicts import Verdict

HEADS = ("Bestand", "Afschrift", "Rekening", "Boekingen", "Ernst", "Wat opvalt", "Waar")
SEVERITIES = {"error": "fout", "warning": "let op", "note": "opmerking"}

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Bank files; gzip and zip are read too.")
]
Schema = Annotated[bool, typer.Option(help="Hold the file against the official schema of its message too.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON, for programs; amounts in euros as text, as the bank does.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel="Bank")(check)


def check(files: Files, schema: Schema = True, as_json_: AsJson = False) -> None:
    """Say of bank files what does not add up in them: balances, counts, pages, references, the schema.

    Nothing is refused that can be understood: whatever the verdicts, errors too, the exit code is 0. It is 1
    when a file cannot be read at all; the others are judged all the same. A program reads the severities of
    --json.
    """
    from bank_formats import Refused
    from bank_formats.errors import NotOpened

    judged: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for file in files:
        try:
            judged.append(_judged(file, schema=schema))
        except Refused as reason:
            refused.append(reason.as_data())
            refusal(reason.sentence)
        except OSError as error:
            unopened = NotOpened.because(error)
            refused.append(unopened.as_data())
            refusal(unopened.sentence)
    if as_json_:
        as_json({"files": judged, "refused": refused})
    elif judged:
        table(HEADS, [row for each in judged for row in _rows(each)])
    if refused:
        raise typer.Exit(1)


def _judged(file: Path, *, schema: bool) -> dict[str, Any]:
    from bank_formats.verdicts import check_file
    from huishoudboekje import clock

    with file.open("rb") as stream:
        found = check_file(stream, name=file.name, today=clock.today(), judge_schema=schema)
        return {"file": str(file), "statements": [_statement(*each) for each in found]}


def _statement(statement: Statement, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    return {
        "number": statement.number,
        "format": statement.format,
        "id": statement.id,
        "account": statement.account,
        "entries": statement.totals().entries,
        "verdicts": [verdict.as_data() for verdict in verdicts],
    }


def _rows(judged: dict[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = []
    for each in judged["statements"]:
        head = [Path(judged["file"]).name, each["id"], each["account"], each["entries"]]
        said = [[SEVERITIES[one["severity"]], one["sentence"], one["path"]] for one in each["verdicts"]]
        rows += [head + one for one in said or [["klopt", None, None]]]
    return rows
