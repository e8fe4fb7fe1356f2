from __future__ import annotations

import re
from datetime import date

import pytest

from huishoudboekje.domain.agreements import Agreement, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.signals import (
    RETURN_REASONS,
    SENTENCES,
    SignalKind,
    booked,
    missing,
    return_reason,
    signal,
)
from tests.domain.agreements_of import expense, income

DUE = Occurrence("wage", date(2026, 1, 24))  # a Saturday: expected on Monday the 26th


@pytest.mark.parametrize(
    ("today", "kind", "since"),
    [
        (date(2026, 1, 24), None, None),
        (date(2026, 1, 29), None, None),
        (date(2026, 1, 30), SignalKind.LATE, date(2026, 1, 30)),
        (date(2026, 2, 9), SignalKind.LATE, date(2026, 1, 30)),
        (date(2026, 2, 10), SignalKind.MISSING, date(2026, 2, 10)),
        (date(2026, 3, 10), SignalKind.MISSING, date(2026, 2, 10)),
    ],
)
def test_income_is_first_late_and_then_missing(
    today: date, kind: SignalKind | None, since: date | None
) -> None:
    signals = missing(income(), [DUE], frozenset(), today)
    assert [one.kind for one in signals] == ([kind] if kind else [])
    assert [one.since for one in signals] == ([since] if since else [])


def test_what_has_come_is_not_missed() -> None:
    assert missing(income(), [DUE], {DUE}, date(2026, 3, 10)) == []


def test_a_collection_can_be_missing_but_a_payment_of_our_own_cannot() -> None:
    due = Occurrence("rent", date(2026, 1, 5))
    [one] = missing(
        expense(settlement=Settlement.DIRECT_DEBIT),
        [due],
        frozenset(),
        date(2026, 1, 9),
        late_after_bank_days=2,
    )
    assert one.sentence == ("Woonstad zou € 750,00 afschrijven op 5 januari 2026. Dat is nog niet gebeurd.")
    assert missing(expense(), [due], frozenset(), date(2026, 12, 31)) == []


STOPPED = Schedule(Unit.MONTH, date(2025, 1, 1), day=24, ends_on=date(2025, 12, 31))


@pytest.mark.parametrize(
    ("agreement", "occurrence", "amount_cents", "met_before", "kinds"),
    [
        (income(tolerance_cents=5_000), DUE, 205_000, False, []),
        (income(tolerance_cents=5_000), DUE, 205_001, False, [SignalKind.TOO_MUCH]),
        (income(tolerance_cents=5_000), DUE, 194_999, False, [SignalKind.TOO_LITTLE]),
        (income(), DUE, 200_000, True, [SignalKind.DOUBLE]),
        (income(schedule=STOPPED), None, 200_000, False, [SignalKind.ENDED_BUT_PAID]),
        (income(schedule=STOPPED), None, 1, False, [SignalKind.ENDED_BUT_PAID, SignalKind.TOO_LITTLE]),
        (income(), None, 200_000, False, []),
    ],
)
def test_what_is_odd_about_a_booking(
    agreement: Agreement,
    occurrence: Occurrence | None,
    amount_cents: int,
    met_before: bool,
    kinds: list[SignalKind],
) -> None:
    found = booked(
        agreement, occurrence, amount_cents, date(2026, 1, 26), met_before=met_before, subject="T1"
    )
    assert kinds == [one.kind for one in found]
    assert all(one.subject == "T1" and one.household_id == "H1" for one in found)


def test_a_deviation_is_said_in_euros() -> None:
    [one] = booked(income(), DUE, 150_000, date(2026, 1, 26), met_before=False, subject="T1")
    assert one.sentence == (
        "Bakkerij Jansen: € 1.500,00 op 26 januari 2026, afgesproken is € 2.000,00. "
        "Dat is € 500,00 te weinig."
    )


def test_every_kind_has_a_sentence_that_can_be_filled() -> None:
    assert set(SignalKind) == set(SENTENCES)
    for kind, sentence in SENTENCES.items():
        facts: dict[str, object] = {
            name: 123_456 if name.endswith("_cents") else f"<{name}>"
            for name in re.findall(r"\{(\w+)\}", sentence)
        }
        made = signal(
            kind,
            since=date(2026, 1, 1),
            household_id="H1",
            agreement_id=None,
            occurrence=None,
            subject="",
            **facts,
        )
        assert "{" not in made.sentence
        assert all(f"<{name}>" in made.sentence for name in facts if not name.endswith("_cents"))


def test_a_sentence_without_its_facts_is_a_defect() -> None:
    with pytest.raises(KeyError):
        signal(SignalKind.RETURNED, since=date(2026, 1, 1), who="Woonstad")


@pytest.mark.parametrize(
    "code",
    "AC01 AC04 AC06 AG01 AM04 AM05 BE04 MS03 CNOR MD06 MD07 RR01 RR02 RR03 RR04".split(),  # noqa: SIM905
)
def test_codes_of_the_bank_are_said_in_words(code: str) -> None:
    assert code not in return_reason(code)
    assert return_reason(code)[0].islower()
    assert not return_reason(code).endswith(".")


def test_an_unknown_code_is_repeated_and_none_is_said_to_be_none() -> None:
    assert return_reason("ZZ99") == "de bank geeft code ZZ99"
    assert return_reason(None) == return_reason("MS03") == "de bank geeft geen reden"
    assert all(len(code) == 4 for code in RETURN_REASONS)
