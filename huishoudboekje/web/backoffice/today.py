"""Today: what is done, what is left, what stands out; the signals, and the close of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from huishoudboekje import clock
from huishoudboekje.day import closing, looking, paying, ruling
from huishoudboekje.domain.access import Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import AccountKind
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import day_closes
from huishoudboekje.storage.signals import KeptSignal
from huishoudboekje.storage.web_sessions import Message
from huishoudboekje.web.pages import weekday
from huishoudboekje.web.session import Submitted, Visited, asks
from payouts.batch import BatchLine

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
QUIET = timedelta(days=7)
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
    close = seen.close
    return visit.page(
        "backoffice/today.html",
        shows=None,
        day=seen,
        signals=_by_kind(seen.signals),
        off_cents=sum(close.ledger_cents[iban] - cents for iban, cents in close.bank_cents.items()),
    )


def _by_kind(raised: Sequence[KeptSignal]) -> list[tuple[str, int]]:
    """How many signals there are of each kind, what is worst first; held payments are told by themselves."""
    numbers = Counter(each.kind for each in raised)
    named = ((kind, name) for kind, name in SIGNAL_NAMES.items() if kind is not SignalKind.HELD)
    return [(name, numbers[kind]) for kind, name in named if numbers[kind]]


@router.get("/signalen", dependencies=asks(Permission.READ))
def signals(visit: Visited, pagina: int = 1) -> Response:
    """Show the signals and the payments that wait for a person."""
    worst_first = list(SIGNAL_NAMES)
    held = paying.held(visit.session, visit.actor)
    told = {each.end_to_end_id for each in held}
    found = sorted(
        (
            each
            for each in looking.open_signals(visit.session, visit.actor)
            if each.kind is not SignalKind.HELD or each.end_to_end_id not in told
        ),
        key=lambda each: worst_first.index(each.kind),
    )
    skip = max(0, pagina - 1) * PAGE
    return visit.page(
        "backoffice/signals.html",
        shows="signals",
        kinds=SIGNAL_NAMES,
        held=held[skip : skip + PAGE],
        households=looking.household_names(visit.session, _households(found) | _households(held)),
        signals=found[skip : skip + PAGE],
        page=max(1, pagina),
        more=max(len(found), len(held)) > skip + PAGE,
    )


def _households(several: Iterable[KeptSignal] | Iterable[BatchLine]) -> set[str]:
    return {each.household_id for each in several if each.household_id}


@router.get("/dagafsluiting", dependencies=asks(Permission.READ))
def close(visit: Visited, dag: str = "") -> Response:
    """Show the proof of a day."""
    on = _day(dag) if dag else looking.day_to_close(visit.session)
    return visit.page(
        "backoffice/day_close.html",
        shows=None,
        close=closing.close_day(visit.session, on, visit.actor),
        kinds=KINDS,
        signed=day_closes.signed_off(visit.session, on),
        names=looking.user_names(visit.session),
    )


@router.post("/dagafsluiting", dependencies=asks(Permission.CLOSE_DAY))
def sign(form: Submitted, visit: Visited) -> Response:
    """Put on record that a person found a day complete."""
    on = _day(form.need("dag", "Dag"))
    closing.sign(visit.session, closing.close_day(visit.session, on, visit.actor), visit.actor)
    signed = Message("done", f"{weekday(on).capitalize()} is afgetekend.")
    return visit.go(f"/dagafsluiting?dag={on.isoformat()}", signed)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotADay(text=text[:20]) from error


@router.post("/signalen/{number}/stil", dependencies=asks(Permission.SILENCE_SIGNALS))
def silence(number: int, form: Submitted, visit: Visited) -> Response:
    """Keep a signal quiet for a week, with the reason."""
    until = clock.today() + QUIET
    ruling.silence(visit.session, number, until, form.need("reden", "Waarom?"), visit.actor)
    return visit.go("/signalen", Message("done", f"Het signaal blijft stil tot en met {weekday(until)}."))
