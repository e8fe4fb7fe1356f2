"""What a reader counts of every booked entry: numbers and sums, nothing that would slow reading."""

from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


class Uneven(NamedTuple):
    """An entry whose parts are not the entry: `difference` is entry minus parts.

    The entry's amount is what the balances count. `difference` is `None` when a part does not say its amount.
    """

    entry: int
    amount: Decimal
    parts: int
    difference: Decimal | None


class Totals(NamedTuple):
    """Whether a statement adds up: opening + booked entries = closing, and the bank's own counts.

    `difference` is closing - (opening + entries), `None` when there is no opening or no closing balance.
    """

    entries: int
    credit_sum: Decimal
    debit_sum: Decimal
    opening: Decimal | None
    closing: Decimal | None
    difference: Decimal | None
    summary_agrees: bool | None
    uneven: tuple[Uneven, ...]


class Sums:
    """How many entries, and what they come to; debits as a positive amount."""

    __slots__ = ("credit_count", "credit_sum", "debit_count", "debit_sum")

    def __init__(self) -> None:
        """Start at nothing."""
        self.credit_count = self.debit_count = 0
        self.credit_sum = self.debit_sum = ZERO

    def count(self, amount: Decimal) -> None:
        """Add one entry, of a signed amount."""
        if amount >= 0:
            self.credit_count += 1
            self.credit_sum += amount
        else:
            self.debit_count += 1
            self.debit_sum -= amount

    @property
    def entries(self) -> int:
        """All entries."""
        return self.credit_count + self.debit_count

    @property
    def net(self) -> Decimal:
        """What the entries add to the balance."""
        return self.credit_sum - self.debit_sum

    @property
    def gross(self) -> Decimal:
        """Credits and debits together, as `TxsSummry/TtlNtries/Sum` counts them."""
        return self.credit_sum + self.debit_sum


class Tally(Sums):
    """What every reader counts: the booked entries, and entries whose parts do not add up to them."""

    __slots__ = ("uneven",)

    def __init__(self) -> None:
        """Start at nothing."""
        super().__init__()
        self.uneven: list[Uneven] = []

    def count_uneven(self, uneven: Uneven) -> None:
        """Note an entry whose parts do not add up to it."""
        self.uneven.append(uneven)
