"""Lines and what must be decided of them: named cases, then properties, then the benchmark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.instructions import Instruction, Origin
from ingest.evidence import Line, keys
from ingest.reconcile import (
    Ambiguous,
    BatchMatch,
    Decision,
    Match,
    Met,
    OwnMoney,
    Person,
    Reconciler,
    ReturnOf,
    Unknown,
)
from tests.ingest import benchmark_pure

OURS = "NL94BNGH0149589831"
OUR_OTHER = "NL87BNGH0393078581"
UWV = "NL34ABNA2759416081"
UWV_TOO = "NL57RABO2906791821"
EMPLOYER = "NL47INGB4306861351"
FATHER = "NL28KNAB4822676441"
LANDLORD = "NL89RABO0401404241"
TELECOM = "NL51ABNA1875161641"
STRANGER = "NL69ABNA8507069941"
DUE = date(2026, 1, 12)


def income(identity: str, household: str, iban: str, cents: int, **more: object) -> Agreement:
    """An income on the twelfth of every month."""
    plain = Agreement(
        id=identity,
        household_id=household,
        resident_id=f"R{household}",
        direction=Direction.INCOME,
        category="benefit",
        organisation_id=f"O{iban}",
        payee_resident_id=None,
        counterparty_name="UWV",
        iban=iban,
        amount_cents=cents,
        tolerance_cents=0,
        schedule=Schedule(Unit.MONTH, date(2024, 1, 1), day=12),
        settlement=None,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def expense(identity: str, household: str, iban: str, cents: int, **more: object) -> Agreement:
    """A cost on the twelfth of every month, which the creditor collects."""
    return income(
        identity,
        household,
        iban,
        cents,
        **{"direction": Direction.EXPENSE, "settlement": Settlement.DIRECT_DEBIT, **more},
    )


BENEFIT = income("A1", "H1", UWV, 98_765, reference="720141588", search_terms=("UWV", "720141588"))
BENEFIT_OF_OTHER = income("A2", "H2", UWV, 98_765, reference="690595311")
ALIMONY = income(
    "A3", "H1", FATHER, 25_000, category="alimony", organisation_id="P1", search_terms=("alimentatie",)
)
WAGE = income(
    "A4",
    "H1",
    EMPLOYER,
    150_000,
    category="wage",
    tolerance_cents=20_000,
    search_terms=("SALARIS", "Hoekstra"),
)
WAGE_OF_OTHER = income("A5", "H2", EMPLOYER, 150_000, category="wage", tolerance_cents=20_000)
PHONE = expense("A6", "H1", TELECOM, 3_585, category="telecom", reference="714233523")
RENT = expense(
    "A7", "H1", LANDLORD, 61_234, category="rent", reference="0012345", settlement=Settlement.TRANSFER
)
ENDED = income(
    "A8",
    "H1",
    UWV,
    7_266,
    reference="849791157",
    schedule=Schedule(Unit.MONTH, date(2024, 1, 1), day=12, ends_on=date(2025, 12, 31)),
)
AGREEMENTS = [BENEFIT, BENEFIT_OF_OTHER, ALIMONY, WAGE, WAGE_OF_OTHER, PHONE, RENT, ENDED]
PEOPLE = [
    Person("RH1", "H1", "T.Y.", "Hoekstra", date(1980, 3, 12)),
    Person("RH2", "H2", "A.", "van der Velden", date(1991, 7, 4)),
]
SENT = Instruction(
    end_to_end_id="HHB2601090000000660",
    payment_information_id="HHBB2601090000001",
    household_id="H1",
    occurrence=Occurrence("A7", DUE),
    amount_cents=61_234,
    own_cents=61_234,
    advanced_cents=0,
    counter_iban=LANDLORD,
    debtor_iban=OURS,
    execution_on=date(2026, 1, 9),
    batch_booking=True,
    origin=Origin.OURS,
)
SENT_TOO = replace(
    SENT,
    end_to_end_id="HHB2601090000000661",
    household_id="H2",
    occurrence=Occurrence("A9", DUE),
    amount_cents=4_500,
    own_cents=4_500,
    counter_iban=STRANGER,
)
LINE = Line(7, "REF7", OURS, DUE, 98_765, UWV, "UWV", code="PMNT-RCDT-ESCT")
BENEFIT_LINE = LINE._replace(remittance="UWV UITKERING 2026-01 KENMERK 720141588")
WAGE_LINE = LINE._replace(
    amount_cents=148_310, counter_iban=EMPLOYER, remittance="SALARIS JANUARI 2026 TY HOEKSTRA"
)
SENT_LINE = LINE._replace(
    amount_cents=-61_234, counter_iban=LANDLORD, end_to_end_id=SENT.end_to_end_id, code="PMNT-ICDT-ESCT"
)
RETURN_LINE = SENT_LINE._replace(amount_cents=61_234, return_reason="AC04", code="PMNT-ICDT-RRTN")
BATCH_LINE = Line(
    8, "REF8", OURS, DUE, -65_734, batch_payment_information_id=SENT.payment_information_id, batch_count=2
)


def matcher(*more: Agreement, met: tuple[Met, ...] = ()) -> Reconciler:
    """A matcher that knows two households, what they agreed, and a batch of two payments."""
    return Reconciler(
        [*AGREEMENTS, *more],
        PEOPLE,
        [SENT, SENT_TOO],
        met,
        (OURS, OUR_OTHER),
        {UWV: ["O" + UWV], UWV_TOO: ["O" + UWV]},
    )


def booked(decision: Decision) -> tuple[str | None, str, date | None]:
    assert isinstance(decision, Match), decision
    due_on = decision.occurrence.due_on if decision.occurrence else None
    return decision.agreement_id, decision.household_id, due_on


def asked(decision: Decision) -> str:
    assert isinstance(decision, Ambiguous | Unknown), decision
    return decision.reason


# -- what is booked by itself


@pytest.mark.parametrize(
    ("line", "agreement"),
    [
        (BENEFIT_LINE, BENEFIT),
        (BENEFIT_LINE._replace(remittance="BETREFT 7201 415 88"), BENEFIT),
        (BENEFIT_LINE._replace(remittance="BTL/000720141588/"), BENEFIT),
        (BENEFIT_LINE._replace(remittance=None, reference="720141588"), BENEFIT),
        (BENEFIT_LINE._replace(remittance="BETALING PERIODE 01-2026   72014158"), BENEFIT),
        (BENEFIT_LINE._replace(counter_iban=UWV_TOO), BENEFIT),
        (BENEFIT_LINE._replace(booked_on=DUE - timedelta(days=4)), BENEFIT),
        (BENEFIT_LINE._replace(booked_on=DUE + timedelta(days=9)), BENEFIT),
        (BENEFIT_LINE._replace(amount_cents=60_000), BENEFIT),
        (BENEFIT_LINE._replace(amount_cents=101_000), BENEFIT),
        (BENEFIT_LINE._replace(remittance="KNR720141588"), BENEFIT),
        (BENEFIT_LINE._replace(remittance=None, reference="RF18720141588"), BENEFIT),
        (BENEFIT_LINE._replace(remittance="UITKERING", end_to_end_id="720141588"), BENEFIT),
        (WAGE_LINE._replace(remittance="Netto loon van dhr. T.Y. Hoekstra"), WAGE),
        (WAGE_LINE._replace(remittance="Salaris Hoekstra, T.Y."), WAGE),
        (WAGE_LINE._replace(remittance="Salaris Tom Hoekstra"), WAGE),
        (LINE._replace(counter_iban=FATHER, amount_cents=25_000, remittance="alimentatie januari"), ALIMONY),
        (LINE._replace(counter_iban=FATHER, amount_cents=25_000, remittance="bijdrage kinderen"), ALIMONY),
        (WAGE_LINE, WAGE),
        (WAGE_LINE._replace(remittance="SALARIS 01-2026 T.Y. Hoekstra"), WAGE),
        (WAGE_LINE._replace(remittance="LOON A VD VELDEN"), WAGE_OF_OTHER),
        (LINE._replace(counter_iban=TELECOM, amount_cents=-3_585, remittance="KLANTNR 714233523"), PHONE),
    ],
)
def test_what_is_certain_is_booked_on_its_nominal_day(line: Line, agreement: Agreement) -> None:
    assert booked(matcher().decide(line)) == (agreement.id, agreement.household_id, DUE)


def test_our_payment_is_known_by_its_identifier() -> None:
    decision = matcher().decide(SENT_LINE)

    assert booked(decision) == ("A7", "H1", DUE)
    assert isinstance(decision, Match)
    assert decision.end_to_end_id == SENT.end_to_end_id


def test_a_payment_of_the_system_before_this_one_may_have_left_any_account_of_ours() -> None:
    previous = replace(SENT, end_to_end_id="OLD1", debtor_iban=None, origin=Origin.PREVIOUS)
    known = matcher()
    known.learn_instructions([previous])

    line = SENT_LINE._replace(end_to_end_id="OLD1", account=OUR_OTHER)
    assert booked(known.decide(line)) == ("A7", "H1", DUE)


def test_a_batch_total_settles_all_of_the_batch() -> None:
    decision = matcher().decide(BATCH_LINE)

    assert isinstance(decision, BatchMatch)
    assert decision.instructions == (SENT, SENT_TOO)


def test_a_batch_total_without_a_known_identifier_is_known_by_count_and_sum() -> None:
    decision = matcher().decide(BATCH_LINE._replace(batch_payment_information_id="CUT-OFF"))

    assert isinstance(decision, BatchMatch)
    assert decision.payment_information_id == SENT.payment_information_id


@pytest.mark.parametrize(
    "line", [RETURN_LINE, RETURN_LINE._replace(return_reason=None, reversal=True, counter_iban=None)]
)
def test_our_payment_that_comes_back_is_a_return(line: Line) -> None:
    known = matcher()
    known.decide(SENT_LINE)
    decision = known.decide(line)

    assert isinstance(decision, ReturnOf)
    assert decision.instruction == SENT


def test_a_return_may_be_less_costs() -> None:
    known = matcher()
    known.decide(SENT_LINE)

    assert isinstance(known.decide(RETURN_LINE._replace(amount_cents=60_000)), ReturnOf)
    assert asked(known.decide(RETURN_LINE)) == "paid_otherwise"


@pytest.mark.parametrize(
    ("code", "cents", "purpose"),
    [
        ("ACMT-MDOP-CHRG", -1_250, "costs"),
        ("ACMT-MCOP-INTR", 310, "interest"),
        ("ACMT/MDOP/INTR", -5, "interest"),
    ],
)
def test_costs_and_interest_of_the_bank_are_the_municipality_s_own(
    code: str, cents: int, purpose: str
) -> None:
    decision = matcher().decide(Line(9, None, OURS, DUE, cents, code=code))

    assert isinstance(decision, OwnMoney)
    assert decision.purpose == purpose


def test_two_equal_agreements_get_one_payment_each() -> None:
    twin = replace(ALIMONY, id="A31")
    known = matcher(twin)
    line = LINE._replace(counter_iban=FATHER, amount_cents=25_000, remittance="alimentatie januari")

    assert [booked(known.decide(line))[0] for _ in range(2)] == ["A3", "A31"]
    assert asked(known.decide(line)) == "already_met"


def test_the_second_part_of_an_instalment_fills_it_up() -> None:
    known = matcher()
    known.decide(BENEFIT_LINE._replace(amount_cents=60_000))
    decision = known.decide(BENEFIT_LINE._replace(amount_cents=38_765, booked_on=DUE + timedelta(days=4)))

    assert isinstance(decision, Match)
    assert decision.occurrence == Occurrence("A1", DUE, 2)


# -- what a person is asked


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (BENEFIT_LINE._replace(remittance="UWV UITKERING 2026-01"), "reference_missing"),
        (BENEFIT_LINE._replace(remittance="KENMERK 7201"), "reference_missing"),
        (BENEFIT_LINE._replace(remittance="KENMERK 123456782 VRIES"), "reference_missing"),
        (BENEFIT_LINE._replace(remittance="KENMERK 720141588 EN 690595311"), "same_reference"),
        (BENEFIT_LINE._replace(counter_iban=STRANGER), "unknown_iban"),
        (BENEFIT_LINE._replace(amount_cents=197_530), "several_instalments"),
        (BENEFIT_LINE._replace(amount_cents=150_000), "amount_more"),
        (BENEFIT_LINE._replace(amount_cents=98_765 + 7_266), "sum_of_two"),
        (BENEFIT_LINE._replace(remittance="TY HOEKSTRA 690595311"), "other_client"),
        (WAGE_LINE._replace(remittance="SALARIS PIETER HOEKSTRA"), "other_initials"),
        (WAGE_LINE._replace(remittance="SALARIS HOEKSTRA PIETER"), "other_initials"),
        (WAGE_LINE._replace(remittance="13E MAAND TY HOEKSTRA"), "other_matter"),
        (BENEFIT_LINE._replace(amount_cents=9_000), "amount_far"),
        (BENEFIT_LINE._replace(amount_cents=-98_765), "direction"),
        (BENEFIT_LINE._replace(amount_cents=90_000, remittance="NABETALING 720141588"), "other_matter"),
        (LINE._replace(amount_cents=7_266, remittance="CLIENTNR 849791157"), "ended"),
        (WAGE_LINE._replace(remittance="SALARIS JANUARI 2026"), "name_missing"),
        (WAGE_LINE._replace(remittance="SALARIS JANUARI 2026 J VRIES"), "name_missing"),
        (
            LINE._replace(counter_iban=FATHER, amount_cents=25_000, remittance="alimentatie J de Vries"),
            "somebody_else",
        ),
        (WAGE_LINE._replace(remittance="SALARIS JANUARI 2026 B HOEKSTRA"), "other_initials"),
        (WAGE_LINE._replace(remittance="SALARIS TY HOEKSTRA GEB 13-04-1975"), "other_birth_date"),
        (WAGE_LINE._replace(remittance="VAKANTIEGELD TY HOEKSTRA"), "other_matter"),
        (WAGE_LINE._replace(amount_cents=4_200, remittance="REISKOSTEN TY HOEKSTRA"), "amount_differs"),
        (WAGE_LINE._replace(remittance="GRATIFICATIE TY HOEKSTRA"), "other_matter"),
        (LINE._replace(counter_iban=LANDLORD, amount_cents=-61_234, remittance="HUUR"), "paid_without_id"),
        (LINE._replace(counter_iban=LANDLORD, amount_cents=-5_000, remittance="NR 0012345"), "not_collected"),
        (
            LINE._replace(counter_iban=TELECOM, amount_cents=2_000, remittance="KLANTNR 714233523"),
            "direction",
        ),
        (LINE._replace(counter_iban=STRANGER, remittance="zie mail"), "unknown_counterparty"),
        (LINE._replace(counter_iban=OUR_OTHER), "own_account"),
        (LINE._replace(counter_iban=None, remittance="STORTING GELDAUTOMAAT"), "no_counterparty"),
        (LINE._replace(amount_cents=0), "no_money"),
        (SENT_LINE._replace(amount_cents=-61_235), "paid_otherwise"),
        (SENT_LINE._replace(counter_iban=STRANGER), "paid_elsewhere"),
        (SENT_LINE._replace(account=OUR_OTHER), "other_own_account"),
        (SENT_LINE._replace(end_to_end_id="EERDER", return_reason="AC04"), "undone_income"),
        (BATCH_LINE._replace(amount_cents=-61_234, batch_count=1), "batch_total_mismatch"),
        (BATCH_LINE._replace(batch_count=3), "batch_total_mismatch"),
        (BATCH_LINE._replace(account=OUR_OTHER), "batch_total_mismatch"),
        (BATCH_LINE._replace(amount_cents=65_734), "batch_returned"),
        (
            BATCH_LINE._replace(batch_payment_information_id="NOT-OURS", amount_cents=-1),
            "batch_unknown",
        ),
    ],
)
def test_what_is_not_certain_is_asked(line: Line, reason: str) -> None:
    decision = matcher().decide(line)

    assert asked(decision) == reason
    sentence = decision.why_not if isinstance(decision, Ambiguous) else getattr(decision, "why", "")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (BENEFIT_LINE, "already_met"),
        (WAGE_LINE, "already_met"),
        (SENT_LINE, "already_settled"),
        (BATCH_LINE, "batch_settled"),
    ],
)
def test_what_comes_twice_is_asked_the_second_time(line: Line, reason: str) -> None:
    known = matcher()
    known.decide(line)

    assert asked(known.decide(line)) == reason


def test_what_was_booked_before_this_run_counts_too() -> None:
    met = Met(Occurrence("A1", DUE), 98_765, DUE)

    assert asked(matcher(met=(met,)).decide(BENEFIT_LINE)) == "already_met"


def test_a_payment_that_came_back_does_not_come_back_again() -> None:
    known = matcher()
    known.decide(SENT_LINE)
    known.decide(RETURN_LINE)

    assert asked(known.decide(RETURN_LINE)) == "already_returned"


def test_a_return_without_identifier_is_asked_with_the_payment_as_a_candidate() -> None:
    known = matcher()
    known.decide(SENT_LINE)
    decision = known.decide(RETURN_LINE._replace(end_to_end_id=None))

    assert isinstance(decision, Ambiguous)
    assert decision.reason == "return_without_id"
    assert decision.candidates[0].end_to_end_id == SENT.end_to_end_id


def test_colleagues_of_one_name_are_asked_unless_a_birth_date_tells_them_apart() -> None:
    namesake = income(
        "A10", "H3", EMPLOYER, 150_000, category="wage", tolerance_cents=20_000, search_terms=("SALARIS",)
    )
    known = matcher(namesake)
    known.learn_agreements([], [Person("RH3", "H3", "T.Y.", "Hoekstra", date(1999, 12, 31))])

    assert asked(known.decide(WAGE_LINE)) == "not_ahead"
    told_apart = WAGE_LINE._replace(remittance="SALARIS TY HOEKSTRA GEB 31-12-1999")
    assert booked(known.decide(told_apart))[:2] == ("A10", "H3")


def test_a_housemate_s_wage_is_not_the_resident_s() -> None:
    known = matcher()
    known.learn_agreements([], [Person("RH1B", "H1", "Q.", "Zandstra", date(1985, 5, 5))])

    assert asked(known.decide(WAGE_LINE._replace(remittance="SALARIS Q ZANDSTRA"))) == "name_missing"


def test_a_reference_outweighs_the_name_of_somebody_unknown_here() -> None:
    decision = matcher().decide(BENEFIT_LINE._replace(remittance="Q ZANDSTRA 690595311"))

    assert booked(decision)[:2] == ("A2", "H2")


def test_a_reference_that_reads_as_a_date_needs_the_amount() -> None:
    known = matcher(income("A20", "H1", UWV, 45_500, reference="019410529"))
    line = LINE._replace(amount_cents=45_500, remittance="NR 19410529 01-2026")

    assert booked(known.decide(line))[0] == "A20"
    assert asked(known.decide(line._replace(amount_cents=45_000))) == "reference_missing"


def test_an_employer_s_own_name_is_nobody_s() -> None:
    visser = income(
        "A21", "H3", EMPLOYER, 150_000, category="wage", tolerance_cents=20_000, search_terms=("SALARIS",)
    )
    known = matcher(visser)
    known.learn_agreements([], [Person("RH3", "H3", "L.", "Visser", date(1999, 12, 31))])
    line = WAGE_LINE._replace(counter_name="Bakkerij Visser B.V.")

    named = line._replace(remittance="SALARIS BAKKERIJ VISSER")
    assert asked(known.decide(named)) in {"name_missing", "reference_missing"}
    named = line._replace(remittance="SALARIS TY HOEKSTRA BAKKERIJ VISSER")
    assert booked(known.decide(named))[:2] == ("A4", "H1")


def test_a_personnel_number_may_lack_where_the_whole_name_stands() -> None:
    numbered = replace(WAGE, id="A22", reference="10023")
    known = Reconciler([numbered], PEOPLE)

    assert booked(known.decide(WAGE_LINE))[0] == "A22"
    assert (
        asked(known.decide(WAGE_LINE._replace(remittance="SALARIS TY HOEKSTRA 10024"))) == "reference_missing"
    )


def test_candidates_come_best_first_with_what_speaks_for_and_against_in_words() -> None:
    decision = matcher().decide(BENEFIT_LINE._replace(counter_iban=STRANGER))

    assert isinstance(decision, Ambiguous)
    best = decision.candidates[0]
    assert (best.household_id, best.agreement_id, best.occurrence) == ("H1", "A1", Occurrence("A1", DUE))
    assert [one.words for one in best.evidence if one.weight < 0] == [
        "de tegenrekening is niet bekend van UWV",
    ]
    assert [one.words for one in best.evidence if one.name == "reference"] == ["kenmerk klopt"]
    assert list(decision.candidates) == sorted(decision.candidates, key=lambda one: -one.confidence)


# -- very many agreements at one account


def many(count: int) -> list[Agreement]:
    return [
        income(
            f"M{number:05}",
            f"HM{number:05}",
            UWV,
            100_000 + number % 50,
            reference=str(500_000_017 + 31 * number),
        )
        for number in range(count)
    ]


def test_among_thousands_at_one_account_the_reference_tells() -> None:
    crowd = many(3_000)
    known = matcher(*crowd)
    line = LINE._replace(amount_cents=crowd[2_000].amount_cents)

    whole = line._replace(remittance=f"KENMERK {crowd[2_000].reference}")
    assert booked(known.decide(whole))[0] == "M02000"
    assert asked(known.decide(line._replace(remittance="UITKERING"))) == "unknown_counterparty"
    cut = line._replace(
        amount_cents=crowd[900].amount_cents, remittance=f"KENMERK {(crowd[900].reference or '')[:-1]}"
    )
    assert booked(known.decide(cut))[0] == "M00900"
    assert asked(known.decide(cut._replace(remittance=f"KENMERK {(crowd[901].reference or '')[:-4]}")))


# -- properties


LINES = [
    BENEFIT_LINE,
    WAGE_LINE,
    SENT_LINE,
    BATCH_LINE,
    RETURN_LINE,
    LINE._replace(counter_iban=FATHER, amount_cents=25_000, remittance="alimentatie januari"),
    BENEFIT_LINE._replace(amount_cents=60_000),
    BENEFIT_LINE._replace(amount_cents=38_765),
]


@given(st.lists(st.sampled_from(LINES), max_size=8), st.sampled_from(LINES))
def test_what_is_forgotten_is_as_if_it_had_never_been(before: list[Line], line: Line) -> None:
    known, same = matcher(), matcher()
    for one in before:
        known.decide(one)
        same.decide(one)
    known.forget(known.decide(line))

    assert [known.decide(one) for one in LINES] == [same.decide(one) for one in LINES]


@given(st.permutations(AGREEMENTS), st.lists(st.sampled_from(LINES), max_size=8))
def test_the_order_in_which_agreements_are_learnt_does_not_matter(
    agreements: list[Agreement], lines: list[Line]
) -> None:
    known, other = matcher(), Reconciler([], PEOPLE, [SENT_TOO, SENT], (), (OURS, OUR_OTHER))
    for one in agreements:
        other.learn_agreements([one])

    assert [known.decide(line) for line in lines] == [other.decide(line) for line in lines]


@given(st.lists(st.sampled_from(LINES), max_size=8), st.integers(0, 8))
def test_learning_the_same_again_changes_nothing(lines: list[Line], at: int) -> None:
    known, same = matcher(), matcher()
    found = []
    for number, line in enumerate(lines):
        if number == at:
            known.learn_agreements(AGREEMENTS, PEOPLE)
            known.learn_instructions([SENT, SENT_TOO])
            known.learn_met([Met(Occurrence("A1", DUE), 98_765, DUE)] if BENEFIT_LINE in lines[:at] else [])
        found.append(known.decide(line))

    assert found == [same.decide(line) for line in lines]


@given(
    st.sampled_from(LINES),
    st.integers(-200_000, 200_000),
    st.sampled_from([None, UWV, EMPLOYER, FATHER, LANDLORD, TELECOM, STRANGER]),
    st.text("AHJTOEKSR 0123456789.-/", max_size=40) | st.none(),
    st.dates(date(2025, 12, 1), date(2026, 3, 1)),
)
def test_no_line_is_too_strange_and_every_answer_is_about_it(
    line: Line, cents: int, iban: str | None, text: str | None, day: date
) -> None:
    strange = line._replace(amount_cents=cents, counter_iban=iban, remittance=text, booked_on=day)
    keys(strange)
    decision = matcher().decide(strange)

    assert (decision.line_id, decision.amount_cents) == (strange.id, cents)
    if isinstance(decision, Match) and decision.end_to_end_id is None:
        chosen = next(one for one in AGREEMENTS if one.id == decision.agreement_id)
        assert (chosen.direction is Direction.INCOME) == (cents > 0)
        assert decision.household_id == chosen.household_id
        assert 0.98 <= decision.confidence < 1


# -- the benchmark


@pytest.mark.parametrize(
    ("seed", "shape"), [(1, "realistic"), (2, "realistic"), (3, "realistic"), (1, "adversarial")]
)
def test_the_benchmark_finds_nothing_on_a_wrong_household(
    shared: Path, tmp_path: Path, seed: int, shape: str
) -> None:
    def benchmark(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hhb_match", *arguments],
            cwd=shared / "hhb-match",
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    benchmark("generate", str(tmp_path / "made"), "--seed", str(seed), "--shape", shape)
    benchmark_pure.write(tmp_path / "made", tmp_path / "matches.jsonl")
    result = json.loads(benchmark("score", str(tmp_path / "made"), str(tmp_path / "matches.jsonl"), "--json"))

    assert result["wrong_household"] == 0
    assert result["wrong_agreement"] == 0
    assert result["must_queue_violations"] == 0
    assert result["wrong_due_date"] == 0
    assert result["missing"] == 0
    assert result["must_match_recall"] >= 0.999
    assert result["ece"] < 0.01
