"""Paying: the plan, batches from proposal to the bank, and payments that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huishoudboekje.commands.acting import By, On, Reason, at_work
from huishoudboekje.commands.showing import Json, as_json, money, plain, refusal, table

if TYPE_CHECKING:
    from payouts.batch import Batch, BatchLine, Summary
    from payouts.pay import Judgement
    from payouts.plan import Plan

DECIDED: Final = {
    "pay": "betalen",
    "hold": "aanhouden",
    "carry": "later",
    "reserve": "incasso",
    "still_held": "blijft aangehouden",
}
batch = typer.Typer(help="Payment batches, from proposal to the bank, by two people.", no_args_is_help=True)
payment = typer.Typer(help="Single payments: hold them, let them go.", no_args_is_help=True)
BatchId = Annotated[str, typer.Argument(metavar="ID", help="Id of the batch.")]
PaymentId = Annotated[str, typer.Argument(metavar="PAYMENT", help="EndToEndId of the payment.")]
Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the history.")]
BATCH_HEADS = ("Batch", "Stand", "Gepland", "Uitvoering", "Van", "Betalingen", "Bedrag", "Eigen", "Voorschot")
PAYMENT_HEADS = ("Betaling", "Stand", "Huishouden", "Aan", "Rekening", "Bedrag", "Voorschot", "Waarom")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel="Payments")(plan)
    app.add_typer(batch, name="batch", rich_help_panel="Payments")
    app.add_typer(payment, name="payment", rich_help_panel="Payments")


def plan(on: On = None, by: By = None, as_json_: Json = False) -> None:
    """Show what would be paid on a day, from what, and why; changes nothing."""
    from huishoudboekje import clock
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        planned = paying.plan(session, on or clock.today(), who)
    if as_json_:
        return as_json(_plan(planned))
    rows = (
        (
            each.money.household_id,
            line.agreement.counterparty_name,
            line.occurrence.due_on,
            DECIDED[line.outcome.value],
            money(line.amount_cents or line.due_cents),
            money(line.advance_cents),
            line.explanation,
        )
        for each in planned.households
        for line in each.lines
    )
    table(("Huishouden", "Aan", "Op", "Besluit", "Bedrag", "Voorschot", "Waarom"), rows)
    for warning in planned.warnings:
        typer.echo(warning)
    total, advance = money(planned.amount_cents), money(planned.advance_cents)
    return typer.echo(f"{planned.on:%d-%m-%Y}: samen {total}, waarvan {advance} voorschot.")


def _plan(planned: Plan) -> dict[str, object]:
    return {
        "on": planned.on,
        "debtor_iban": planned.debtor_iban,
        "amount_cents": planned.amount_cents,
        "advance_cents": planned.advance_cents,
        "warnings": planned.warnings,
        "lines": [
            {
                "household": line.agreement.household_id,
                "agreement": line.agreement.id,
                "due_on": line.occurrence.due_on,
                "part": line.occurrence.part,
                "payee": line.agreement.counterparty_name,
                "iban": line.agreement.iban,
                "outcome": line.outcome,
                "reason": line.reason,
                "due_cents": line.due_cents,
                "amount_cents": line.amount_cents,
                "own_cents": line.own_cents,
                "advance_cents": line.advance_cents,
                "execution_on": line.execution_on,
                "late": line.late,
                "explanation": line.explanation,
            }
            for each in planned.households
            for line in each.lines
        ],
        "payments": [one for each in planned.households for one in each.payments],
    }


@batch.command()
def propose(on: On = None, by: By = None, as_json_: Json = False) -> None:
    """Propose what is due on a day and is not proposed yet; repeating it adds nothing."""
    from huishoudboekje import clock
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        made = paying.propose(session, on or clock.today(), who)
    _show_batches(made, as_json_=as_json_, none="Er is niets voor te stellen.")


@batch.command("propose-again")
def propose_again(batch_id: BatchId, by: By = None, as_json_: Json = False) -> None:
    """Propose a batch that was sent back once more, without what changed."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        made = paying.propose_again(session, batch_id, who)
    _show_batches(made, as_json_=as_json_, none="Er is niets meer voor te stellen.")


@batch.command()
def approve(batch_id: BatchId, by: By = None, as_json_: Json = False) -> None:
    """Approve a batch as another person than who proposed or changed it.

    When something changed since, the batch goes back to its proposer: exit 1, with what changed on stderr.
    """
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        judged = paying.approve(session, batch_id, who)
    if as_json_:
        as_json(judged)
    _stop_when_sent_back(judged)
    if not as_json_:
        typer.echo(f"Betaalbatch {batch_id} is goedgekeurd.")
        for each in judged.moved:
            typer.echo(
                f"{each.end_to_end_id}: {money(each.own_cents)} van eigen geld in plaats van voorschot."
            )


def _stop_when_sent_back(judged: Judgement) -> None:
    if not judged.changes:
        return
    refusal(f"Betaalbatch {judged.batch_id} gaat terug naar wie haar voorstelde:")
    for each in judged.changes:
        refusal(f"- {each.sentence}")
    raise typer.Exit(1)


@batch.command()
def withdraw(batch_id: BatchId, reason: Reason, by: By = None) -> None:
    """Withdraw a batch that has no file yet; what it would pay falls due again."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        paying.withdraw(session, batch_id, reason, who)
    typer.echo(f"Betaalbatch {batch_id} is ingetrokken.")


@batch.command()
def remove(
    batch_id: BatchId, payment_id: PaymentId, reason: Why = None, by: By = None, as_json_: Json = False
) -> None:
    """Take a payment out of a batch that nobody approved, and hold it."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        held = paying.remove(session, batch_id, payment_id, reason or "uit de batch gehaald", who)
    if as_json_:
        return as_json({"batch": batch_id, "removed": payment_id, "held": held})
    return typer.echo(_removed(payment_id, held))


def _removed(payment_id: str, held: str | None) -> str:
    if held is None:
        return f"Betaling {payment_id} is ingetrokken."
    return f"Betaling {payment_id} is uit de batch en wordt aangehouden als {held}."


@batch.command()
def export(
    batch_id: BatchId,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the payment file.")] = Path(),
    by: By = None,
    as_json_: Json = False,
) -> None:
    """Make the payment file (pain.001) of an approved batch; again gives the same bytes.

    When something changed since the approval, the batch goes back instead: exit 1, with what on stderr.
    """
    from huishoudboekje.day import paying
    from payouts.pay import Judgement

    with at_work(by) as (session, who):
        made = paying.export(session, batch_id, who)
    if isinstance(made, Judgement):
        _stop_when_sent_back(made)
        return
    path = paying.write_out(made, out)
    if as_json_:
        as_json({"batch": batch_id, "file": path, "sha256": made.sha256})
    else:
        typer.echo(f"{path} (SHA-256 {made.sha256})")


@batch.command()
def sent(batch_id: BatchId, reason: Why = None, by: By = None) -> None:
    """Confirm that the bank has the file."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        paying.sent(session, batch_id, who, reason)
    typer.echo(f"Betaalbatch {batch_id} is verstuurd.")


@batch.command("not-delivered")
def not_delivered(batch_id: BatchId, reason: Reason, by: By = None, as_json_: Json = False) -> None:
    """Say, with the evidence, that the bank never had the file; a second person must say so too."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        state = paying.not_delivered(session, batch_id, reason, who)
    if as_json_:
        return as_json({"batch": batch_id, "state": state})
    return typer.echo(f"Betaalbatch {batch_id}: {state.label}.")


@batch.command("show")
def show_batch(batch_id: BatchId, by: By = None, as_json_: Json = False) -> None:
    """Show a batch with its payments and its history."""
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        found = paying.batch(session, batch_id, who)
    if as_json_:
        return as_json(_batch(found))
    table(BATCH_HEADS, [_row(found.summary)])
    typer.echo()
    table(PAYMENT_HEADS, map(_line, found.payments))
    typer.echo()
    rows = (
        (each.recorded_at, each.state, each.by_user, each.end_to_end_id, each.reason) for each in found.steps
    )
    return table(("Wanneer", "Stap", "Wie", "Betaling", "Waarom"), rows)


@batch.command("list")
def list_batches(by: By = None, as_json_: Json = False) -> None:
    """Show the latest batches."""
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        found = paying.batches(session, who)
    _show_batches(found, as_json_=as_json_, none="Er zijn nog geen betaalbatches.")


def _batch(found: Batch) -> dict[str, object]:
    summary: dict[str, object] = plain(found.summary)
    return {**summary, "payments": found.payments, "count": found.summary.payments, "steps": found.steps}


def _show_batches(found: Iterable[Summary], *, as_json_: bool, none: str) -> None:
    batches = list(found)
    if as_json_:
        as_json(batches)
    elif batches:
        table(BATCH_HEADS, map(_row, batches))
    else:
        typer.echo(none)


def _row(each: Summary) -> tuple[object, ...]:
    return (
        each.id,
        each.state,
        each.planned_on,
        each.execution_on,
        each.debtor_iban,
        each.payments,
        money(each.amount_cents),
        money(each.own_cents),
        money(each.advanced_cents),
    )


def _line(each: BatchLine) -> tuple[object, ...]:
    return (
        each.end_to_end_id,
        each.state,
        each.household_id,
        each.counter_name,
        each.counter_iban,
        money(each.amount_cents),
        money(each.advanced_cents),
        each.explanation,
    )


@payment.command("list")
def list_held(by: By = None, as_json_: Json = False) -> None:
    """Show the payments that wait for a person."""
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        found = paying.held(session, who)
    return as_json(found) if as_json_ else table(PAYMENT_HEADS, map(_line, found))


@payment.command("show")
def show_payment(payment_id: PaymentId, by: By = None, as_json_: Json = False) -> None:
    """Show one payment and its history."""
    from huishoudboekje.day import paying

    with at_work(by, program=True) as (session, who):
        found, steps = paying.payment(session, payment_id, who)
    if as_json_:
        return as_json({"payment": found, "steps": steps})
    table(PAYMENT_HEADS, [_line(found)])
    typer.echo()
    rows = ((each.recorded_at, each.state, each.by_user, each.reason) for each in steps)
    return table(("Wanneer", "Stap", "Wie", "Waarom"), rows)


@payment.command()
def hold(payment_id: PaymentId, reason: Reason, by: By = None, as_json_: Json = False) -> None:
    """Hold a proposed payment until a person decides."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        held = paying.hold(session, payment_id, reason, who)
    if as_json_:
        return as_json({"payment": payment_id, "held": held})
    return typer.echo(_removed(payment_id, held))


@payment.command()
def release(payment_id: PaymentId, reason: Reason, by: By = None, as_json_: Json = False) -> None:
    """Let a held payment go, in a batch that somebody approves; above the limit two people release it."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        released = paying.release(session, payment_id, reason, who)
    if as_json_:
        return as_json(released)
    if released.batch_id is None:
        over = money(released.over_limit_cents)
        return typer.echo(f"Dit gaat {over} boven de grens. Een tweede persoon moet haar ook vrijgeven.")
    return typer.echo(f"Voorgesteld als {released.end_to_end_id} in betaalbatch {released.batch_id}.")


@payment.command("withdraw")
def withdraw_payment(payment_id: PaymentId, reason: Reason, by: By = None) -> None:
    """Withdraw a held payment for good: it is never proposed again."""
    from huishoudboekje.day import paying

    with at_work(by) as (session, who):
        paying.drop(session, payment_id, reason, who)
    typer.echo(f"Betaling {payment_id} is ingetrokken.")
