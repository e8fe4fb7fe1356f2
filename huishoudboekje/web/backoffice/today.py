"""Today: what is done, what is left, what stands out; the signals, and the close of a day."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from huishoudboekje import clock
from huishoudboekje.day import looking, paying
from huishoudboekje.day.closing import close_day
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import AccountKind
from huishoudboekje.web.session import Visited, asks

router = APIRouter()
SHOWN_ON_TODAY = 5
PAGE = 50
KINDS = {
    AccountKind.HOUSEHOLD: "Eigen geld van huishoudens",
    AccountKind.RESERVATION: "Gereserveerd door huishoudens",
    AccountKind.IN_TRANSIT: "Onderweg naar de bank",
    AccountKind.SUSPENSE: "Op de werklijst",
    AccountKind.ADVANCE: "Voorschotten",
    AccountKind.EXCESS: "Boven de grens van het voorschot",
    AccountKind.OWN: "Van de gemeente zelf",
    AccountKind.BANK: "Op de bank",
}


class NotADay(Refused):
    """'{text}' is geen dag. Kies een dag uit de kalender."""


@router.get("/", dependencies=asks(Permission.READ))
def today(visit: Visited) -> Response:
    """Show the state of the day."""
    seen = looking.today(visit.session, visit.actor)
    return visit.page("backoffice/today.html", shows="today", day=seen, signals=seen.signals[:SHOWN_ON_TODAY])


@router.get("/signalen", dependencies=asks(Permission.READ))
def signals(visit: Visited, pagina: int = 1) -> Response:
    """Show the signals and the payments that wait for a person."""
    found = looking.open_signals(visit.session, visit.actor)
    skip = max(0, pagina - 1) * PAGE
    held = paying.held(visit.session, visit.actor)
    return visit.page(
        "backoffice/signals.html",
        shows="signals",
        held=held[skip : skip + PAGE],
        households=looking.household_names(
            visit.session, {each.household_id for each in found if each.household_id}
        ),
        signals=found[skip : skip + PAGE],
        page=max(1, pagina),
        more=max(len(found), len(held)) > skip + PAGE,
    )


@router.get("/dagafsluiting", dependencies=asks(Permission.READ))
def closing(visit: Visited, dag: str = "") -> Response:
    """Show the proof of a day."""
    try:
        on = date.fromisoformat(dag) if dag else clock.today()
    except ValueError as error:
        raise NotADay(text=dag[:20]) from error
    return visit.page(
        "backoffice/day_close.html",
        shows=None,
        close=close_day(visit.session, on, visit.actor),
        kinds=KINDS,
    )
