"""Status reports: what the bank says of a file, a batch and a payment, in every version of the message."""

import io
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bank_formats import (
    BatchStatus,
    Charge,
    Party,
    PaymentStatus,
    Reason,
    Refused,
    StatusReport,
    pain002,
    read_answers,
    xml,
)
from bank_formats.jsonl import lines
from bank_formats.pain002 import STATUSES, Outcome, StatusCount, Verification
from tests.bank_formats.made import HEAD, document, zipped

OURS = "NL91ABNA0417164300"
THEIRS = "NL44RABO0123456789"
VERSIONS = [f"{number:02}" for number in range(3, 16)]
GROUP = "<GrpHdr><MsgId>A1</MsgId><CreDtTm>2026-11-02T08:00:00</CreDtTm></GrpHdr>"
ORIGINAL = "<OrgnlMsgId>B1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"


def report(*batches: str, original: str = ORIGINAL, version: str = "10", group: str = GROUP) -> bytes:
    """A status report with this content of `OrgnlGrpInfAndSts` and these elements behind it."""
    inside = f"{group}<OrgnlGrpInfAndSts>{original}</OrgnlGrpInfAndSts>{''.join(batches)}"
    namespace = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    return f'<Document xmlns="{namespace}"><CstmrPmtStsRpt>{inside}</CstmrPmtStsRpt></Document>'.encode()


def batch(inside: str = "", name: str = "P1") -> str:
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId>{inside}</OrgnlPmtInfAndSts>"


def payment(inside: str = "<TxSts>RJCT</TxSts>", end_to_end_id: str = "E1") -> str:
    return f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>{inside}</TxInfAndSts>"


def reason(code: str, *texts: str, own: bool = False) -> str:
    tag = "Prtry" if own else "Cd"
    said = "".join(f"<AddtlInf>{text}</AddtlInf>" for text in texts)
    return f"<StsRsnInf><Rsn><{tag}>{code}</{tag}></Rsn>{said}</StsRsnInf>"


def read(content: bytes) -> tuple[StatusReport, list[BatchStatus | PaymentStatus]]:
    (found,) = read_answers(io.BytesIO(content), name="antwoord.xml")
    assert isinstance(found, StatusReport)
    return found, list(found.statuses)


def one(inside: str, **more: str) -> PaymentStatus:
    _, (_, said) = read(report(batch(payment(inside)), **more))
    assert isinstance(said, PaymentStatus)
    return said


def full(version: str) -> bytes:
    """A report that says all that can be said, valid in its version."""
    late = int(version) >= 9
    wrapped = "<Pty><Nm>{}</Nm></Pty>" if late else "<Nm>{}</Nm>"
    bic = "BICFI" if int(version) >= 4 else "BIC"
    day = "<Dt>2026-11-03</Dt>" if int(version) >= 9 else "2026-11-03"

    def party(tag: str, name: str, iban: str) -> str:
        agent = f"<{tag}Agt><FinInstnId><{bic}>RABONL2U</{bic}></FinInstnId></{tag}Agt>"
        account = f"<{tag}Acct><Id><IBAN>{iban}</IBAN></Id></{tag}Acct>"
        named = f"<{tag}>{wrapped.format(name)}</{tag}>"
        return named + account + agent if tag == "Dbtr" else agent + named + account

    charge = "Pty" if version == "03" else "Agt"
    charges = f'<ChrgsInf><Amt Ccy="EUR">0.25</Amt><{charge}><FinInstnId/></{charge}></ChrgsInf>'
    transaction = (
        '<Amt><InstdAmt Ccy="EUR">12.34</InstdAmt></Amt>'
        f"<ReqdExctnDt>{day}</ReqdExctnDt><RmtInf><Ustrd>Huur</Ustrd><Ustrd>november</Ustrd></RmtInf>"
        f"<UltmtDbtr>{wrapped.format('Fatima')}</UltmtDbtr>"
        f"{party('Dbtr', 'Gemeente', OURS)}{party('Cdtr', 'Woonbron', THEIRS)}"
        f"<UltmtCdtr>{wrapped.format('Straat BV')}</UltmtCdtr>"
    )
    uetr = "<OrgnlUETR>1f6cd2c8-94a4-4f1a-8d4e-0f8b1c0a2b3c</OrgnlUETR>" if late else ""
    told = (
        "<TxInfAndSts><StsId>S1</StsId><OrgnlInstrId>I1</OrgnlInstrId><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
        f"{uetr}<TxSts>RJCT</TxSts>"
        "<StsRsnInf><Orgtr><Nm>Rabobank</Nm></Orgtr><Rsn><Cd>AC04</Cd></Rsn>"
        f"<AddtlInf>Rekening opgeheven</AddtlInf></StsRsnInf>{reason('NL-7', own=True)}{charges}"
        "<AccptncDtTm>2026-11-02T07:59:00</AccptncDtTm><AcctSvcrRef>R1</AcctSvcrRef><ClrSysRef>C1</ClrSysRef>"
        f"<OrgnlTxRef>{transaction}</OrgnlTxRef></TxInfAndSts>"
    )
    counts = "<DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts><DtldCtrlSum>12.34</DtldCtrlSum>"
    said = f"<NbOfTxsPerSts>{counts}</NbOfTxsPerSts>"
    head = (
        f"{ORIGINAL}<OrgnlCreDtTm>2026-11-01T12:00:00</OrgnlCreDtTm><OrgnlNbOfTxs>2</OrgnlNbOfTxs>"
        f"<OrgnlCtrlSum>24.68</OrgnlCtrlSum><GrpSts>PART</GrpSts>{reason('NARR', 'een', 'twee')}{said}"
    )
    inside = (
        f"<OrgnlNbOfTxs>2</OrgnlNbOfTxs><OrgnlCtrlSum>24.68</OrgnlCtrlSum><PmtInfSts>PART</PmtInfSts>{said}"
    )
    group = GROUP.replace("</CreDtTm>", "</CreDtTm><InitgPty><Nm>Gemeente</Nm></InitgPty>")
    return report(batch(inside + told), original=head, version=version, group=group)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_says_the_same(version: str) -> None:
    found, (told, paid) = read(full(version))
    assert found == StatusReport(
        format=f"pain.002.001.{version}",
        file="antwoord.xml",
        id="A1",
        created_at="2026-11-02T08:00:00",
        initiator="Gemeente",
        original_message_id="B1",
        original_message_name="pain.001.001.09",
        original_created_at="2026-11-01T12:00:00",
        original_count=2,
        original_sum=Decimal("24.68"),
        status="PART",
        reasons=(Reason("NARR", texts=("een", "twee")),),
        counts=(StatusCount("RJCT", 1, Decimal("12.34")),),
        statuses=iter(()),
    )
    assert told == BatchStatus(
        "P1", "PART", (), 2, Decimal("24.68"), (StatusCount("RJCT", 1, Decimal("12.34")),)
    )
    assert paid == PaymentStatus(
        payment_information_id="P1",
        end_to_end_id="E1",
        instruction_id="I1",
        uetr="1f6cd2c8-94a4-4f1a-8d4e-0f8b1c0a2b3c" if int(version) >= 9 else None,
        status_id="S1",
        status="RJCT",
        reasons=(
            Reason("AC04", texts=("Rekening opgeheven",), originator="Rabobank"),
            Reason("NL-7", own=True),
        ),
        charges=(Charge(Decimal("-0.25"), "EUR"),),
        accepted_at="2026-11-02T07:59:00",
        servicer_reference="R1",
        clearing_reference="C1",
        amount=Decimal("12.34"),
        currency="EUR",
        requested_on=date(2026, 11, 3),
        debtor=Party("Gemeente", OURS, "RABONL2U"),
        creditor=Party("Woonbron", THEIRS, "RABONL2U"),
        ultimate_debtor="Fatima",
        ultimate_creditor="Straat BV",
        mandate_id=None,
        remittance="Huur november",
        reference=None,
    )


@pytest.mark.parametrize("version", ["03", "12", "14", "15"])
def test_what_these_tests_read_is_what_the_schema_allows(version: str) -> None:
    path = files("bank_formats").joinpath(f"schemas/pain.002.001.{version}.xsd")
    schema = etree.XMLSchema(etree.fromstring(path.read_bytes()))
    schema.assertValid(etree.fromstring(full(version)))


def test_the_first_edition_has_other_names_and_no_batches() -> None:
    content = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.02"><pain.002.001.02>'
        f"{GROUP}<OrgnlGrpInfAndSts><NtwkFileNm>B1.xml</NtwkFileNm><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
        "<TxInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
        "<TxSts>RJCT</TxSts><StsRsnInf><StsOrgtr><Nm>Bank</Nm></StsOrgtr><StsRsn><Cd>AC01</Cd></StsRsn>"
        "<AddtlStsRsnInf>fout</AddtlStsRsnInf></StsRsnInf></TxInfAndSts></pain.002.001.02></Document>"
    )
    found, (said,) = read(content.encode())
    assert (found.original_message_id, found.status) == ("B1.xml", "PART")
    assert isinstance(said, PaymentStatus)
    assert (said.payment_information_id, said.end_to_end_id) == ("P1", "E1")
    assert said.reasons == (Reason("AC01", texts=("fout",), originator="Bank"),)


@pytest.mark.parametrize(
    ("inside", "result", "name"),
    [
        (f"<TxSts>ACCP</TxSts>{reason('RCVC')}", Verification.MATCH, None),
        (f"<TxSts>PDNG</TxSts>{reason('RVMC', 'J.', 'Jansen')}", Verification.CLOSE_MATCH, "J. Jansen"),
        ("<TxSts>RVMC</TxSts><StsRsnInf><AddtlInf>J. Jansen</AddtlInf></StsRsnInf>", "RVMC", "J. Jansen"),
        (f"<TxSts>PDNG</TxSts>{reason('RVNM', 'J. Jansen')}", Verification.NO_MATCH, None),
        ("<TxSts>RVNA</TxSts>", Verification.NOT_POSSIBLE, None),
        (f"<TxSts>PDNG</TxSts>{reason('RVMC')}", Verification.CLOSE_MATCH, None),
        (f"<TxSts>RJCT</TxSts>{reason('AC04', 'x')}", None, None),
        ("", None, None),
    ],
)
def test_what_the_bank_says_of_the_name_is_kept(
    inside: str, result: Verification | None, name: str | None
) -> None:
    said = one(inside)
    assert (said.verification, said.suggested_name) == (result, name)


def test_each_status_has_a_meaning_and_an_unknown_one_has_none() -> None:
    assert {code for code in STATUSES if len(code) != 4 or not code.isupper()} == set()
    assert set(Outcome) == {meaning.outcome for meaning in STATUSES.values()}
    assert all(meaning.sentence[0].islower() and meaning.sentence[-1] != "." for meaning in STATUSES.values())
    found, (told, paid) = read(
        report(
            batch(f"<PmtInfSts>ACCP</PmtInfSts>{payment('')}"), original=f"{ORIGINAL}<GrpSts>NIEUW</GrpSts>"
        )
    )
    assert found.meaning is None
    assert told.meaning is STATUSES["ACCP"]
    assert paid.meaning is None


def test_amounts_and_accounts_are_found_where_banks_put_them() -> None:
    said = one(
        "<OrgnlTxRef><IntrBkSttlmAmt Ccy='EUR'>5</IntrBkSttlmAmt><ReqdColltnDt>2026-11-04</ReqdColltnDt>"
        "<MndtRltdInf><MndtId>M1</MndtId></MndtRltdInf>"
        "<RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
        "<DbtrAcct><Id><Othr><Id>12345</Id></Othr></Id></DbtrAcct></OrgnlTxRef>"
        "<ChrgsInf><Amt Ccy='EUR'>1</Amt><CdtDbtInd>CRDT</CdtDbtInd></ChrgsInf><ChrgsInf/>"
    )
    assert (said.amount, said.currency, said.requested_on) == (Decimal(5), "EUR", date(2026, 11, 4))
    assert (said.mandate_id, said.reference) == ("M1", "RF18539007547034")
    assert (said.debtor, said.creditor) == (Party(None, "12345"), Party())
    assert said.charges == (Charge(Decimal(1), "EUR"),)


WRONG = {
    "no original": (report().replace(b"OrgnlGrpInfAndSts", b"Anders"), "no_original", None),
    "a payment before the original": (
        report(original=ORIGINAL + payment(), group=GROUP),
        "misplaced",
        "CstmrPmtStsRpt/OrgnlGrpInfAndSts/TxInfAndSts",
    ),
    "a second original": (
        report(f"<OrgnlGrpInfAndSts>{ORIGINAL}</OrgnlGrpInfAndSts>"),
        "misplaced",
        "CstmrPmtStsRpt/OrgnlGrpInfAndSts",
    ),
    "a payment in a payment": (report(batch(payment(payment()))), "misplaced", None),
    "a status behind the payments": (
        report(batch(payment() + "<PmtInfSts>RJCT</PmtInfSts>")),
        "misplaced",
        "CstmrPmtStsRpt/OrgnlPmtInfAndSts",
    ),
    "a sum that is no number": (
        report(original=f"{ORIGINAL}<OrgnlCtrlSum>1,00</OrgnlCtrlSum>"),
        "wrong_amount",
        "CstmrPmtStsRpt/OrgnlGrpInfAndSts/OrgnlCtrlSum",
    ),
    "an amount that is no number": (
        report(batch(payment('<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">x</InstdAmt></Amt></OrgnlTxRef>'))),
        "wrong_amount",
        "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef/Amt",
    ),
    "a day that is not": (
        report(batch(payment("<OrgnlTxRef><ReqdExctnDt>2026-02-30</ReqdExctnDt></OrgnlTxRef>"))),
        "wrong_date",
        None,
    ),
    "another message inside": (
        report().replace(b"<Document", b"<Message").replace(b"</Document", b"</Message"),
        "unknown_namespace",
        None,
    ),
    "cut off": (report(batch(payment()))[:-60], "truncated", None),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_report_that_cannot_be_understood_is_refused(what: str) -> None:
    content, code, path = WRONG[what]
    with pytest.raises(Refused) as refused:
        read(content)
    said = refused.value.as_data()
    assert said["refused"] == code
    assert path in {None, said["path"]}


def test_lines_follow_the_contract() -> None:
    inside = f"<PmtInfSts>PART</PmtInfSts>{payment()}{payment('<TxSts>ACSC</TxSts>', 'E2')}"
    content = report(
        batch(inside), batch(payment(reason("NARR", "a", "b") + reason("AC04", "c")), "P2"), batch(name="P3")
    )
    head, *said = lines(io.BytesIO(content), "antwoord.xml")
    assert (head["kind"], head["format"], head["id"]) == ("status_report", "pain.002.001.10", "A1")
    assert (head["original_message_id"], head["group_status"], head["reason"]) == ("B1", None, None)
    columns = ("original_payment_information_id", "original_end_to_end_id", "status", "reason", "additional")
    assert [tuple(line[name] for name in columns) for line in said] == [
        ("P1", None, "PART", None, None),
        ("P1", "E1", "RJCT", None, None),
        ("P1", "E2", "ACSC", None, None),
        ("P2", "E1", None, "NARR", "a b c"),
    ]
    assert said[2]["meaning"] == "het bedrag is van uw rekening afgeschreven"


def test_statements_and_reports_in_one_zip_are_both_read() -> None:
    content = zipped({"a.xml": full("10"), "b.xml": document(HEAD), "c.xml": document(HEAD)})
    found = list(lines(io.BytesIO(content), "x.zip"))
    assert [line["kind"] for line in found] == [
        "status_report",
        "payment_status",
        "payment_status",
        "statement",
        "statement",
    ]
    assert (found[0]["original_sum"], found[2]["amount"]) == ("24.68", "12.34")


texts = st.text("abc xyz-&<é", min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(sorted(STATUSES)), st.lists(texts, max_size=3)), max_size=8))
def test_each_payment_comes_back_as_it_was_said(said: list[tuple[str, list[str]]]) -> None:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")

    inside = "".join(
        payment(f"<TxSts>{status}</TxSts>{reason('NARR', *map(escaped, told))}", f"E{number}")
        for number, (status, told) in enumerate(said)
    )
    _, (_, *found) = read(report(batch(inside)))
    assert [(f"E{number}", status, tuple(told)) for number, (status, told) in enumerate(said)] == [
        (each.end_to_end_id, each.status, each.reasons[0].texts)
        for each in found
        if isinstance(each, PaymentStatus)
    ]


def test_another_message_is_not_read_as_a_report() -> None:
    content = document(HEAD)
    with pytest.raises(Refused, match="geen statusrapport"):
        pain002.read(io.BytesIO(content), xml.root_of(content, file="x"), file="x")
