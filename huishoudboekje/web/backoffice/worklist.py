"""The worklist: transactions that wait for a person, whose they may be and why, and the decision."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from huishoudboekje.day import looking, paying, taking_in
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.money import show
from huishoudboekje.storage.web_sessions import Message
from huishoudboekje.web.pages import OWN_PURPOSES
from huishoudboekje.web.session import Form, Submitted, Visit, Visited, asks
from ingest.by_hand import Part

router = APIRouter()
PAGE: Final = 20
CHOSEN: Final = {name: OWN_PURPOSES[name] for name in ("costs", "interest", "charges", "write_offs")}


class NothingChosen(Refused):
    """Kies eerst waar deze mutatie bij hoort."""


@router.get("/werklijst", dependencies=asks(Permission.READ))
def worklist(visit: Visited, na: str = "") -> Response:
    """List what waits, oldest first, from after one of our ids."""
    found = looking.worklist(visit.session, visit.actor, after=na or None, limit=PAGE + 1)
    shown = found[:PAGE]
    return visit.page(
        "backoffice/worklist.html",
        shows="worklist",
        waiting=shown,
        begun=bool(na),
        onward=shown[-1].listed.id if len(found) > PAGE else None,
    )


@router.get("/mutaties/{named}", dependencies=asks(Permission.READ))
def transaction(named: str, visit: Visited) -> Response:
    """Show one transaction, whose it may be, and what was decided."""
    return _transaction(visit, named, "")


@router.post("/mutaties/{named}/zoeken", dependencies=asks(Permission.READ))
def search(named: str, form: Submitted, visit: Visited) -> Response:
    """Show the same with what somebody looks for; by form, as names and numbers belong in no address."""
    return _transaction(visit, named, form.need("zoek", "Zoek een inwoner"))


def _transaction(visit: Visit, named: str, words: str) -> Response:
    seen = looking.transaction(visit.session, named, visit.actor)
    comes_in = seen.waiting.listed.line.amount_cents > 0
    found = looking.search(visit.session, words, comes_in=comes_in, by=visit.actor) if words else []
    return visit.page(
        "backoffice/transaction.html",
        shows=f"transaction:{seen.waiting.listed.id}",
        seen=seen,
        words=words,
        found=found,
        purposes=CHOSEN,
    )


@router.post("/mutaties/{named}/boeken", dependencies=asks(Permission.BOOK))
def book(named: str, form: Submitted, visit: Visited) -> Response:
    """Book as somebody says: on an agreement, a household, or our own account."""
    seen, _ = taking_in.transaction(visit.session, named, visit.actor)
    number = taking_in.book(visit.session, named, _part(form, abs(seen.line.amount_cents)), visit.actor)
    message = Message(
        "done",
        f"Mutatie {number} van {show(seen.line.amount_cents)} is geboekt.",
        f"/mutaties/{number}",
        "Bekijken of ongedaan maken",
    )
    return visit.go("/werklijst", message)


def _part(form: Form, amount_cents: int) -> Part:
    """What the form says: `afspraak:ID[:DAY]`, `betaling:ID`, `huishouden:ID` or `eigen:PURPOSE`."""
    match form.get("keuze").split(":"):
        case ["afspraak", which]:
            return Part(amount_cents, agreement_id=which)
        case ["afspraak", which, due_on]:
            return Part(amount_cents, agreement_id=which, due_on=_day(due_on))
        case ["betaling", which]:
            return Part(amount_cents, end_to_end_id=which)
        case ["huishouden", which]:
            return Part(amount_cents, household_id=which)
        case ["eigen", which] if which in CHOSEN:
            return Part(amount_cents, own_purpose=which)
        case _:
            raise NothingChosen


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NothingChosen from error


@router.post("/mutaties/{named}/ongedaan", dependencies=asks(Permission.UNBOOK))
def undo(named: str, form: Submitted, visit: Visited) -> Response:
    """Undo a decision, with the reason; the transaction waits for a person again."""
    number = taking_in.unbook(visit.session, named, form.need("reden", "Waarom?"), visit.actor)
    return visit.go(
        f"/mutaties/{number}", Message("done", "De boeking is ongedaan gemaakt. De mutatie wacht weer.")
    )


@router.post("/mutaties/{named}/terugbetalen", dependencies=asks(Permission.REFUND))
def refund(named: str, form: Submitted, visit: Visited) -> Response:
    """Propose to pay a transaction that is nobody's here back to its payer."""
    made = paying.refund(visit.session, named, visit.actor)
    message = Message("done", "De terugbetaling is voorgesteld. Iemand anders keurt haar goed.")
    return visit.go(f"/betaalbatches/{made.id}", message)
