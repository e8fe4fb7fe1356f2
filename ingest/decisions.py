"""What may be decided of a line of a bank statement: whose money it is, or what to ask a person.

Every decision says of which line it is and of how much, so that it can be undone.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.domain.instructions import Instruction
from ingest.evidence import Evidence


class Person(NamedTuple):
    """What of a resident may stand in a description, and so tell households apart."""

    resident_id: str
    household_id: str
    initials: str
    surname: str
    birth_date: date


class Met(NamedTuple):
    """What is already booked on an occurrence; `amount_cents` is signed as the agreement's is: positive."""

    occurrence: Occurrence
    amount_cents: int
    booked_on: date


class Candidate(NamedTuple):
    """Whose money it may be, with what speaks for it and (weight below zero) against it.

    `agreement_id` is None where only the household is likely; `end_to_end_id` names an instruction of ours
    that it may belong to. `confidence` is the chance that household and agreement are both right.
    """

    household_id: str
    agreement_id: str | None
    occurrence: Occurrence | None
    confidence: float
    evidence: tuple[Evidence, ...]
    end_to_end_id: str | None = None


class Match(NamedTuple):
    """Certain: this line is this agreement's; `agreement_id` is None for a refund of ours alone.

    `occurrence` is None where no nominal date can be named; `end_to_end_id` is our instruction that the line
    settles, None for income and direct debits.
    """

    line_id: int
    amount_cents: int
    agreement_id: str | None
    household_id: str
    occurrence: Occurrence | None
    end_to_end_id: str | None
    confidence: float
    evidence: tuple[Evidence, ...]


class ReturnOf(NamedTuple):
    """Certain: this credit is our payment that came back; `amount_cents` may be less than was paid."""

    line_id: int
    amount_cents: int
    instruction: Instruction
    confidence: float
    evidence: tuple[Evidence, ...]


class BatchMatch(NamedTuple):
    """Certain: this one debit is all that was still open of a batch that we sent."""

    line_id: int
    amount_cents: int
    payment_information_id: str
    instructions: tuple[Instruction, ...]
    confidence: float
    evidence: tuple[Evidence, ...]


class OwnMoney(NamedTuple):
    """The municipality's own: `purpose` is `costs` or `interest` of the bank."""

    line_id: int
    amount_cents: int
    purpose: str
    confidence: float
    evidence: tuple[Evidence, ...]


class Ambiguous(NamedTuple):
    """Not certain: a person decides. Candidates best first; `reason` for programs, `why_not` in Dutch."""

    line_id: int
    amount_cents: int
    candidates: tuple[Candidate, ...]
    reason: str
    why_not: str


class Unknown(NamedTuple):
    """Nothing known points at anybody; `why` says in Dutch what was looked for."""

    line_id: int
    amount_cents: int
    reason: str
    why: str


Decision = Match | ReturnOf | BatchMatch | OwnMoney | Ambiguous | Unknown
