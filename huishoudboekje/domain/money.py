"""Money: whole cents, read from text, shown as text, divided without loss."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from huishoudboekje.domain.errors import Refused

# Eighteen digits of cents still fit PostgreSQL's bigint.
TYPED: Final = re.compile(
    r"(?P<minus>[-−]?)\s*(?:€|EUR)?\s*(?P<minus_too>[-−]?)"
    r"(?P<euros>\d{1,3}(?:\.\d{3}){1,4}|\d{1,15})(?:,(?P<cents>\d\d|-))?",
    re.ASCII,
)
WRITTEN: Final = re.compile(r"(?P<minus>-?)(?P<euros>0|[1-9]\d{0,14})\.(?P<cents>\d\d)", re.ASCII)


class NotAnAmount(Refused):
    """'{text}' is geen bedrag. Schrijf euro's met een komma en twee cijfers, zoals 1.234,56."""


class NotAWrittenAmount(Refused):
    """'{text}' is geen bedrag. In bestanden staat een punt met twee cijfers, zoals 1234.56."""


def parse_euros(text: str) -> int:
    """Cents of an amount as people type it: `1.234,56`, `€ 12`, `-0,50`; raises NotAnAmount.

    A point only ever separates thousands: `12.34` is refused, never guessed.
    """
    found = TYPED.fullmatch(text.strip().replace("\N{NO-BREAK SPACE}", " "))
    if found is None or (found["minus"] and found["minus_too"]):
        raise NotAnAmount(text=text)
    part = found["cents"]
    cents = int(found["euros"].replace(".", "")) * 100 + (int(part) if part and part != "-" else 0)
    return -cents if found["minus"] or found["minus_too"] else cents


def read_amount(text: str) -> int:
    """Cents of an amount in an administration or bank file: `1234.56`, `-0.50`; raises NotAWrittenAmount."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise NotAWrittenAmount(text=text)
    cents = int(found["euros"]) * 100 + int(found["cents"])
    return -cents if found["minus"] else cents


def show(cents: int) -> str:
    """An amount in cents for Dutch readers: `€ 1.234,56`, below zero `− € 1.234,56`."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'− ' if cents < 0 else ''}€ {f'{euros:,}'.replace(',', '.')},{rest:02d}"


def as_text(cents: int) -> str:
    """An amount in cents as files write it, and `read_amount` reads it: `1234.56`."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros}.{rest:02d}"


def divide(cents: int, weights: Sequence[int]) -> list[int]:
    """An amount in cents over the weights, to the cent: what rounding leaves goes to the largest remainders.

    Of equal remainders the first gets it. Raises ValueError for weights below zero, or none above it.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError(weights)
    sign = -1 if cents < 0 else 1
    shares, remainders = zip(*(divmod(abs(cents) * weight, total) for weight in weights), strict=True)
    left = abs(cents) - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    getting_more = frozenset(by_remainder[:left])
    return [sign * (share + (i in getting_more)) for i, share in enumerate(shares)]
