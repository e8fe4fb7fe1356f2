"""How pages are made: templates, and how amounts, days and account numbers are written for people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.day import looking
from huishoudboekje.domain.access import Permission, may
from huishoudboekje.domain.bank_days import show_day
from huishoudboekje.domain.money import show
from huishoudboekje.domain.people import show_iban
from huishoudboekje.storage.web_sessions import Message

if TYPE_CHECKING:
    from huishoudboekje.web.session import SignedIn

HERE: Final = Path(__file__).parent
WEEKDAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
CATEGORIES: Final = {
    "rent": "Huur",
    "mortgage": "Hypotheek",
    "energy": "Energie",
    "water": "Water",
    "heating": "Warmte",
    "health_insurance": "Zorgverzekering",
    "insurance": "Verzekering",
    "living_money": "Leefgeld",
    "wage": "Loon",
    "benefit": "Uitkering",
    "pension": "Pensioen",
    "child_benefit": "Kinderbijslag",
    "allowance": "Toeslag",
    "alimony": "Alimentatie",
    "rent_allowance": "Huurtoeslag",
    "care_allowance": "Zorgtoeslag",
    "childcare_allowance": "Kinderopvangtoeslag",
    "holiday_allowance": "Vakantiegeld",
    "telecom": "Internet en telefoon",
    "municipal_tax": "Gemeentelijke belasting",
    "water_tax": "Waterschapsbelasting",
    "debt_repayment": "Aflossing",
    "child_budget": "Kindgebonden budget",
    "liability_insurance": "Aansprakelijkheidsverzekering",
    "special_assistance": "Bijzondere bijstand",
    "saving": "Sparen",
}
OWN_PURPOSES: Final = {
    "costs": "Kosten van de bank",
    "interest": "Rente van de bank",
    "opening": "Beginstand",
    "charges": "Kosten van terugboekingen",
    "write_offs": "Afgeboekt",
}
# Where the navigation leads, with what each place asks for and what its number counts.
PLACES: Final = (
    ("/", "Vandaag", Permission.READ, None),
    ("/afschriften", "Afschriften", Permission.READ, None),
    ("/werklijst", "Werklijst", Permission.READ, "queued"),
    ("/betaalbatches", "Betaalbatches", Permission.READ, "to_approve"),
    ("/signalen", "Signalen", Permission.READ, "signals"),
    ("/dagafsluiting", "Dagafsluiting", Permission.READ, None),
)


class Pages:
    """The templates, with everything that all of them need."""

    def __init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {
            "euro": euro,
            "signed": signed,
            "day": show_day,
            "weekday": weekday,
            "short_day": short_day,
            "moment": moment,
            "time": clock_time,
            "iban": show_iban,
            "category": category,
            "purpose": lambda name: OWN_PURPOSES.get(name, name),
            "count": count,
        }
        self.environment.globals |= {"static": self.static}

    @cached_property
    def version(self) -> str:
        """Changes when any static file does, so that browsers may keep them for ever."""
        digest = hashlib.sha256()
        for path in sorted((HERE / "static").iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:12]

    def static(self, name: str) -> str:
        """The address of a static file."""
        return f"/static/{self.version}/{name}"

    def render(
        self,
        name: str,
        request: Request,
        *,
        session: Session | None = None,
        who: SignedIn | None = None,
        messages: Sequence[Message] = (),
        status: int = 200,
        **context: Any,  # noqa: ANN401 - a template takes anything
    ) -> HTMLResponse:
        """Render a template; `session` brings the numbers of the navigation and the municipality's name."""
        if session is not None:
            context["about"] = looking.about(session)
        if session is not None and who is not None:
            context["counts"] = looking.counts(session, who.actor)
        places = [place for place in PLACES if who and may(who.actor.roles, place[2])]
        html = self.environment.get_template(name).render(
            **{"about": None, "counts": None} | context,
            who=who,
            may=(lambda permission: may(who.actor.roles, Permission(permission))) if who else None,
            places=places,
            here=request.url.path,
            today=clock.today(),
            messages=messages,
        )
        return HTMLResponse(html, status)


def euro(cents: int) -> str:
    """An amount in cents that does not break over two lines."""
    return show(cents).replace(" ", "\N{NO-BREAK SPACE}")


def signed(cents: int) -> str:
    """An amount in cents that came in with a plus, that went out with a minus."""
    return euro(cents) if cents <= 0 else f"+\N{NO-BREAK SPACE}{euro(cents)}"


def weekday(day: date) -> str:
    """A day with its weekday: `vrijdag 20 november 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {show_day(day)}"


def short_day(day: date) -> str:
    """A day in digits, for tables."""
    return f"{day:%d-%m-%Y}"


def moment(at: datetime) -> str:
    """A moment: `20-11-2026 om 06:14`."""
    return f"{at.astimezone(clock.AMSTERDAM):%d-%m-%Y om %H:%M}"


def clock_time(at: datetime) -> str:
    """The time of a moment."""
    return f"{at.astimezone(clock.AMSTERDAM):%H:%M}"


def category(name: str) -> str:
    """What an agreement is for, in Dutch where we have the word."""
    return CATEGORIES.get(name, name.replace("_", " ").capitalize())


def count(number: int, one: str, more: str) -> str:
    """A number with its noun: `1 mutatie`, `1.204 mutaties`."""
    return f"{number:,}".replace(",", ".") + f" {one if number == 1 else more}"
