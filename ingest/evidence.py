"""What a line of a bank statement says for and against an agreement, without any I/O."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple


class Line(NamedTuple):
    """A transaction of a statement, as the matcher reads it.

    `id` is ours; `account` our own IBAN; `amount_cents` is signed, money that came in is positive. `reference`
    is the structured one; `bank_text` is what the bank adds itself (`AddtlNtryInf`).
    """

    id: int
    ref: str | None
    account: str
    booked_on: date
    amount_cents: int
    counter_iban: str | None = None
    counter_name: str | None = None
    end_to_end_id: str | None = None
    reference: str | None = None
    remittance: str | None = None
    code: str | None = None
    reversal: bool = False
    return_reason: str | None = None
    batch_payment_information_id: str | None = None
    batch_message_id: str | None = None
    batch_count: int | None = None
    bank_text: str | None = None


class Keys(NamedTuple):
    """By what the administration is searched for a line.

    Instructions by `end_to_end_id` and `payment_information_id`; agreements where `iban` is `counter_iban`, or
    whose `reference_key` is one of `tokens`.
    """

    end_to_end_id: str | None
    payment_information_id: str | None
    counter_iban: str | None
    tokens: frozenset[str]


class Evidence(NamedTuple):
    """One thing that speaks for (weight above zero) or against a candidate; the weight is in bits, log2(m/u)."""

    name: str
    weight: float
    words: str


_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def reference_key(reference: str) -> str:
    """A reference as it is compared: capitals and digits only, without leading zeros.

    This is what is stored beside each agreement; it is empty where nothing is left.
    """
    return _NOT_ALPHANUMERIC.sub("", reference).upper().lstrip("0")


def keys(line: Line) -> Keys:
    """What to look for in the administration to find every candidate for this line."""
    raise NotImplementedError
