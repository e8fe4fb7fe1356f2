"""Whose money it is: from a line of a statement and what is known, without any I/O, to a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from huishoudboekje.domain.agreements import Agreement
from huishoudboekje.domain.instructions import Instruction
from ingest.decisions import (
    Ambiguous,
    BatchMatch,
    Candidate,
    Decision,
    Match,
    Met,
    OwnMoney,
    Person,
    ReturnOf,
    Unknown,
)
from ingest.evidence import Line

__all__ = [
    "Ambiguous",
    "BatchMatch",
    "Candidate",
    "Decision",
    "Match",
    "Met",
    "OwnMoney",
    "Person",
    "Reconciler",
    "ReturnOf",
    "Unknown",
]


class Reconciler:
    """Decides line after line, and remembers what it decided.

    `organisation_accounts` says of an IBAN to which organisations it belongs (several share a payment
    provider's). What is learnt twice is kept as it was first: after the first time this object knows better.
    """

    def __init__(  # noqa: PLR0913 - all that can be known of whose money it is
        self,
        agreements: Iterable[Agreement] = (),
        people: Iterable[Person] = (),
        instructions: Iterable[Instruction] = (),
        met: Iterable[Met] = (),
        own_ibans: Collection[str] = (),
        organisation_accounts: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        raise NotImplementedError

    def learn_agreements(self, agreements: Iterable[Agreement], people: Iterable[Person] = ()) -> None:
        """Add candidates, with the residents of their households."""
        raise NotImplementedError

    def learn_instructions(self, instructions: Iterable[Instruction]) -> None:
        """Add what the bank was told to pay."""
        raise NotImplementedError

    def learn_met(self, met: Iterable[Met]) -> None:
        """Add what is booked already; of an agreement that this object knows bookings of, nothing is added."""
        raise NotImplementedError

    def learn_accounts(self, organisation_accounts: Mapping[str, Collection[str]]) -> None:
        """Add to which organisations an IBAN belongs."""
        raise NotImplementedError

    def decide(self, line: Line) -> Decision:
        """Whose money this line is, and remember it."""
        raise NotImplementedError

    def forget(self, decision: Decision) -> None:
        """Undo what `decide` remembered."""
        raise NotImplementedError
