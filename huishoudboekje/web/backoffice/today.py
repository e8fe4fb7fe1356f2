"""Today: what is done, what is left, what stands out; the signals, and the close of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from huishoudboekje import clock
from huishoudboekje.day import looking, paying
from huishoudboekje.day.closing import close_day
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import AccountKind
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage.signals import KeptSignal
from huishoudboekje.web.session import Visited, asks

router = APIRouter()
SIGNAL_NAMES = {
    SignalKind.NOT_DELIVERED_BUT_SETTLED: "misschien dubbel betaald",
    SignalKind.EXCESS: "boven de grens van het voorschot",
    SignalKind.RETURNED: "betaling kwam terug",
    SignalKind.REJECTED: "betaling geweigerd door de bank",
    SignalKind.HELD_TOO_LONG: "te lang aangehouden",
    SignalKind.HELD: "aangehouden",
    SignalKind.GAP: "afschrift ontbreekt",
    SignalKind.STATEMENT_ASIDE: "afschrift apart gelegd",
    SignalKind.STATEMENT_MISSING: "afschrift nog niet binnen",
    SignalKind.SENT_NOT_BOOKED: "verstuurd, nog niet op een afschrift",
    SignalKind.INCOME_UNDONE: "inkomen teruggenomen",
    SignalKind.MISSING: "niet gekomen",
    SignalKind.LATE: "te laat met betalen aan ons",
    SignalKind.DOUBLE: "misschien dubbel",
    SignalKind.TOO_LITTLE: "te weinig",
    SignalKind.TOO_MUCH: "te veel",
    SignalKind.ENDED_BUT_PAID: "betaald na het einde van de afspraak",
    SignalKind.LATE_INCOME_AFTER_CLOSE: "inkomen na de afsluiting",
    SignalKind.PAID_LATE: "wij betalen later dan afgesproken",
    SignalKind.CARRIED: "deel van het leefgeld volgt later",
}
"""What a signal is about in a few words, what is worst first."""
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
    return visit.page("backoffice/today.html", shows=None, day=seen, signals=_by_kind(seen.signals))


def _by_kind(raised: Sequence[KeptSignal]) -> list[tuple[str, int]]:
    """How many signals there are of each kind, what is worst first."""
    numbers = Counter(each.kind for each in raised)
    return [(name, numbers[kind]) for kind, name in SIGNAL_NAMES.items() if numbers[kind]]


@router.get("/signalen", dependencies=asks(Permission.READ))
def signals(visit: Visited, pagina: int = 1) -> Response:
    """Show the signals and the payments that wait for a person."""
    worst_first = list(SIGNAL_NAMES)
    found = sorted(
        looking.open_signals(visit.session, visit.actor), key=lambda each: worst_first.index(each.kind)
    )
    skip = max(0, pagina - 1) * PAGE
    held = paying.held(visit.session, visit.actor)
    return visit.page(
        "backoffice/signals.html",
        shows="signals",
        kinds=SIGNAL_NAMES,
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
