"""What the fields of a statement mean together."""

import io
from decimal import Decimal

import pytest

from bank_formats import Balance, Party, Refused, Statement, read
from bank_formats.errors import NoAmount, NotWholeCents, Unreadable
from tests.bank_formats.made import HEAD, NAMESPACE, OURS, THEIRS, document, entry, statements, transactions


def side(name: str, who: str | None = None, iban: str | None = None) -> str:
    named = f"<{name}><Pty><Nm>{who}</Nm></Pty></{name}>" if who else ""
    held = f"<{name}Acct><Id><IBAN>{iban}</IBAN></Id></{name}Acct>" if iban else ""
    return named + held


def related(debtor: str, creditor: str, returned: bool = False) -> str:
    reason = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if returned else ""
    return f"<RltdPties>{debtor}{creditor}</RltdPties>{reason}"


COUNTERPARTIES = [
    ("CRDT", related(side("Dbtr", "Zij", THEIRS), ""), Party("Zij", THEIRS)),
    ("DBIT", related("", side("Cdtr", "Zij", THEIRS)), Party("Zij", THEIRS)),
    ("DBIT", related(side("Dbtr", "Wij", OURS), side("Cdtr", "Zij", THEIRS)), Party("Zij", THEIRS)),
    ("DBIT", related(side("Dbtr", "Zij", THEIRS), side("Cdtr", "Wij", OURS)), Party("Zij", THEIRS)),
    ("DBIT", related(side("Dbtr", "Zij", THEIRS), ""), Party()),
    ("CRDT", related("", side("Cdtr", "Zij", THEIRS), returned=True), Party("Zij", THEIRS)),
    ("CRDT", related(side("Dbtr", "Zij", THEIRS), "", returned=True), Party("Zij", THEIRS)),
    ("CRDT", related(side("Dbtr", "A"), side("Cdtr", "B"), returned=True), Party("B")),
    ("DBIT", related(side("Dbtr", "A"), side("Cdtr", "B"), returned=True), Party("A")),
    ("CRDT", related(side("UltmtDbtr", "Achter"), ""), Party("Achter")),
]


@pytest.mark.parametrize(("direction", "inside", "expected"), COUNTERPARTIES)
def test_the_counterparty_is_the_side_that_is_not_ours(direction: str, inside: str, expected: Party) -> None:
    (transaction,) = transactions(document(HEAD + entry(inside, side=direction)))
    assert expected == transaction.counterparty


def test_the_direction_alone_gives_the_sign_and_a_reversal_never_turns_it() -> None:
    (transaction,) = transactions(document(HEAD + entry(side="DBIT", after="<RvslInd>true</RvslInd>")))
    assert Decimal("-12.34") == transaction.amount
    assert transaction.reversal
    assert transaction.amount_cents == -1234


REFUSALS = [
    ("het bedrag ontbreekt", "Stmt[1]/Ntry[1]/Amt", None, entry(amount="")),
    ("het bedrag is geen getal", "Stmt[1]/Ntry[1]/Amt", "12..34", entry(amount="12..34")),
    ("het bedrag is geen getal", "Stmt[1]/Ntry[1]/Amt", "1E5", entry(amount="1E5")),
    ("het bedrag is geen getal", "Stmt[1]/Ntry[1]/Amt", "1_000", entry(amount="1_000")),
    ("het bedrag is geen getal", "Stmt[1]/Ntry[1]/Amt", "NaN", entry(amount="NaN")),
    ("het bedrag is geen getal", "Stmt[1]/Ntry[1]/Amt", "١٢", entry(amount="١٢")),
    ("het bedrag is negatief", "Stmt[1]/Ntry[1]/Amt", "-1.00", entry(amount="-1.00")),
    ("dit is geen bij (CRDT) of af (DBIT)", "Stmt[1]/Ntry[1]/CdtDbtInd", "DEBIT", entry(side="DEBIT")),
    ("er staat niet bij of het bij of af is", "Stmt[1]/Ntry[1]/CdtDbtInd", None, entry(side="")),
    (
        "deze datum bestaat niet",
        "Stmt[1]/Ntry[2]/ValDt",
        "2026-02-30",
        entry() + entry(after="<ValDt><Dt>2026-02-30</Dt></ValDt>"),
    ),
    (
        "deze datum bestaat niet",
        "Stmt[1]/Ntry[1]/ValDt",
        "2026-W01-1",
        entry(after="<ValDt><Dt>2026-W01-1</Dt></ValDt>"),
    ),
]


@pytest.mark.parametrize(("problem", "path", "value", "inside"), REFUSALS)
def test_what_cannot_be_understood_is_refused_with_its_place(
    problem: str, path: str, value: str | None, inside: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        transactions(document(HEAD + "\n" + inside), "november.xml")
    said = refused.value
    assert said.problem.startswith(problem)
    assert (path, value, "november.xml") == (said.path, said.value, said.file)
    assert said.line == (5 if "[2]" in path else 4)
    for word in ("november.xml", f"regel {said.line}", path):
        assert word in said.sentence


def test_a_statement_without_an_account_is_refused() -> None:
    with pytest.raises(Unreadable, match="noemt geen rekening"):
        transactions(document("<Id>S1</Id>" + entry()))


MISPLACED = [
    f"<Foo>{entry()}</Foo>",
    entry(after=entry()),
    "<TxDtls><Refs/></TxDtls>" + entry(),
    entry(after="<Foo><TxDtls><Refs/></TxDtls></Foo>"),
    f"<Stmt>{entry()}</Stmt>",
    entry() + "<Stmt></Stmt>" + entry(),
    entry() + "<GrpHdr><MsgId>1</MsgId></GrpHdr>" + entry(),
    "<!-- not cut -->" + entry(after="<NtryDtls><TxDtls/><TxDtls/></NtryDtls>" + entry("<Refs/>")),
    "<!-- not cut -->" + entry(after="<Foo><TxDtls><Refs/></TxDtls></Foo>"),
    "<!-- not cut -->" + f"<Foo>{entry()}</Foo>",
    "<!-- not cut -->" + entry(after=entry()),
]


@pytest.mark.parametrize("inside", MISPLACED)
def test_an_entry_or_detail_in_a_wrong_place_is_refused_rather_than_lost(inside: str) -> None:
    with pytest.raises(Unreadable):
        transactions(document(HEAD + inside))


def test_cents_are_asked_of_balances_and_batches_and_a_statement_is_named_without_its_contents() -> None:
    batch = "<NtryDtls><Btch><TtlAmt Ccy='EUR'>12.34</TtlAmt></Btch></NtryDtls>"
    unsaid = "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls>"
    ((statement, found),) = statements(document(HEAD + entry(after=batch) + entry(after=unsaid)))
    assert [one.batch and one.batch.sum_cents for one in found] == [1234, None]
    assert Balance("opening", None, Decimal("1.50"), "EUR").amount_cents == 150
    assert repr(statement) == f"<Statement camt.053.001.08 {statement.id!r} of {OURS}>"


def detail(amount: str, inside: str = "") -> str:
    return f"<TxDtls>{inside}{amount}</TxDtls>"


def amount(text: str, currency: str = "EUR") -> str:
    return f'<Amt Ccy="{currency}">{text}</Amt>'


def test_a_batch_gives_its_parts_and_what_they_leave_of_the_entry() -> None:
    parts = "".join(
        detail(amount(text), f"<Refs><EndToEndId>E{text}</EndToEndId></Refs>") for text in ("5.00", "7.00")
    )
    first = entry(
        after=f"<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{parts}</NtryDtls>"
    )
    ((statement, found),) = statements(document(HEAD + first + entry("<Refs/>")))
    assert [(t.entry, t.part, t.ref, t.amount_cents) for t in found] == [
        (1, 1, "B1#1", 500),
        (1, 2, "B1#2", 700),
        (2, None, None, 1234),
    ]
    totals = statement.totals()
    assert totals.entries == 2
    assert totals.credit_sum == Decimal("24.68")
    assert [(1, Decimal("12.34"), 2, Decimal("0.34"))] == [tuple(uneven) for uneven in totals.uneven]


def test_each_group_of_details_speaks_of_its_own_batch() -> None:
    groups = "".join(
        f"<NtryDtls><Btch><PmtInfId>P{n}</PmtInfId></Btch>{detail(amount('6.17'))}</NtryDtls>" for n in (1, 2)
    )
    found = transactions(document(HEAD + entry(after=groups)))
    assert [t.batch.payment_information_id for t in found if t.batch] == ["P1", "P2"]


def test_a_part_in_another_currency_has_no_amount_and_the_difference_is_unknown() -> None:
    parts = f"<NtryDtls>{detail(amount('1.00', 'USD'))}{detail(amount('2.00'))}</NtryDtls>"
    ((statement, found),) = statements(document(HEAD + entry(after=parts)))
    assert [None, Decimal("2.00")] == [t.amount for t in found]
    assert [uneven.difference for uneven in statement.totals().uneven] == [None]
    with pytest.raises(NoAmount):
        _ = found[0].amount_cents


def test_a_fraction_of_a_cent_is_read_but_is_not_whole_cents() -> None:
    (transaction,) = transactions(document(HEAD + entry(amount="1.005")))
    assert Decimal("1.005") == transaction.amount
    with pytest.raises(NotWholeCents):
        _ = transaction.amount_cents


def test_a_head_is_known_before_its_transactions_are_read_and_unread_ones_are_passed_over() -> None:
    file = document(HEAD + entry() * 200, HEAD.replace("S1", "S2"), HEAD.replace("S1", "S3") + entry() * 3)
    seen: list[tuple[str | None, int]] = []
    kept: list[Statement] = []
    for statement in read(io.BytesIO(file), name="x"):
        seen.append((statement.id, statement.number))
        kept.append(statement)
        if statement.id == "S1":
            next(statement.transactions)
    assert seen == [("S1", 1), ("S2", 2), ("S3", 3)]
    assert [statement.totals().entries for statement in kept] == [200, 0, 3]


def test_transactions_that_were_let_go_of_are_not_taken_for_another_statement() -> None:
    file = document(HEAD + entry() * 200, HEAD.replace("S1", "S2") + entry())
    seen = []
    for statement in read(io.BytesIO(file), name="x"):
        seen.append(statement.id)
        next(statement.transactions)
        statement.transactions.close()  # type: ignore[attr-defined]
    assert seen == ["S1", "S2"]


def test_a_page_says_whether_it_is_the_last() -> None:
    page = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    ((statement, _),) = statements(document(page + HEAD))
    assert (statement.page, statement.is_last_page) == (1, False)
    ((whole, _),) = statements(document(HEAD))
    assert whole.is_last_page is None


def test_a_broken_file_may_give_statements_but_ends_in_a_refusal() -> None:
    file = document(HEAD + entry() * 500)
    with pytest.raises(Refused, match=r"afgekapt"):
        transactions(file[:-40])


ENCODINGS = [
    ("utf-8", True),
    ("utf-8-sig", True),
    ("utf-16", True),
    ("iso-8859-1", True),
    ("iso-8859-1", False),
    ("utf-8", False),
]


@pytest.mark.parametrize(("encoding", "declared"), ENCODINGS)
def test_texts_survive_their_encoding(encoding: str, declared: bool) -> None:
    inside = "<RmtInf><Ustrd>Café \n  Zoë &amp; &lt;één&gt;</Ustrd></RmtInf>"
    text = document(HEAD + entry(inside) * 3).decode()
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    first = f'<?xml version="1.0" encoding="{name}"?>' if declared else ""
    file = (first + text.partition("?>")[2]).encode(encoding)
    assert [t.remittance for t in transactions(file)] == ["Café Zoë & <één>"] * 3


def test_comments_and_cdata_in_an_entry_change_nothing() -> None:
    plain = entry("<RmtInf><Ustrd>a &lt;/Ntry&gt; b</Ustrd></RmtInf>")
    odd = entry("<RmtInf><!-- </Ntry> --><Ustrd><![CDATA[a </Ntry> b]]></Ustrd><?pi </Ntry>?></RmtInf>")
    file = document(HEAD + plain + odd + plain)
    assert [("a </Ntry> b", n) for n in (1, 2, 3)] == [(t.remittance, t.entry) for t in transactions(file)]


def test_a_commented_entry_is_not_an_entry() -> None:
    file = document(HEAD + entry() + f"<!-- {entry()} -->" + entry() + f"<!-- {entry()} -->")
    assert len(transactions(file)) == 2


NOT_STATEMENTS = [
    (document(HEAD, namespace="urn:iso:std:iso:20022:tech:xsd:camt.050.001.05"), "camt"),
    (document(), "er staat geen afschrift in"),
    (document(HEAD).replace(b"<Stmt>", b"<Ntry/><Stmt>"), "hoort in een afschrift te staan"),
    (document(HEAD.replace("CRDT", "X")), "Stmt[1]/Bal/CdtDbtInd"),
    (document(HEAD + entry()).replace(b"12.34", b"12\xff34"), "in de tekencodering"),
    (document(HEAD + "<!-- -->" + entry("<Foo><TxDtls/></Foo>")), "buiten hun boeking"),
    (document(HEAD + "<!-- -->" + entry("<Refs/>", after="<Foo><TxDtls/></Foo>")), "buiten hun boeking"),
    (document(HEAD + f"<!-- --><Stmt>{entry()}</Stmt>" + entry()), "Stmt"),
]


@pytest.mark.parametrize(("file", "problem"), NOT_STATEMENTS)
def test_what_is_no_statement_is_refused(file: bytes, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        transactions(file)
    assert problem in refused.value.sentence


def test_thousands_of_different_dates_are_not_all_remembered() -> None:
    dated = [f"<ValDt><DtTm>2026-11-02T00:{n // 60:02}:{n % 60:02}</DtTm></ValDt>" for n in range(3000)] + [
        f"<ValDt><DtTm>2026-11-03T00:{n // 60:02}:{n % 60:02}</DtTm></ValDt>" for n in range(3000)
    ]
    found = transactions(document(HEAD + "".join(entry(after=one) for one in dated)))
    assert len({one.valued_on for one in found}) == 2


def test_a_currency_may_come_from_the_first_entry() -> None:
    head = f"<Id>S1</Id><Acct><Id><IBAN>{OURS}</IBAN></Id></Acct>"
    for file in (document(head + entry()), document(head + "<!-- -->" + entry())):
        ((statement, _),) = statements(file)
        assert statement.currency == "EUR"
    ((empty, _),) = statements(document(head))
    assert empty.currency is None


def test_details_of_the_first_version_stand_in_the_entry_itself() -> None:
    parts = "".join(f"<TxDtls><Amt Ccy='EUR'>{text}</Amt></TxDtls>" for text in ("6.17", "6.17"))
    for between in ("", "<!-- -->"):
        found = transactions(document(HEAD + between + entry(after=parts), namespace=NAMESPACE[:-2] + "01"))
        assert [one.amount_cents for one in found] == [617, 617]


PLAINLY = [
    ('<Amt Ccy="EUR"><![CDATA[4]]></Amt>', "4.00"),
    ('<Amt Ccy="EUR"><![CDATA[250.00]]></Amt>', "250.00"),
    ('<Amt Ccy="EUR">2<![CDATA[5]]></Amt>', "25.00"),
    ('<!-- <a>--><Amt Ccy="EUR">999.00</Amt><b x="--"/><Amt Ccy="EUR">1.00</Amt>', "999.00"),
    ('<?p <a>?><Amt Ccy="EUR">7.00</Amt>', "7.00"),
    ('<Amt Ccy=" EUR ">3.00</Amt>', "3.00"),
]


@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize(("amount", "expected"), PLAINLY)
def test_a_text_is_that_of_xml_however_it_is_written(amount: str, expected: str, is_cut: bool) -> None:
    inside = f"{amount}<CdtDbtInd>CRDT</CdtDbtInd><NtryDtls><TxDtls><RmtInf>"
    one = f"<Ntry>{inside}<Ustrd>9999.99</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    before = "" if is_cut else "<!-- not cut -->"
    (found,) = transactions(document(HEAD + before + one))
    assert (Decimal(expected), "EUR", "9999.99") == (found.amount, found.currency, found.remittance)


def test_what_is_no_xml_within_a_comment_is_refused() -> None:
    with pytest.raises(Unreadable):
        transactions(document(HEAD + entry("<Refs><!-- <a>x--y<b --></Refs>")))


DIRECTIONS = [("0.00", "", "C"), ("10.00", '<Amt Ccy="USD">5</Amt><CdtDbtInd>CRDT</CdtDbtInd>', "D")]


@pytest.mark.parametrize(("total", "first", "expected"), DIRECTIONS)
def test_the_counterparty_follows_the_direction_whatever_the_amount(
    total: str, first: str, expected: str
) -> None:
    named = related(side("Dbtr", "D"), side("Cdtr", "C"))
    several = f"<NtryDtls><TxDtls>{first}{named}</TxDtls><TxDtls><Refs/></TxDtls></NtryDtls>"
    found = transactions(document(HEAD + entry(amount=total, side="DBIT", after=several)))
    assert found[0].counterparty.name == expected


def test_we_are_never_our_own_counterparty_however_the_bank_spells_us() -> None:
    us = f"<CdtrAcct><Id><Othr><Id>{OURS[:4].lower()} {OURS[4:]}</Id></Othr></Id></CdtrAcct>"
    (found,) = transactions(document(HEAD + entry(related(side("Dbtr", "Zij", THEIRS), us), side="DBIT")))
    assert Party("Zij", THEIRS) == found.counterparty


def test_a_bank_that_is_the_other_party_is_named() -> None:
    bank = "<Cdtr><Agt><FinInstnId><Nm>De Bank</Nm></FinInstnId></Agt></Cdtr>"
    (found,) = transactions(document(HEAD + entry(related("", bank), side="DBIT")))
    assert found.counterparty.name == "De Bank"


def test_a_charge_below_zero_was_given_back() -> None:
    charge = '<Chrgs><Rcrd><Amt Ccy="EUR">-1.50</Amt></Rcrd></Chrgs>'
    (found,) = transactions(document(HEAD + entry(after=charge)))
    assert [one.amount for one in found.charges] == [Decimal("1.50")]


def test_a_time_is_a_time() -> None:
    with pytest.raises(Unreadable, match="deze datum bestaat niet"):
        transactions(document(HEAD + entry(after="<ValDt><DtTm>2026-11-02Tmorgen</DtTm></ValDt>")))


@pytest.mark.parametrize("before", ["", "\n\n\n", "<!-- not cut -->"])
def test_a_blank_says_nothing_and_hides_nothing(before: str) -> None:
    ids = "<Refs><EndToEndId> </EndToEndId><EndToEndId>B</EndToEndId></Refs>"
    (found,) = transactions(document(HEAD + before + entry(ids)))
    assert found.end_to_end_id == "B"
