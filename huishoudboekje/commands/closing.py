"""The proof of the day: balances, the day close, and whether ledger and log still are what they were."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from huishoudboekje.commands.acting import By, On, at_work, require_person
from huishoudboekje.commands.showing import Json, as_json, money, plain, refusal, table

KINDS = {
    "bank": "Bank",
    "household": "Geld van huishoudens",
    "reservation": "Gereserveerd",
    "advance": "Voorschotten",
    "excess": "Boven de grens",
    "in_transit": "Onderweg naar de bank",
    "suspense": "Nog niet bekend van wie",
    "own": "Van de gemeente zelf",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel="Proof")(balance)
    app.command(rich_help_panel="Proof")(day_close)
    app.command(rich_help_panel="Proof")(verify)


def balance(
    household: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Only the accounts of this household.")
    ] = None,
    on: On = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show what every account holds at the end of a day, by the bank's booking dates."""
    from huishoudboekje import clock
    from huishoudboekje.day import closing

    with at_work(by, program=True) as (session, actor):
        day = on or clock.today()
        found = closing.balances(session, day, actor, household)
    if as_json_:
        return as_json({"on": day, "balances_cents": found})
    return table(("Rekening", "Saldo"), ((name, money(cents)) for name, cents in found.items()))


def day_close(
    on: On = None,
    sign: Annotated[bool, typer.Option("--sign", help="Sign the day off, when it is complete.")] = False,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Prove that bank, ledger, households and batches agree to the cent; exit 1 when they do not.

    A missing statement is named and is no difference, but such a day cannot be signed off.
    """
    from huishoudboekje import clock
    from huishoudboekje.day import closing

    require_person(by, program=not sign)
    with at_work(by, program=True) as (session, actor):
        found = closing.close_day(session, on or clock.today(), actor)
        if sign:
            closing.sign(session, found, actor)
    if as_json_:
        as_json(_shown(found) | {"signed": sign})
    else:
        _show(found)
    if not found.explained:
        for sentence in _sentences(found):
            refusal(sentence)
        raise typer.Exit(1)
    if sign and not as_json_:
        typer.echo("De dag is afgetekend.")


def _shown(found: Any) -> dict[str, Any]:  # noqa: ANN401 - a Close, which loads slowly
    shown: dict[str, Any] = plain(found)
    for name in ("differences", "gaps"):
        for each, value in zip(shown[name], getattr(found, name), strict=True):
            each["sentence"] = value.sentence
    return shown | {"explained": found.explained, "complete": found.complete}


def _sentences(found: Any) -> list[str]:  # noqa: ANN401
    return [*(each.sentence for each in found.differences), *found.problems]


def _show(found: Any) -> None:  # noqa: ANN401
    rows = [(iban, money(cents), money(found.ledger_cents[iban])) for iban, cents in found.bank_cents.items()]
    table(("Rekening", "Volgens de bank", "In de boeken"), rows)
    typer.echo()
    table(
        ("Soort geld", "Samen"),
        ((KINDS.get(kind, kind), money(cents)) for kind, cents in found.by_kind_cents.items()),
    )
    typer.echo()
    if found.suspense_items:
        typer.echo(f"{found.suspense_items} mutaties wachten op een mens.")
    for sentence in found.unfinished:
        typer.echo(sentence)
    if found.explained:
        last = "." if found.complete else ", maar niet volledig."
        typer.echo(f"{found.on:%d-%m-%Y}: niets onverklaard{last}")


def verify(by: By = None, as_json_: Json = False) -> None:
    """Check the ledger's invariants and the chain of the audit log; exit 1 when one is broken."""
    from huishoudboekje.day import closing

    with at_work(by, program=True) as (session, actor):
        verdict = closing.verify(session, actor)
    if as_json_:
        as_json({"clean": verdict.clean, "broken": verdict.broken, "ledger_hash": verdict.ledger_hash})
    elif verdict.clean:
        typer.echo(f"Alles klopt. Grootboek: {verdict.ledger_hash}")
    if not verdict.clean:
        for sentence in verdict.broken:
            refusal(sentence)
        raise typer.Exit(1)
