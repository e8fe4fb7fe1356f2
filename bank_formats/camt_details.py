"""Where camt.05x says what is asked for now and then: forms of element names for the classes of details.py.

Names differ little between versions; a form holds them all. Source: the ISO 20022 message definitions of
camt.052, camt.053 and camt.054, versions 01 to 14.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from lxml import etree
from lxml.etree import _Element

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
from bank_formats.forms import (
    EMPTY,
    Form,
    Node,
    Rule,
    at,
    each,
    flag,
    money,
    number,
    own_money,
    own_text,
    text,
    texts,
)
from bank_formats.runs import Context
from bank_formats.xml import SAFE

ADDRESS = Form(
    Address,
    type="AdrTp/Cd|AdrTp/Prtry/Id|AdrTp",
    care_of="CareOf",
    department="Dept",
    subdepartment="SubDept",
    street="StrtNm",
    building_number="BldgNb",
    building_name="BldgNm",
    floor="Flr",
    unit="UnitNb",
    post_box="PstBx",
    room="Room",
    postcode="PstCd",
    town="TwnNm",
    town_location="TwnLctnNm",
    district="DstrctNm",
    country_subdivision="CtrySubDvsn",
    country="Ctry",
    lines=texts("AdrLine"),
)
BIRTH = Form(Birth, date="BirthDt", province="PrvcOfBirth", city="CityOfBirth", country="CtryOfBirth")
CHANNEL = Form(TypedText, type="ChanlTp", text="Id")
CONTACT = Form(
    Contact,
    prefix="NmPrfx",
    name="Nm",
    phone="PhneNb",
    mobile="MobNb",
    fax="FaxNb",
    url="URLAdr",
    email="EmailAdr",
    email_purpose="EmailPurp",
    job_title="JobTitl",
    responsibility="Rspnsblty",
    department="Dept",
    preferred="PrefrdMtd",
    other=each("Othr", lambda node: CHANNEL(node) or _typed(None, own_text(node))),
)
OTHER_IDS = {"Othr", "PrtryId", "OthrId"}
AGENT = Form(
    Agent,
    bic="FinInstnId/BICFI|FinInstnId/BIC|FinInstnId/CmbndId/BIC",
    name="FinInstnId/Nm|FinInstnId/NmAndAdr/Nm|FinInstnId/CmbndId/Nm",
    lei="FinInstnId/LEI",
    clearing_system="FinInstnId/ClrSysMmbId/ClrSysId/Cd|FinInstnId/ClrSysMmbId/ClrSysId/Prtry",
    member_id=(
        "FinInstnId/ClrSysMmbId/MmbId|FinInstnId/ClrSysMmbId/Id|FinInstnId/ClrSysMmbId/Prtry"
        "|FinInstnId/CmbndId/ClrSysMmbId/Id|FinInstnId/CmbndId/ClrSysMmbId/Prtry"
    ),
    other_id="FinInstnId/Othr/Id|FinInstnId/PrtryId/Id|FinInstnId/CmbndId/PrtryId/Id",
    other_scheme="FinInstnId/Othr/SchmeNm/Cd|FinInstnId/Othr/SchmeNm/Prtry",
    other_issuer="FinInstnId/Othr/Issr|FinInstnId/PrtryId/Issr|FinInstnId/CmbndId/PrtryId/Issr",
    address=at("FinInstnId/PstlAdr|FinInstnId/NmAndAdr/PstlAdr|FinInstnId/CmbndId/PstlAdr", ADDRESS),
    branch_id="BrnchId/Id",
    branch_name="BrnchId/Nm",
    branch_lei="BrnchId/LEI",
    branch_address=at("BrnchId/PstlAdr", ADDRESS),
)
ACCOUNT = Form(
    Account,
    iban="Id/IBAN",
    other="Id/Othr/Id|Id/PrtryAcct/Id|Id/BBAN|Id/UPIC",
    scheme="Id/Othr/SchmeNm/Cd|Id/Othr/SchmeNm/Prtry",
    issuer="Id/Othr/Issr",
    type="Tp/Cd|Tp/Prtry",
    currency="Ccy",
    name="Nm",
    proxy_type="Prxy/Tp/Cd|Prxy/Tp/Prtry",
    proxy="Prxy/Id",
)


def _typed(type: str | None, said: str | None) -> TypedText | None:
    return TypedText(type, said) if said else None


def _identifications(node: Node) -> tuple[Identification, ...]:
    found = []
    for kind, is_private in (("OrgId", False), ("PrvtId", True)):
        for group in node.all(f"Id/{kind}"):
            issuer = text("Issr")(group)
            for inner in [one for ones in group.inside.values() for one in ones]:
                if inner.name in OTHER_IDS:
                    scheme = text("SchmeNm/Cd|SchmeNm/Prtry|IdTp")(inner)
                    said = text("Id")(inner)
                    by = text("Issr")(inner) or issuer
                elif inner.inside or inner.name == "Issr":
                    continue
                else:
                    scheme, said, by = inner.name, own_text(inner), issuer
                if said:
                    found.append(Identification(said, scheme, by, is_private))
    return tuple(found)


PERSON = Form(
    FullParty,
    name="Nm",
    address=at("PstlAdr", ADDRESS),
    identifications=_identifications,
    birth=at("Id/PrvtId/DtAndPlcOfBirth", BIRTH),
    country_of_residence="CtryOfRes",
    contact=at("CtctDtls", CONTACT),
)
BANK = Form(FullParty, agent=AGENT, name="FinInstnId/Nm")


def party(node: Node) -> FullParty | None:
    """A party: from version 07 in `Pty` or, when it is a bank, in `Agt`."""
    return at("Pty", PERSON)(node) or at("Agt", BANK)(node) or PERSON(node)


def _proprietary_party(node: Node) -> FullParty | None:
    found = at("Pty", party)(node)
    kind = text("Tp")(node)
    return found._replace(type=kind) if found else kind and FullParty(type=kind)


CODE = Form(
    TransactionCode,
    domain="Domn/Cd",
    family="Domn/Fmly/Cd",
    subfamily="Domn/Fmly/SubFmlyCd",
    proprietary="Prtry/Cd",
    issuer="Prtry/Issr",
)
REFERENCES = Form(
    References,
    message_id="MsgId",
    servicer_reference="AcctSvcrRef",
    payment_information_id="PmtInfId",
    instruction_id="InstrId",
    end_to_end_id="EndToEndId",
    uetr="UETR",
    transaction_id="TxId",
    mandate_id="MndtId",
    cheque_number="ChqNb",
    clearing_reference="ClrSysRef",
    owner_transaction_id="AcctOwnrTxId",
    servicer_transaction_id="AcctSvcrTxId",
    market_infrastructure_id="MktInfrstrctrTxId",
    processing_id="PrcgId",
    return_id="RtrId",
    proprietary=each("Prtry", Form(TypedText, type="Tp", text="Ref")),
)
PARTIES = Form(
    Parties,
    initiating=at("InitgPty", party),
    debtor=at("Dbtr", party),
    debtor_account=at("DbtrAcct", ACCOUNT),
    ultimate_debtor=at("UltmtDbtr", party),
    creditor=at("Cdtr", party),
    creditor_account=at("CdtrAcct", ACCOUNT),
    ultimate_creditor=at("UltmtCdtr", party),
    trading=at("TradgPty", party),
    proprietary=each("Prtry", _proprietary_party),
)
AGENTS = Form(
    Agents,
    instructing=at("InstgAgt", AGENT),
    instructed=at("InstdAgt", AGENT),
    debtor=at("DbtrAgt", AGENT),
    creditor=at("CdtrAgt", AGENT),
    intermediary=each("IntrmyAgt1|IntrmyAgt2|IntrmyAgt3", AGENT),
    receiving=at("RcvgAgt", AGENT),
    delivering=at("DlvrgAgt", AGENT),
    issuing=at("IssgAgt", AGENT),
    settlement_place=at("SttlmPlc", AGENT),
    proprietary=each("Prtry/Agt", AGENT),
)
EXCHANGE = Form(
    Exchange,
    source="SrcCcy",
    target="TrgtCcy",
    unit="UnitCcy",
    rate=number("XchgRate"),
    contract="CtrctId",
    quoted_at="QtnDt",
    rate_base="XchgRateBase",
)
EXCHANGED = Form(Exchanged, money=money("Amt"), exchange=at("CcyXchg", EXCHANGE), type="Tp")
AMOUNTS = Form(
    Amounts,
    instructed=at("InstdAmt", EXCHANGED),
    transaction=at("TxAmt", EXCHANGED),
    countervalue=at("CntrValAmt", EXCHANGED),
    announced=at("AnncdPstngAmt", EXCHANGED),
    proprietary=each("PrtryAmt", EXCHANGED),
)
AVAILABILITY = Form(
    Availability, money=money("Amt"), direction="CdtDbtInd", date="Dt/ActlDt", days="Dt/NbOfDays"
)
CREDIT_LINE = Form(
    CreditLine,
    is_included=flag("Incl"),
    type="Tp/Cd|Tp/Prtry",
    money=money("Amt"),
    date="Dt/Dt|Dt/DtTm",
)
TAX = Form(Tax, id="Id", rate=number("Rate"), money=money("Amt"))


def _rates(node: Node) -> tuple[str, ...]:
    said = text("Tp/Pctg|Tp/Othr|Rate/PctgRate|Rate/TxtlRate")
    return tuple([rate for one in node.all("Rate") if (rate := said(one))])


INTEREST = Form(
    Interest,
    money=money("Amt"),
    direction="CdtDbtInd",
    type="Tp/Cd|Tp/Prtry",
    rates=_rates,
    from_date="FrToDt/FrDtTm",
    to_date="FrToDt/ToDtTm",
    reason="Rsn",
    tax=at("Tax", TAX),
)
DOCUMENT = Form(
    Document,
    type="Tp/CdOrPrtry/Cd|Tp/CdOrPrtry/Prtry|RfrdDocTp/Cd|RfrdDocTp/Prtry",
    issuer="Tp/Issr|RfrdDocTp/Issr",
    number="Nb|RfrdDocNb",
    date="RltdDt/Dt|RltdDt",
)


def _document_amounts(node: Node) -> tuple[DocumentAmount, ...]:
    found = []
    for inner in [
        one for amounts in node.all("RfrdDocAmt") for ones in amounts.inside.values() for one in ones
    ]:
        amount = own_money(inner) or money("Amt")(inner)
        if amount:
            paths = ("Tp/Cd|Tp/Prtry", "CdtDbtInd", "Rsn", "AddtlInf")
            found.append(DocumentAmount(inner.name, amount, *[text(path)(inner) for path in paths]))
    return tuple(found)


def _documents(node: Node) -> tuple[Document, ...]:
    """The documents; before version 03 the date stands beside the one that there can be."""
    found: tuple[Document, ...] = each("RfrdDocInf", DOCUMENT)(node)
    beside = text("RfrdDocRltdDt")(node)
    if beside is None:
        return found
    first = found[0] if found else Document()
    return (first._replace(date=first.date or beside), *found[1:])


STRUCTURED = Form(
    Structured,
    reference="CdtrRefInf/Ref|CdtrRefInf/CdtrRef",
    type=(
        "CdtrRefInf/Tp/CdOrPrtry/Cd|CdtrRefInf/Tp/CdOrPrtry/Prtry"
        "|CdtrRefInf/CdtrRefTp/Cd|CdtrRefInf/CdtrRefTp/Prtry"
    ),
    issuer="CdtrRefInf/Tp/Issr|CdtrRefInf/CdtrRefTp/Issr",
    documents=_documents,
    amounts=_document_amounts,
    invoicer=at("Invcr", party),
    invoicee=at("Invcee", party),
    additional=texts("AddtlRmtInf"),
)
REMITTANCE = Form(Remittance, unstructured=texts("Ustrd", as_sent=True), structured=each("Strd", STRUCTURED))
RELATED_REMITTANCE = Form(
    RelatedRemittance,
    id="RmtId",
    method="RmtLctnMtd|RmtLctnDtls/Mtd",
    electronic_address="RmtLctnElctrncAdr|RmtLctnDtls/ElctrncAdr",
    name="RmtLctnPstlAdr/Nm|RmtLctnDtls/PstlAdr/Nm",
    address=at("RmtLctnPstlAdr/Adr|RmtLctnDtls/PstlAdr/Adr", ADDRESS),
)
DATES = Form(
    Dates,
    acceptance="AccptncDtTm",
    contractual_settlement="TradActvtyCtrctlSttlmDt",
    trade="TradDt",
    interbank_settlement="IntrBkSttlmDt",
    start="StartDt",
    end="EndDt",
    transaction="TxDtTm",
    proprietary=each("Prtry", Form(TypedText, type="Tp", text="Dt/Dt|Dt/DtTm|Dt|DtTm")),
)
RETURN = Form(
    Return,
    reason="Rsn/Cd|RtrRsn/Cd",
    proprietary_reason="Rsn/Prtry|RtrRsn/Prtry",
    texts=lambda node: (*texts("AddtlInf")(node), *texts("AddtlRtrRsnInf")(node)),
    original_code=at("OrgnlBkTxCd", CODE),
    originator=at("Orgtr|RtrOrgtr", party),
)
PAYMENT_TYPE = Form(
    PaymentType,
    priority="PmtTpInf/InstrPrty",
    clearing_channel="PmtTpInf/ClrChanl",
    service_levels=each("PmtTpInf/SvcLvl", text("Cd|Prtry")),
    local_instrument="PmtTpInf/LclInstrm/Cd|PmtTpInf/LclInstrm/Prtry|LclInstrm/Cd|LclInstrm/Prtry",
    sequence_type="PmtTpInf/SeqTp",
    category_purpose="PmtTpInf/CtgyPurp/Cd|PmtTpInf/CtgyPurp/Prtry",
)
DEPOSIT = Form(AccountDeposit, denomination=money("NoteDnmtn"), number="NbOfNotes", money=money("Amt"))
BATCH = Form(EntryBatch, message_id="MsgId", payment_information_id="PmtInfId", number="NbOfTxs")
INTERESTS = each("Intrst/Rcrd|Intrst", INTEREST)
TOTAL_CHARGES = money("Chrgs/TtlChrgsAndTaxAmt")
ENTRY_RULES: dict[str, Rule] = {
    "entry_code": at("BkTxCd", CODE),
    "entry_amounts": at("AmtDtls", AMOUNTS),
    "total_charges": TOTAL_CHARGES,
    "entry_charges": lambda node: sum(1 for _ in charges(node)),
    "interest": INTERESTS,
    "availability": each("Avlbty", AVAILABILITY),
    "technical_channel": text("TechInptChanl/Cd|TechInptChanl/Prtry"),
    "commission_waived": flag("ComssnWvrInd"),
    "notice_message": text("AddtlInfInd/MsgNmId"),
    "notice_message_id": text("AddtlInfInd/MsgId"),
    "entry_info": text("AddtlNtryInf"),
    "batches": each("Btch", BATCH),
}
DETAIL_RULES: dict[str, Rule] = {
    "references": at("Refs", REFERENCES),
    "code": at("BkTxCd", CODE),
    "money": money("Amt"),
    "direction": text("CdtDbtInd"),
    "amounts": at("AmtDtls", AMOUNTS),
    "total_charges": TOTAL_CHARGES,
    "parties": at("RltdPties", PARTIES),
    "agents": at("RltdAgts", AGENTS),
    "remittance": at("RmtInf", REMITTANCE),
    "related_remittance": each("RltdRmtInf", RELATED_REMITTANCE),
    "purpose_code": text("Purp/Cd"),
    "purpose_proprietary": text("Purp/Prtry"),
    "payment_type": PAYMENT_TYPE,
    "dates": at("RltdDts", DATES),
    "returned": lambda node: next((RETURN.or_empty(one) for one in node.all("RtrInf")), None),
    "interest": INTERESTS,
    "availability": each("Avlbty", AVAILABILITY),
    "deposits": each("CshDpst", DEPOSIT),
    "info": text("AddtlTxInf"),
}
SEVERAL = ("interest", "availability")
"""What the entry and its detail can both have, one behind the other."""


class Unread(Details):
    """The details of a transaction, worked out when somebody asks for one of them.

    Of a part, `entry` is the entry without its parts as far as the file had come.
    """

    __slots__ = ("_around", "_detail", "_entry")

    def __init__(self, entry: str, detail: str | None, around: Context) -> None:
        """Keep the XML of the entry, and of a part; `around` gives their names their namespaces."""
        self._entry = entry
        self._detail = detail
        self._around = around

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - called for a field that is not yet filled
        """Fill all fields, and give this one."""
        told = details(self._entry, self._detail, self._around)
        for one in fields(told):
            setattr(self, one.name, getattr(told, one.name))
        return getattr(told, name)

    @property
    def xml(self) -> str:
        """The entry, or the one part, as XML as it stands in the file, with its namespaces."""
        written = self._detail or self._entry
        tag = written.partition(">")[0].rstrip("/")
        if "xmlns" in tag:
            return written
        return f"{tag}{self._around.begin.removeprefix('<runs').removesuffix('>')}{written[len(tag) :]}"


def details(entry: str, detail: str | None, around: Context) -> Details:
    """All that an entry and one detail of it say; without a detail the entry's only one."""
    of_entry = _node(entry, around)
    if detail is None:
        of_detail = next(iter((*of_entry.all("NtryDtls/TxDtls"), *of_entry.all("TxDtls"))), None)
    else:
        of_detail = _node(detail, around)
    said = {name: value for name, rule in ENTRY_RULES.items() if (value := rule(of_entry)) not in EMPTY}
    if of_detail:
        for name, rule in DETAIL_RULES.items():
            value = rule(of_detail)
            if value not in EMPTY:
                said[name] = (*said.get(name, ()), *value) if name in SEVERAL else value
    return Details(**said)


def _node(written: str, around: Context) -> Node:
    parser = etree.XMLParser(**SAFE)  # type: ignore[arg-type]  # one dict of booleans
    return node_of(etree.fromstring(around.begin + written + around.end, parser)[0])


def node_of(element: _Element, *, without: str | None = None) -> Node:
    """An element with all that is inside it, but for its children of one name."""
    return Node(element, element.tag[: element.tag.rfind("}") + 1], without)


def code_text(code: TransactionCode | None) -> str | None:
    """A code in one line: domain-family-subfamily, else the bank's own."""
    if code and code.domain:
        return f"{code.domain}-{code.family or ''}-{code.subfamily or ''}"
    return code and code.proprietary


def charges(node: Node) -> Iterator[Node]:
    """The charges of an entry or a detail: each `Rcrd`, before version 03 each `Chrgs` itself."""
    for group in node.all("Chrgs"):
        yield from [one for one in group.all("Rcrd") or [group] if one.all("Amt")]
