"""The only reader of the time; days are days in the Netherlands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

_standing: list[datetime] = []


def stand_at(moment: datetime | None) -> None:
    """Make the clock stand still at a moment, or run again with None.

    Only `storage.installation` calls this, for installations that are marked demo or test.
    """
    _standing.clear()
    if moment is not None:
        _standing.append(moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM))


def now() -> datetime:
    """Return this moment, with the Dutch time zone."""
    return _standing[0] if _standing else datetime.now(AMSTERDAM)


def today() -> date:
    """Return today's date in the Netherlands."""
    return now().astimezone(AMSTERDAM).date()
