"""What a line of a bank statement says for and against an agreement.

After Fellegi and Sunter (A Theory for Record Linkage, 1969): each thing seen has a weight, the base-2
logarithm of how much likelier it is when the agreement is the right one than when it is another. They add up.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from huishoudboekje.domain.agreements import reference_key
from ingest.wording import LONG_REFERENCE, references

__all__ = ["Evidence", "Keys", "Line", "keys", "reference_key", "told"]

NO_END_TO_END_ID: Final = "NOTPROVIDED"


class Line(NamedTuple):
    """A transaction of a statement, as the matcher reads it.

    `id` is ours; `account` our own IBAN; `amount_cents` is signed, money that came in is positive.
    `reference` is the structured one; `code` the bank transaction code, its parts in any order and
    separation; `bank_text` is what the bank adds itself (`AddtlNtryInf`).
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

    Instructions by `end_to_end_id` and `payment_information_id`, and those of the last months by
    `counter_iban`; agreements where `iban` is `counter_iban`, or whose `reference_key` is one of `tokens`.
    """

    end_to_end_id: str | None
    payment_information_id: str | None
    counter_iban: str | None
    tokens: frozenset[str]


def keys(line: Line) -> Keys:
    """What to look for in the administration to find every candidate for this line.

    References that are short, or cut off by the bank, are found at the payer's IBAN only.
    """
    return Keys(
        None if line.end_to_end_id == NO_END_TO_END_ID else line.end_to_end_id,
        line.batch_payment_information_id or line.batch_message_id,
        line.counter_iban,
        frozenset(token for token in references_of(line) if len(token) >= LONG_REFERENCE),
    )


def references_of(line: Line) -> tuple[str, ...]:
    """All that could be a reference in this line, as keys; some payers write it as their EndToEndId."""
    described = described_references(line)
    identifier = line.end_to_end_id
    if identifier is None or identifier == NO_END_TO_END_ID:
        return described
    key = reference_key(identifier)
    return described if len(key) < LONG_REFERENCE or key in described else (*described, key)


def described_references(line: Line) -> tuple[str, ...]:
    """What could be a reference in the structured field and the description."""
    described = () if line.remittance is None else references(line.remittance)
    if line.reference is None:
        return described
    structured = reference_key(line.reference)
    return tuple(dict.fromkeys((structured, *references(structured), *described)))


class Evidence(NamedTuple):
    """One thing that speaks for (weight above zero) or against a candidate; the weight is in bits."""

    name: str
    weight: float
    words: str


def told(evidence: Evidence, **facts: object) -> Evidence:
    """The same evidence with its facts filled in."""
    return evidence._replace(words=evidence.words.format(**facts))


# For.
OUR_ID: Final = Evidence("end_to_end_id", 40, "ons eigen kenmerk (EndToEndId) klopt")
OUR_BATCH: Final = Evidence("payment_information_id", 40, "ons batchkenmerk (PmtInfId) klopt")
BATCH_TOTAL: Final = Evidence("batch_total", 10, "aantal en totaalbedrag kloppen met de betaalbatch")
IBAN: Final = Evidence("iban", 6, "IBAN klopt")
SISTER_IBAN: Final = Evidence("sister_iban", 5, "IBAN is een andere rekening van dezelfde organisatie")
ONLY_HERE: Final = Evidence("only_household", 6, "deze rekening komt alleen bij dit huishouden voor")
REFERENCE: Final = Evidence("reference", 17, "kenmerk klopt")
SHORT_REFERENCE: Final = Evidence("short_reference", 9, "kort kenmerk klopt")
CUT_REFERENCE: Final = Evidence("cut_reference", 12, "begin van het kenmerk klopt, de rest is afgekapt")
AMOUNT: Final = Evidence("amount", 6, "bedrag klopt")
AMOUNT_NEAR: Final = Evidence("amount_near", 3, "bedrag valt binnen de afgesproken marge")
INSTALMENT: Final = Evidence("instalment", 4, "bedrag past bij wat van deze termijn nog open stond")
DUE: Final = Evidence("due", 3, "datum klopt")
DUE_LATE: Final = Evidence("due_roughly", 1, "datum klopt ongeveer ({days} dagen verschil)")
NAME: Final = Evidence("name", 8, "naam en voorletters van de inwoner staan in de omschrijving")
SURNAME: Final = Evidence("surname", 5, "achternaam van de inwoner staat in de omschrijving")
NAME_OF_HOUSEMATE: Final = Evidence("housemate", 3, "naam van een huisgenoot staat in de omschrijving")
BORN: Final = Evidence("birth_date", 10, "geboortedatum van de inwoner staat in de omschrijving")
TERMS: Final = Evidence("search_terms", 4, "zoekwoorden staan in de omschrijving")
BANK_COSTS: Final = Evidence("bank_costs", 10, "de bank noemt dit kosten")
BANK_INTEREST: Final = Evidence("bank_interest", 10, "de bank noemt dit rente")
PAYER: Final = Evidence("counterparty_name", 1, "naam van de tegenpartij klopt")

# Against.
SHARED: Final = Evidence("shared", 0, "deze rekening komt bij {count} afspraken voor")
TERMS_MISSING: Final = Evidence(
    "search_terms_missing", -1, "zoekwoord '{term}' staat niet in de omschrijving"
)
AMOUNT_LESS: Final = Evidence("amount_less", -3, "bedrag is {difference} lager dan afgesproken")
AMOUNT_ABOVE: Final = Evidence("amount_above", -1, "bedrag is {difference} hoger dan afgesproken")
NUMBER_ABSENT: Final = Evidence("number_absent", -2, "kenmerk {reference} ontbreekt; de naam staat er wel")
NOT_SEEN_PAID: Final = Evidence("not_seen_paid", -1, "de afschrijving zelf is nog niet gezien")
AMOUNT_DIFFERS: Final = Evidence("amount_differs", -8, "bedrag wijkt {difference} af")

# Against, and however much speaks for it: nobody but a person may book this.
REFERENCE_MISSING: Final = Evidence(
    "reference_missing", -5, "kenmerk {reference} staat niet in de omschrijving"
)
NAME_MISSING: Final = Evidence("name_missing", -6, "de omschrijving noemt de inwoner niet")
ALL_NEW: Final = Evidence("all_new", -5, "omschrijving en bedrag zijn allebei anders dan afgesproken")
SOMEBODY_ELSE: Final = Evidence("somebody_else", -8, "de omschrijving lijkt iemand anders te noemen")
OTHER_CLIENT: Final = Evidence(
    "other_client", -8, "de omschrijving noemt iemand van een ander huishouden met deze rekening"
)
OTHER_INITIALS: Final = Evidence("other_initials", -8, "de omschrijving noemt andere voorletters")
OTHER_BIRTH_DATE: Final = Evidence("other_birth_date", -10, "de omschrijving noemt een andere geboortedatum")
OTHER_REFERENCE: Final = Evidence("other_reference", -20, "het kenmerk hoort bij een ander huishouden")
OTHER_AGREEMENT: Final = Evidence("other_agreement", -8, "het kenmerk hoort bij een andere afspraak")
UNKNOWN_REFERENCE: Final = Evidence(
    "unknown_reference", -6, "de omschrijving noemt een kenmerk dat wij niet kennen"
)
SAME_REFERENCE: Final = Evidence("same_reference", -2, "een ander huishouden heeft hetzelfde kenmerk")
AMOUNT_MORE: Final = Evidence("amount_more", -6, "bedrag is {difference} hoger dan afgesproken")
SEVERAL: Final = Evidence("several_instalments", -6, "bedrag is precies {count} termijnen")
SUM_OF_TWO: Final = Evidence("sum_of_two", -8, "bedrag is dat van deze en een andere afspraak samen")
AMOUNT_FAR: Final = Evidence("amount_far", -8, "bedrag is {difference} lager dan afgesproken")
NOT_DUE: Final = Evidence("not_due", -5, "rond deze datum werd geen betaling verwacht")
ENDED: Final = Evidence("ended", -6, "de afspraak is op {ended} geëindigd")
NOT_STARTED: Final = Evidence("not_started", -6, "de afspraak begint pas op {starts}")
ALREADY_MET: Final = Evidence("already_met", -6, "de betaling van {due} is al geboekt: mogelijk dubbel")
DIRECTION: Final = Evidence("direction", -8, "de afspraak gaat de andere kant op (inkomsten of uitgaven)")
NOT_COLLECTED: Final = Evidence(
    "not_collected", -4, "wij betalen deze afspraak zelf, en dit is geen betaling van ons"
)
UNKNOWN_IBAN: Final = Evidence("unknown_iban", -6, "de tegenrekening is niet bekend van {counterparty}")
OTHER_MATTER: Final = Evidence("other_matter", -8, "de omschrijving gaat over iets anders ('{word}')")
SETTLED: Final = Evidence("already_settled", -6, "deze betaling stond al op een afschrift")
RETURNED: Final = Evidence("already_returned", -6, "deze betaling is al teruggekomen")
PAID_OTHERWISE: Final = Evidence("paid_otherwise", -10, "bedrag wijkt {difference} af van onze opdracht")
PAID_ELSEWHERE: Final = Evidence("paid_elsewhere", -10, "tegenrekening is een andere dan in onze opdracht")
OTHER_OWN_ACCOUNT: Final = Evidence("other_own_account", -10, "de opdracht was van een andere eigen rekening")
NOT_OUR_ID: Final = Evidence("no_end_to_end_id", -2, "ons eigen kenmerk (EndToEndId) ontbreekt")
HAPPENED_BACKWARDS: Final = Evidence(
    "wrong_way", -10, "de opdracht was een betaling, dit gaat de andere kant op"
)

HARD: Final = frozenset(
    evidence.name
    for evidence in (
        REFERENCE_MISSING,
        NAME_MISSING,
        ALL_NEW,
        SOMEBODY_ELSE,
        OTHER_CLIENT,
        OTHER_INITIALS,
        OTHER_BIRTH_DATE,
        OTHER_REFERENCE,
        OTHER_AGREEMENT,
        UNKNOWN_REFERENCE,
        SAME_REFERENCE,
        AMOUNT_DIFFERS,
        AMOUNT_MORE,
        SEVERAL,
        SUM_OF_TWO,
        AMOUNT_FAR,
        NOT_DUE,
        ENDED,
        NOT_STARTED,
        ALREADY_MET,
        DIRECTION,
        NOT_COLLECTED,
        UNKNOWN_IBAN,
        OTHER_MATTER,
        SETTLED,
        RETURNED,
        PAID_OTHERWISE,
        PAID_ELSEWHERE,
        OTHER_OWN_ACCOUNT,
        NOT_OUR_ID,
        HAPPENED_BACKWARDS,
    )
)
