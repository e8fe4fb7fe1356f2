"""What the next lines of a statement may be about, brought from the rows into a reconciler."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje.domain.agreements import Agreement
from huishoudboekje.domain.instructions import Instruction
from huishoudboekje.storage import agreements, instructions, occurrences
from ingest.decisions import Decision, Met, Person
from ingest.evidence import Line, keys, references_of
from ingest.reconcile import Reconciler
from ingest.wording import LONG_REFERENCE

MET_BEFORE = timedelta(days=400)
MET_AFTER = timedelta(days=120)
RETURNED_WITHIN = timedelta(days=120)


class Candidates:
    """Brings into a reconciler what the next lines may be about, each thing once."""

    def __init__(self, session: Session, own_ibans: Collection[str], around: date) -> None:
        self.session = session
        self.reconciler = Reconciler(own_ibans=own_ibans)
        self.agreements: dict[str, Agreement] = {}
        self.instructions: dict[str, Instruction] = {}
        self._around = around
        self._ibans: set[str] = set()
        self._whole: set[str] = set()
        self._tokens: set[str] = set()
        self._ends: set[str] = set()
        self._batches: set[str] = set()

    def bring(self, coming: Sequence[Line]) -> None:
        """Load the agreements, residents, instructions and bookings that these lines point at.

        All agreements of an IBAN only where a line is not plain without: a landlord may have thousands.
        """
        found = [keys(each) for each in coming]
        ends = {each.end_to_end_id for each in found if each.end_to_end_id} - self._ends
        batches = {
            each.payment_information_id for each in found if each.payment_information_id
        } - self._batches
        ibans = {each.counter_iban for each in found if each.counter_iban} - self._ibans
        tokens = set[str]().union(*map(references_of, coming))
        self._ends |= ends
        self._batches |= batches
        self._ibans |= ibans
        told = instructions.find(self.session, end_to_end_ids=ends, payment_information_ids=batches)
        returned = [each for each in coming if each.amount_cents > 0 and each.counter_iban in ibans]
        if returned:
            told += self._sent_to({each.counter_iban for each in returned if each.counter_iban})
        # Of a batch all its instructions at once, known ones too: together they are its total.
        self.reconciler.learn_instructions({each.end_to_end_id: each for each in told}.values())
        self.instructions = {each.end_to_end_id: each for each in told} | self.instructions
        ids = self._named({each.counter_iban for each in found if each.counter_iban}, tokens) | {
            each.occurrence.agreement_id for each in told if each.occurrence is not None
        }
        self._learn_agreements(ids - set(self.agreements))
        if ibans:
            self.reconciler.learn_accounts(self._organisations(ibans))
        self._bring_whole({each.counter_iban for each in coming if not self.reconciler.is_plain(each)})

    def decide(self, line: Line) -> Decision:
        """Decide on a line that was brought; what was plain may no longer be, after those before it."""
        if line.counter_iban not in self._whole and not self.reconciler.is_plain(line):
            self._bring_whole({line.counter_iban})
        return self.reconciler.decide(line)

    def _bring_whole(self, asked: Collection[str | None]) -> None:
        ibans = {each for each in asked if each is not None} - self._whole
        self._whole |= ibans
        if ibans:
            ids = self.session.scalars(
                text("SELECT id FROM agreement_version WHERE iban = ANY(cast(:ibans AS text[]))"),
                {"ibans": list(ibans)},
            )
            self._learn_agreements(set(ids) - set(self.agreements))

    def _sent_to(self, ibans: Collection[str]) -> list[Instruction]:
        ends = self.session.scalars(
            text("""SELECT end_to_end_id FROM instruction
                WHERE counter_iban = ANY(cast(:ibans AS text[])) AND execution_on > :since"""),
            {"ibans": list(ibans), "since": self._around - RETURNED_WITHIN},
        ).all()
        return instructions.find(self.session, end_to_end_ids=ends)

    def _named(self, ibans: Collection[str], tokens: Collection[str]) -> set[str]:
        """The agreements that these references name; short ones only at an IBAN that is asked for."""
        long = {each for each in tokens if len(each) >= LONG_REFERENCE} - self._tokens
        self._tokens |= long
        return set(
            self.session.scalars(
                text("""
                    SELECT id FROM agreement_version WHERE reference_key = ANY(cast(:long AS text[]))
                    UNION SELECT id FROM agreement_version
                      WHERE reference_key = ANY(cast(:short AS text[])) AND iban = ANY(cast(:ibans AS text[]))
                """),
                {
                    "ibans": list(ibans),
                    "long": list(long),
                    "short": [each for each in tokens if len(each) < LONG_REFERENCE],
                },
            )
        )

    def _learn_agreements(self, ids: Collection[str]) -> None:
        if not ids:
            return
        new = agreements.latest(self.session, ids)
        self.agreements.update(new)
        households = {each.household_id for each in new.values()}
        people = self.session.execute(
            text("""SELECT id, household_id, initials, surname, birth_date FROM resident
                WHERE household_id = ANY(cast(:ids AS text[]))"""),
            {"ids": list(households)},
        )
        standings = occurrences.standings(
            self.session, self._around - MET_BEFORE, self._around + MET_AFTER, list(ids)
        )
        self.reconciler.learn_met(
            Met(each.occurrence, each.met_cents, each.last_on) for each in standings if each.met_cents
        )
        self.reconciler.learn_agreements(new.values(), [Person(*row) for row in people])

    def _organisations(self, ibans: Collection[str]) -> Mapping[str, Collection[str]]:
        rows = self.session.execute(
            text("""SELECT iban, array_agg(organisation_id) FROM organisation_account
                WHERE iban = ANY(cast(:ibans AS text[])) GROUP BY iban"""),
            {"ibans": list(ibans)},
        )
        return {row[0]: row[1] for row in rows}
