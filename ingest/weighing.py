"""Weighs what a line says against each agreement that it could belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from huishoudboekje.domain import money
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Settlement, reference_key
from ingest import evidence as e
from ingest import wording
from ingest.decisions import Candidate, Person
from ingest.evidence import HARD, Evidence, Line, references_of, told
from ingest.memory import Occurrences
from ingest.shelf import FEW, Shelf, key_of

# How many bits a payer or purpose that we do not know is worth: what every candidate must outweigh.
SOMEBODY_ELSE: Final = 10.0
# A line is booked by itself from this chance on, and when the second candidate is so many bits behind.
CERTAIN: Final = 0.98
AHEAD: Final = 6.0
MOST_CERTAIN: Final = 0.999
MOST_SHOWN: Final = 5
# Part of the agreed amount that a payment with its reference must at least be, to be its instalment.
LEAST_PART: Final = 0.25
# A day is on time within so many days; without a reference a payment must be within so many.
ON_TIME: Final = 5
NEAR_ENOUGH: Final = 10
# A reference that was cut off may lack so many characters, and must have so many left.
CUT_AWAY: Final = 3
LEFT_OVER: Final = 6
# Money that is earned by one person: whoever pays it, pays others too.
EARNED: Final = frozenset({"wage", "holiday_allowance", "bonus", "expenses"})

EMPTY: Final = Shelf()


class Agreements:
    """All agreements that may be meant, by IBAN and direction and by reference, and the people in them."""

    def __init__(self) -> None:
        self._known: set[tuple[str, date]] = set()
        self._income: dict[str, Shelf] = {}
        self._expense: dict[str, Shelf] = {}
        self._references: dict[str, list[Agreement]] = {}
        self._people: dict[str, list[Person]] = {}
        self._person: dict[str, Person] = {}
        self._organisations: dict[str, set[str]] = {}

    def learn(self, agreements: Iterable[Agreement], people: Iterable[Person]) -> None:
        """Add agreements, each version by itself, and people that are not known yet."""
        for person in people:
            if person.resident_id not in self._person:
                self._person[person.resident_id] = person
                self._people.setdefault(person.household_id, []).append(person)
        for agreement in agreements:
            version = (agreement.id, agreement.applies_from)
            if version in self._known:
                continue
            self._known.add(version)
            shelves = self._income if agreement.direction is Direction.INCOME else self._expense
            shelf = shelves.get(agreement.iban)
            if shelf is None:
                shelf = shelves[agreement.iban] = Shelf()
            key = key_of(agreement)
            shelf.add(agreement, key)
            if len(key) >= wording.LONG_REFERENCE:
                self._references.setdefault(key, []).append(agreement)
            if agreement.organisation_id is not None:
                self._organisations.setdefault(agreement.iban, set()).add(agreement.organisation_id)

    def learn_accounts(self, organisation_accounts: Mapping[str, Collection[str]]) -> None:
        """Add to which organisations an IBAN belongs."""
        for iban, organisations in organisation_accounts.items():
            self._organisations.setdefault(iban, set()).update(organisations)

    def shelf(self, iban: str | None, *, income: bool) -> Shelf:
        """The agreements of this IBAN and direction."""
        return (self._income if income else self._expense).get(iban or "", EMPTY)

    def only_one(self, iban: str, references: Iterable[str], *, income: bool) -> Agreement | None:
        """The one agreement that these references name, here and in this direction, if they name no other."""
        shelf = (self._income if income else self._expense).get(iban)
        if shelf is None:
            return None
        at_iban, anywhere = shelf.references, self._references
        found: Agreement | None = None
        for reference in references:
            for agreement in at_iban.get(reference) or ():
                if len(reference) < wording.MEANINGFUL_REFERENCE:
                    return None
                if found is not None and found is not agreement:
                    return None
                found = agreement
            for agreement in anywhere.get(reference) or ():
                if found is not agreement:
                    return None
        if found is None or (not income and found.settlement is not Settlement.DIRECT_DEBIT):
            return None
        return found

    def named_anywhere(self, references: Iterable[str]) -> list[Agreement]:
        """Every agreement that these references name, where they are long enough to say something."""
        return [agreement for reference in references for agreement in self._references.get(reference, ())]

    def belongs(self, iban: str | None, agreement: Agreement) -> bool:
        """Whether this IBAN is another account of the agreement's organisation."""
        return agreement.organisation_id in self._organisations.get(iban or "", ())

    def person(self, agreement: Agreement) -> Person | None:
        """Whose agreement it is."""
        return self._person.get(agreement.resident_id)

    def housemates(self, agreement: Agreement) -> list[Person]:
        """Everybody of the agreement's household but whose it is."""
        people = self._people.get(agreement.household_id, [])
        return [person for person in people if person.resident_id != agreement.resident_id]

    def words_of(self, agreement: Agreement) -> set[str]:
        """The telling words in the surnames of the agreement's household, and each surname in one piece."""
        found: set[str] = set()
        for person in self._people.get(agreement.household_id, ()):
            name = wording.name_of(person.initials, person.surname)
            found.update(name.telling)
            found.add(name.joined)
        return found


class Verdict(NamedTuple):
    """What the weighing came to: candidates best first, and the best one's agreement if it may be booked.

    `lacks` says what was missing where nothing hard speaks against the best.
    """

    candidates: tuple[Candidate, ...]
    chosen: Agreement | None
    lacks: str


class _Weighed(NamedTuple):
    agreement: Agreement
    occurrence: Occurrence | None
    evidence: list[Evidence]
    bits: float
    identified: bool
    hard: bool


class _Text(NamedTuple):
    """A description, taken apart once for all candidates."""

    references: tuple[str, ...]
    cut: str | None
    folded: str
    words: list[str]
    matter: tuple[str, frozenset[str]] | None
    hits: frozenset[str]
    """Ids of the agreements whose reference is named."""
    households: frozenset[str]
    """Households of those agreements."""


def weigh(line: Line, known: Agreements, occurrences: Occurrences) -> Verdict:
    """Weigh every agreement that this line could belong to."""
    income = line.amount_cents > 0
    shelf = known.shelf(line.counter_iban, income=income)
    references = references_of(line)
    named = [agreement for reference in references for agreement in shelf.references.get(reference, ())]
    # A number means something at the payer's own account, or at another account of the same organisation;
    # elsewhere it may be anybody's, and is only shown when nothing better is known.
    anywhere = known.named_anywhere(references)
    sisters = [a for a in anywhere if a.iban == line.counter_iban or known.belongs(line.counter_iban, a)]
    named = _unique([*named, *sisters]) or _unique(anywhere)
    text = _read(line, references, named)
    candidates = _unique([*named, *_likely(line, shelf, text, known)])
    if not candidates:
        other_way = known.shelf(line.counter_iban, income=not income).agreements
        candidates = other_way if len(other_way) <= FEW else []
    weighed = [_weigh_one(line, agreement, shelf, text, known, occurrences) for agreement in candidates]
    weighed.sort(key=lambda one: (-one.bits, one.agreement.id))
    return _verdict(_without_twins(weighed))


def _unique(agreements: Iterable[Agreement]) -> list[Agreement]:
    return list({(one.id, one.applies_from): one for one in agreements}.values())


def _read(line: Line, references: tuple[str, ...], named: list[Agreement]) -> _Text:
    remittance = line.remittance or ""
    words = wording.words(remittance)
    matter = next(
        ((word, categories) for kinds, categories in e.OTHER_MATTERS for word in kinds if word in words), None
    )
    return _Text(
        references,
        wording.cut_reference(remittance),
        wording.fold(remittance),
        words,
        matter,
        frozenset(agreement.id for agreement in named),
        frozenset(agreement.household_id for agreement in named),
    )


def _likely(line: Line, shelf: Shelf, text: _Text, known: Agreements) -> list[Agreement]:
    """What of a shelf is worth weighing: all of a small one, else by amount, name and reference."""
    if len(shelf.agreements) <= FEW:
        return shelf.agreements
    found = shelf.by_name(text.words, known.words_of)
    alike = shelf.by_amount(abs(line.amount_cents))
    if len(alike) <= FEW:
        found = [*found, *alike]
    if text.cut is not None and len(text.cut) >= LEFT_OVER:
        found = [*found, *shelf.by_start(text.cut)]
    return found


def _weigh_one(
    line: Line, agreement: Agreement, shelf: Shelf, text: _Text, known: Agreements, occurrences: Occurrences
) -> _Weighed:
    evidence: list[Evidence] = []
    evidence += _of_account(line, agreement, shelf, known)
    of_reference = _of_reference(agreement, shelf, text)
    evidence += of_reference
    by_reference = e.REFERENCE in of_reference or e.SHORT_REFERENCE in of_reference
    by_cut = e.CUT_REFERENCE in of_reference
    of_name = _of_name(agreement, text, known)
    of_terms = _of_terms(agreement, text, known, named=_names_resident(of_name))
    evidence += of_name
    evidence += of_terms
    of_due, occurrence, missing_cents = _of_due(line, agreement, occurrences, by_reference=by_reference)
    evidence += of_due
    of_amount = _of_amount(abs(line.amount_cents), agreement, missing_cents, by_reference=by_reference)
    evidence += of_amount
    evidence += _of_matter(agreement, text, exact=e.AMOUNT in of_amount)
    if not (by_reference or by_cut):
        evidence += _of_strangeness(agreement, text, of_name, of_terms, exact=e.AMOUNT in of_amount)
    identified = (
        by_reference
        or (by_cut and e.AMOUNT in of_amount)
        or _names_resident(of_name)
        or (e.ONLY_HERE in evidence and (e.AMOUNT in of_amount or e.TERMS in of_terms))
    )
    return _Weighed(
        agreement,
        occurrence,
        evidence,
        sum(one.weight for one in evidence),
        identified,
        any(one.name in HARD for one in evidence),
    )


def _of_account(line: Line, agreement: Agreement, shelf: Shelf, known: Agreements) -> Iterable[Evidence]:
    income = line.amount_cents > 0
    if (agreement.direction is Direction.INCOME) != income:
        yield e.DIRECTION
    elif agreement.settlement is Settlement.TRANSFER:
        yield e.NOT_COLLECTED
    if agreement.iban == line.counter_iban:
        yield e.IBAN
        if agreement.direction is (Direction.INCOME if income else Direction.EXPENSE):
            if len(shelf.households) == 1:
                yield e.ONLY_HERE
            else:
                yield told(e.SHARED, count=len(shelf.agreements))
    elif known.belongs(line.counter_iban, agreement):
        yield e.SISTER_IBAN
    else:
        yield told(e.UNKNOWN_IBAN, counterparty=agreement.counterparty_name)
        if line.counter_name and wording.fold(line.counter_name) == wording.fold(agreement.counterparty_name):
            yield e.PAYER


def _of_reference(agreement: Agreement, shelf: Shelf, text: _Text) -> Iterable[Evidence]:
    if agreement.id in text.hits:
        short = len(key_of(agreement)) < wording.MEANINGFUL_REFERENCE
        evidence = [e.SHORT_REFERENCE if short else e.REFERENCE]
        if len(text.households) > 1:
            evidence.append(e.SAME_REFERENCE)
        return evidence
    if text.households - {agreement.household_id}:
        return [e.OTHER_REFERENCE]
    if text.hits:
        return [e.OTHER_AGREEMENT]
    key = key_of(agreement)
    if not key:
        unknown = any(len(token) >= wording.LONG_REFERENCE for token in text.references)
        return [e.UNKNOWN_REFERENCE] if unknown and agreement.category not in EARNED else []
    cut = text.cut
    if cut is not None and key.startswith(cut) and len(cut) >= max(LEFT_OVER, len(key) - CUT_AWAY):
        households = {other.household_id for other in shelf.by_start(cut)}
        return [e.CUT_REFERENCE] if households == {agreement.household_id} else [e.SAME_REFERENCE]
    return [told(e.REFERENCE_MISSING, reference=agreement.reference)]


def _of_name(agreement: Agreement, text: _Text, known: Agreements) -> list[Evidence]:
    """What the description says of people; the first piece is for or against the agreement's own resident."""
    person = known.person(agreement)
    if person is None:
        return []
    named = wording.named(wording.name_of(person.initials, person.surname), text.words)
    if named is not None:
        if named.initials is False:
            return [e.OTHER_INITIALS]
        found = [e.NAME if named.initials and named.whole else e.SURNAME]
        born = {
            day for day in wording.dates(text.folded) if abs(day.year - person.birth_date.year) < LIFETIME
        }
        if person.birth_date in born:
            found.append(e.BORN)
        elif any(day.year < YOUNGEST for day in born):
            found.append(e.OTHER_BIRTH_DATE)
        return found
    for mate in known.housemates(agreement):
        named = wording.named(wording.name_of(mate.initials, mate.surname), text.words)
        if named is not None and named.initials is not False:
            return [e.NAME_OF_HOUSEMATE]
    return []


def _names_resident(of_name: list[Evidence]) -> bool:
    return bool(of_name) and of_name[0] in {e.NAME, e.SURNAME}


# A full date before this year in a description is no period but a birth date.
YOUNGEST: Final = 2012
LIFETIME: Final = 120


def _of_terms(agreement: Agreement, text: _Text, known: Agreements, *, named: bool) -> list[Evidence]:
    """Search terms; one that is the reference or the resident's name is judged as such."""
    missing: str | None = None
    present = 0
    key = key_of(agreement)
    person = known.person(agreement)
    telling = wording.name_of(person.initials, person.surname).telling if person else ()
    for term in agreement.search_terms:
        folded = wording.fold(term).strip()
        if not folded or (key and reference_key(term) == key):
            continue
        if folded in text.folded:
            present += 1
        elif any(word in telling for word in wording.words(term)):
            if not named:
                return [e.NAME_MISSING]
        else:
            missing = missing or term
    if missing is not None:
        return [told(e.TERMS_MISSING, term=missing)]
    return [e.TERMS] if present else []


def _of_due(
    line: Line, agreement: Agreement, occurrences: Occurrences, *, by_reference: bool
) -> tuple[list[Evidence], Occurrence | None, int]:
    """What the date says, the nominal day it means, and what of that is not booked yet, in cents."""
    nearest = occurrences.nearest(agreement, line.booked_on)
    expected = agreement.amount_cents
    if nearest is None:
        schedule = agreement.schedule
        if schedule.ends_on is not None and schedule.ends_on < line.booked_on:
            return [told(e.ENDED, ended=f"{schedule.ends_on:%d-%m-%Y}")], None, expected
        if schedule.starts_on > line.booked_on:
            return [told(e.NOT_STARTED, starts=f"{schedule.starts_on:%d-%m-%Y}")], None, expected
        return [e.NOT_DUE], None, expected
    missing = expected - nearest.met_cents
    if nearest.met_cents > 0 and missing <= agreement.tolerance_cents:
        return [told(e.ALREADY_MET, due=f"{nearest.due_on:%d-%m-%Y}")], None, expected
    occurrence = Occurrence(agreement.id, nearest.due_on, nearest.parts + 1)
    if nearest.days <= ON_TIME:
        return [e.DUE], occurrence, missing
    if by_reference or nearest.days <= NEAR_ENOUGH:
        return [told(e.DUE_LATE, days=nearest.days)], occurrence, missing
    return [e.NOT_DUE], occurrence, missing


def _of_amount(cents: int, agreement: Agreement, missing_cents: int, *, by_reference: bool) -> list[Evidence]:
    """The amount against what is agreed, or against what of an instalment is still missing."""
    expected, tolerance = agreement.amount_cents, agreement.tolerance_cents
    off = cents - missing_cents
    difference = money.show(abs(off))
    if off == 0:
        return [e.AMOUNT if missing_cents == expected else e.INSTALMENT]
    if abs(off) <= tolerance:
        return [e.AMOUNT_NEAR if missing_cents == expected else e.INSTALMENT]
    if not by_reference:
        return [told(e.AMOUNT_DIFFERS, difference=difference)]
    if off > 0:
        return [told(e.AMOUNT_MORE, difference=difference)]
    if cents < LEAST_PART * expected or missing_cents != expected:
        return [told(e.AMOUNT_FAR, difference=difference)]
    return [told(e.AMOUNT_LESS, difference=difference)]


def _of_matter(agreement: Agreement, text: _Text, *, exact: bool) -> Iterable[Evidence]:
    """A word for other money than the ordinary instalment, unless the agreement itself is about that."""
    if text.matter is None or exact:
        return
    word, categories = text.matter
    own = wording.fold(" ".join((*agreement.search_terms, agreement.remittance, agreement.category)))
    if agreement.category not in categories and word not in own:
        yield told(e.OTHER_MATTER, word=word.lower())


def _of_strangeness(
    agreement: Agreement, text: _Text, of_name: list[Evidence], of_terms: list[Evidence], *, exact: bool
) -> Iterable[Evidence]:
    """Without a reference only a name tells whose wage it is, and wording and amount may not both be new."""
    if not of_name and wording.somebody(text.words):
        yield e.SOMEBODY_ELSE
    unnamed = not of_name or of_name[0] == e.NAME_OF_HOUSEMATE
    if agreement.category in EARNED and unnamed and e.NAME_MISSING not in of_terms:
        yield e.NAME_MISSING
    if not exact and any(one.name == e.TERMS_MISSING.name for one in of_terms):
        yield e.ALL_NEW


def _without_twins(weighed: list[_Weighed]) -> list[_Weighed]:
    """Of agreements of one household that are alike in all that counts, only the first that is open."""
    if len(weighed) < len(("one", "other")) or weighed[0].occurrence is None:
        return weighed
    best = weighed[0]
    return [best, *(one for one in weighed[1:] if not _are_twins(best.agreement, one.agreement))]


def _are_twins(one: Agreement, other: Agreement) -> bool:
    return (
        one.household_id == other.household_id
        and one.iban == other.iban
        and one.amount_cents == other.amount_cents
        and one.schedule == other.schedule
        and one.category == other.category
        and one.direction is other.direction
        and not one.reference
        and not other.reference
    )


def _verdict(weighed: list[_Weighed]) -> Verdict:
    if not weighed:
        return Verdict((), None, "not_certain")
    total = 2.0**SOMEBODY_ELSE + sum(2.0**one.bits for one in weighed)
    candidates = tuple(
        Candidate(
            one.agreement.household_id,
            one.agreement.id,
            one.occurrence,
            min(MOST_CERTAIN, 2.0**one.bits / total),
            tuple(one.evidence),
        )
        for one in weighed[:MOST_SHOWN]
    )
    best, chance = weighed[0], candidates[0].confidence
    behind = best.bits - weighed[1].bits if len(weighed) > 1 else AHEAD
    if best.hard:
        return Verdict(candidates, None, "not_certain")
    if not best.identified:
        return Verdict(candidates, None, "not_identified")
    if behind < AHEAD:
        return Verdict(candidates, None, "not_ahead")
    if chance < CERTAIN:
        return Verdict(candidates, None, "not_certain")
    return Verdict(candidates, best.agreement, "")
