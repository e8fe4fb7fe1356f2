"""Carry decisions into the ledger: which transfers, what became of occurrences and instructions, and why.

Money that the bank moved is always booked. Where it takes a household below zero, the short part goes
to the advance up to the limit, and above it to the excess, which asks for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Agreement, Occurrence, OccurrenceKind
from huishoudboekje.domain.guarantee import (
    HouseholdMoney,
    ReturnedTooMuch,
    living_money_floor,
    repayment,
    return_split,
    shortfall,
)
from huishoudboekje.domain.instructions import Instruction, Origin, Outcome
from huishoudboekje.domain.ledger import (
    CHARGES,
    Entry,
    EntryKind,
    Transfer,
    advance,
    bank,
    excess,
    household,
    in_transit,
    moved,
    own,
    suspense,
)
from huishoudboekje.domain.policy import Policy
from huishoudboekje.domain.signals import Signal, SignalKind, signal
from huishoudboekje.storage import agreements, instructions, ledger, occurrences, policy, signals
from huishoudboekje.storage.instructions import Shown
from huishoudboekje.storage.occurrences import Happening
from ingest import store
from ingest.candidates import Candidates
from ingest.decisions import (
    Ambiguous,
    BatchMatch,
    Candidate,
    Decision,
    Match,
    OwnMoney,
    ReturnOf,
    Unknown,
)
from ingest.evidence import Evidence, Line
from ingest.states import BookedOn, BookingStatus
from ingest.store import Booked

CHUNK = 5000
CANDIDATES_KEPT = 5


@dataclass(slots=True)
class Effects:
    """All that some decisions do, to be written at once."""

    entries: list[Entry] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """How many lines were booked by themselves, and how many wait for a person."""

    matched: int = 0
    queued: int = 0


def book_statement(
    session: Session,
    statement_id: int,
    own_ibans: Collection[str],
    by: Actor,
    progress: Callable[[int], None] | None = None,
) -> Tally:
    """Decide on all lines of a statement and book them, some thousands at a time."""
    tally = Tally()
    candidates: Candidates | None = None
    purse = Purse(session)
    for lines in store.lines(session, statement_id, CHUNK):
        if candidates is None:
            candidates = Candidates(session, own_ibans, max(each.booked_on for each in lines))
        candidates.bring(lines)
        decisions = [candidates.decide(each) for each in lines]
        purse.open(_households(decisions, candidates.instructions), {each.booked_on for each in lines})
        purse.remember_advanced(
            each.instruction.end_to_end_id for each in decisions if isinstance(each, ReturnOf)
        )
        carrier = Carrier(purse, candidates.instructions, candidates.agreements)
        for line, decision in zip(lines, decisions, strict=True):
            carrier.carry(line, decision)
        write(session, carrier.effects, by)
        queued = sum(each.status is BookingStatus.QUEUED for each in carrier.effects.booked)
        tally.queued += queued
        tally.matched += len(lines) - queued
        if progress:
            progress(len(lines))
    return tally


def write(session: Session, effects: Effects, by: Actor) -> None:
    """Write effects in one go: ledger, decisions, instructions, occurrences, signals."""
    ledger.post(session, effects.entries, by)
    store.write_down(session, effects.booked, by.user)
    instructions.record(session, effects.shown)
    occurrences.record(session, effects.happenings)
    if effects.signals:
        signals.raise_signals(session, effects.signals, by)


def _households(decisions: Iterable[Decision], told: dict[str, Instruction]) -> set[str]:
    found: set[str] = set()
    for decision in decisions:
        match decision:
            case Match(household_id=household_id, end_to_end_id=end):
                if end is None or not told[end].is_in_transit:
                    found.add(household_id)
            case ReturnOf(instruction=instruction):
                found.add(instruction.household_id)
            case BatchMatch(instructions=several):
                found.update(each.household_id for each in several if not each.is_in_transit)
            case OwnMoney() | Ambiguous() | Unknown():
                pass
    return found - {""}  # a refund is of no household


class Purse:
    """The money of the households that are being booked on, locked, and kept up with every booking."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.money: dict[str, HouseholdMoney] = {}
        self.advanced: dict[str, int] = {}
        self.returned: dict[str, int] = {}
        self._limits: dict[tuple[str, date], int] = {}
        self._floors: dict[str, list[Agreement]] = {}
        self._policies: dict[date, Policy] = {}

    def policy_on(self, day: date) -> Policy:
        """The policy of a day."""
        if day not in self._policies:
            self._policies[day] = policy.policy_on(self.session, day)
        return self._policies[day]

    def open(self, household_ids: Collection[str], days: Collection[date]) -> None:
        """Lock households; read their money, their limits on these days, and the agreements of who owes."""
        ledger.lock_households(self.session, household_ids)
        for day in days:
            self.money.update(ledger.household_money(self.session, household_ids, day))
            self._limits.update({(each, day): self.money[each].limit_cents for each in household_ids})
        owing = [
            each for each in household_ids if self.money[each].advance_cents or self.money[each].excess_cents
        ]
        self._read_agreements(owing)

    def _read_agreements(self, household_ids: Collection[str]) -> None:
        for each in household_ids:
            self._floors[each] = []
        self._floors.update(agreements.for_households(self.session, household_ids))

    def money_on(self, household_id: str, day: date) -> HouseholdMoney:
        """The money of a household, with the limit that holds on a day."""
        return replace(self.money[household_id], limit_cents=self._limits[household_id, day])

    def remember_advanced(self, end_to_end_ids: Iterable[str]) -> None:
        """Read what these payments took from the advance."""
        self.advanced.update(ledger.advanced_by_payment(self.session, list(end_to_end_ids)))

    def add_own(self, household_id: str, cents: int) -> None:
        """Own money came (or, below zero, went)."""
        money = self.money[household_id]
        self.money[household_id] = replace(money, own_cents=money.own_cents + cents)

    def add_debt(self, household_id: str, *, advance_cents: int = 0, excess_cents: int = 0) -> None:
        """The advance or the excess rose (or, below zero, fell)."""
        money = self.money[household_id]
        self.money[household_id] = replace(
            money,
            advance_cents=money.advance_cents + advance_cents,
            excess_cents=money.excess_cents + excess_cents,
        )

    def floor_cents(self, household_id: str, on: date, met: Collection[Occurrence]) -> int:
        """What repayment leaves to a household."""
        if household_id not in self._floors:  # it came to owe while this file was booked
            self._read_agreements([household_id])
        return living_money_floor(self._floors[household_id], on, self.policy_on(on), met)


@dataclass(slots=True)
class Carrier:
    """Turns decisions into effects, one after another; `step` and `by_hand` for those of a person."""

    purse: Purse
    instructions: dict[str, Instruction]
    agreements: dict[str, Agreement]
    effects: Effects = field(default_factory=Effects)
    step: int = 1
    reason: str | None = None
    from_suspense: bool = False

    def carry(self, line: Line, decision: Decision) -> None:
        """Book one line as it was decided."""
        if not line.amount_cents:
            self._carry_nothing(line)
            return
        match decision:
            case Match(end_to_end_id=None):
                self._carry_agreement(line, decision)
            case Match():
                self._carry_instruction(line, decision)
            case BatchMatch():
                self._carry_batch(line, decision)
            case ReturnOf():
                self._carry_return(line, decision)
            case OwnMoney():
                self.carry_own(line, decision.purpose, decision.confidence, told(decision.evidence))
            case Ambiguous() | Unknown():
                self._carry_to_suspense(line, decision)

    # ---- what a decision does

    def _carry_agreement(self, line: Line, decision: Match) -> None:
        self.carry_household(
            line,
            decision.household_id,
            Booked(
                line.id,
                self._status,
                BookedOn.AGREEMENT,
                household_id=decision.household_id,
                occurrence=decision.occurrence,
                agreement_id=decision.agreement_id,
                confidence=decision.confidence,
                explanation=told(decision.evidence),
            ),
        )

    def carry_household(self, line: Line, household_id: str, booked: Booked) -> None:
        """Book a line on a household: income repays what it owes, a debit is carried by who can."""
        if line.amount_cents >= 0:
            transfers = moved(self._held(line), household(household_id), line.amount_cents)
            self._add(line, EntryKind.INCOME, transfers)
            self.purse.add_own(household_id, line.amount_cents)
            met = {booked.occurrence} if booked.occurrence else set()
            self._repay(line, household_id, met)
        else:
            transfers = self._taken_from(line, household_id, -line.amount_cents, None)
            self._add(line, EntryKind.COLLECTED, transfers)
        self._happened(line, booked.occurrence, OccurrenceKind.MET, abs(line.amount_cents), None)
        self._write(booked)

    def _carry_instruction(self, line: Line, decision: Match) -> None:
        instruction = self.instructions[str(decision.end_to_end_id)]
        self._settle(line, [instruction])
        self._write(
            Booked(
                line.id,
                self._status,
                BookedOn.INSTRUCTION,
                household_id=decision.household_id,
                occurrence=decision.occurrence or instruction.occurrence,
                agreement_id=decision.agreement_id,
                end_to_end_id=instruction.end_to_end_id,
                payment_information_id=instruction.payment_information_id,
                confidence=decision.confidence,
                explanation=told(decision.evidence),
            )
        )

    def _carry_batch(self, line: Line, decision: BatchMatch) -> None:
        self._settle(line, decision.instructions)
        self._write(
            Booked(
                line.id,
                self._status,
                BookedOn.BATCH,
                payment_information_id=decision.payment_information_id,
                confidence=decision.confidence,
                explanation=told(decision.evidence),
            )
        )

    def _settle(self, line: Line, several: Sequence[Instruction]) -> None:
        """The bank paid what we instructed: out of transit, or, of the previous system, out of own money."""
        transfers: list[Transfer] = []
        ours = [each for each in several if each.is_in_transit]
        if ours:
            total_cents = sum(each.open_cents for each in ours)
            end = ours[0].end_to_end_id if len(ours) == 1 else None
            transfers += moved(in_transit(ours[0].payment_information_id), self._held(line), total_cents, end)
        for each in several:
            own_cents, advanced_cents = each.own_cents, each.advanced_cents
            if not each.is_in_transit and not each.household_id:
                # A refund that was given up and left all the same: out of what is nobody's.
                if not self.from_suspense:
                    nobody = suspense(line.account)
                    transfers += moved(nobody, self._held(line), each.open_cents, each.end_to_end_id)
                self._shout(line, each)
            elif not each.is_in_transit:
                taken = self._taken_from(line, each.household_id, each.open_cents, each.end_to_end_id)
                transfers += taken
                own_cents = sum(
                    one.amount_cents for one in taken if one.source == household(each.household_id)
                )
                advanced_cents = each.open_cents - own_cents
                if each.origin is Origin.OURS:
                    self._shout(line, each)
            self.effects.shown.append(
                Shown(
                    each.end_to_end_id,
                    Outcome.SETTLED,
                    each.open_cents,
                    own_cents,
                    advanced_cents,
                    line.booked_on,
                    line.id,
                )
            )
            self._happened(line, each.occurrence, OccurrenceKind.MET, each.open_cents, each.end_to_end_id)
        self._add(line, EntryKind.SETTLED if ours else EntryKind.COLLECTED, tuple(transfers))

    def _shout(self, line: Line, instruction: Instruction) -> None:
        self.effects.signals.append(
            signal(
                SignalKind.NOT_DELIVERED_BUT_SETTLED,
                since=line.booked_on,
                household_id=instruction.household_id or None,
                agreement_id=instruction.occurrence.agreement_id if instruction.occurrence else None,
                occurrence=instruction.occurrence,
                subject=instruction.end_to_end_id,
                who=line.counter_name or instruction.counter_iban,
                amount_cents=instruction.amount_cents,
                booked_on=line.booked_on,
            )
        )

    def _carry_return(self, line: Line, decision: ReturnOf) -> None:
        instruction = decision.instruction
        whose = instruction.household_id
        if not whose:
            self._carry_returned_refund(line, instruction)
            return
        end = instruction.end_to_end_id
        before_cents = self.purse.returned.get(end, instruction.returned_cents)
        try:
            split = return_split(
                payment_cents=instruction.amount_cents,
                advanced_by_payment_cents=self.purse.advanced.get(instruction.end_to_end_id, 0),
                advance_outstanding_cents=self.purse.money[whose].advance_cents,
                returned_cents=line.amount_cents,
                returned_before_cents=before_cents,
            )
        except ReturnedTooMuch as refused:
            if self.from_suspense:
                raise
            self._carry_to_suspense(
                line, Unknown(line.id, line.amount_cents, "returned_too_much", refused.sentence)
            )
            return
        self.purse.returned[end] = before_cents + line.amount_cents
        charges_cents = split.charges_cents
        pots = {self._held(line): line.amount_cents, CHARGES: max(0, charges_cents)}
        wants = {
            advance(whose): split.advance_cents,
            household(whose): split.household_cents,
            CHARGES: max(0, -charges_cents),
        }
        self._add(line, EntryKind.RETURNED, tuple(_paired(pots, wants, end)))
        self.purse.add_own(whose, split.household_cents)
        self.purse.add_debt(whose, advance_cents=-split.advance_cents)
        self.effects.shown.append(
            Shown(
                end,
                Outcome.RETURNED,
                line.amount_cents,
                split.household_cents,
                split.advance_cents,
                line.booked_on,
                line.id,
                missing_cents=charges_cents,
                reason_code=line.return_reason,
            )
        )
        self._happened(line, instruction.occurrence, OccurrenceKind.UNDONE, -line.amount_cents, end)
        self._write(
            Booked(
                line.id,
                self._status,
                BookedOn.RETURN,
                household_id=whose,
                occurrence=instruction.occurrence,
                agreement_id=instruction.occurrence.agreement_id if instruction.occurrence else None,
                end_to_end_id=end,
                confidence=decision.confidence,
                explanation=told(decision.evidence),
            )
        )

    def _carry_returned_refund(self, line: Line, instruction: Instruction) -> None:
        """A payment back to a payer came back: the line that it answered is open again, this one is done."""
        self.effects.shown.append(
            Shown(
                instruction.end_to_end_id,
                Outcome.RETURNED,
                line.amount_cents,
                line.amount_cents,
                0,
                line.booked_on,
                line.id,
                reason_code=line.return_reason,
            )
        )
        if not self.from_suspense:
            nobody = suspense(line.account)
            returned = moved(self._held(line), nobody, line.amount_cents, instruction.end_to_end_id)
            self._add(line, EntryKind.RETURNED, returned)
        self._write(
            Booked(
                line.id,
                self._status,
                BookedOn.RETURN,
                end_to_end_id=instruction.end_to_end_id,
                payment_information_id=instruction.payment_information_id,
            )
        )

    def _carry_nothing(self, line: Line) -> None:
        """A line of zero moves nothing and asks nothing."""
        why = {"evidence": [["er is geen geld verplaatst: het bedrag is nul", 0]]}
        self._write(Booked(line.id, self._status, BookedOn.OWN, own_purpose="nothing", explanation=why))

    @property
    def _status(self) -> BookingStatus:
        return BookingStatus.BY_HAND if self.from_suspense else BookingStatus.MATCHED

    def carry_own(
        self, line: Line, purpose: str, confidence: float | None, explanation: dict[str, Any] | None
    ) -> None:
        """Book a line on the municipality's own account for a purpose."""
        self._add(line, EntryKind.OWN, moved(self._held(line), own(purpose), line.amount_cents))
        self._write(
            Booked(
                line.id,
                self._status,
                BookedOn.OWN,
                own_purpose=purpose,
                confidence=confidence,
                explanation=explanation,
            )
        )

    def _carry_to_suspense(self, line: Line, decision: Ambiguous | Unknown) -> None:
        self._add(
            line, EntryKind.SUSPENSE, moved(bank(line.account), suspense(line.account), line.amount_cents)
        )
        best = decision.candidates[0] if isinstance(decision, Ambiguous) and decision.candidates else None
        self._write(
            Booked(
                line.id,
                BookingStatus.QUEUED,
                BookedOn.SUSPENSE,
                household_id=best.household_id if best else None,
                occurrence=best.occurrence if best else None,
                agreement_id=best.agreement_id if best else None,
                confidence=best.confidence if best else None,
                explanation=asked(decision),
            )
        )

    # ---- how it moves

    def _held(self, line: Line) -> str:
        """Where the line's money stands before it is booked."""
        return suspense(line.account) if self.from_suspense else bank(line.account)

    def _taken_from(
        self, line: Line, household_id: str, cents: int, end_to_end_id: str | None
    ) -> tuple[Transfer, ...]:
        """What the bank took: from own money, then the advance, then beyond the limit."""
        carried = shortfall(self.purse.money_on(household_id, line.booked_on), cents)
        self.purse.add_own(household_id, -carried.own_cents)
        self.purse.add_debt(
            household_id, advance_cents=carried.advance_cents, excess_cents=carried.excess_cents
        )
        if end_to_end_id is not None:
            self.purse.advanced[end_to_end_id] = carried.advance_cents
        if carried.excess_cents:
            self.effects.signals.append(
                signal(
                    SignalKind.EXCESS,
                    since=line.booked_on,
                    household_id=household_id,
                    subject=store.short_id(line.id),
                    amount_cents=carried.excess_cents,
                )
            )
        held = self._held(line)
        return (
            *moved(household(household_id), held, carried.own_cents, end_to_end_id),
            *moved(advance(household_id), held, carried.advance_cents, end_to_end_id),
            *moved(excess(household_id), held, carried.excess_cents, end_to_end_id),
        )

    def _repay(self, line: Line, household_id: str, met: Collection[Occurrence]) -> None:
        money = self.purse.money[household_id]
        if not money.advance_cents and not money.excess_cents:
            return
        floor_cents = self.purse.floor_cents(household_id, line.booked_on, met)
        repaid = repayment(money, floor_cents, line.amount_cents, self.purse.policy_on(line.booked_on))
        transfers = (
            *moved(household(household_id), excess(household_id), repaid.excess_cents),
            *moved(household(household_id), advance(household_id), repaid.advance_cents),
        )
        self._add(line, EntryKind.REPAYMENT, transfers, ":repayment")
        self.purse.add_own(household_id, -repaid.total_cents)
        self.purse.add_debt(
            household_id, advance_cents=-repaid.advance_cents, excess_cents=-repaid.excess_cents
        )

    # ---- what is written

    def _add(self, line: Line, kind: EntryKind, transfers: tuple[Transfer, ...], suffix: str = "") -> None:
        if transfers:
            key = f"transaction:{line.id}:{self.step}{suffix}"
            self.effects.entries.append(
                Entry(key, kind, line.booked_on, transfers, line.id, reason=self.reason)
            )

    def _happened(
        self, line: Line, occurrence: Occurrence | None, kind: OccurrenceKind, cents: int, end: str | None
    ) -> None:
        if occurrence is not None:
            self.effects.happenings.append(Happening(occurrence, kind, cents, line.booked_on, line.id, end))

    def _write(self, booked: Booked) -> None:
        self.effects.booked.append(replace(booked, step=self.step, reason=self.reason))


def _paired(pots: dict[str, int], wants: dict[str, int], end_to_end_id: str | None) -> Iterable[Transfer]:
    """Fill what is wanted from what there is, in order; both add up to the same."""
    sources = [(name, cents) for name, cents in pots.items() if cents]
    for target, wanted_cents in wants.items():
        needed = wanted_cents
        while needed:
            name, there = sources.pop(0)
            cents = min(needed, there)
            if name != target:
                yield Transfer(name, target, cents, end_to_end_id=end_to_end_id)
            needed -= cents
            if there > cents:
                sources.insert(0, (name, there - cents))


def told(evidence: Iterable[Evidence]) -> dict[str, Any]:
    """Write evidence down as people read it, with its weights in bits for and against."""
    return {"evidence": [[each.words, round(each.weight)] for each in evidence]}


def asked(decision: Ambiguous | Unknown) -> dict[str, Any]:
    """Write down why nobody but a person may decide, and who it may be."""
    if isinstance(decision, Unknown):
        return {"reason": decision.reason, "why_not": decision.why, "candidates": []}
    return {
        "reason": decision.reason,
        "why_not": decision.why_not,
        "candidates": [_candidate(each) for each in decision.candidates[:CANDIDATES_KEPT]],
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    occurrence = candidate.occurrence
    return {
        "household": candidate.household_id,
        "agreement": candidate.agreement_id,
        "due_on": occurrence.due_on.isoformat() if occurrence else None,
        "part": occurrence.part if occurrence else None,
        "end_to_end_id": candidate.end_to_end_id,
        "confidence": round(candidate.confidence, 4),
        **told(candidate.evidence),
    }
