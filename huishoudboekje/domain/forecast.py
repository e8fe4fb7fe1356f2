"""What comes and what goes: the nominal dates of all agreements as amounts on banking days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from huishoudboekje.domain.agreements import Agreement, Occurrence


@dataclass(frozen=True, slots=True)
class Projected:
    """One amount that is expected: `amount_cents` above zero comes in, below zero goes out.

    `on` is the banking day; income is taken to come after a weekend, a cost before it. `main_income`: it
    is large enough (policy) for what follows it to count on.
    """

    on: date
    amount_cents: int
    occurrence: Occurrence
    living_money: bool = False
    main_income: bool = False

    @property
    def agreement_id(self) -> str:
        """Whose amount it is."""
        return self.occurrence.agreement_id


def projected(
    agreements: Iterable[Agreement],
    since: date,
    until: date,
    met: Collection[Occurrence] = frozenset(),
    *,
    main_income_percent: int = 25,
) -> list[Projected]:
    """What is expected with a due day from `since` up to and including `until` and not in `met`, by day."""
    raise NotImplementedError


def monthly_income_cents(agreements: Iterable[Agreement], today: date) -> int:
    """What comes in in an average month by the agreements that run on `today`, in cents."""
    raise NotImplementedError
