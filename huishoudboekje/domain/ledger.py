"""The ledger's rules: accounts, transfers between two of them, and the events that move money.

Double entry in whole cents, append only. A transfer moves a positive amount from its source to its
target; an entry is one or more transfers that are booked whole or not at all. Raw balance is what an
account received less what it gave, and all raw balances together are zero. Credit-normal accounts
show their raw balance, debit-normal accounts show it negated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class AccountKind(StrEnum):
    """What an account is for; the first half of its name."""

    BANK = "bank"
    HOUSEHOLD = "household"
    RESERVATION = "reservation"
    ADVANCE = "advance"
    EXCESS = "excess"
    IN_TRANSIT = "in_transit"
    SUSPENSE = "suspense"
    OWN = "own"


DEBIT_NORMAL = frozenset({AccountKind.BANK, AccountKind.ADVANCE, AccountKind.EXCESS, AccountKind.OWN})
"""Kinds that show their raw balance negated."""

NEVER_BELOW_ZERO = frozenset(
    {
        AccountKind.HOUSEHOLD,
        AccountKind.RESERVATION,
        AccountKind.ADVANCE,
        AccountKind.EXCESS,
        AccountKind.IN_TRANSIT,
    }
)
"""Kinds whose shown balance is zero or more."""


class EntryKind(StrEnum):
    """Why money moved."""

    OPENING = "opening"
    INCOME = "income"
    REPAYMENT = "repayment"
    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    SENT = "sent"
    SETTLED = "settled"
    COLLECTED = "collected"  # a direct debit, or a payment of the previous system
    RETURNED = "returned"
    REJECTED = "rejected"
    NOT_DELIVERED = "not_delivered"
    SUSPENSE = "suspense"
    BOOKED = "booked"  # from suspense, by a person
    OWN = "own"
    RESERVATION = "reservation"
    REVERSAL = "reversal"
    DECISION = "decision"


class Phase(StrEnum):
    """Posted, or reserved and later posted or voided."""

    RESERVED = "reserved"
    POSTED = "posted"
    VOIDED = "voided"


def bank(iban: str) -> str:
    """Name the account that mirrors a municipal bank account."""
    return f"{AccountKind.BANK}:{iban}"


def household(household_id: str) -> str:
    """Name the account of a household's own money; ValueError for nobody's."""
    return _of(AccountKind.HOUSEHOLD, household_id)


def _of(kind: AccountKind, household_id: str) -> str:
    if not household_id:
        raise ValueError(kind)
    return f"{kind}:{household_id}"


def reservation(household_id: str, purpose: str) -> str:
    """Name the account of what a household set aside for a purpose."""
    return f"{AccountKind.RESERVATION}:{household_id}:{purpose}"


def advance(household_id: str) -> str:
    """Name the account of what a household owes the municipality."""
    return _of(AccountKind.ADVANCE, household_id)


def excess(household_id: str) -> str:
    """Name the account of what the bank has already done beyond the limit."""
    return _of(AccountKind.EXCESS, household_id)


def in_transit(payment_information_id: str) -> str:
    """Name the account of money sent to the bank under one PmtInfId."""
    return f"{AccountKind.IN_TRANSIT}:{payment_information_id}"


def suspense(iban: str) -> str:
    """Name the account of what is on a statement but not yet known whose."""
    return f"{AccountKind.SUSPENSE}:{iban}"


def own(purpose: str) -> str:
    """Name an account of the municipality's own money."""
    return f"{AccountKind.OWN}:{purpose}"


OPENING = own("opening")
COSTS = own("costs")
INTEREST = own("interest")
CHARGES = own("charges")
WRITE_OFFS = own("write-offs")


def kind_of(account: str) -> AccountKind:
    """Read the kind from an account's name; ValueError for a name that is none."""
    return AccountKind(account.partition(":")[0])


def household_of(account: str) -> str | None:
    """Read whose account it is; None for the bank's, the municipality's own and money on its way."""
    kind, _, rest = account.partition(":")
    if kind in {AccountKind.HOUSEHOLD, AccountKind.ADVANCE, AccountKind.EXCESS}:
        return rest
    return rest.partition(":")[0] if kind == AccountKind.RESERVATION else None


def shown(account: str, raw_cents: int) -> int:
    """Turn a raw balance in cents into the one that people read."""
    return -raw_cents if kind_of(account) in DEBIT_NORMAL else raw_cents


@dataclass(frozen=True, slots=True)
class Transfer:
    """A positive amount in cents from one account to another."""

    source: str
    target: str
    amount_cents: int
    phase: Phase = Phase.POSTED
    end_to_end_id: str | None = None
    resolves: int | None = None

    def __post_init__(self) -> None:
        """Promise a positive whole amount between two accounts."""
        if self.amount_cents <= 0 or self.source == self.target:
            raise ValueError(self.source, self.target, self.amount_cents)


@dataclass(frozen=True, slots=True)
class Entry:
    """Transfers that are booked whole or not at all.

    `key` makes it happen once: the same key with the same transfers is harmless, with other ones an
    error. `effective_on` is the bank's booking date, or the day of the act.
    """

    key: str
    kind: EntryKind
    effective_on: date
    transfers: tuple[Transfer, ...]
    transaction_id: int | None = None
    reverses: int | None = None
    reason: str | None = None


def moved(
    source: str, target: str, amount_cents: int, end_to_end_id: str | None = None
) -> tuple[Transfer, ...]:
    """Move an amount, or nothing at all when it is zero; a negative amount moves the other way."""
    if amount_cents == 0:
        return ()
    if amount_cents < 0:
        source, target = target, source
    return (Transfer(source, target, abs(amount_cents), end_to_end_id=end_to_end_id),)


def reversal(booked: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """Undo without erasing: auditors must see both."""
    return tuple(replace(each, source=each.target, target=each.source, resolves=None) for each in booked)


def raw_balances(transfers: Iterable[Transfer]) -> Counter[str]:
    """Replay posted transfers into raw balances in cents; together they are zero."""
    balances: Counter[str] = Counter()
    for transfer in transfers:
        if transfer.phase is Phase.POSTED:
            balances[transfer.source] -= transfer.amount_cents
            balances[transfer.target] += transfer.amount_cents
    return balances
