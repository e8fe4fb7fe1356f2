"""What is asked for now and then: details of a transaction, particulars of a statement, the XML itself."""

from decimal import Decimal

import pytest
from lxml import etree

from bank_formats.details import (
    NO_DETAILS,
    Account,
    Details,
    EntryBatch,
    Exchange,
    FullParty,
    Identification,
    Money,
    Structured,
)
from bank_formats.forms import decimal
from tests.bank_formats.made import HEAD, NAMESPACE, document, entry, statements, transactions

FOREIGN = (
    '<AmtDtls><InstdAmt><Amt Ccy="USD">20.00</Amt><CcyXchg><SrcCcy>USD</SrcCcy><TrgtCcy>EUR</TrgtCcy>'
    "<UnitCcy>EUR</UnitCcy><XchgRate>1.0856</XchgRate></CcyXchg></InstdAmt></AmtDtls>"
)
STRUCTURED = (
    "<RmtInf><Ustrd> twee  \nregels </Ustrd><Ustrd>en meer</Ustrd>"
    "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>CUR</Issr></Tp><Ref>1234567</Ref>"
    "</CdtrRefInf></Strd><Strd><RfrdDocRltdDt>2026-11-01</RfrdDocRltdDt></Strd></RmtInf>"
)


def test_details_are_worked_out_when_they_are_asked_for() -> None:
    (found,) = transactions(document(HEAD + entry(FOREIGN + STRUCTURED)))
    details = found.details
    instructed = details.amounts.instructed
    assert instructed is not None
    assert (instructed.money, instructed.exchange) == (
        Money(Decimal("20.00"), "USD"),
        Exchange("USD", "EUR", "EUR", Decimal("1.0856")),
    )
    assert details.remittance.unstructured == (" twee  \nregels ", "en meer")
    first, second = details.remittance.structured
    assert first == Structured("1234567", "SCOR", "CUR")
    assert second.documents[0].date == "2026-11-01"
    assert found.remittance == "twee regels en meer"


def test_parts_know_their_entry_and_themselves() -> None:
    parts = "".join(
        f"<TxDtls><Refs><EndToEndId>E{n}</EndToEndId></Refs><Amt Ccy='EUR'>6.17</Amt></TxDtls>"
        for n in (1, 2)
    )
    found = transactions(
        document(HEAD + entry(after=f"<NtryDtls>{parts}</NtryDtls><AddtlNtryInf>Verzamel</AddtlNtryInf>"))
    )
    assert [one.details.references.end_to_end_id for one in found] == ["E1", "E2"]
    assert [one.details.entry_info for one in found] == ["Verzamel", "Verzamel"]
    assert [one.details.money for one in found] == [Money(Decimal("6.17"), "EUR")] * 2
    assert "E1" in str(found[0].xml)
    assert "E2" not in str(found[0].xml)


@pytest.mark.parametrize("prefix", ["", "n"])
@pytest.mark.parametrize("inside", ["<RmtInf><Ustrd>a &amp; b</Ustrd></RmtInf>", "<!-- x --><Purp/>", ""])
def test_the_xml_of_an_entry_stands_by_itself(prefix: str, inside: str) -> None:
    file = document(HEAD + entry(inside))
    if prefix:
        file = file.replace(b"</", b"\0").replace(b"<!", b"\1").replace(b"<?", b"\2").replace(b"<", b"<n:")
        file = file.replace(b"\0", b"</n:").replace(b"\1", b"<!").replace(b"\2", b"<?")
        file = file.replace(b"xmlns=", b"xmlns:n=")
    (found,) = transactions(file)
    assert found.xml is not None
    assert etree.fromstring(found.xml).tag == f"{{{NAMESPACE}}}Ntry"


def test_details_are_equal_when_they_say_the_same() -> None:
    one, other = transactions(document(HEAD + entry(FOREIGN) + entry(STRUCTURED)))
    again = transactions(document(HEAD + "<!-- x -->" + entry(FOREIGN)))[0]
    assert one.details == again.details
    assert one.details != other.details
    assert Details() == NO_DETAILS
    assert Details() != "niets"
    assert NO_DETAILS.xml is None
    assert one == again
    assert one != one._replace(entry=2)
    assert one != "iets anders"
    assert hash(one) == hash(again)
    with pytest.raises(AttributeError):
        _ = one.details.nothing  # type: ignore[attr-defined]


def test_a_batch_of_the_first_version_stands_beside_the_amount() -> None:
    batch = "<Btch><PmtInfId>P1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>"
    (found,) = transactions(document(HEAD + entry(after=batch), namespace=NAMESPACE[:-2] + "01"))
    assert found.details.batches == (EntryBatch(None, "P1", "2"),)


def test_identifications_carry_what_kind_they_are() -> None:
    creditor = (
        "<Cdtr><Pty><Nm>Energie</Nm><Id><OrgId><LEI>L1</LEI><Othr><Id>NL69ZZZ1</Id><SchmeNm><Prtry>SEPA</Prtry>"
        "</SchmeNm></Othr><Foo><Bar/></Foo></OrgId></Id></Pty></Cdtr><Prtry><Tp>Incassant</Tp></Prtry>"
    )
    (found,) = transactions(document(HEAD + entry(f"<RltdPties>{creditor}</RltdPties>")))
    parties = found.details.parties
    assert parties.creditor is not None
    assert parties.creditor.identifications == (
        Identification("L1", "LEI"),
        Identification("NL69ZZZ1", "SEPA"),
    )
    assert parties.proprietary == (FullParty(type="Incassant"),)


PARTICULARS = (
    "<RptgSeq><FrSeq>1</FrSeq></RptgSeq><RptgSeq><ToSeq>2</ToSeq></RptgSeq><RptgSeq><FrToSeq><FrSeq>3</FrSeq>"
    "<ToSeq>4</ToSeq></FrToSeq><EQSeq>5</EQSeq><NEQSeq>6</NEQSeq></RptgSeq><RptgSrc><Prtry>KERN</Prtry></RptgSrc>"
    "<RltdAcct><Id><Othr><Id>77</Id></Othr></Id></RltdAcct>"
    "<Intrst><Rate><Tp><Pctg>1.5</Pctg></Tp></Rate></Intrst>"
    "<TxsSummry><TtlNtries><Sum>-1.00</Sum><TtlNetNtry><Amt>5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry>"
    "</TtlNtries><TtlNtriesPerBkTxCd><TtlNetNtry><Amt>3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry>"
    "<BkTxCd><Prtry><Cd>012</Cd></Prtry></BkTxCd></TtlNtriesPerBkTxCd></TxsSummry>"
)


def test_a_statement_keeps_its_particulars() -> None:
    behind = (
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">22.34</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd></Bal><AddtlStmtInf>Let op</AddtlStmtInf>"
    )
    ((statement, _),) = statements(document(HEAD + PARTICULARS + entry() + behind))
    assert statement.reporting_sequence == "1-, -2, 3-4, 5, !6"
    assert statement.reporting_source == "KERN"
    assert statement.related_account == Account(other="77")
    assert [one.rates for one in statement.interest] == [("1.5",)]
    assert statement.summary is not None
    assert (statement.summary.sum, statement.summary.net) == (Decimal("-1.00"), Decimal("-5.00"))
    assert [(one.code, one.net) for one in statement.summary.per_code] == [("012", Decimal("-3.00"))]
    assert [one.kind for one in statement.balances] == ["opening", "closing"]
    assert statement.additional_info == "Let op"


def test_counts_may_stand_behind_the_entries() -> None:
    behind = "<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries></TtlNtries></TxsSummry>"
    ((statement, _),) = statements(document(HEAD + entry() + behind))
    assert statement.summary is not None
    assert statement.summary.count == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.50", Decimal("1.50")),
        ("-2", Decimal(-2)),
        ("x", None),
        (None, None),
        ("9" * 41, None),
        ("1-2", None),
        ("+-1", None),
    ],
)
def test_a_number_is_a_number_or_nothing(text: str | None, expected: Decimal | None) -> None:
    assert decimal(text) == expected


@pytest.mark.parametrize("text", ["a]]>b", "a&#169;b", "a&nbsp;b", "a\x0bb", "a&b"])
def test_a_text_that_only_a_parser_can_be_trusted_with(text: str) -> None:
    file = document(HEAD + entry(f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>") * 2)
    try:
        expected = [etree.fromstring(f"<a>{text}</a>").text] * 2
    except etree.XMLSyntaxError:
        with pytest.raises(Exception, match="geldige XML"):
            transactions(file)
    else:
        assert [one.remittance for one in transactions(file)] == expected


def test_text_around_comments_instructions_and_sections_is_one_text() -> None:
    inside = "<RmtInf><Ustrd>een<!-- x --> en <?pi?>t<![CDATA[w]]>ee</Ustrd></RmtInf>"
    assert transactions(document(HEAD + entry(inside)))[0].remittance == "een en twee"


def test_what_has_a_name_but_says_nothing_is_left_out() -> None:
    nobody = "<Cdtr><Pty><Id><PrvtId><Othr><Id> </Id></Othr></PrvtId></Id></Pty></Cdtr>"
    document_amounts = "<RfrdDocAmt><DuePyblAmt> </DuePyblAmt></RfrdDocAmt>"
    inside = f"<RltdPties>{nobody}</RltdPties><RmtInf><Strd>{document_amounts}</Strd></RmtInf>"
    (found,) = transactions(document(HEAD + entry(inside)))
    creditor = found.details.parties.creditor
    assert creditor is None or creditor.identifications == ()
    assert all(one.amounts == () for one in found.details.remittance.structured)
