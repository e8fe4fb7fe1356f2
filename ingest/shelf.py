"""The agreements of one IBAN in one direction, indexed so that even very many cost little to search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Final

from huishoudboekje.domain.agreements import Agreement, reference_key

# So many agreements are simply all looked at.
FEW: Final = 16

Words = Callable[[Agreement], Iterable[str]]


class Shelf:
    """Agreements by reference at once; by amount, name and start of a reference from when that is asked."""

    __slots__ = (
        "_amounts",
        "_named",
        "_names",
        "_priced",
        "_starts",
        "agreements",
        "households",
        "references",
    )

    def __init__(self) -> None:
        self.agreements: list[Agreement] = []
        self.households: set[str] = set()
        self.references: dict[str, list[Agreement]] = {}
        self._amounts: dict[int, list[Agreement]] = {}
        self._names: dict[str, list[Agreement]] = {}
        self._starts: list[str] = []
        # How many of the agreements the two indexes above hold: they catch up when they are asked.
        self._priced = 0
        self._named = 0

    def add(self, agreement: Agreement, key: str) -> None:
        """Put an agreement here, by the key of its reference (empty: none)."""
        self.agreements.append(agreement)
        self.households.add(agreement.household_id)
        if key:
            self.references.setdefault(key, []).append(agreement)

    def by_amount(self, amount_cents: int) -> list[Agreement]:
        """Agreements of exactly this amount, in cents."""
        for agreement in self.agreements[self._priced :]:
            self._amounts.setdefault(agreement.amount_cents, []).append(agreement)
        self._priced = len(self.agreements)
        return self._amounts.get(amount_cents, [])

    def by_name(self, text: Iterable[str], words_of: Words) -> list[Agreement]:
        """Agreements of residents whose surname has one of these words, unless very many share it."""
        for agreement in self.agreements[self._named :]:
            for word in words_of(agreement):
                self._names.setdefault(word, []).append(agreement)
        self._named = len(self.agreements)
        found: list[Agreement] = []
        for word in text:
            bearers = self._names.get(word)
            if bearers is not None and len(bearers) <= FEW:
                found.extend(bearers)
        return found

    def by_start(self, start: str) -> list[Agreement]:
        """Agreements whose reference is longer than this and begins so, at most a few."""
        if len(self._starts) != len(self.references):
            self._starts = sorted(self.references)
        at = bisect_right(self._starts, start)
        found: list[Agreement] = []
        for key in self._starts[at : at + FEW + 1]:
            if not key.startswith(start):
                break
            found.extend(self.references[key])
        return found


def key_of(agreement: Agreement) -> str:
    """The key of an agreement's reference, empty where it has none."""
    return reference_key(agreement.reference) if agreement.reference else ""
