"""Transactions of the bank: what waits for a person, and what people decide."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from huishoudboekje.commands.acting import By, Reason, at_work, day, euros
from huishoudboekje.commands.showing import Json, as_json, money, on_one_line, plain, table

if TYPE_CHECKING:
    from ingest.store import Booked, Listed

transaction = typer.Typer(help="Lines of statements, and whose they are.", no_args_is_help=True)
Id = Annotated[
    str, typer.Argument(metavar="ID", help="Our id (T123), or the bank's reference where it is unique.")
]
HEADS = ("Id", "Op", "Bedrag", "Tegenpartij", "Rekening", "Omschrijving", "Stand", "Huishouden", "Afspraak")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(transaction, name="transaction", rich_help_panel="Bank")


@transaction.command("list")
def list_transactions(
    queued: Annotated[bool, typer.Option("--queued", help="Only those that wait for a person.")] = False,
    suspense: Annotated[
        bool, typer.Option("--suspense", help="Only those of which nobody knows whose.")
    ] = False,
    household: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="Only of this household.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 500,
    after: Annotated[str | None, typer.Option("--after", metavar="ID", help="Go on after this one.")] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Show transactions in the order in which they were taken in."""
    from huishoudboekje.day import taking_in

    with at_work(by, program=True) as (session, who):
        found = taking_in.transactions(
            session, who, queued=queued or suspense, household_id=household, limit=limit, after=after
        )
    return as_json([_listed(each) for each in found]) if as_json_ else table(HEADS, map(_row, found))


def _listed(each: Listed) -> dict[str, Any]:
    line: dict[str, Any] = plain(each.line._asdict())
    return {**line, "id": each.id, "booking": _booked(each.booked)}


def _booked(booked: Booked) -> dict[str, Any]:
    shown: dict[str, Any] = plain(booked)
    shown.pop("transaction_id", None)
    return shown


def _row(each: Listed) -> tuple[object, ...]:
    line, booked = each.line, each.booked
    return (
        each.id,
        line.booked_on,
        money(line.amount_cents),
        line.counter_name,
        line.counter_iban,
        line.remittance,
        booked.status,
        booked.household_id,
        booked.agreement_id,
    )


@transaction.command("show")
def show_transaction(transaction_id: Id, by: By = None, as_json_: Json = False) -> None:
    """Show one transaction, whose it may be and why, and every decision on it."""
    from huishoudboekje.day import taking_in

    with at_work(by, program=True) as (session, who):
        found, history = taking_in.transaction(session, transaction_id, who)
    if as_json_:
        return as_json({**_listed(found), "history": [_booked(each) for each in history]})
    table(HEADS, [_row(found)])
    explanation = found.booked.explanation or {}
    if why_not := explanation.get("why_not"):
        typer.echo(f"\n{why_not}")
    for each in explanation.get("candidates", ()):
        typer.echo(
            f"\n{each['agreement'] or each['household']} ({each['confidence']:.0%}):"
            + "".join(
                f"\n  {'+' if weight > 0 else '-'} {on_one_line(words)}" for words, weight in each["evidence"]
            )
        )
    typer.echo()
    rows = (
        (
            each.step,
            each.recorded_at,
            each.by_user,
            each.status,
            each.household_id,
            each.agreement_id,
            each.reason,
        )
        for each in history
    )
    return table(("Stap", "Wanneer", "Wie", "Stand", "Huishouden", "Afspraak", "Waarom"), rows)


@transaction.command()
def book(
    transaction_id: Id,
    agreement: Annotated[
        str | None, typer.Option("--agreement", metavar="ID", help="On this agreement.")
    ] = None,
    household: Annotated[
        str | None, typer.Option("--household", metavar="ID", help="On this household.")
    ] = None,
    own: Annotated[
        str | None,
        typer.Option("--own", metavar="PURPOSE", help="On the municipality's own account for this."),
    ] = None,
    payment: Annotated[
        str | None, typer.Option(help="On this payment of ours (EndToEndId), settled or returned by it.")
    ] = None,
    best: Annotated[bool, typer.Option("--best", help="On the first candidate.")] = False,
    due_on: Annotated[
        date | None,
        typer.Option("--due-on", parser=day, metavar="DATE", help="The nominal date that is meant."),
    ] = None,
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Book a transaction that waits on an agreement, a household, or the municipality's own account."""
    from huishoudboekje.day import taking_in
    from ingest.by_hand import Part

    if sum(map(bool, (agreement, household, own, payment, best))) != 1:
        raise typer.BadParameter("Kies één: --agreement, --household, --own, --payment of --best.")
    with at_work(by) as (session, who):
        part = None
        if not best:
            found, _ = taking_in.transaction(session, transaction_id, who)
            cents = abs(found.line.amount_cents)
            part = Part(cents, agreement, household, own, due_on, payment)
        number = taking_in.book(session, transaction_id, part, who)
    _done(number, "is geboekt", as_json_=as_json_)


@transaction.command()
def split(
    transaction_id: Id,
    parts: Annotated[
        list[str],
        typer.Argument(
            metavar="PART...",
            help="AMOUNT=agreement:ID, AMOUNT=household:ID or AMOUNT=own:PURPOSE; together all.",
        ),
    ],
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Book a transaction that waits in parts that add up to it, such as 70,00=agreement:A1 5,00=own:costs."""
    from huishoudboekje.day import taking_in
    from ingest.by_hand import Part

    read = [_part(each) for each in parts]
    with at_work(by) as (session, who):
        number = taking_in.split(session, transaction_id, [Part(*each) for each in read], who)
    _done(number, "is verdeeld en geboekt", as_json_=as_json_)


def _part(text: str) -> tuple[int, str | None, str | None, str | None]:
    amount, _, target = text.partition("=")
    kind, _, name = target.partition(":")
    if not name or kind not in {"agreement", "household", "own"}:
        raise typer.BadParameter(
            f"'{text}' is geen deel. Schrijf 12,34=agreement:A1 of household:H1 of own:costs."
        )
    cents = euros(amount)
    return (
        cents,
        name if kind == "agreement" else None,
        name if kind == "household" else None,
        name if kind == "own" else None,
    )


@transaction.command()
def unbook(transaction_id: Id, reason: Reason, by: By = None, as_json_: Json = False) -> None:
    """Undo the booking of a transaction by reversal; it waits for a person again."""
    from huishoudboekje.day import taking_in

    with at_work(by) as (session, who):
        number = taking_in.unbook(session, transaction_id, reason, who)
    _done(number, "is niet meer geboekt", as_json_=as_json_)


@transaction.command()
def refund(transaction_id: Id, by: By = None, as_json_: Json = False) -> None:
    """Propose to pay a transaction that nobody knows back to its payer; a second person approves."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        made = paying.refund(session, transaction_id, who)
    if as_json_:
        return as_json(made)
    return typer.echo(f"{money(made.amount_cents)} terugbetalen staat voor in betaalbatch {made.id}.")


def _done(number: str, what: str, *, as_json_: bool) -> None:
    if as_json_:
        as_json({"id": number})
    else:
        typer.echo(f"Mutatie {number} {what}.")
