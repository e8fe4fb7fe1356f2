"""What happened in the month, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from huishoudboekje.day import closing, looking, paying, ruling, taking_in
from huishoudboekje.demo import homes, month, town
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.domain.bank_days import show_day
from huishoudboekje.domain.ledger import AccountKind, advance, kind_of
from huishoudboekje.domain.money import show
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import day_closes, db, installation, ledger
from huishoudboekje.storage.db import Database
from payouts.batch import BatchState

WEEKDAYS: Final = ("ma", "di", "wo", "do", "vr", "za", "zo")
WIDE: Final = 110
MOST_BATCHES: Final = 200
MOST_TOLD: Final = 10
DAY_HEADS: Final = (
    "Dag",
    "Mutaties",
    "Vanzelf",
    "Gevraagd",
    "Betaald",
    "Bedrag",
    "Voorschot open",
    "Dag sluit",
)


@dataclass(frozen=True, slots=True)
class DayTold:
    """One day in figures: lines of the bank, of which booked without anybody; payments; cents."""

    on: date
    lines: int
    matched: int
    payments: int
    paid_cents: int
    advance_cents: int
    signed_by: str | None


def run(*, reset: bool = False) -> None:
    """Live the month, or what is left of it, and print what happened. Raises NotADemo, IsSomethingElse."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    database = db.open_database()
    try:
        with console.status("De demo wordt gemaakt …") as status:
            outcome = month.run(
                database,
                reset_first=reset,
                seen=lambda day: status.update(f"{show_day(day)}: afschriften, boeken, betalen …"),
            )
        told(console, database, outcome)
    finally:
        database.close()


def told(console: Console, database: Database, outcome: month.Outcome) -> None:
    """Print the month, how its last day closed, and what is worth a look."""
    with database.anywhere() as session:
        installation.start_clock(session)
    with database.transaction(town.SLUG) as session:
        console.print(_month(list(days(session))))
        _last_day(console, session)
        _worth_a_look(console, session)
        _people(console, session)
    console.print(f"Grootboek (SHA-256): {outcome.ledger_hash}", soft_wrap=True)
    if not outcome.changed:
        console.print("De demo was al klaar. Er is niets veranderd.")
    console.print("De klok van deze demo blijft hier staan. Opnieuw beginnen: huishoudboekje demo --reset")


def days(session: Session) -> Iterator[DayTold]:
    """What the books say of each day of the month."""
    batches = paying.batches(session, SYSTEM, [BatchState.SENT], MOST_BATCHES)
    for day in month.bank_days():
        matched, lines = looking.tally(session, day, SYSTEM)
        sent = [each for each in batches if each.planned_on == day]
        balances = ledger.balances_on(session, day)
        yield DayTold(
            on=day,
            lines=lines,
            matched=matched,
            payments=sum(each.payments for each in sent),
            paid_cents=sum(each.amount_cents for each in sent),
            advance_cents=sum(
                cents for name, cents in balances.items() if kind_of(name) is AccountKind.ADVANCE
            ),
            signed_by=day_closes.signed_off(session, day),
        )


def _month(found: list[DayTold]) -> Table:
    table = Table(title=f"{town.NAME}, maart 2026", title_justify="left", show_footer=True)
    totals = (
        "Samen",
        sum(each.lines for each in found),
        sum(each.matched for each in found),
        sum(each.lines - each.matched for each in found),
        sum(each.payments for each in found),
        show(sum(each.paid_cents for each in found)),
        "",
        "",
    )
    for place, (head, total) in enumerate(zip(DAY_HEADS, totals, strict=True)):
        middle = 0 < place < len(DAY_HEADS) - 1
        table.add_column(head, str(total), justify="right" if middle else "left", no_wrap=True)
    for each in found:
        table.add_row(
            f"{WEEKDAYS[each.on.weekday()]} {each.on:%d-%m}",
            str(each.lines),
            str(each.matched),
            str(each.lines - each.matched),
            str(each.payments),
            show(each.paid_cents),
            show(each.advance_cents),
            "ja" if each.signed_by else "nee",
        )
    return table


def _last_day(console: Console, session: Session) -> None:
    close = closing.close_day(session, town.LAST_DAY, SYSTEM)
    table = Table(title=f"Dagafsluiting {show_day(close.on)}", title_justify="left")
    for head in ("Rekening", "Volgens de bank", "In de boeken"):
        table.add_column(head, justify="left" if head == "Rekening" else "right", no_wrap=True)
    for iban, cents in close.bank_cents.items():
        table.add_row(iban, show(cents), show(close.ledger_cents[iban]))
    console.print(table)
    said = [each.sentence for each in close.differences] + close.problems
    console.print("\n".join(said) or "Niets onverklaard.")


def _worth_a_look(console: Console, session: Session) -> None:
    console.print()
    console.print(Text("Kijk eens naar", style="bold"))
    for sentence in [*_short(session), *_held(session), *_returned(session), *_waiting(session)]:
        console.print(Text(f"- {sentence}"))


def _short(session: Session) -> Iterator[str]:
    home = homes.home(homes.SHORT)
    most = 0
    for day in month.bank_days():
        there = ledger.balances_on(session, day, home.id).get(advance(home.id), 0)
        if most and not there:
            yield (
                f"Huishouden {home.id} ({home.residents[0].name}) kwam te kort: {show(most)} voorschot,"
                f" op {show_day(day)} terugbetaald uit de inkomsten."
            )
            return
        most = max(most, there)


def _held(session: Session) -> Iterator[str]:
    for each in paying.held(session, SYSTEM)[:MOST_TOLD]:
        why = each.explanation.removeprefix("Aangehouden: ")
        yield (
            f"Aangehouden: {show(each.amount_cents)} aan {each.counter_name} voor huishouden"
            f" {each.household_id}. {why[:1].upper()}{why[1:]}"
        )


def _returned(session: Session) -> Iterator[str]:
    for each in ruling.open_signals(session, SYSTEM):
        if each.kind is SignalKind.RETURNED:
            yield f"Teruggekomen: {each.sentence}"


def _waiting(session: Session) -> Iterator[str]:
    queued = taking_in.transactions(session, SYSTEM, queued=True)
    who = ", ".join(each.line.counter_name or "onbekend" for each in queued[:MOST_TOLD])
    yield f"Werklijst: {len(queued)} mutaties wachten op een mens ({who})."
    for batch in paying.batches(session, SYSTEM, [BatchState.PROPOSED]):
        yield (
            f"Betaalbatch {batch.id} van {show(batch.amount_cents)} wacht op goedkeuring:"
            f" {batch.proposed_by} stelde haar voor, iemand anders keurt haar goed."
        )
    yield f"Betaalbestanden (pain.001) staan in {month.out_folder()}."


def _people(console: Console, session: Session) -> None:
    table = Table(title="Wie hier werkt (inloggen is in de demo kiezen)", title_justify="left")
    for head in ("Naam", "Gebruiker", "Rol"):
        table.add_column(head)
    for each in ruling.people(session, SYSTEM):
        table.add_row(each.name, each.id, ", ".join(sorted(role.label for role in each.roles)))
    console.print()
    console.print(table)
