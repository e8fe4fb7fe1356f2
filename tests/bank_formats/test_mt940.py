"""MT940 and MT942: a small made file for each dialect, what is refused, and that nothing else can happen."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_formats import Refused, Statement, Transaction, mt940
from bank_formats.errors import Unreadable, UnsafeFile

HEAD = ":20:S1\n:25:NL33BNGH0254028501\n:28C:7/1\n:60F:C260101EUR100,00\n"
CLOSE = ":62F:C260102EUR90,00\n-\n"
LINE = ":61:2601020102D10,00NTRFNONREF//B1\n"


def read(text: str | bytes) -> list[tuple[Statement, list[Transaction]]]:
    """Every statement of a file, with its transactions."""
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return [(each, list(each.transactions)) for each in mt940.read(stream, file="f.940")]


def one(text: str, line: str = LINE, head: str = HEAD) -> Transaction:
    """The single transaction of a statement with this text."""
    ((_, (transaction,)),) = read(f"{head}{line}{text}{CLOSE}")
    return transaction


def said(transaction: Transaction) -> dict[str, Any]:
    """What the text told."""
    party = transaction.counterparty
    told = {
        "name": party.name,
        "iban": party.iban,
        "bic": party.bic,
        "e2e": transaction.end_to_end_id,
        "reference": transaction.reference,
        "words": transaction.remittance,
        "mandate": transaction.mandate_id,
        "reason": transaction.return_reason,
        "purpose": transaction.purpose,
        "ultimate": transaction.ultimate_party,
        "batch": transaction.batch and (transaction.batch.count, transaction.batch.payment_information_id),
    }
    return {key: value for key, value in told.items() if value is not None}


IBAN, BIC = "NL02ABNA0123456789", "ABNANL2A"
PARTY = {"name": "J. Bos e/o P. Vos", "iban": IBAN, "bic": BIC}
CNTP = f"/CNTP/{IBAN}/{BIC}/J. Bos e/o P. Vos/Dorp/"
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "ing": (f"/EREF/E1/{CNTP}/REMI/USTD//Huur  mei/", PARTY | {"e2e": "E1", "words": "Huur mei"}),
    "ing broken in a code": ("/EREF/NOTPROVIDED//RE\nMI/USTD//Hu\nur/", {"words": "Huur"}),
    "ing reference": ("/REMI/STRD/CUR/9001123412341234/", {"reference": "9001123412341234"}),
    "ing purpose": ("/REMI/USTD//x//PURP/RENT/", {"words": "x", "purpose": "RENT"}),
    "ing return": ("/RTRN/AC04//MARF/M 1//REMI/x/", {"reason": "AC04", "mandate": "M 1", "words": "x"}),
    "ing batch": ("/PREF/P1//NRTX/3//REMI/y/", {"batch": (3, "P1"), "words": "y"}),
    "batch without count": ("/PREF/P1//NRTX/many/", {"batch": (None, "P1")}),
    "no party": ("/CNTP//REMI/x", {"words": "x"}),
    "ultimate": ("/REMI/x/ULTC/De Winkel/", {"words": "x", "ultimate": "De Winkel", "name": "De Winkel"}),
    "ultimate by name": ("/ULTB//NAME/Wij", {"ultimate": "Wij", "name": "Wij"}),
    "structured and words": ("/REMI/mei/STRD/CUR/123/", {"words": "mei", "reference": "123"}),
    "words before ustd": ("/REMI/mei/USTD//juni/", {"words": "mei/USTD//juni"}),
    "abn codes": (
        f"/TRTP/SEPA/IBAN/{IBAN}/BIC/{BIC}/NAME/J. Bos e/o P. Vos/REMI/ISSUER: CUR  REF: 12 34/EREF/E1",
        PARTY | {"reference": "1234", "e2e": "E1"},
    ),
    "nobody writes himself in": (
        f"/IBAN/{IBAN}/NAME/Bos/REMI/a/NAME/Vos/IBAN/x/ORDP//ID/1",
        {"iban": IBAN, "name": "Bos", "words": "a/NAME/Vos/IBAN/x"},
    ),
    "named behind the words": ("/REMI/a/NAME/Vos", {"words": "a", "name": "Vos"}),
    "rabobank": (
        "/EREF/E1/BENM//NAME/Bos/ADDR/Dorp/REMI//REMI/a",
        {"e2e": "E1", "name": "Bos", "words": "a"},
    ),
    "rabobank both sides": ("/ORDP//NAME/Wij/BENM//NAME/Zij/REMI/a", {"name": "Zij", "words": "a"}),
    "rabobank tax": (
        "/BENM//NAME/Fisc/REMI//CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/99/ISDT/2026-01-02",
        {"name": "Fisc", "reference": "99"},
    ),
    "rabobank wholesale": (
        "/ACCW/10101010,RABONL2U/REMI/a",
        {"iban": "10101010", "bic": "RABONL2U", "words": "a"},
    ),
    "ing ibp": (
        f"/BENM/{IBAN}/{BIC}/Bos///REMI/USTD//a/",
        {"name": "Bos", "iban": IBAN, "bic": BIC, "words": "a"},
    ),
    "name behind a side": ("/BENM/Bakker Bos/REMI/a", {"name": "Bakker Bos", "words": "a"}),
    "the first wins": ("/NAME/Bos/NAME/Vos/EREF/1", {"name": "Bos", "e2e": "1"}),
    "two ways to name": (f"/CNTP/{IBAN}//Bos//NAME/Vos", {"iban": IBAN, "name": "Bos"}),
    "not provided beside sides": ("/EREF/NOTPROVIDED/BENM//NAME/Bos", {"name": "Bos"}),
    "unknown codes": ("/ABC/x/DEF/y", {"words": "/ABC/x/DEF/y"}),
    "known after unknown": ("/ABC/x/EREF/1", {"e2e": "1"}),
    "slash in front": ("/a/EREF/1", {"e2e": "1"}),
    "abn columns": (
        (
            "SEPA INCASSO   INCASSANT: NL1\nNAAM: Bos  MACHTIGING: M1\nOMSCHRIJVING: mei\n"
            f"IBAN: {IBAN}  KENMERK: K1"
        ),
        {"name": "Bos", "iban": IBAN, "mandate": "M1", "words": "mei", "e2e": "K1"},
    ),
    "abn tax": (
        f"SEPA ACCEPTGIROBETALING  IBAN: {IBAN}\nNAAM: Fisc\nBETALINGSKENM.: 12",
        {"name": "Fisc", "iban": IBAN, "reference": "12"},
    ),
    "knab": (f"HUUR\nMEI\nREK: {IBAN}/NAAM: Bos", {"name": "Bos", "iban": IBAN, "words": "HUUR MEI"}),
    "knab without account": ("PIN\nNAAM: Bos", {"name": "Bos", "words": "PIN"}),
    "bng": (f"{IBAN}  {BIC}\n{'Bos':32}REF\nHUUR", {"name": "Bos", "iban": IBAN, "bic": BIC}),
    "ing iban in front": (f"AC04 {IBAN} Bos mei", {"iban": IBAN, "reason": "AC04"}),
    "no bank behind the iban": (f"{IBAN} 12345678 Bos", {"iban": IBAN}),
    "foreign iban in front": ("DE89370400440532013000 x", {"iban": "DE89370400440532013000"}),
    "no iban in front": ("DE88370400440532013000 x", {}),
    "triodos": (f"000>100000>20{BIC}>21{IBAN}>22Bos>31123", {"iban": IBAN, "bic": BIC, "words": "Bos"}),
    "triodos card": ("000>100000>20WINKEL>21DORP>31123", {"words": "WINKEL DORP"}),
    "german": (
        "166?00X?20EREF+E1?21MREF+M1?22SVWZ+Miete?23ABWA+Oma?30COBADEFF?31123?32Max",
        {"e2e": "E1", "mandate": "M1", "words": "Miete", "ultimate": "Oma", "name": "Max", "iban": "123"}
        | {"bic": "COBADEFF"},
    ),
    "german, a full sub-field": (
        "166?20EREF+ABCDEFGHIJKLMNOPQRSTUV?21MREF+M-1?22SVWZ+Miete im Vorderhaus ers?23ter Stock",
        {"e2e": "ABCDEFGHIJKLMNOPQRSTUV", "mandate": "M-1", "words": "Miete im Vorderhaus erster Stock"},
    ),
    "german words": ("166?00X?20Miete Mai?3010020030", {"words": "Miete Mai"}),
    "an amount in front": ("125,50 huur maart", {"words": "125,50 huur maart"}),
    "an amount with a point": ("100.00 euro factuur 12", {"words": "100.00 euro factuur 12"}),
    "a number with a slash": ("250/12 factuur van 01/02", {"words": "250/12 factuur van 01/02"}),
    "a number with a dash": ("010-12 en 33-44 xx", {"words": "010-12 en 33-44 xx"}),
    "a telephone number": ("020-6241111 Gemeente Amsterdam", {"words": "020-6241111 Gemeente Amsterdam"}),
    "no name after commas": (f"100,00,31{IBAN},32Naam", {"words": f"100,00,31{IBAN},32Naam"}),
    "a question": ("250?20 is dat goed?", {"words": "250?20 is dat goed?"}),
    "a payer's sub-field": ("166?20a?32Ik?21b?32Max", {"words": "166?20a?32Ik?21b?32Max"}),
    "a sub-field twice": ("166?20a?32Ik?32Max", {"words": "166?20a?32Ik?32Max"}),
    "no such sub-field": ("166?20a?99b?32Max", {"words": "a?99b", "name": "Max"}),
    "neither words nor name": ("166?00Miete?10123", {"words": "166?00Miete?10123"}),
    "nothing in it": ("000>100000>31123", {"words": "000>100000>31123"}),
    "words": ("POS 12\nDORP", {"words": "POS 12 DORP"}),
    "nothing": ("", {}),
}
WHOLE = {"bng", "ing iban in front", "no bank behind the iban", "foreign iban in front", "no iban in front"}


@pytest.mark.parametrize("dialect", TEXTS)
def test_a_text_is_read_in_its_dialect(dialect: str) -> None:
    text, expected = TEXTS[dialect]
    told = said(one(f":86:{text}\n"))
    if dialect in WHOLE:
        assert told.pop("words") == " ".join(text.split())
    assert told == expected


LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "credit": ("260102C5,NTRFX//B1", {"amount": Decimal(5), "code": "NTRF", "entry_reference": "X"}),
    "a credit taken back": ("260102RC7NMSCX", {"amount": Decimal(-7), "reversal": True}),
    "a debit taken back": ("260102RDE7,10NMSC", {"amount": Decimal("7.1"), "reversal": True}),
    "funds code": ("260102DR,5N024", {"amount": Decimal("-0.5"), "code": "N024"}),
    "a point": ("260102D1.50NTRF", {"amount": Decimal("-1.5")}),
    "expected": ("260102EC1,NTRF", {"status": "pending"}),
    "no code": ("260102D1,", {"code": None}),
    "next year": ("2612310102D1,NTRF", {"booked_on": date(2027, 1, 2), "valued_on": date(2026, 12, 31)}),
    "last year": ("2601011231D1,NTRF", {"booked_on": date(2025, 12, 31)}),
    "leap day": ("2802280229D1,NTRF", {"booked_on": date(2028, 2, 29)}),
    "last century": ("990102D1,NTRF", {"valued_on": date(1999, 1, 2), "booked_on": None}),
    "codes behind": ("260102D1,NTRFEREF//123/TRCD/1/", {"bank_reference": "123", "entry_reference": None}),
    "nonref": ("260102D1,FMSC016//NONREF", {"bank_reference": None}),
    "tax": ("260102D1,NTRF1234123412341234//9", {"reference": "1234123412341234"}),
}


@pytest.mark.parametrize("case", LINES)
def test_an_entry_line_is_read(case: str) -> None:
    line, expected = LINES[case]
    transaction = one("", line=f":61:{line}\n")
    assert {key: getattr(transaction, key) for key in expected} == expected


SNS = "{1:F01SNSBNL2AXXXX0000000000}{2:O940}{4:\n"
PARTIES = {
    "rabobank before sepa": (
        "",
        "N0701313131319      J. DOE   ",
        "Deposit",
        ("J. DOE", "1313131319", "Deposit"),
    ),
    "rabobank costs": ("", "N093NONREF          Kosten", "mei", ("Kosten", None, "mei")),
    "rabobank": ("", f"N541EREF\n{IBAN}", "/ORDP//NAME/Bos/REMI/a", ("Bos", IBAN, "a")),
    "an iban on the second line": ("", f"N541EREF\n{IBAN}", "mei", (None, IBAN, "mei")),
    "sns": (SNS, "NIOB0987654321\nvos", "0987654321 bos\n\nmei", ("vos", "0987654321", "mei")),
    "sns card": (SNS, "NBEA0000000000\nvos", "0000000000 vos\nmei", ("vos", None, "mei")),
    "as sns does": ("", "NIOB0987654321\nvos", "0987654321 vos\nmei", ("vos", "0987654321", "mei")),
    "not as sns does": ("", "NIOB0987654321\nvos", "0987654321 bos\nmei", (None, None, "0987654321 bos mei")),
    "sns with the iban": (
        SNS,
        "NACC0123456789\nvos",
        f"0123456789 vos\nAAN VOS,{IBAN},SCT",
        ("vos", IBAN, f"AAN VOS,{IBAN},SCT"),
    ),
}


@pytest.mark.parametrize("bank", PARTIES)
def test_the_entry_line_tells_who_when_the_text_does_not(bank: str) -> None:
    envelope, line, text, expected = PARTIES[bank]
    transaction = one(f":86:{text}\n", line=f":61:260102D1,{line}\n", head=envelope + HEAD)
    party = transaction.counterparty
    assert (party.name, party.iban, transaction.remittance) == expected


ACCOUNTS = {
    "NL33BNGH0254028501EUR": "NL33BNGH0254028501",
    "NL33 BNGH 0254 0285 01 EUR": "NL33BNGH0254028501",
    "2121.21.211EUR": "212121211",
    "COBADEFFXXX/DE89370400440532013000": "DE89370400440532013000",
    "DE89370400440532013000/EUR": "DE89370400440532013000",
    "TRIODOSBANK/0454545454": "TRIODOSBANK/0454545454",
    "UBRTHUHB/123456789/HUF": "UBRTHUHB/123456789/HUF",
}


@pytest.mark.parametrize("written", ACCOUNTS)
def test_an_account_is_known_however_it_is_written(written: str) -> None:
    ((statement, _),) = read(HEAD.replace("NL33BNGH0254028501", written) + CLOSE)
    assert statement.account == ACCOUNTS[written]


REFUSED = {
    "no account": (HEAD.replace(":25:NL33BNGH0254028501\n", "") + CLOSE, ":25:"),
    "only a bank": (HEAD.replace("NL33BNGH0254028501", "COBADEFFXXX/") + CLOSE, "COBADEFFXXX/"),
    "cut off": (HEAD + LINE, "afgekapt"),
    "cut off before the next": (HEAD + LINE + HEAD + CLOSE, "afgekapt"),
    "cut off in a text": (HEAD + LINE + ":86:a\n" + HEAD + CLOSE, "afgekapt"),
    "cut off in a text, no reference behind": (HEAD + LINE + ":86:a\n" + HEAD[7:] + CLOSE, "afgekapt"),
    "cut off in a text, only an account behind": (
        HEAD + LINE + ":86:a\n:25:NL33BNGH0254028501\n" + LINE + CLOSE,
        "afgekapt",
    ),
    "cut off before an entry": (HEAD + LINE + ":20:S2\n" + LINE + CLOSE, "afgekapt"),
    "cut off in the head": (HEAD + HEAD + CLOSE, "afgekapt"),
    "an entry first": (LINE + CLOSE, "rekening"),
    "two commas": (HEAD.replace("100,00", "1,2,3") + CLOSE, "1,2,3"),
    "two commas in an entry": (HEAD + ":61:260102D1,2,3NTRF\n" + CLOSE, "regel 5"),
    "a bare comma": (HEAD + ":61:260102D,NTRF\n" + CLOSE, ":61:"),
    "no direction": (HEAD + ":61:2601025,00NTRF\n" + CLOSE, ":61:"),
    "month 13": (HEAD + ":61:2601021301D5,00NTRF\n" + CLOSE, "bestaat niet"),
    "30 february": (HEAD + ":61:2602300301D5,00NTRF\n" + CLOSE, "bestaat niet"),
    "day 35": (HEAD.replace("260101", "260135") + CLOSE, "bestaat niet"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_rightly_is_refused_with_its_place(case: str) -> None:
    text, shown = REFUSED[case]
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert shown in refused.value.sentence
    assert refused.value.line


def test_every_way_to_end_a_line_and_stray_bytes_give_the_same() -> None:
    text = (HEAD + LINE + ":86:J. Jan\xe9n\n" + CLOSE).encode()
    plain = read(text)[0][1]
    assert plain[0].remittance == "J. Jan\xe9n"
    latin1 = text.decode().encode("latin-1")
    others = [text.replace(b"\n", b"\r\n"), text.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + text, latin1]
    others += [text.decode().encode("utf-16"), b"\x01" + text.replace(b"J", b"\0J") + b"\x03", b"{4:" + text]
    for other in others:
        assert read(other)[0][1] == plain


def test_balances_and_the_text_of_the_statement_are_read() -> None:
    head = HEAD.replace("C260101", "D000000") + ":86:Vooraf\n"
    ((statement, (transaction,)),) = read(
        head + LINE + CLOSE[:-2] + ":64:C260102EUR1,\n:65:C260103EUR2,\n:86:Achteraf\n:NS:0\n-"
    )
    assert [(each.kind, each.date, each.amount) for each in statement.balances] == [
        ("opening", None, Decimal(-100)),
        ("closing", date(2026, 1, 2), Decimal(90)),
        ("available", date(2026, 1, 2), Decimal(1)),
        ("forward_available", date(2026, 1, 3), Decimal(2)),
    ]
    assert statement.additional_info == "Vooraf Achteraf"
    assert (statement.page, statement.is_last_page) == (None, None)
    assert transaction.details.entry_info == LINE.strip()
    assert one(":86:x\n").details.entry_info == LINE + ":86:x"
    with pytest.raises(AttributeError):
        getattr(transaction.details, "__nothing__")  # noqa: B009


@pytest.mark.parametrize("closed", ["-}", " -}{5:{CHK:1}}"])
def test_the_envelope_may_close_behind_the_last_balance(closed: str) -> None:
    whole = HEAD + LINE + CLOSE[:-3] + closed + "\n"
    first, second = read(whole + whole)
    for statement, _ in (first, second):
        closing = statement.balance("closing")
        assert closing is not None
        assert closing.amount == Decimal(90)
    sums = HEAD.replace(":60F:C260101EUR100,00\n", "") + LINE + f":90D:1EUR10,00{closed}\n"
    ((report, _),) = read(sums)
    assert report.summary is not None
    assert report.summary.debit_sum == Decimal(10)


def test_pages_are_numbered_only_where_balances_say_that_there_are_more() -> None:
    first = HEAD + LINE + CLOSE.replace("62F", "62M")
    second = first.replace("7/1", "7/2").replace("60F", "60M")
    third = second.replace("7/2", "7/3").replace("62M", "62F")
    pages = [(each.page, each.is_last_page) for each, _ in read(first + second + third)]
    assert pages == [(1, False), (2, False), (3, True)]


def test_an_intraday_report_is_no_statement() -> None:
    head = ":20:R\n:25:NL33BNGH0254028501\n:28C:1/1\n:34F:EURD0,00\n:13D:2601021730+0100\n"
    text = head + LINE + ":86:Huur\n-\n" + ":90D:1EUR10,00\n:90C:2EUR5,\n:86:Slot\n-}\n"
    (report, (transaction,)), (second, _) = read(text + head + LINE)
    assert (report.format, report.kind, report.currency) == ("mt942", "report", "EUR")
    assert transaction.remittance == "Huur"
    assert report.summary is not None
    assert (report.summary.debit_sum, report.summary.credit_count) == (Decimal(10), 2)
    assert second.number == 2


@pytest.mark.parametrize(
    "envelope", ["{1:F01INGBNL2AXXXX}{2:O942INGB}{4:\n", "0000 01INGBNL2A\n942 00\n", ":942:\n"]
)
def test_an_envelope_tells_the_message(envelope: str) -> None:
    ((report, _),) = read(envelope + HEAD.replace(":60F:C260101EUR100,00\n", "") + LINE)
    assert report.format == "mt942"


def test_sums_without_balances_make_a_report() -> None:
    ((report, _),) = read(HEAD.replace(":60F:C260101EUR100,00\n", "") + LINE + ":90C:x\n:90D:1EUR1,\n")
    assert (report.format, report.currency) == ("mt942", "EUR")


def test_sums_in_a_statement_leave_it_one() -> None:
    ((statement, _),) = read(HEAD + LINE + ":90D:1EUR1,\n" + CLOSE)
    assert (statement.format, statement.kind) == ("mt940", "statement")


LOOKING_LIKE_FIELDS = {
    "a time": (":86:Betaalautomaat\n:12:30 uur kaart 5\n", "Betaalautomaat :12:30 uur kaart 5"),
    "a time like a reference": (":86:PIN 12\n:20:15 DORP\n", "PIN 12 :20:15 DORP"),
    "a word like an account": (":86:/REMI/USTD//tekst\n:25:hallo\n", "tekst:25:hallo"),
    "a number like a sequence": (":86:tekst\n:28:30 uur\n:99X:en\n", "tekst :28:30 uur :99X:en"),
    "midnight": (":86:/REMI/USTD//2026 00\n:00:00/\n", "2026 00"),
    "a minute past": (":86:PIN 00\n:00:01\n", "PIN 00 :00:01"),
    "between entry and text": (":NS:0123\n:86:Huur\n", "Huur"),
    "something unknown between": (":37A:x\n:86:Huur\n", "Huur"),
    "between texts": (":86:Huur\n:NS:0123\n:12:x\n:86:mei\n", "Huur mei"),
    "behind the text": (":86:Huur\n:NS:0123\n", "Huur"),
    "behind the text, and known": (":86:Huur\n:90D:1EUR1,\n", "Huur"),
}


@pytest.mark.parametrize("case", LOOKING_LIKE_FIELDS)
def test_a_line_of_text_may_look_like_a_field(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, remittance = LOOKING_LIKE_FIELDS[case]
    transaction = one(text)
    assert transaction.remittance == remittance
    for size in (1, 7, 64):
        monkeypatch.setattr(mt940, "CHUNK_BYTES", size)
        assert one(text) == transaction


def test_in_a_report_what_looks_like_the_next_message_is() -> None:
    head = HEAD.replace(":60F:C260101EUR100,00\n", ":34F:EURD0,00\n")
    assert len(read(head + LINE + ":86:Huur\n" + head + LINE)) == 2


def test_statements_that_are_not_read_are_passed_over() -> None:
    stream = io.BytesIO((HEAD + LINE + CLOSE).encode() * 3)
    assert [each.number for each in mt940.read(stream, file="f", first_number=4)] == [4, 5, 6]


def test_what_no_bank_sends_is_refused_before_it_fills_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafeFile):
        read(HEAD + LINE + ":86:" + "x" * 2_000_000)
    with pytest.raises(UnsafeFile):
        read(HEAD + CLOSE + ":65:C260102EUR1,\n" * 2000)
    monkeypatch.setattr("bank_formats.xml.FILE_BYTES", 10)
    with pytest.raises(UnsafeFile):
        read(HEAD + CLOSE)


SEED = (
    HEAD + LINE + f":86:/EREF/E1/{CNTP}/REMI/USTD//a/\n" + LINE + ":86:166?20EREF+1?32Max\n" + CLOSE
).encode()


@given(
    st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 6), st.binary(max_size=4)), max_size=6)
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_is_read_or_refused(damage: list[tuple[int, int, bytes]]) -> None:
    file = bytearray(SEED)
    for at, length, instead in damage:
        file[at : at + length] = instead
    try:
        read(bytes(file))
    except Refused as refused:
        assert refused.sentence  # noqa: PT017 - it may also be read
