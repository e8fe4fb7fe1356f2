"""What does not add up in a statement is told, with its severity, and refuses nothing."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_formats import Balance, Batch, Party, Refused, Statement, Summary, Transaction
from bank_formats.camt_writer import day_statement
from bank_formats.judging import in_euros
from bank_formats.statement import CodeTotal
from bank_formats.tally import Uneven
from bank_formats.verdicts import SEVERITIES, Verdict, check, check_file, schema_verdicts, watch
from tests.bank_formats.made import DAY, OURS, THEIRS, camt, credit, document, written, zipped

NOT_OURS = "NL91ABNA0417164301"
MT940 = (
    ":20:S1\r\n:25:{account}\r\n:28C:1\r\n:60F:C261102EUR10,00\r\n{lines}:62F:C261102EUR{closing}\r\n-\r\n"
)


def read_once(moved: list[Transaction], *, fmt: str = "camt.053.001.08", account: str = OURS) -> Statement:
    """A statement that adds up, as a reader gives it: entries are counted while they pass."""
    statement = day_statement(moved, account=account, id="S1", sequence=1, on=DAY, opening=Decimal(10))
    statement.format = fmt
    transactions = statement.transactions

    def counted() -> Iterator[Transaction]:
        for transaction in transactions:
            if transaction.status == "booked" and transaction.part in {None, 1}:
                statement.count(transaction.entry_amount)
            yield transaction

    statement.transactions = counted()
    return statement


def entries(*changes: dict[str, Any]) -> list[Transaction]:
    return [credit(number)._replace(**change) for number, change in enumerate(changes, start=1)]


def with_entries(*changes: dict[str, Any]) -> Callable[[], Statement]:
    return lambda: read_once(entries(*changes))


def with_head(**fields: object) -> Callable[[], Statement]:
    def made() -> Statement:
        statement = read_once([credit(1), credit(2, -500)])
        for name, value in fields.items():
            setattr(statement, name, value)
        return statement

    return made


def with_uneven(difference: Decimal | None) -> Callable[[], Statement]:
    def made() -> Statement:
        statement = read_once([credit(1)])
        statement.count_uneven(Uneven(1, Decimal("12.34"), 2, difference))
        return statement

    return made


def mt940(account: str = OURS, **fields: object) -> Callable[[], Statement]:
    def made() -> Statement:
        one, two = credit(1), credit(2)
        same: dict[str, Any] = {"entry_reference": "028", "code": "NTRF"}
        statement = read_once([one._replace(**same), two._replace(**same)], fmt="mt940", account=account)
        for name, value in fields.items():
            setattr(statement, name, value)
        return statement

    return made


def parts(batch: Batch | None, *amounts: str | None) -> list[dict[str, Any]]:
    """The parts of one entry, of 12.34."""
    return [
        {
            "entry": 1,
            "part": number,
            "ref": f"REF1#{number}",
            "amount": None if amount is None else Decimal(amount),
            "batch": batch,
        }
        for number, amount in enumerate(amounts, start=1)
    ]


OPENING = Balance("opening", DAY, Decimal(10), "EUR")
CLOSING = Balance("closing", DAY, Decimal("17.34"), "EUR")
RIGHT = Summary(
    2,
    Decimal("17.34"),
    1,
    Decimal("12.34"),
    1,
    Decimal("5.00"),
    net=Decimal("7.34"),
    per_code=(
        CodeTotal("PMNT-RCDT-ESCT", 1, Decimal("12.34")),
        CodeTotal("PMNT-ICDT-ESCT", 1, Decimal("-5.00")),
    ),
)
FEBRUARY, NOVEMBER = date(2026, 2, 1), date(2026, 11, 30)
CASES: list[tuple[str, str, Callable[[], Statement]]] = [
    (
        "balance_differs",
        "Stmt[1]/Bal[CLBD]",
        with_head(balances=[OPENING, CLOSING._replace(amount=Decimal(17))]),
    ),
    ("opening_missing", "Stmt[1]/Bal[OPBD]", with_head(balances=[CLOSING])),
    ("closing_missing", "Stmt[1]/Bal[CLBD]", with_head(balances=[OPENING])),
    (
        "previous_closing_differs",
        "Stmt[1]/Bal[OPBD]",
        with_head(balances=[OPENING, Balance("previous_closing", DAY, Decimal(9), "EUR"), CLOSING]),
    ),
    ("entry_currency_differs", "Stmt[1]/Ntry[2]/Amt", with_entries({}, {"currency": "USD"})),
    (
        "balance_currency_differs",
        "Stmt[1]/Bal[OPBD]",
        with_head(balances=[OPENING._replace(currency="{USD}"), CLOSING]),
    ),
    (
        "balance_currency_differs",
        "Stmt[1]/Bal[CLBD]",
        with_head(balances=[OPENING, CLOSING._replace(currency="USD")]),
    ),
    (
        "not_whole_cents",
        "Stmt[1]/Ntry[1]/Amt",
        with_entries({"amount": Decimal("1.125"), "entry_amount": Decimal("1.125")}),
    ),
    (
        "summary_count_differs",
        "Stmt[1]/TxsSummry/TtlNtries/NbOfNtries",
        with_head(summary=replace(RIGHT, count=3)),
    ),
    (
        "summary_sum_differs",
        "Stmt[1]/TxsSummry/TtlNtries/Sum",
        with_head(summary=replace(RIGHT, sum=Decimal(1))),
    ),
    (
        "summary_credit_count_differs",
        "Stmt[1]/TxsSummry/TtlCdtNtries/NbOfNtries",
        with_head(summary=replace(RIGHT, credit_count=3)),
    ),
    (
        "summary_credit_sum_differs",
        "Stmt[1]/TxsSummry/TtlCdtNtries/Sum",
        with_head(summary=replace(RIGHT, credit_sum=Decimal(1))),
    ),
    (
        "summary_debit_count_differs",
        "Stmt[1]/TxsSummry/TtlDbtNtries/NbOfNtries",
        with_head(summary=replace(RIGHT, debit_count=3)),
    ),
    (
        "summary_debit_sum_differs",
        "Stmt[1]/TxsSummry/TtlDbtNtries/Sum",
        with_head(summary=replace(RIGHT, debit_sum=Decimal(1))),
    ),
    (
        "summary_net_differs",
        "Stmt[1]/TxsSummry/TtlNtries/TtlNetNtry",
        with_head(summary=replace(RIGHT, net=Decimal(1))),
    ),
    (
        "summary_code_differs",
        "Stmt[1]/TxsSummry/TtlNtriesPerBkTxCd",
        with_head(summary=replace(RIGHT, per_code=(CodeTotal("PMNT-RCDT-ESCT", 2, None),))),
    ),
    (
        "summary_code_differs",
        "Stmt[1]/TxsSummry/TtlNtriesPerBkTxCd",
        with_head(summary=replace(RIGHT, per_code=(CodeTotal("PMNT-RCDT-ESCT", None, Decimal(1)),))),
    ),
    ("parts_differ", "Stmt[1]/Ntry[1]/NtryDtls", with_uneven(Decimal("0.34"))),
    ("part_without_amount", "Stmt[1]/Ntry[1]/NtryDtls", with_uneven(None)),
    ("batch_count_differs", "Stmt[1]/Ntry[1]/NtryDtls/Btch", with_entries(*parts(Batch(3), "12.00", "0.34"))),
    (
        "batch_sum_differs",
        "Stmt[1]/Ntry[1]/NtryDtls/Btch",
        with_entries(*parts(Batch(2, sum=Decimal(12)), "12.00", "0.34")),
    ),
    (
        "batch_sum_differs",
        "Stmt[1]/Ntry[1]/NtryDtls/Btch",
        with_entries({"batch": Batch(2, sum=Decimal(12))}),
    ),
    ("page_missing", "Stmt[1]/StmtPgntn", with_head(page=2, is_last_page=True)),
    ("page_missing", "Stmt[1]/StmtPgntn", with_head(page=1, is_last_page=False, balances=[])),
    ("last_page_unknown", "Stmt[1]/StmtPgntn", with_head(page=1)),
    ("page_missing", "mt940[1]/:28C:", mt940(page=1, is_last_page=False)),
    ("copy", "Stmt[1]/CpyDplctInd", with_head(is_copy=True)),
    ("account_iban_wrong", "Stmt[1]/Acct/Id", with_head(account=NOT_OURS)),
    (
        "counterparty_iban_wrong",
        "Stmt[1]/Ntry[2]/NtryDtls/TxDtls/RltdPties",
        with_entries({}, {"counterparty": Party("Zij", NOT_OURS)}),
    ),
    (
        "booked_outside_period",
        "Stmt[1]/Ntry[1]/BookgDt",
        with_entries({"booked_on": FEBRUARY, "valued_on": None}),
    ),
    ("booked_in_future", "Stmt[1]/Ntry[1]/BookgDt", with_head(created_at="2026-11-01T10:00:00")),
    ("value_date_far", "Stmt[1]/Ntry[1]/ValDt", with_entries({"valued_on": FEBRUARY})),
    ("code_unknown", "Stmt[1]/Ntry[1]/BkTxCd", with_entries({"code": "PMNT-XXXX-ESCT"})),
    ("not_booked", "Stmt[1]/Ntry[2]/Sts", with_entries({}, {"status": "pending"})),
    (
        "entry_says_nothing",
        "Stmt[1]/Ntry[1]",
        with_entries({"remittance": None, "counterparty": Party()}),
    ),
    (
        "entry_reference_repeated",
        "Stmt[1]/Ntry[3]/NtryRef",
        with_entries({"entry_reference": "A"}, {}, {"entry_reference": "A"}),
    ),
    ("entry_reference_repeated", "mt940[1]/:61:[2]", mt940()),
    ("servicer_reference_repeated", "Stmt[1]/Ntry[2]/AcctSvcrRef", with_entries({"ref": "A"}, {"ref": "A"})),
    (
        "end_to_end_id_repeated",
        "Stmt[1]/Ntry[2]/NtryDtls/TxDtls/Refs/EndToEndId",
        with_entries({"end_to_end_id": "A"}, {"end_to_end_id": "A"}),
    ),
]
OF_A_FILE = {"schema_differs", "schema_absent", "chain_broken"}


@pytest.mark.parametrize(("code", "path", "made"), CASES)
def test_one_thing_that_does_not_add_up_gives_one_verdict(
    code: str, path: str, made: Callable[[], Statement]
) -> None:
    found = [verdict for verdict in check(made()) if verdict.code == code]
    assert [path] == [verdict.path for verdict in found]
    (verdict,) = found
    assert verdict.sentence.endswith(".")
    assert verdict.severity in {SEVERITIES[code], "note"}
    if verdict.difference is not None and isinstance(verdict.found, Decimal | int):
        assert isinstance(verdict.expected, Decimal | int)
        assert verdict.difference == verdict.found - verdict.expected or code == "parts_differ"


def test_every_verdict_has_a_case() -> None:
    assert {*SEVERITIES} - OF_A_FILE == {code for code, _, _ in CASES}


RIGHT_ONES: list[Callable[[], Statement]] = [
    with_head(),
    with_head(summary=RIGHT),
    with_head(summary=replace(RIGHT, sum=Decimal("7.34"), debit_sum=Decimal(-5))),
    with_head(summary=Summary(9), page=2, balances=[]),
    with_head(kind="notification", balances=[]),
    with_head(balances=[OPENING, CLOSING, Balance("available", DAY, Decimal(1), "USD")]),
    with_entries(*parts(Batch(2, sum=Decimal("12.34")), "12.00", "0.34")),
    with_entries({"batch": Batch(40)}, {"batch": Batch(40, sum=Decimal("12.34"))}),
    with_entries(
        {"booked_on": None, "valued_on": None, "code": None, "currency": None, "counterparty": Party()}
    ),
    with_entries({"code": "NTRF/028"}, {"counterparty": Party("Zij", "123456")}),
    mt940(page=4),
]


@pytest.mark.parametrize("made", RIGHT_ONES)
def test_what_adds_up_or_says_nothing_has_no_verdict_of_weight(made: Callable[[], Statement]) -> None:
    weighty = [v for v in check(made()) if v.severity != "note" and v.code != "page_missing"]
    assert weighty == []


def test_a_bank_that_repeats_its_references_means_nothing_by_it() -> None:
    severities = []
    for account in (OURS, THEIRS):
        moved = entries({"entry_reference": "A"}, {"entry_reference": "A"})
        (found,) = [
            v for v in check(read_once(moved, account=account)) if v.code == "entry_reference_repeated"
        ]
        severities.append(found.severity)
    assert severities == ["note", "warning"]


def test_entries_that_are_not_booked_may_be_in_the_banks_own_count() -> None:
    statement = read_once(entries({}, {"status": "pending"}))
    statement.balances[1] = CLOSING._replace(amount=Decimal("22.34"))
    statement.summary = Summary(count=2, sum=Decimal("24.68"))
    assert [v.code for v in check(statement)] == ["not_booked"]


def test_errors_come_first_and_more_of_one_kind_is_one_verdict_with_a_count() -> None:
    statement = read_once(entries({"currency": "USD"}, {"currency": "USD"}, {"ref": "REF1"}))
    found = check(statement, today=FEBRUARY)
    assert list(dict.fromkeys(v.severity for v in found)) == ["error", "warning", "note"]
    assert {v.code: v.count for v in found} == {
        "entry_currency_differs": 2,
        "booked_in_future": 3,
        "servicer_reference_repeated": 1,
    }
    assert "2 keer" in found[0].sentence


def test_what_was_watched_is_judged_after_it_was_used() -> None:
    statement = read_once(entries({}, {"currency": "USD"}))
    watch(statement)
    watch(statement)
    used = [transaction.entry for transaction in statement.transactions]
    assert used == [1, 2]
    assert [v.code for v in check(statement)] == ["entry_currency_differs"]


def test_a_verdict_is_data_as_json_has_it() -> None:
    verdict = Verdict("copy", "warning", "Ja.", None, Decimal("1.50"), DAY, 3)
    said = verdict.as_data()
    assert (said["expected"], said["found"], said["difference"]) == ("1.50", "2026-11-02", 3)


@pytest.mark.parametrize(
    ("amount", "shown"), [("1234567.5", "1.234.567,50"), ("-0.125", "-0,125"), ("7", "7,00")]
)
def test_amounts_are_shown_as_people_write_them(amount: str, shown: str) -> None:
    assert in_euros(Decimal(amount)) == shown


amounts = st.integers(-(10**9), 10**9).filter(bool)


@given(st.lists(amounts, max_size=40), st.integers(-(10**9), 10**9))
def test_a_statement_that_was_made_to_add_up_has_no_error(cents: list[int], opening: int) -> None:
    moved = [credit(number, each) for number, each in enumerate(cents, start=1)]
    made = day_statement(
        moved, account=OURS, id="S1", sequence=1, on=DAY, opening=Decimal(opening).scaleb(-2)
    )
    ((_, found),) = check_file(io.BytesIO(written([made])), name="s.xml")
    assert [v for v in found if v.severity != "note"] == []


@given(st.lists(amounts, min_size=1, max_size=9), amounts)
def test_a_closing_balance_that_is_off_by_anything_is_an_error_of_that_much(
    cents: list[int], off: int
) -> None:
    moved = [credit(number, each) for number, each in enumerate(cents, start=1)]
    statement = read_once(moved)
    wrong = Decimal(off).scaleb(-2)
    statement.balances[1] = statement.balances[1]._replace(amount=statement.balances[1].amount + wrong)
    first = check(statement)[0]
    assert (first.code, first.difference) == ("balance_differs", wrong)


def two_days(second_opening: str) -> bytes:
    first = day_statement([credit(1)], account=OURS, id="S1", sequence=1, on=DAY, opening=Decimal(10))
    second = day_statement(
        [credit(2)], account=OURS, id="S2", sequence=2, on=DAY, opening=Decimal(second_opening)
    )
    other = day_statement([], account=THEIRS, id="S3", sequence=1, on=DAY, opening=Decimal(5))
    return written([first, second, other])


def test_a_statement_that_does_not_begin_where_the_one_before_it_ended_breaks_the_chain() -> None:
    for opening, expected in (("22.34", []), ("22.00", ["chain_broken"])):
        judged = list(check_file(io.BytesIO(two_days(opening)), name="s.xml"))
        assert [[], expected, []] == [[v.code for v in found] for _, found in judged]


def test_a_chain_cannot_be_told_without_balances_or_out_of_order() -> None:
    plain = camt([credit(1)])
    early = plain.replace(b"2026-11-02", b"2026-10-02").replace(b"10.00", b"11.00")
    bare = document("<Id>S3</Id><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct>")
    file = zipped({"a.xml": plain, "b.xml": early, "c.xml": bare})
    codes = [
        v.code for _, found in check_file(io.BytesIO(file), name="s.zip", judge_schema=False) for v in found
    ]
    assert "chain_broken" not in codes


def test_the_schema_is_one_of_the_verdicts_with_its_lines() -> None:
    file = camt([credit(1)]).replace(b"<Id>S1</Id>", b"\n<Id></Id>")
    ((_, found),) = check_file(io.BytesIO(file), name="s.xml")
    (verdict,) = found
    assert verdict.code == "schema_differs"
    assert verdict.problems[0].line == file[: file.index(b"<Id></Id>")].count(b"\n") + 1
    assert "regel" in verdict.sentence
    assert verdict.as_data()["problems"][0]["original"].startswith("Element")


def test_a_stream_that_cannot_go_back_gives_no_lines() -> None:
    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

    (verdicts,) = schema_verdicts(OneWay(document("<Id/>", "<Id/>")), name="s.xml").values()
    assert {problem.line for problem in verdicts[0].problems} == {None}
    assert "regel" not in verdicts[0].sentence


def test_what_has_no_official_schema_says_so() -> None:
    mt = MT940.format(account=OURS, lines="", closing="10,00").encode()
    later = document("<Id/>").replace(b"camt.053.001.08", b"camt.053.001.99")
    for file in (mt, later):
        (verdicts,) = schema_verdicts(io.BytesIO(file), name="s").values()
        assert [v.code for v in verdicts] == ["schema_absent"]


def test_each_file_of_a_zip_has_its_own_lines_and_its_own_verdict() -> None:
    wrong = camt([credit(1)]).replace(b"<Id>S1</Id>", b"\n\n<Id></Id>")
    file = zipped({"a.xml": camt([credit(1)]), "b.xml": wrong})
    found = schema_verdicts(io.BytesIO(file), name="s.zip")
    assert found["s.zip!a.xml"] == ()
    assert found["s.zip!b.xml"][0].problems[0].line is not None


def test_every_public_file_that_is_read_gets_its_verdicts(shared: Path) -> None:
    """How many of the public files follow the schema of their message (November 2026).

    | folder  | files | follow it | do not | no schema | refused by the reader |
    |---------|-------|-----------|--------|-----------|-----------------------|
    | camt053 | 48    | 20 (and a zip) | 28 | 0       | 0                     |
    | camt052 | 8     | 6         | 2      | 0         | 0                     |
    | camt054 | 8     | 8         | 0      | 0         | 0                     |
    | mt940   | 52    | 0         | 0      | 52        | 0                     |
    """
    counts: dict[str, dict[str, int]] = {}
    for folder in ("camt053", "camt052", "camt054", "mt940", "broken"):
        files = [path for path in sorted((shared / "corpus" / folder).iterdir()) if path.is_file()]
        for path in files:
            count = counts.setdefault(folder, {"valid": 0, "differs": 0, "absent": 0, "refused": 0})
            try:
                judged = list(check_file(io.BytesIO(path.read_bytes()), name=path.name))
            except Refused:
                count["refused"] += 1
                continue
            found = {verdict.code for _, verdicts in judged for verdict in verdicts}
            assert found <= {*SEVERITIES}
            kind = (
                "differs" if "schema_differs" in found else "absent" if "schema_absent" in found else "valid"
            )
            count[kind] += 1
    del counts["broken"]
    assert counts == {
        "camt053": {"valid": 20, "differs": 28, "absent": 0, "refused": 0},
        "camt052": {"valid": 6, "differs": 2, "absent": 0, "refused": 0},
        "camt054": {"valid": 8, "differs": 0, "absent": 0, "refused": 0},
        "mt940": {"valid": 0, "differs": 0, "absent": 52, "refused": 0},
    }
