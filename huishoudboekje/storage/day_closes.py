"""Days that people signed off, with the figures that they saw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import Refused


class AlreadySigned(Refused):
    """{closed_on} is al afgetekend door {by_user}."""


def sign(session: Session, closed_on: date, figures: Mapping[str, Any], by: Actor) -> None:
    """Write down, once and for all, that somebody found a day complete. Raises AlreadySigned."""
    signed = session.scalars(
        text(
            "INSERT INTO day_close (closed_on, by_user, recorded_at, figures)"
            " VALUES (:on, :by, :now, cast(:figures AS jsonb)) ON CONFLICT DO NOTHING RETURNING closed_on"
        ),
        {"on": closed_on, "by": by.user, "now": clock.now(), "figures": json.dumps(figures)},
    ).one_or_none()
    if signed is None:
        before = session.scalar(
            text("SELECT by_user FROM day_close WHERE closed_on = :on"), {"on": closed_on}
        )
        raise AlreadySigned(closed_on=f"{closed_on:%d-%m-%Y}", by_user=before)


def signed_off(session: Session, on: date) -> str | None:
    """Who signed a day off, or None."""
    found = session.scalar(text("SELECT by_user FROM day_close WHERE closed_on = :on"), {"on": on})
    return None if found is None else str(found)
