"""Whose money it is: from a line of a statement and what is known, without any I/O, to a decision.

Our own payments are known by their EndToEndId, a batch by its PmtInfId and total. All else is weighed against
the agreements (weighing.py). A line is booked by itself only when the best candidate is certain enough, far
enough ahead of the second, identified, and nothing hard speaks against it. Better no match than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from huishoudboekje.domain import money
from huishoudboekje.domain.agreements import Agreement, Occurrence
from huishoudboekje.domain.instructions import Instruction
from ingest import evidence as e
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
from ingest.evidence import HARD, Evidence, Line, references_of, told
from ingest.memory import Occurrences, Payment, Payments
from ingest.weighing import MOST_SHOWN, USUAL, Agreements, Settings, Verdict, weigh

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

# How sure a decision is that rests on our own identifiers, on a bank's code, or on reference, IBAN, amount
# and date together.
BY_OUR_ID: Final = 0.9999
BY_BATCH: Final = 0.9995
BY_BATCH_TOTAL: Final = 0.995
BY_CODE: Final = 0.99
BY_REFERENCE: Final = 0.9995
# What is left of that when our own payment is not as it was instructed, or is not known by its identifier.
NOT_AS_INSTRUCTED: Final = 0.6
BY_PAYEE: Final = 0.4

PLAIN: Final = (e.IBAN, e.REFERENCE, e.AMOUNT, e.DUE)
AS_INSTRUCTED: Final = (e.OUR_ID, e.AMOUNT, e.IBAN)
WHOLE_BATCH: Final = (e.OUR_BATCH, e.BATCH_TOTAL)

COSTS: Final = frozenset({"CHRG", "COMM", "FEES"})
INTEREST: Final = frozenset({"INTR", "INTE"})
# In a bank transaction code: somebody collects from us, so it is no payment of ours.
COLLECTED: Final = "RDDT"
_CODE_PART: Final = re.compile(r"[A-Z]{4}")

WHY_NOT: Final[dict[str, str]] = {
    "batch_total_mismatch": "Aantal of totaalbedrag van deze betaalbatch klopt niet met wat nog open staat.",
    "batch_settled": "Alle betalingen van deze betaalbatch staan al op een afschrift.",
    "batch_unknown": "Deze betaalbatch hebben wij niet verstuurd.",
    "batch_returned": "Een hele betaalbatch komt terug: kijk welke betalingen dat zijn.",
    "not_certain": "Er is te weinig dat zeker maakt van wie dit is.",
    "not_ahead": "Er is meer dan één mogelijkheid, en geen daarvan is duidelijk de beste.",
    "not_identified": "Niets in de omschrijving zegt voor welk huishouden dit is.",
    "undone_income": "De bank draait een ontvangst terug: kies welke.",
    "return_without_id": "Dit is een teruggekomen betaling, maar ons eigen kenmerk ontbreekt.",
    "paid_without_id": "Dit lijkt een betaling van ons, maar ons eigen kenmerk ontbreekt.",
}
UNKNOWN: Final[dict[str, str]] = {
    "no_counterparty": "De bank noemt geen tegenrekening en geen kenmerk dat wij kennen.",
    "own_account": "Dit is een overboeking tussen eigen rekeningen.",
    "unknown_counterparty": "Deze tegenrekening en dit kenmerk komen in geen afspraak voor.",
    "no_money": "Er is geen geld verplaatst: het bedrag is nul.",
}


class Reconciler:
    """Decides line after line, and remembers what it decided.

    `organisation_accounts` says of an IBAN to which organisations it belongs (several share a payment
    provider's). What is learnt twice is kept as it was first: after the first time this object knows better.
    """

    def __init__(
        self,
        agreements: Iterable[Agreement] = (),
        people: Iterable[Person] = (),
        instructions: Iterable[Instruction] = (),
        met: Iterable[Met] = (),
        own_ibans: Collection[str] = (),
        organisation_accounts: Mapping[str, Collection[str]] | None = None,
        settings: Settings = USUAL,
    ) -> None:
        self._settings = settings
        self._agreements = Agreements()
        self._payments = Payments()
        self._occurrences = Occurrences()
        self._own = frozenset(own_ibans)
        self.learn_agreements(agreements, people)
        self.learn_instructions(instructions)
        self.learn_met(met)
        self.learn_accounts(organisation_accounts or {})

    def learn_agreements(self, agreements: Iterable[Agreement], people: Iterable[Person] = ()) -> None:
        """Add candidates, with the residents of their households."""
        self._agreements.learn(agreements, people)

    def learn_instructions(self, instructions: Iterable[Instruction]) -> None:
        """Add what the bank was told to pay; of a batch all its instructions at once."""
        self._payments.learn(instructions)

    def learn_met(self, met: Iterable[Met]) -> None:
        """Add what is booked already; of an agreement whose bookings are known here, nothing is added."""
        self._occurrences.learn(met)

    def learn_accounts(self, organisation_accounts: Mapping[str, Collection[str]]) -> None:
        """Add to which organisations an IBAN belongs."""
        self._agreements.learn_accounts(organisation_accounts)

    def decide(self, line: Line) -> Decision:
        """Whose money this line is, and remember it."""
        decision = self._at_once(line) or self._at_length(line)
        self._remember(decision, 1)
        return decision

    def is_plain(self, line: Line) -> bool:
        """Whether this line, as things stand, is decided without the other agreements of its IBAN."""
        return self._at_once(line) is not None

    def forget(self, decision: Decision) -> None:
        """Undo what `decide` remembered."""
        self._remember(decision, -1)

    def _remember(self, decision: Decision, sign: int) -> None:
        match decision:
            case Match(amount_cents=cents, occurrence=occurrence, end_to_end_id=end_to_end_id):
                self._book(occurrence, end_to_end_id, settled_cents=sign * abs(cents))
            case ReturnOf(amount_cents=cents, instruction=instruction):
                self._book(instruction.occurrence, instruction.end_to_end_id, returned_cents=sign * cents)
            case BatchMatch(instructions=instructions):
                for one in instructions:
                    self._book(one.occurrence, one.end_to_end_id, settled_cents=sign * one.amount_cents)
            case OwnMoney() | Ambiguous() | Unknown():
                pass

    def _book(
        self,
        occurrence: Occurrence | None,
        end_to_end_id: str | None,
        *,
        settled_cents: int = 0,
        returned_cents: int = 0,
    ) -> None:
        if occurrence is not None:
            self._occurrences.book(occurrence, settled_cents - returned_cents)
        if end_to_end_id is not None and (payment := self._payments.get(end_to_end_id)):
            payment.settled_cents += settled_cents
            payment.returned_cents += returned_cents

    def _at_once(self, line: Line) -> Decision | None:
        if line.end_to_end_id is not None:
            payment = self._payments.get(line.end_to_end_id)
            if payment is not None:
                return _settled(line, payment) if line.amount_cents < 0 else _returned(line, payment)
        if line.amount_cents == 0:
            return _unknown(line, "no_money")
        if line.counter_iban in self._own:
            return _unknown(line, "own_account")
        if line.counter_iban is None or line.reversal or line.return_reason is not None:
            return None
        return self._plain(line)

    def _at_length(self, line: Line) -> Decision:
        if line.counter_iban is None:
            return self._without_counterparty(line)
        if line.reversal or line.return_reason is not None:
            return self._undone(line)
        return self._weighed(line)

    # -- by reference, at once ---------------------------------------------------------------

    def _plain(self, line: Line) -> Match | None:
        """The ordinary case: one known reference at the known IBAN, the right amount on a day that is due."""
        found = references_of(line)
        if not found or self._settings.ignored:
            return None
        cents = line.amount_cents
        agreement = self._agreements.only_one(line.counter_iban or "", found, income=cents > 0)
        if agreement is None or agreement.amount_cents != abs(cents):
            return None
        if line.remittance and self._agreements.names_another(line.remittance, agreement):
            return None
        nearest = self._occurrences.nearest(agreement, line.booked_on)
        if nearest is None or nearest.met_cents > 0:
            return None
        occurrence = Occurrence(agreement.id, nearest.due_on)
        return Match(
            line.id, cents, agreement.id, agreement.household_id, occurrence, None, BY_REFERENCE, PLAIN
        )

    def _weighed(self, line: Line) -> Decision:
        verdict = weigh(line, self._agreements, self._occurrences, self._settings)
        best = verdict.candidates[0] if verdict.chosen else None
        # A payment of ours may have lost its identifier, unless the reference says that this is another.
        told_apart = best is not None and (e.REFERENCE in best.evidence or e.CUT_REFERENCE in best.evidence)
        guesses = () if told_apart else self._guesses(line)
        if best is not None and not guesses:
            return Match(
                line.id,
                line.amount_cents,
                best.agreement_id,
                best.household_id,
                best.occurrence,
                None,
                best.confidence,
                best.evidence,
            )
        paid = {guess.agreement_id for guess in guesses}
        others = (one for one in verdict.candidates if one.agreement_id not in paid)
        candidates = _best_first((*guesses, *others))
        if not candidates:
            return _unknown(line, "unknown_counterparty")
        return Ambiguous(line.id, line.amount_cents, candidates, *_reason(verdict, candidates))

    def _guesses(self, line: Line) -> tuple[Candidate, ...]:
        """Payments of ours to the same account of the same amount: seen here without their identifier."""
        if line.amount_cents > 0 or (line.code is not None and COLLECTED in line.code):
            return ()
        payments = self._payments.to_payee(line.counter_iban or "", -line.amount_cents)
        likely = [
            payment
            for payment in payments
            if payment.is_open and abs((payment.instruction.execution_on - line.booked_on).days) <= NEAR_DAYS
        ]
        return tuple(
            _of(payment, BY_PAYEE / len(likely), e.IBAN, e.AMOUNT, e.NOT_OUR_ID) for payment in likely
        )

    # -- undone ------------------------------------------------------------------------------

    def _undone(self, line: Line) -> Decision:
        """A return or a reversal without an identifier of ours."""
        if line.amount_cents < 0:
            return self._asked(line, "undone_income")
        payments = [
            payment
            for payment in self._payments.to_payee(line.counter_iban or "", line.amount_cents)
            if payment.settled_cents > payment.returned_cents
            and 0 <= (line.booked_on - payment.instruction.execution_on).days <= RETURN_DAYS
        ]
        if not payments:
            return self._asked(line, "return_without_id")
        share = 1 / (1 + len(payments))
        candidates = tuple(
            _of(payment, share, e.IBAN, e.AMOUNT, e.NOT_OUR_ID) for payment in payments[:MOST_SHOWN]
        )
        return Ambiguous(
            line.id, line.amount_cents, candidates, "return_without_id", WHY_NOT["return_without_id"]
        )

    def _asked(self, line: Line, reason: str) -> Decision:
        candidates = weigh(line, self._agreements, self._occurrences, self._settings).candidates
        return Ambiguous(line.id, line.amount_cents, candidates, reason, WHY_NOT[reason])

    # -- without a counterparty --------------------------------------------------------------

    def _without_counterparty(self, line: Line) -> Decision:
        batch = line.batch_payment_information_id or line.batch_message_id
        if batch is not None or (line.batch_count or 0) > 1:
            return self._batch(line, batch)
        code = frozenset(_CODE_PART.findall(line.code)) if line.code else frozenset()
        if code & COSTS:
            return OwnMoney(line.id, line.amount_cents, "costs", BY_CODE, (e.BANK_COSTS,))
        if code & INTEREST:
            return OwnMoney(line.id, line.amount_cents, "interest", BY_CODE, (e.BANK_INTEREST,))
        verdict = weigh(line, self._agreements, self._occurrences, self._settings)
        if verdict.candidates:
            return Ambiguous(
                line.id, line.amount_cents, verdict.candidates, *_reason(verdict, verdict.candidates)
            )
        return _unknown(line, "no_counterparty")

    def _batch(self, line: Line, batch: str | None) -> Decision:
        payments = None if batch is None else self._payments.batch(batch)
        if payments is None and line.batch_message_id is not None:
            payments = self._payments.batch(line.batch_message_id)
        if line.amount_cents > 0:
            return _batch_asked(line, "batch_returned" if payments else "batch_unknown")
        evidence: tuple[Evidence, ...] = WHOLE_BATCH
        confidence = BY_BATCH
        if payments is None:
            alike = list(self._payments.open_batches(line.account, -line.amount_cents))
            if len(alike) != 1:
                return _batch_asked(line, "batch_unknown")
            payments, evidence, confidence = (
                self._payments.batch(alike[0]) or [],
                (e.BATCH_TOTAL,),
                BY_BATCH_TOTAL,
            )
            if line.batch_count is None:
                return _batch_asked(line, "batch_unknown")
        still_open = tuple(
            sorted(
                (payment.instruction for payment in payments if payment.is_open),
                key=lambda one: one.end_to_end_id,
            )
        )
        if not still_open:
            return _batch_asked(line, "batch_settled")
        if (
            sum(instruction.amount_cents for instruction in still_open) != -line.amount_cents
            or line.batch_count not in {None, len(still_open)}
            or still_open[0].debtor_iban not in {line.account, None}
        ):
            return _batch_asked(line, "batch_total_mismatch")
        identity = still_open[0].payment_information_id
        return BatchMatch(line.id, line.amount_cents, identity, still_open, confidence, evidence)


# A payment of ours may be booked so many days from its execution date, and come back so many days after it.
NEAR_DAYS: Final = 5
RETURN_DAYS: Final = 60


def _settled(line: Line, payment: Payment) -> Decision:
    """Our own payment, seen on a statement."""
    instruction = payment.instruction
    against = _not_as_instructed(line, instruction)
    if line.amount_cents != -instruction.amount_cents:
        difference = money.show(-line.amount_cents - instruction.amount_cents)
        against.append(told(e.PAID_OTHERWISE, difference=difference))
    if not payment.is_open:
        against.append(e.SETTLED)
    if line.reversal:
        against.append(e.HAPPENED_BACKWARDS)
    if against:
        return _asked_of_payment(line, payment, against)
    occurrence = instruction.occurrence
    return Match(
        line.id,
        line.amount_cents,
        None if occurrence is None else occurrence.agreement_id,
        instruction.household_id,
        occurrence,
        instruction.end_to_end_id,
        BY_OUR_ID,
        AS_INSTRUCTED,
    )


def _returned(line: Line, payment: Payment) -> Decision:
    """Our own payment, come back; a bank may keep costs, but never gives more than was paid."""
    instruction = payment.instruction
    against = _not_as_instructed(line, instruction)
    evidence: tuple[Evidence, ...] = AS_INSTRUCTED
    less = instruction.amount_cents - payment.returned_cents - line.amount_cents
    if payment.returned_cents >= instruction.amount_cents:
        against.append(e.RETURNED)
    elif less < 0 or (less > 0 and line.return_reason is None):
        against.append(told(e.PAID_OTHERWISE, difference=money.show(-less)))
    elif less > 0:
        evidence = (e.OUR_ID, e.IBAN, told(e.AMOUNT_LESS, difference=money.show(less)))
    if against:
        return _asked_of_payment(line, payment, against)
    if payment.settled_cents == 0:
        evidence = (*evidence, e.NOT_SEEN_PAID)
    return ReturnOf(line.id, line.amount_cents, instruction, BY_OUR_ID, evidence)


def _not_as_instructed(line: Line, instruction: Instruction) -> list[Evidence]:
    against = []
    if line.counter_iban is not None and line.counter_iban != instruction.counter_iban:
        against.append(e.PAID_ELSEWHERE)
    if instruction.debtor_iban not in {line.account, None}:
        against.append(e.OTHER_OWN_ACCOUNT)
    return against


def _asked_of_payment(line: Line, payment: Payment, against: list[Evidence]) -> Ambiguous:
    candidate = _of(payment, NOT_AS_INSTRUCTED, e.OUR_ID, *against)
    first = against[0]
    return Ambiguous(line.id, line.amount_cents, (candidate,), first.name, _sentence(first.words))


def _of(payment: Payment, confidence: float, *evidence: Evidence) -> Candidate:
    instruction = payment.instruction
    occurrence = instruction.occurrence
    return Candidate(
        instruction.household_id,
        None if occurrence is None else occurrence.agreement_id,
        occurrence,
        confidence,
        evidence,
        instruction.end_to_end_id,
    )


def _best_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: -candidate.confidence)[:MOST_SHOWN])


def _batch_asked(line: Line, reason: str) -> Ambiguous:
    return Ambiguous(line.id, line.amount_cents, (), reason, WHY_NOT[reason])


def _unknown(line: Line, reason: str) -> Unknown:
    return Unknown(line.id, line.amount_cents, reason, UNKNOWN[reason])


def _reason(verdict: Verdict, candidates: tuple[Candidate, ...]) -> tuple[str, str]:
    """Why only a person may book this: the first hard thing against the best candidate, or what lacks."""
    if candidates[0].end_to_end_id is not None or verdict.chosen is not None:
        return "paid_without_id", WHY_NOT["paid_without_id"]
    for evidence in candidates[0].evidence:
        if evidence.name in HARD:
            return evidence.name, _sentence(evidence.words)
    return verdict.lacks, WHY_NOT[verdict.lacks]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
