"""What is written as camt.053 is read back as it was, and is what the schema asks."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

import bank_formats
from bank_formats import Balance, Batch, Charge, Party, Statement, Summary, Transaction
from bank_formats.camt_writer import CannotBeWritten, Version, day_statement, particulars
from bank_formats.camt_writer.grammar import Misfit, grammar
from bank_formats.camt_writer.manners import ABN_AMRO, BNG, ING, MANNERS, RABOBANK, SNS, Manner, told
from bank_formats.details import (
    Account,
    AccountDeposit,
    Address,
    Agent,
    Agents,
    Amounts,
    Availability,
    Birth,
    Contact,
    CreditLine,
    Dates,
    Details,
    Document,
    DocumentAmount,
    EntryBatch,
    Exchange,
    Exchanged,
    FullParty,
    Identification,
    Interest,
    Money,
    Parties,
    PaymentType,
    References,
    RelatedRemittance,
    Remittance,
    Return,
    Structured,
    Tax,
    TransactionCode,
    TypedText,
)
from bank_formats.statement import CodeTotal, euros
from bank_formats.xml import SAFE
from tests.bank_formats.made import DAY, OURS, THEIRS, camt, credit, said, statements, transactions, written

VERSIONS: tuple[Version, ...] = ("02", "08")
FOLDER = Path(bank_formats.__file__).parent / "schemas"
SCHEMAS = {version: etree.XMLSchema(file=str(FOLDER / f"camt.053.001.{version}.xsd")) for version in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_a_demonstration_needs_follows_the_schema(version: Version) -> None:
    def one(number: int, cents: int, **said: Any) -> Transaction:
        return credit(number, cents)._replace(**said)

    def bare(number: int, cents: int, code: str) -> Transaction:
        amount, ref = euros(cents), f"REF{number}"
        return Transaction(
            number, None, ref, DAY, DAY, amount, "EUR", bank_reference=ref, code=code, entry_amount=amount
        )

    batch = {"entry_amount": euros(-1500), "batch": Batch(2, "P1", "M1"), "message_id": "M1"}
    moved = [
        one(1, 125_000, purpose="SALA", ultimate_party="Bakkerij Jansen", entry_reference="1"),
        one(2, -500, part=1, ref="REF2#1", **batch),
        one(2, -1000, part=2, ref="REF2#2", **batch),
        bare(3, -7500, "PMNT-ICDT-ESCT")._replace(batch=Batch(7, "P2")),
        one(4, 500, code="PMNT-RCDT-RRTN", return_reason="AC04", return_text="Rekening opgeheven"),
        one(5, -4200, code="PMNT-RDDT-ESDD", mandate_id="M-1", reference="5000056789012345", remittance=None),
        bare(6, -125, "PMNT-MDOP-CHRG")._replace(remittance="Kosten", additional_info="Kosten"),
        one(7, 4200, reversal=True, charges=(Charge(euros(-15), "EUR"),), clearing_reference="C7"),
    ]
    file = camt(moved, version)
    document = etree.fromstring(file, etree.XMLParser(**SAFE))  # type: ignore[arg-type]  # one dict of booleans
    SCHEMAS[version].assertValid(document)
    ((statement, found),) = statements(file)
    assert found == moved
    assert statement.totals().difference == 0
    assert statement.totals().uneven == ()


HEAD_FIELDS = (
    *("id", "sequence", "legal_sequence", "account", "currency", "owner", "servicer_bic", "balances"),
    *("created_at", "page", "is_last_page", "is_copy", "from_date", "to_date"),
)


def test_several_statements_come_back_with_their_heads() -> None:
    made = []
    for number in range(1, 4):
        said = day_statement(
            [credit(1)], account=OURS, id=f"S{number}", sequence=number, on=DAY, opening=euros(number)
        )
        said.owner, said.servicer_bic, said.created_at = "Gemeente & Zn.", "ABNANL2A", "2026-11-03T06:00:00"
        said.page, said.is_last_page, said.is_copy, said.legal_sequence = number, number == 3, number == 2, 7
        said.to_date = DAY + timedelta(days=number)
        made.append(said)
    for said, (found, moved) in zip(made, statements(written(made)), strict=True):
        assert {name: getattr(found, name) for name in HEAD_FIELDS} == {
            name: getattr(said, name) for name in HEAD_FIELDS
        }
        assert moved == [credit(1)]


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert camt([credit(1)]) == camt([credit(1)])


def test_a_part_against_its_entry_cannot_be_told_in_version_02() -> None:
    parts = [
        credit(1, cents)._replace(part=part, ref=f"REF1#{part}", entry_amount=euros(5), code=None)
        for part, cents in ((1, 10), (2, -5))
    ]
    with pytest.raises(CannotBeWritten):
        camt(parts, "02")
    assert [t.amount_cents for _, found in statements(camt(parts, "08")) for t in found] == [10, -5]


def test_a_long_statement_comes_back_whole() -> None:
    file = camt(credit(number) for number in range(1, 500))
    statement = next(bank_formats.read(io.BytesIO(file), name="x"))
    assert isinstance(statement, Statement)
    assert [t.entry for t in statement.transactions] == list(range(1, 500))


def day(*moved: Transaction, id: str = "S1") -> Statement:
    return day_statement(moved, account=OURS, id=id, sequence=1, on=DAY, opening=euros(1000))


def parts(*cents: int, **said: Any) -> list[Transaction]:
    whole = {"entry_amount": euros(sum(cents)), "code": None, **said}
    return [
        credit(1, cents_)._replace(part=place, ref=f"REF1#{place}", **whole)
        for place, cents_ in enumerate(cents, 1)
    ]


def changed(place: int, **said: Any) -> list[Transaction]:
    moved = parts(5, 10)
    moved[place] = moved[place]._replace(**said)
    return moved


ONE = credit(1)
OTHER_MONEY = Exchanged(Money(Decimal(3), "USD"))
OUR_MONEY = Exchanged(Money(Decimal("0.05"), "EUR"))
BETALER = Parties(debtor=FullParty("Betaler 1"), debtor_account=Account(THEIRS))
OWN_BANK = Agents(debtor=Agent("RABONL2U"), proprietary=(Agent("INGBNL2A"),))
BOTH = Parties(
    debtor=FullParty("Betaler 1", identifications=(Identification("1"),), birth=Birth("1980-01-02")),
    debtor_account=Account(THEIRS),
)
REFUSED: list[tuple[Version, list[Transaction], str]] = [
    ("08", [ONE, ONE], "hetzelfde nummer"),
    ("08", parts(5), "een boeking van een deel"),
    ("08", [ONE._replace(entry_amount=euros(1))], "ander bedrag"),
    ("08", [ONE._replace(status="BETAALD")], "status"),
    ("02", [ONE._replace(status="future")], "Sts: deze code"),
    ("08", [ONE._replace(bank_reference="X")], "referentie van de bank"),
    ("08", [ONE._replace(end_to_end_id="NOTPROVIDED")], "EndToEndId"),
    ("02", [ONE._replace(uetr="6ba7b810-9dad-41d1-80b4-00c04fd430c8")], "UETR: dit kent"),
    ("08", [ONE._replace(uetr="geen")], "UETR: dit heeft niet de vorm"),
    ("01", [ONE._replace(entry_reference="7")], "NtryRef: dit kent"),
    ("08", [ONE._replace(end_to_end_id="E" * 36)], "EndToEndId: dit is geen tekst van 1 tot 35"),
    ("08", [ONE._replace(remittance="R" * 141)], "Ustrd"),
    ("08", [ONE._replace(remittance="\0")], "teken 0000"),
    ("08", [ONE._replace(currency="EURO")], "Amt: dit heeft niet de vorm"),
    ("08", [ONE._replace(amount=Decimal("0.000001"), entry_amount=Decimal("0.000001"))], "cijfers"),
    ("08", [ONE._replace(amount=Decimal("NaN"), entry_amount=Decimal(0))], "geen bedrag"),
    ("08", [ONE._replace(booked_on=cast("date", "2026-13-01"))], "BookgDt/Dt: dit is geen datum"),
    ("01", [ONE._replace(charges=(Charge(euros(5), "EUR"),))], "Chrgs/CdtDbtInd"),
    ("08", parts(5, 10)[::-1], "niet vanaf 1"),
    ("08", changed(1, ref="ANDERE#2"), "verschillende referenties"),
    ("08", changed(1, booked_on=None), "verschillende dingen"),
    ("08", changed(1, details=Details(entry_info="Info")), "verschillende dingen"),
    ("08", changed(0, code="PMNT-RCDT-ESCT"), "andere soort code"),
    ("01", changed(0, batch=Batch(1)), "verschillende batches"),
    ("02", changed(0, amount=euros(-5)), "andere richting"),
    ("08", changed(0, amount=euros(-5), details=Details(money=Money(euros(5), "EUR"))), "dan zijn teken"),
    ("04", changed(0, amount=None), "Amt: dit ontbreekt"),
    (
        "08",
        changed(0, amount=None, details=Details(amounts=Amounts(instructed=OUR_MONEY))),
        "toch een bedrag",
    ),
    ("02", changed(0, details=Details(amounts=Amounts(transaction=OTHER_MONEY))), "andere munt"),
    ("02", changed(0, amount=euros(6), details=Details(amounts=Amounts(transaction=OUR_MONEY))), "0.05"),
    ("08", [ONE._replace(details=Details(entry_code=TransactionCode("PMNT", "A", "B")))], "PMNT-A-B"),
    ("08", [ONE._replace(details=Details(batches=(EntryBatch("M"),)))], "Ntry/Btch: dit kent"),
    ("08", [ONE._replace(details=Details(references=References(end_to_end_id="ANDER")))], "ANDER"),
    ("08", [ONE._replace(details=Details(money=Money(Decimal(1))))], "het bedrag of de munt"),
    ("08", [ONE._replace(details=Details(parties=Parties(debtor=FullParty("Iemand"))))], "Iemand"),
    ("08", [ONE._replace(details=Details(parties=BETALER, agents=OWN_BANK))], "Prtry/Tp: dit ontbreekt"),
    (
        "08",
        [ONE._replace(details=Details(parties=BOTH, agents=Agents(debtor=Agent("RABONL2U"))))],
        "een organisatie of een persoon",
    ),
    (
        "08",
        [ONE._replace(details=Details(returned=Return("AC04", "Eigen")), return_reason="AC04")],
        "RtrInf/Rsn: hier hoort een van Cd, Prtry",
    ),
    (
        "08",
        [ONE._replace(details=Details(deposits=(AccountDeposit(number="7"),)))],
        "CshDpst/NoteDnmtn: dit ontbreekt",
    ),
]


@pytest.mark.parametrize(("version", "moved", "why"), REFUSED, ids=range(len(REFUSED)))
def test_what_has_no_place_is_refused_and_not_left_out(
    version: Version, moved: list[Transaction], why: str
) -> None:
    statement = day(ONE)
    statement.transactions = iter(moved)
    with pytest.raises(CannotBeWritten, match=why):
        written([statement], version)


def sequences(statement: Statement) -> None:
    statement.sequence, statement.electronic_sequence, statement.legal_sequence = 1, 2, 3


REFUSED_HEADS: list[tuple[Version, Callable[[Statement], object], str]] = [
    ("08", lambda one: setattr(one, "is_last_page", True), "zonder nummer"),
    ("08", sequences, "volgnummer"),
    ("08", lambda one: setattr(one, "to_date", None), "ToDtTm: dit ontbreekt"),
    ("08", lambda one: setattr(one, "balances", []), "Bal: dit ontbreekt"),
    ("08", lambda one: setattr(one, "balances", [Balance("OPBD", DAY, euros(1), "EUR")]), "soort saldo"),
    ("08", lambda one: setattr(one, "account_details", Account(other="7")), "Acct/Id"),
    ("08", lambda one: setattr(one, "created_at", "gisteren"), "CreDtTm: dit is geen datum met een tijd"),
    ("08", lambda one: setattr(one, "reporting_sequence", "7, !8"), "RptgSeq: hier hoort een van"),
    ("02", lambda one: setattr(one, "reporting_sequence", "7"), "RptgSeq: dit kent"),
    ("14", lambda one: setattr(one, "reporting_sequence", "7-, 8-"), "FrSeq: dit staat er te vaak"),
]


@pytest.mark.parametrize(("version", "change", "why"), REFUSED_HEADS, ids=range(len(REFUSED_HEADS)))
def test_a_head_that_has_no_place_is_refused(
    version: Version, change: Callable[[Statement], object], why: str
) -> None:
    statement = day(ONE)
    change(statement)
    with pytest.raises(CannotBeWritten, match=why):
        written([statement], version)


def test_a_message_without_a_statement_is_refused() -> None:
    with pytest.raises(CannotBeWritten, match="er is geen afschrift"):
        written([])


def test_before_version_03_all_statements_of_a_message_share_a_page() -> None:
    first, second = day(ONE), day(ONE, id="S2")
    first.page = second.page = 4
    assert [one.page for one, _ in statements(written([first, second], "02"))] == [4, 4]
    first, second = day(ONE), day(ONE, id="S2")
    second.page = 4
    with pytest.raises(CannotBeWritten, match="delen alle afschriften"):
        written([first, second], "02")


ADDRESS = Address(street="Kade", building_number="1", postcode="3511AA", town="Utrecht", country="NL")
COMPANY = FullParty(
    "Woonstichting",
    ADDRESS,
    (Identification("ABNANL2A", "AnyBIC"), Identification("NL12ZZZ30", "SEPA", "KvK")),
    country_of_residence="NL",
    contact=Contact(name="Balie", email="a@b.nl", other=(TypedText("FAX", "030"),)),
)
PERSON = FullParty(
    "J. Jansen",
    identifications=(Identification("123", "CUST", is_private=True),),
    birth=Birth("1980-01-02", city="Utrecht", country="NL"),
)
BANK = Agent(bic="ABNANL2A", name="ABN", clearing_system="NLNCC", member_id="7", other_id="9", branch_id="B")
EURO = Money(Decimal("12.34"), "EUR")
RICH = Details(
    references=References(
        message_id="M",
        payment_information_id="P",
        end_to_end_id="NOTPROVIDED",
        cheque_number="C",
        proprietary=(TypedText("Soort", "R"),),
    ),
    entry_code=TransactionCode("PMNT", "RCDT", "ESCT", "541", "BBA"),
    code=TransactionCode("PMNT", "RCDT", "ESCT"),
    parties=Parties(
        initiating=FullParty("Aanvrager"),
        debtor=COMPANY,
        debtor_account=Account(THEIRS, type="CACC", currency="EUR", name="Huur"),
        ultimate_debtor=PERSON,
        creditor=FullParty(agent=BANK, name="ABN"),
        creditor_account=Account(other="P77", scheme="BBAN", issuer="ABN"),
        proprietary=(FullParty("Deurwaarder", type="Beslag"),),
    ),
    agents=Agents(debtor=BANK, intermediary=(Agent(bic="INGBNL2A"), Agent(bic="RABONL2U"))),
    money=EURO,
    direction="DBIT",
    entry_amounts=Amounts(transaction=Exchanged(EURO)),
    amounts=Amounts(
        instructed=Exchanged(
            Money(Decimal(13), "USD"),
            Exchange("USD", "EUR", "USD", Decimal("0.949"), "C1", "2026-11-02T10:00:00"),
        ),
        proprietary=(Exchanged(EURO, type="IBS"),),
    ),
    total_charges=Money(Decimal(1), "EUR"),
    entry_charges=1,
    remittance=Remittance(
        ("Huur  november", "en \n december"),
        (
            Structured(
                "RF18539007547034",
                "SCOR",
                "ISO",
                (Document("CINV", "Wij", "F1", "2026-11-01"), Document("Eigen soort", number="F2")),
                (
                    DocumentAmount("DscntApldAmt", EURO, "APDS"),
                    DocumentAmount("DscntApldAmt", EURO),
                    DocumentAmount("RmtdAmt", EURO),
                ),
                COMPANY,
                PERSON,
                ("Meer",),
            ),
        ),
    ),
    related_remittance=(
        RelatedRemittance("R1", "EMAL", "a@b.nl", "Jansen", ADDRESS),
        RelatedRemittance("R2"),
    ),
    purpose_proprietary="Eigen doel",
    payment_type=PaymentType(local_instrument="INST"),
    dates=Dates(acceptance="2026-11-02T09:00:00", proprietary=(TypedText("Peil", "2026-11-01"),)),
    returned=Return("AC04", None, ("Rekening", "opgeheven"), TransactionCode(proprietary="9"), COMPANY),
    interest=(
        Interest(EURO, "CRDT", "INDY", ("2.5",), "2026-01-01T00:00:00", "2026-11-01T00:00:00", "Rente"),
        Interest(EURO, "DBIT", rates=("basis",), tax=Tax("BTW", Decimal(21), EURO)),
    ),
    availability=(Availability(EURO, "CRDT", "2026-11-03"), Availability(EURO, "DBIT", None, "2")),
    deposits=(AccountDeposit(EURO, "1", EURO),),
    technical_channel="FAXI",
    commission_waived=False,
    notice_message="camt.054.001.08",
    notice_message_id="N1",
    entry_info="Boeking",
    info="Overboeking",
)
RICH_ONE = credit(1, -1234)._replace(
    counterparty=Party("Woonstichting", THEIRS, "ABNANL2A"),
    ultimate_party="J. Jansen",
    end_to_end_id=None,
    message_id="M",
    code="PMNT-RCDT-ESCT",
    reference="RF18539007547034",
    remittance="Huur november en december",
    purpose="Eigen doel",
    return_reason="AC04",
    return_text="Rekening opgeheven",
    additional_info="Overboeking",
    batch=Batch(payment_information_id="P", message_id="M"),
    charges=(Charge(euros(-50), "EUR"), Charge(euros(-50), "EUR", agent=Agent("INGBNL2A", "ING"))),
    details=RICH,
)


AMOUNTS_OF_DOCUMENTS: dict[Version, tuple[DocumentAmount, ...]] = {
    "08": (
        DocumentAmount("DscntApldAmt", EURO, "APDS"),
        DocumentAmount("DscntApldAmt", EURO),
        DocumentAmount("RmtdAmt", EURO),
    ),
    "14": (DocumentAmount("RmtAmtAndTp", EURO, "DUPA"),),
}


@pytest.mark.parametrize("version", AMOUNTS_OF_DOCUMENTS)
def test_all_particulars_of_a_transaction_come_back(version: Version) -> None:
    (structured,) = RICH.remittance.structured
    structured = structured._replace(amounts=AMOUNTS_OF_DOCUMENTS[version])
    rich = replace(RICH, remittance=RICH.remittance._replace(structured=(structured,)))
    one = RICH_ONE._replace(details=rich)
    (found,) = transactions(written([day(one)], version, is_strict=False))
    assert found == one
    for name in Details.__dataclass_fields__:
        assert getattr(found.details, name) == getattr(rich, name), name


def test_before_version_03_the_sum_of_charges_stands_with_the_first() -> None:
    charges = (Charge(euros(-5), "EUR"), Charge(euros(-6), "EUR"))
    total = Money(euros(11), "EUR")
    one = ONE._replace(charges=charges, details=Details(total_charges=total, entry_charges=2))
    file = written([day(one)], "02")
    SCHEMAS["02"].assertValid(etree.fromstring(file, etree.XMLParser(**SAFE)))  # type: ignore[arg-type]  # one dict of booleans
    (found,) = transactions(file)
    assert (found.charges, found.details.total_charges) == (charges, total)


def test_a_text_where_elements_belong_is_refused() -> None:
    rules = grammar("camt.053", "08")
    with pytest.raises(Misfit, match="hier hoort geen tekst"):
        rules.element(rules.entry, "tekst")


def test_all_particulars_of_parts_come_back() -> None:
    moved = [
        RICH_ONE._replace(part=place, ref=f"REF1#{place}", entry_amount=RICH_ONE.entry_amount * 2)
        for place in (1, 2)
    ]
    back = transactions(written([day(*moved)], is_strict=False))
    assert back == moved
    assert [one.details for one in back] == [RICH, RICH]


def test_all_that_a_head_says_comes_back() -> None:
    made = day(ONE)
    made.message_recipient, made.message_info, made.query_id = COMPANY, "Bericht", "Q1"
    made.reporting_sequence, made.reporting_source, made.additional_info = "3-9", "FIRM", "Tot ziens"
    made.account_details = Account(OURS, currency="EUR", name="Beheer", proxy_type="TELE", proxy="+31-6")
    made.owner, made.owner_details = "Woonstichting", COMPANY
    made.servicer, made.servicer_bic, made.related_account = BANK, "ABNANL2A", Account(THEIRS)
    made.interest = (Interest(type="INDY", rates=("1.5",), reason="Rente"),)
    made.balances[0] = made.balances[0]._replace(
        credit_lines=(CreditLine(is_included=True, money=EURO),),
        availability=(Availability(EURO, "CRDT", None, "1"),),
    )
    total = CodeTotal("PMNT-RCDT-ESCT", 1, euros(5), 1, euros(5), net=euros(-5), is_forecast=False)
    own = CodeTotal("586", 1, None, date="2026-11-02", availability=(Availability(EURO, "CRDT", None, "1"),))
    made.summary = Summary(1, net=euros(5), per_code=(total, own))
    names = [*vars(made)]
    ((found, _),) = statements(written([made]))
    for name in names:
        if name not in OF_THE_READING:
            assert getattr(found, name) == getattr(made, name), name
    assert said(found)["summary"] == made.summary


OF_THE_READING = {"file", "transactions", "tally", "count", "count_uneven", "notes", "number", "created_at"}


@pytest.mark.parametrize("text", ["7-", "-9", "3-9, 11-12", "7, 8", "!7, !8"])
def test_the_numbers_that_a_report_speaks_of_come_back(text: str) -> None:
    made = day(ONE)
    made.reporting_sequence = text
    assert statements(written([made]))[0][0].reporting_sequence == text


def sent() -> list[Statement]:
    """Two accounts, a batch of two, a payment that comes back, and a long text."""
    long = ONE._replace(remittance=" ".join(["Huur november huurder 12345"] * 6))
    batch = [one._replace(entry=2, batch=Batch(2, "P1"), ref=f"B#{one.part}") for one in parts(-5, -10)]
    batch = [one._replace(bank_reference="B") for one in batch]
    paid = credit(3, -700)
    back = credit(4, 700)._replace(return_reason="AC04", code="PMNT-ICDT-RRTN")
    one, other = day(long, *batch, paid, back), day(credit(1), id="S2")
    other.account, other.sequence, other.electronic_sequence = THEIRS, 9, 9
    return [one, other]


def as_told(manner: Manner) -> tuple[list[tuple[Statement, list[Transaction]]], bytes]:
    file = written(told(sent(), manner), manner.version, is_strict=manner.is_strict)
    return statements(file), file


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_a_day_adds_up_whatever_the_manner_of_the_bank(manner: Manner) -> None:
    found, file = as_told(manner)
    assert [statement.totals().difference for statement, _ in found] == [0, 0]
    document = etree.fromstring(file, etree.XMLParser(**SAFE))  # type: ignore[arg-type]  # one dict of booleans
    assert SCHEMAS[manner.version].validate(document) is manner.is_strict


def test_ing_gives_what_comes_back_the_reference_of_what_went() -> None:
    ((_, moved), _), _ = as_told(ING)
    paid, back = moved[-2:]
    assert (back.code, back.end_to_end_id, back.ref) == ("PMNT-RCDT-RRTN", None, paid.ref)
    assert back.counterparty == credit(4).counterparty


def test_rabobank_books_a_batch_as_one_entry_without_references() -> None:
    ((_, moved), _), _ = as_told(RABOBANK)
    assert [(one.entry, one.part, one.ref) for one in moved] == [(n, None, None) for n in (1, 2, 3, 4)]
    assert (moved[1].amount, moved[1].batch, moved[1].remittance) == (euros(-15), Batch(2, "P1"), None)


def test_abn_amro_begins_with_the_balance_before_and_details_its_entries() -> None:
    ((statement, moved), _), _ = as_told(ABN_AMRO)
    assert statement.balance("opening") is None
    assert statement.opening == Balance("previous_closing", DAY, euros(1000), "EUR")
    assert [one.part for one in moved] == [None, 1, 2, None, None]


def test_bng_has_codes_of_its_own_and_long_texts_with_new_lines() -> None:
    ((_, moved), _), _ = as_told(BNG)
    assert {one.code for one in moved} >= {"658", "586"}
    assert moved[0].remittance == sent_first().remittance
    (line,) = moved[0].details.remittance.unstructured
    assert len(line) > 140
    assert line.replace("\n", " ") == moved[0].remittance


def sent_first() -> Transaction:
    return next(sent()[0].transactions)


def test_sns_gives_two_accounts_one_number_in_one_file() -> None:
    found, _ = as_told(SNS)
    assert [(statement.account, statement.sequence) for statement, _ in found] == [(OURS, 1), (THEIRS, 1)]


TABLES: dict[str, tuple[type[Any], set[str]]] = {
    "ADDRESS": (Address, set()),
    "CONTACT": (Contact, set()),
    "ACCOUNT": (Account, set()),
    "AGENT": (Agent, set()),
    "BIRTH": (Birth, set()),
    "CODE": (TransactionCode, set()),
    "REFERENCES": (References, set()),
    "PARTIES": (Parties, set()),
    "AGENTS": (Agents, {"intermediary", "proprietary"}),
    "EXCHANGE": (Exchange, set()),
    "EXCHANGED": (Exchanged, set()),
    "AMOUNTS": (Amounts, set()),
    "AVAILABILITY": (Availability, set()),
    "ENTRY_BATCH": (EntryBatch, set()),
    "CREDIT_LINE": (CreditLine, set()),
    "TAX": (Tax, set()),
    "INTEREST": (Interest, set()),
    "DATES": (Dates, set()),
    "PAYMENT_TYPE": (PaymentType, {"local_instrument"}),
    "DEPOSIT": (AccountDeposit, set()),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_field_has_its_place_in_a_table(name: str) -> None:
    record, elsewhere = TABLES[name]
    assert set(getattr(particulars, name)) | elsewhere == set(record._fields)
