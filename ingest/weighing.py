"""Weighs what a line says against each agreement that it could belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from huishoudboekje.domain import money
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Settlement, reference_key
from ingest import evidence as e
from ingest import wording
from ingest.decisions import Candidate, Person
from ingest.evidence import HARD, Evidence, Line, described_references, references_of, told
from ingest.memory import Occurrences
from ingest.shelf import FEW, Shelf, key_of

MOST_SHOWN: Final = 5


class Settings(NamedTuple):
    """What a line must come to before it is booked by itself; measured in docs/matching.md.

    `certain` is the least chance, `ahead` how many bits the second candidate must be behind, `somebody_else`
    how many bits a payer or purpose that we do not know is worth: what every candidate must outweigh. A
    candidate against which something hard speaks is never shown surer than `asked_at_most`. `weights` replace
    those of evidence, by name (what `fitting.fit` estimates); what `ignored` names is not looked at.
    """

    certain: float = 0.98
    ahead: float = 6.0
    somebody_else: float = 10.0
    most_certain: float = 0.999
    asked_at_most: float = 0.85
    weights: Mapping[str, float] = MappingProxyType({})
    ignored: frozenset[str] = frozenset()


USUAL: Final = Settings()
# Part of the agreed amount that a payment with its reference must at least be, to be its instalment.
LEAST_PART: Final = 0.25
# Income with its reference may be this part of it more, as when a benefit is indexed.
INDEXED: Final = 0.10
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

    def names_another(self, remittance: str, agreement: Agreement) -> bool:
        """Whether a description seems to name somebody who is not of the agreement's household."""
        words = wording.words(remittance)
        if not wording.somebody(words):
            return False
        for person in self._people.get(agreement.household_id, ()):
            named = wording.named(wording.name_of(person.initials, person.surname), words)
            if named is not None and named.initials is not False:
                return False
        return True

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


class Weighed(NamedTuple):
    """An agreement with all evidence for and against it; only an `identified` one is booked by itself."""

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
    dated: frozenset[str]
    """Ids of the agreements whose reference reads as a date that is named."""
    households: frozenset[str]
    """Households of those agreements."""


def weigh(line: Line, known: Agreements, occurrences: Occurrences, settings: Settings = USUAL) -> Verdict:
    """Weigh every agreement that this line could belong to."""
    weighed = weigh_all(line, known, occurrences, settings)
    return _verdict(_without_twins(weighed), settings)


def weigh_all(
    line: Line, known: Agreements, occurrences: Occurrences, settings: Settings = USUAL
) -> list[Weighed]:
    """Every agreement that this line could belong to with its evidence, best first."""
    income = line.amount_cents > 0
    shelf = known.shelf(line.counter_iban, income=income)
    references = () if e.REFERENCE.name in settings.ignored else references_of(line)
    named = [agreement for reference in references for agreement in shelf.references.get(reference, ())]
    # A number means something at the payer's own account, or at another account of the same organisation;
    # elsewhere it may be anybody's, and is only shown when nothing better is known.
    anywhere = known.named_anywhere(references)
    sisters = [a for a in anywhere if a.iban == line.counter_iban or known.belongs(line.counter_iban, a)]
    named = _unique([*named, *sisters]) or _unique(anywhere)
    dated = [] if named else _named_like_a_date(line, shelf)
    text = _read(line, named, dated)
    candidates = _unique([*named, *dated, *_likely(line, shelf, text, known)])
    if not candidates:
        other_way = known.shelf(line.counter_iban, income=not income).agreements
        candidates = other_way if len(other_way) <= FEW else []
    weighed = [
        _weigh_one(line, agreement, shelf, text, known, occurrences, settings) for agreement in candidates
    ]
    weighed.sort(key=lambda one: (-one.bits, one.agreement.id))
    return weighed


def _named_like_a_date(line: Line, shelf: Shelf) -> list[Agreement]:
    """Agreements of exactly this amount whose reference reads as a date that the description has."""
    if line.remittance is None:
        return []
    found = (
        agreement for key in wording.periods(line.remittance) for agreement in shelf.references.get(key, ())
    )
    return [agreement for agreement in found if agreement.amount_cents == abs(line.amount_cents)]


def _unique(agreements: Iterable[Agreement]) -> list[Agreement]:
    return list({(one.id, one.applies_from): one for one in agreements}.values())


def _read(line: Line, named: list[Agreement], dated: list[Agreement]) -> _Text:
    remittance = line.remittance or ""
    folded = wording.fold(remittance)
    words = wording.words(remittance)
    return _Text(
        described_references(line),
        wording.cut_reference(remittance),
        folded,
        wording.without(words, line.counter_name) if line.counter_name else words,
        wording.other_matter(folded),
        frozenset(agreement.id for agreement in named),
        frozenset(agreement.id for agreement in dated),
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
    line: Line,
    agreement: Agreement,
    shelf: Shelf,
    text: _Text,
    known: Agreements,
    occurrences: Occurrences,
    settings: Settings,
) -> Weighed:
    ignored = settings.ignored
    of_name = _seen(_of_name(agreement, text, known), ignored)
    named = _names_resident(of_name)
    of_reference = _seen(_of_reference(agreement, shelf, text, of_name), ignored)
    by_reference = e.REFERENCE in of_reference or e.SHORT_REFERENCE in of_reference
    by_cut = e.CUT_REFERENCE in of_reference
    if by_reference and e.OTHER_INITIALS in of_name:
        of_name = []  # a number outweighs how a name is written
    of_terms = _seen(_of_terms(agreement, text, known, named=named), ignored)
    of_due, occurrence, missing_cents = _of_due(line, agreement, occurrences, by_reference=by_reference)
    of_amount = _seen(_of_amount(line, agreement, shelf, missing_cents, by_reference=by_reference), ignored)
    exact = e.AMOUNT in of_amount
    evidence = [
        *_seen(_of_account(line, agreement, shelf, known), ignored),
        *of_reference,
        *of_name,
        *of_terms,
    ]
    evidence += _seen(of_due, ignored)
    evidence += of_amount
    evidence += _seen(_of_matter(agreement, text, exact=exact, by_reference=by_reference), ignored)
    if not (by_reference or by_cut):
        evidence += _seen(_of_strangeness(agreement, text, of_name, of_terms, exact=exact), ignored)
    elif by_reference and not of_name:
        evidence += _seen(_of_other_clients(agreement, text, shelf, known), ignored)
    identified = (
        by_reference
        or (by_cut and exact)
        or named
        or (e.ONLY_HERE in evidence and (exact or e.TERMS in of_terms))
    )
    if settings.weights:
        evidence = [one._replace(weight=settings.weights.get(one.name, one.weight)) for one in evidence]
    return Weighed(
        agreement,
        occurrence,
        evidence,
        sum(one.weight for one in evidence),
        identified,
        any(one.name in HARD for one in evidence),
    )


def _seen(evidence: Iterable[Evidence], ignored: frozenset[str]) -> list[Evidence]:
    return [one for one in evidence if one.name not in ignored] if ignored else list(evidence)


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


def _of_reference(
    agreement: Agreement, shelf: Shelf, text: _Text, of_name: list[Evidence]
) -> Iterable[Evidence]:
    if agreement.id in text.dated:
        return [e.SHORT_REFERENCE]
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
    if e.NAME in of_name and agreement.category in EARNED and not text.references:
        return [told(e.NUMBER_ABSENT, reference=agreement.reference)]
    return [told(e.REFERENCE_MISSING, reference=agreement.reference)]


def _of_name(agreement: Agreement, text: _Text, known: Agreements) -> list[Evidence]:
    """What the description says of people; the first piece is for or against the agreement's own resident."""
    person = known.person(agreement)
    if person is None:
        return []
    named = wording.named(wording.name_of(person.initials, person.surname), text.words)
    if named is None or not named.initials:
        for mate in known.housemates(agreement):
            of_mate = wording.named(wording.name_of(mate.initials, mate.surname), text.words)
            if of_mate is not None and (of_mate.initials or (named is None and of_mate.initials is None)):
                return [e.NAME_OF_HOUSEMATE]
    if named is None:
        return []
    if named.initials is False:
        return [e.OTHER_INITIALS]
    found = [e.NAME if named.initials and named.whole else e.SURNAME]
    born = {day for day in wording.dates(text.folded) if abs(day.year - person.birth_date.year) < LIFETIME}
    if person.birth_date in born:
        found.append(e.BORN)
    elif any(day.year < YOUNGEST for day in born):
        found.append(e.OTHER_BIRTH_DATE)
    return found


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
        elif wording.same_meaning(wording.words(term), text.words):
            present += 1
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


def _of_amount(
    line: Line, agreement: Agreement, shelf: Shelf, missing_cents: int, *, by_reference: bool
) -> list[Evidence]:
    """The amount against what is agreed, or against what of an instalment is still missing."""
    cents = abs(line.amount_cents)
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
        return [_of_more(line, agreement, shelf, off)]
    if cents < LEAST_PART * expected or missing_cents != expected:
        return [told(e.AMOUNT_FAR, difference=difference)]
    return [told(e.AMOUNT_LESS, difference=difference)]


def _of_more(line: Line, agreement: Agreement, shelf: Shelf, more_cents: int) -> Evidence:
    """More than agreed, under the right reference: of several instalments, of two agreements, or indexed."""
    expected = agreement.amount_cents
    count, rest = divmod(abs(line.amount_cents), expected) if expected else (0, 1)
    if rest == 0 and count > 1:
        return told(e.SEVERAL, count=count)
    for other in shelf.by_amount(more_cents):
        if other.household_id == agreement.household_id and other.id != agreement.id:
            return e.SUM_OF_TWO
    little = line.amount_cents > 0 and more_cents <= INDEXED * expected
    return told(e.AMOUNT_ABOVE if little else e.AMOUNT_MORE, difference=money.show(more_cents))


def _of_matter(agreement: Agreement, text: _Text, *, exact: bool, by_reference: bool) -> Iterable[Evidence]:
    """A word for other money than the ordinary instalment, unless the agreement itself is about that."""
    if text.matter is None:
        return
    word, categories = text.matter
    if exact and (by_reference or not categories):
        return
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


def _of_other_clients(
    agreement: Agreement, text: _Text, shelf: Shelf, known: Agreements
) -> Iterable[Evidence]:
    """A reference of one household with the full name of somebody of another: one of the two is wrong."""
    if not wording.somebody(text.words):
        return
    for other in shelf.by_name(text.words, known.words_of):
        if other.household_id != agreement.household_id and e.NAME in _of_name(other, text, known):
            yield e.OTHER_CLIENT
            return


def _without_twins(weighed: list[Weighed]) -> list[Weighed]:
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


def _verdict(weighed: list[Weighed], settings: Settings) -> Verdict:
    if not weighed:
        return Verdict((), None, "not_certain")
    total = 2.0**settings.somebody_else + sum(2.0**one.bits for one in weighed)
    candidates = tuple(
        Candidate(
            one.agreement.household_id,
            one.agreement.id,
            one.occurrence,
            min(settings.asked_at_most if one.hard else settings.most_certain, 2.0**one.bits / total),
            tuple(one.evidence),
        )
        for one in weighed[:MOST_SHOWN]
    )
    best, chance = weighed[0], candidates[0].confidence
    behind = best.bits - weighed[1].bits if len(weighed) > 1 else settings.ahead
    if best.hard:
        return Verdict(candidates, None, "not_certain")
    if not best.identified:
        return Verdict(candidates, None, "not_identified")
    if behind < settings.ahead:
        return Verdict(candidates, None, "not_ahead")
    if chance < settings.certain:
        return Verdict(candidates, None, "not_certain")
    return Verdict(candidates, best.agreement, "")
