"""Signals: what was expected and did not come, and what came and asks for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Settlement
from huishoudboekje.domain.bank_days import (
    add_bank_days,
    bank_day_on_or_after,
    bank_days_between,
    next_bank_day,
    show_day,
)
from huishoudboekje.domain.money import show


class SignalKind(StrEnum):
    """What a signal is about."""

    LATE = "late"
    MISSING = "missing"
    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"
    DOUBLE = "double"
    EXCESS = "excess"
    INCOME_UNDONE = "income_undone"
    ENDED_BUT_PAID = "ended_but_paid"
    RETURNED = "returned"
    REJECTED = "rejected"
    GAP = "gap"
    STATEMENT_ASIDE = "statement_aside"
    STATEMENT_MISSING = "statement_missing"
    HELD = "held"
    HELD_TOO_LONG = "held_too_long"
    CARRIED = "carried"
    PAID_LATE = "paid_late"
    SENT_NOT_BOOKED = "sent_not_booked"
    NOT_DELIVERED_BUT_SETTLED = "not_delivered_but_settled"
    LATE_INCOME_AFTER_CLOSE = "late_income_after_close"


K = SignalKind
# {…_cents} are shown as money and days as Dutch days; `who` is the other side's name, `verb` what it does.
SENTENCES: Final[Mapping[SignalKind, str]] = MappingProxyType(
    {
        K.LATE: "{who} zou {amount_cents} {verb} op {due_on}. Dat is nog niet gebeurd.",
        K.MISSING: "{who} zou {amount_cents} {verb} op {due_on}. Dat is na {bank_days} bankdagen nog niet "
        "gebeurd. Vraag na wat er aan de hand is.",
        K.TOO_MUCH: "{who}: {amount_cents} op {booked_on}, afgesproken is {agreed_cents}. "
        "Dat is {difference_cents} te veel.",
        K.TOO_LITTLE: "{who}: {amount_cents} op {booked_on}, afgesproken is {agreed_cents}. "
        "Dat is {difference_cents} te weinig.",
        K.DOUBLE: "{who}: {amount_cents} op {booked_on}, maar voor {due_on} was al geboekt. "
        "Kijk of dit dubbel is.",
        K.EXCESS: "De bank heeft {amount_cents} meer afgeschreven dan er aan eigen geld en voorschot is. "
        "Er komt geen nieuw voorschot tot dit is opgelost.",
        K.INCOME_UNDONE: "{who} heeft {amount_cents} weer teruggenomen op {booked_on}: {why}.",
        K.ENDED_BUT_PAID: "{who}: {amount_cents} op {booked_on}, maar de afspraak is gestopt op {ended_on}.",
        K.RETURNED: "De betaling van {amount_cents} aan {who} kwam terug op {booked_on}: {why}.",
        K.REJECTED: "De bank heeft de betaling van {amount_cents} aan {who} geweigerd: {why}.",
        K.GAP: "Van rekening {iban} ontbreekt afschrift {number}, tussen {after_on} en {before_on}. "
        "Het gaat om {amount_cents}.",
        K.STATEMENT_ASIDE: "Afschrift {number} van rekening {iban} is apart gelegd en niet geboekt: {why}.",
        K.STATEMENT_MISSING: "Het afschrift van {day} van rekening {iban} is er nog niet. "
        "De betalingen zijn voorgesteld zonder dit afschrift.",
        K.HELD: "De betaling van {amount_cents} aan {who} is aangehouden. {why}",
        K.HELD_TOO_LONG: "De betaling van {amount_cents} aan {who} is al {bank_days} bankdagen aangehouden. "
        "Kies nu: vrijgeven of intrekken.",
        K.CARRIED: "Van het leefgeld van {due_on} volgt {amount_cents} later, want meer is niet vrij.",
        K.PAID_LATE: "{who} krijgt {amount_cents} op {execution_on}. Dat is later dan {due_on}.",
        K.SENT_NOT_BOOKED: "De betaling van {amount_cents} aan {who} is verstuurd op {sent_on}, "
        "maar staat nog niet op een afschrift.",
        K.NOT_DELIVERED_BUT_SETTLED: "Let op: de betaling van {amount_cents} aan {who} was niet bezorgd, "
        "maar de bank heeft haar op {booked_on} toch gedaan. Kijk of er nu dubbel is betaald.",
        K.LATE_INCOME_AFTER_CLOSE: "{who} betaalde {amount_cents} op {booked_on}, maar het huishouden is "
        "gestopt op {closed_on}. Beslis wat er met dit geld gebeurt.",
    }
)
NO_REASON: Final = "de bank geeft geen reden"
# Source: ISO 20022 external code sets, status and return reasons.
RETURN_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AC01": "het rekeningnummer klopt niet",
        "AC02": "het rekeningnummer van de betaler klopt niet",
        "AC03": "het rekeningnummer van de ontvanger klopt niet",
        "AC04": "de rekening is opgeheven",
        "AC06": "de rekening is geblokkeerd",
        "AC07": "de rekening van de ontvanger is opgeheven",
        "AC13": "op dit soort rekening kan niet worden betaald",
        "AG01": "de bank staat deze betaling op deze rekening niet toe",
        "AG02": "de bank kent deze soort opdracht niet",
        "AM01": "het bedrag is nul",
        "AM02": "het bedrag is hoger dan de bank toestaat",
        "AM03": "in deze munt kan niet worden betaald",
        "AM04": "er staat niet genoeg geld op de rekening",
        "AM05": "volgens de bank is deze betaling dubbel",
        "AM06": "het bedrag is lager dan de bank toestaat",
        "AM07": "het bedrag is geblokkeerd",
        "AM09": "het bedrag klopt niet",
        "AM10": "het totaal in het betaalbestand klopt niet",
        "BE01": "de naam hoort niet bij het rekeningnummer",
        "BE04": "het adres van de ontvanger ontbreekt of klopt niet",
        "BE05": "de opdrachtgever is niet bekend bij de bank",
        "BE06": "de ontvanger is niet bekend bij de bank",
        "CNOR": "de bank van de ontvanger doet niet mee aan dit betalingsverkeer",
        "CUST": "de betaling is op verzoek van de klant teruggestuurd",
        "DNOR": "de bank van de betaler doet niet mee aan dit betalingsverkeer",
        "DS02": "iemand met tekenrecht heeft de opdracht ingetrokken",
        "DT01": "de datum van de betaling klopt niet",
        "DU01": "de bank heeft een bestand met dit kenmerk al",
        "DU02": "de bank heeft een batch met dit kenmerk al",
        "DU04": "de bank heeft een betaling met dit kenmerk al",
        "DUPL": "volgens de bank is deze betaling dubbel",
        "ED05": "de betaling tussen de banken is niet gelukt",
        "FF01": "het betaalbestand klopt niet",
        "FOCR": "de betaling is teruggehaald op verzoek van de betaler",
        "FRAD": "de bank denkt aan fraude",
        "MD01": "er is geen machtiging",
        "MD06": "de betaler heeft zijn geld teruggevraagd",
        "MD07": "de rekeninghouder is overleden",
        "MS02": "de ontvanger wil de betaling niet en geeft geen reden",
        "MS03": NO_REASON,
        "NARR": "de bank geeft de reden alleen in een toelichting",
        "NOAS": "de ontvanger gaf geen antwoord",
        "RC01": "de bank van de ontvanger bestaat niet of is verkeerd geschreven",
        "RC07": "de BIC van de bank van de ontvanger klopt niet",
        "RCVC": "de naam hoort bij het rekeningnummer",
        "RF01": "het kenmerk van de betaling is al eens gebruikt",
        "RR01": "door regels mist de bank het rekeningnummer of kenmerk van de betaler",
        "RR02": "door regels mist de bank de naam of het adres van de betaler",
        "RR03": "door regels mist de bank de naam of het adres van de ontvanger",
        "RR04": "de bank mag de betaling door regels niet doen",
        "RVMC": "de naam lijkt op de naam bij het rekeningnummer, maar is niet gelijk",
        "RVNA": "de naam kon niet worden gecontroleerd",
        "RVNM": "de naam hoort niet bij het rekeningnummer",
        "SL01": "de ontvanger staat deze betaling niet toe",
        "TM01": "de opdracht kwam te laat op de dag bij de bank",
    }
)


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that a person must know, since when, in one Dutch sentence.

    The same `kind`, household, agreement, occurrence and `subject` (such as a payment's or a statement's
    id) is the same signal: it is raised once.
    """

    kind: SignalKind
    since: date
    sentence: str
    household_id: str | None = None
    agreement_id: str | None = None
    occurrence: Occurrence | None = None
    subject: str = ""


def signal(
    kind: SignalKind,
    *,
    since: date,
    household_id: str | None = None,
    agreement_id: str | None = None,
    occurrence: Occurrence | None = None,
    subject: str = "",
    **facts: object,
) -> Signal:
    """The signal with its sentence, filled from the facts that `SENTENCES` names for its kind.

    Raises KeyError when a fact is missing.
    """
    sentence = SENTENCES[kind].format_map({name: _shown(name, fact) for name, fact in facts.items()})
    return Signal(kind, since, sentence, household_id, agreement_id, occurrence, subject)


def missing(
    agreement: Agreement,
    expected: Iterable[Occurrence],
    met: Collection[Occurrence],
    today: date,
    *,
    late_after_bank_days: int = 3,
    missing_after_bank_days: int = 10,
) -> list[Signal]:
    """What should have come in (or been collected) by `today` and has not: late first, missing after.

    What we pay ourselves is never missing. A due day in a weekend counts from the banking day after it.
    """
    if agreement.settlement is Settlement.TRANSFER:
        return []
    signals = []
    for occurrence in expected:
        due_on = bank_day_on_or_after(occurrence.due_on)
        waited = bank_days_between(due_on, today)
        if occurrence in met or waited <= late_after_bank_days:
            continue
        gone = waited > missing_after_bank_days
        allowed = missing_after_bank_days if gone else late_after_bank_days
        signals.append(
            signal(
                SignalKind.MISSING if gone else SignalKind.LATE,
                since=next_bank_day(add_bank_days(due_on, allowed)),
                household_id=agreement.household_id,
                agreement_id=agreement.id,
                occurrence=occurrence,
                who=agreement.counterparty_name,
                amount_cents=agreement.amount_cents,
                verb="betalen" if agreement.direction is Direction.INCOME else "afschrijven",
                due_on=occurrence.due_on,
                bank_days=waited,
            )
        )
    return signals


def booked(
    agreement: Agreement,
    occurrence: Occurrence | None,
    amount_cents: int,
    booked_on: date,
    *,
    met_before: bool,
    subject: str,
) -> list[Signal]:
    """What is odd about income or a collection of `amount_cents` (above zero) booked on an agreement.

    Too much or too little is beyond the tolerance; `met_before` says that the occurrence already had its
    money; `subject` is the transaction's id.
    """
    found: list[tuple[SignalKind, dict[str, object]]] = []
    difference_cents = amount_cents - agreement.amount_cents
    ended_on = agreement.schedule.ends_on
    if occurrence is None and ended_on is not None and booked_on > ended_on:
        found.append((SignalKind.ENDED_BUT_PAID, {"ended_on": ended_on}))
    if occurrence is not None and met_before:
        found.append((SignalKind.DOUBLE, {"due_on": occurrence.due_on}))
    elif abs(difference_cents) > agreement.tolerance_cents:
        kind = SignalKind.TOO_MUCH if difference_cents > 0 else SignalKind.TOO_LITTLE
        facts = {"agreed_cents": agreement.amount_cents, "difference_cents": abs(difference_cents)}
        found.append((kind, dict(facts)))
    return [
        signal(
            kind,
            since=booked_on,
            household_id=agreement.household_id,
            agreement_id=agreement.id,
            occurrence=occurrence,
            subject=subject,
            who=agreement.counterparty_name,
            amount_cents=amount_cents,
            booked_on=booked_on,
            **facts,
        )
        for kind, facts in found
    ]


def return_reason(code: str | None) -> str:
    """A return or rejection code of the bank as a plain Dutch clause, without capital or full stop."""
    if not code:
        return NO_REASON
    return RETURN_REASONS.get(code, f"de bank geeft code {code}")


def _shown(name: str, fact: object) -> object:
    match fact:
        case int() if name.endswith("_cents"):
            return show(fact)
        case date():
            return show_day(fact)
        case _:
            return fact
