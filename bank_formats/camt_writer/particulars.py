"""Where each field of details.py stands: tables of element paths, in the names of the latest version.

A rule is a path, or a path with what makes the value of it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from bank_formats import details
from bank_formats.camt_writer.grammar import Code, Misfit, Money, Node, Value

Rule = str | tuple[str, Callable[[Any], Value]]
Table = Mapping[str, Rule]


def node(record: Any, table: Table) -> dict[str, Value]:  # noqa: ANN401 - any record of details.py
    """What a record says, by its table; nothing when there is none."""
    content: dict[str, Value] = {}
    if record is None:
        return content
    for field, rule in table.items():
        value = getattr(record, field)
        if value is None or value == ():
            continue
        path, make = rule if isinstance(rule, tuple) else (rule, plain)
        put(content, path, make(value))
    return content


def put(content: dict[str, Value], path: str, value: Value) -> None:
    """Set a value at a path."""
    *above, last = path.split("/")
    for name in above:
        content = cast("dict[str, Value]", content.setdefault(name, {}))
    content[last] = value


def plain(value: Any) -> Value:  # noqa: ANN401 - whatever a field holds
    """A text as it is, a number in digits, a yes or no as XML has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case tuple():
            return [plain(one) for one in value]
        case _:
            return str(value)


def amount(money: details.Money) -> Value:
    """An amount with its currency; raises Misfit when either is missing."""
    if money.amount is None or money.currency is None:
        raise Misfit("hier ontbreekt het bedrag of de munt")
    return Money(money.amount, money.currency)


def by(table: Table) -> Callable[[Any], Value]:
    """Make the node of a record."""
    return lambda record: node(record, table)


def each(make: Callable[[Any], Value]) -> Callable[[Any], Value]:
    """Make a value of each."""
    return lambda records: [make(record) for record in records]


def typed(name: str) -> Callable[[Any], Value]:
    """Make the node of a text with its type."""
    return lambda record: {"Tp": record.type, name: record.text}


def day(text: str) -> Value:
    """A date, or a date with a time."""
    return {"DtTm" if "T" in text else "Dt": text}


ADDRESS: Final[Table] = {
    "type": ("AdrTp", Code),
    "care_of": "CareOf",
    "department": "Dept",
    "subdepartment": "SubDept",
    "street": "StrtNm",
    "building_number": "BldgNb",
    "building_name": "BldgNm",
    "floor": "Flr",
    "unit": "UnitNb",
    "post_box": "PstBx",
    "room": "Room",
    "postcode": "PstCd",
    "town": "TwnNm",
    "town_location": "TwnLctnNm",
    "district": "DstrctNm",
    "country_subdivision": "CtrySubDvsn",
    "country": "Ctry",
    "lines": "AdrLine",
}
CONTACT: Final[Table] = {
    "prefix": "NmPrfx",
    "name": "Nm",
    "phone": "PhneNb",
    "mobile": "MobNb",
    "fax": "FaxNb",
    "url": "URLAdr",
    "email": "EmailAdr",
    "email_purpose": "EmailPurp",
    "job_title": "JobTitl",
    "responsibility": "Rspnsblty",
    "department": "Dept",
    "preferred": "PrefrdMtd",
    "other": ("Othr", each(lambda record: {"ChanlTp": record.type, "Id": record.text})),
}
ACCOUNT: Final[Table] = {
    "iban": "Id/IBAN",
    "other": "Id/Othr/Id",
    "scheme": ("Id/Othr/SchmeNm", Code),
    "issuer": "Id/Othr/Issr",
    "type": ("Tp", Code),
    "currency": "Ccy",
    "name": "Nm",
    "proxy_type": ("Prxy/Tp", Code),
    "proxy": "Prxy/Id",
}
AGENT: Final[Table] = {
    "bic": "FinInstnId/BICFI",
    "clearing_system": ("FinInstnId/ClrSysMmbId/ClrSysId", Code),
    "member_id": "FinInstnId/ClrSysMmbId/MmbId",
    "lei": "FinInstnId/LEI",
    "name": "FinInstnId/Nm",
    "address": ("FinInstnId/PstlAdr", by(ADDRESS)),
    "other_id": "FinInstnId/Othr/Id",
    "other_scheme": ("FinInstnId/Othr/SchmeNm", Code),
    "other_issuer": "FinInstnId/Othr/Issr",
    "branch_id": "BrnchId/Id",
    "branch_lei": "BrnchId/LEI",
    "branch_name": "BrnchId/Nm",
    "branch_address": ("BrnchId/PstlAdr", by(ADDRESS)),
}
BIRTH: Final[Table] = {
    "date": "BirthDt",
    "province": "PrvcOfBirth",
    "city": "CityOfBirth",
    "country": "CtryOfBirth",
}
ELEMENTS: Final = frozenset(
    [
        *("AnyBIC", "BICOrBEI", "LEI", "IBEI", "BIC", "BEI", "EANGLN", "USCHU", "DUNS", "BkPtyId", "TaxIdNb"),
        *("DrvrsLicNb", "CstmrNb", "SclSctyNb", "AlnRegnNb", "PsptNb", "IdntyCardNb", "MplyrIdNb"),
    ]
)
"""Schemes of identification that are elements of their own, most of them in version 01 alone."""


def party(of: details.FullParty) -> dict[str, Value]:
    """A party: name, address, identifications, and so on."""
    content: dict[str, Value] = {
        "Nm": of.name,
        "PstlAdr": node(of.address, ADDRESS),
        "Id": _identifications(of),
        "CtryOfRes": of.country_of_residence,
        "CtctDtls": node(of.contact, CONTACT),
    }
    return content


def _identifications(of: details.FullParty) -> Value:
    ways = {one.is_private for one in of.identifications} | ({True} if of.birth else set())
    if len(ways) > 1:
        raise Misfit("een partij is een organisatie of een persoon", "Id")
    content: dict[str, Value] = {}
    if of.birth:
        content["DtAndPlcOfBirth"] = node(of.birth, BIRTH)
    others: list[Value] = []
    for one in of.identifications:
        if one.scheme in ELEMENTS:
            content[one.scheme] = one.id
        else:
            scheme = None if one.scheme is None else Code(one.scheme)
            others.append({"Id": one.id, "SchmeNm": scheme, "Issr": one.issuer})
    content["Othr"] = others
    return {"PrvtId" if ways == {True} else "OrgId": content}


def side(of: details.FullParty) -> Value:
    """A party, or a bank that is one."""
    return {"Agt": node(of.agent, AGENT)} if of.agent else {"Pty": party(of)}


def _called(of: details.FullParty) -> Value:
    return {"Tp": of.type, "Pty": side(of)}


CODE: Final[Table] = {
    "domain": "Domn/Cd",
    "family": "Domn/Fmly/Cd",
    "subfamily": "Domn/Fmly/SubFmlyCd",
    "proprietary": "Prtry/Cd",
    "issuer": "Prtry/Issr",
}
REFERENCES: Final[Table] = {
    "message_id": "MsgId",
    "servicer_reference": "AcctSvcrRef",
    "payment_information_id": "PmtInfId",
    "instruction_id": "InstrId",
    "end_to_end_id": "EndToEndId",
    "uetr": "UETR",
    "transaction_id": "TxId",
    "mandate_id": "MndtId",
    "cheque_number": "ChqNb",
    "clearing_reference": "ClrSysRef",
    "owner_transaction_id": "AcctOwnrTxId",
    "servicer_transaction_id": "AcctSvcrTxId",
    "market_infrastructure_id": "MktInfrstrctrTxId",
    "processing_id": "PrcgId",
    "return_id": "RtrId",
    "proprietary": ("Prtry", each(typed("Ref"))),
}
PARTIES: Final[Table] = {
    "initiating": ("InitgPty", side),
    "debtor": ("Dbtr", side),
    "debtor_account": ("DbtrAcct", by(ACCOUNT)),
    "ultimate_debtor": ("UltmtDbtr", side),
    "creditor": ("Cdtr", side),
    "creditor_account": ("CdtrAcct", by(ACCOUNT)),
    "ultimate_creditor": ("UltmtCdtr", side),
    "trading": ("TradgPty", side),
    "proprietary": ("Prtry", each(_called)),
}
AGENTS: Final[Table] = {
    "instructing": ("InstgAgt", by(AGENT)),
    "instructed": ("InstdAgt", by(AGENT)),
    "debtor": ("DbtrAgt", by(AGENT)),
    "creditor": ("CdtrAgt", by(AGENT)),
    "receiving": ("RcvgAgt", by(AGENT)),
    "delivering": ("DlvrgAgt", by(AGENT)),
    "issuing": ("IssgAgt", by(AGENT)),
    "settlement_place": ("SttlmPlc", by(AGENT)),
}
EXCHANGE: Final[Table] = {
    "source": "SrcCcy",
    "target": "TrgtCcy",
    "unit": "UnitCcy",
    "rate": "XchgRate",
    "contract": "CtrctId",
    "quoted_at": "QtnDt",
    "rate_base": "XchgRateBase",
}
EXCHANGED: Final[Table] = {
    "type": "Tp",
    "money": ("Amt", amount),
    "exchange": ("CcyXchg", by(EXCHANGE)),
}
AMOUNTS: Final[Table] = {
    "instructed": ("InstdAmt", by(EXCHANGED)),
    "transaction": ("TxAmt", by(EXCHANGED)),
    "countervalue": ("CntrValAmt", by(EXCHANGED)),
    "announced": ("AnncdPstngAmt", by(EXCHANGED)),
    "proprietary": ("PrtryAmt", each(by(EXCHANGED))),
}
AVAILABILITY: Final[Table] = {
    "date": "Dt/ActlDt",
    "days": "Dt/NbOfDays",
    "money": ("Amt", amount),
    "direction": "CdtDbtInd",
}
ENTRY_BATCH: Final[Table] = {
    "message_id": "MsgId",
    "payment_information_id": "PmtInfId",
    "number": "NbOfTxs",
}
CREDIT_LINE: Final[Table] = {
    "is_included": "Incl",
    "type": ("Tp", Code),
    "money": ("Amt", amount),
    "date": ("Dt", day),
}
TAX: Final[Table] = {"id": "Id", "rate": "Rate", "money": ("Amt", amount)}


def rate(text: str) -> Value:
    """A rate of interest: a percentage, or words."""
    digits = text.replace(".", "", 1).removeprefix("-")
    return {"Tp": {"Pctg" if digits.isascii() and digits.isdigit() else "Othr": text}}


INTEREST: Final[Table] = {
    "money": ("Amt", amount),
    "direction": "CdtDbtInd",
    "type": ("Tp", Code),
    "rates": ("Rate", each(rate)),
    "from_date": "FrToDt/FrDtTm",
    "to_date": "FrToDt/ToDtTm",
    "reason": "Rsn",
    "tax": ("Tax", by(TAX)),
}
DATES: Final[Table] = {
    "acceptance": "AccptncDtTm",
    "contractual_settlement": "TradActvtyCtrctlSttlmDt",
    "trade": "TradDt",
    "interbank_settlement": "IntrBkSttlmDt",
    "start": "StartDt",
    "end": "EndDt",
    "transaction": "TxDtTm",
    "proprietary": ("Prtry", each(lambda record: {"Tp": record.type, "Dt": day(record.text or "")})),
}
PAYMENT_TYPE: Final[Table] = {
    "priority": "InstrPrty",
    "clearing_channel": "ClrChanl",
    "service_levels": ("SvcLvl", each(Code)),
    "sequence_type": "SeqTp",
    "category_purpose": ("CtgyPurp", Code),
}
DEPOSIT: Final[Table] = {
    "denomination": ("NoteDnmtn", amount),
    "number": "NbOfNotes",
    "money": ("Amt", amount),
}


def agents(of: details.Agents) -> dict[str, Value]:
    """The banks along the way; the intermediary ones are numbered."""
    content = node(of, AGENTS)
    for place, one in enumerate(of.intermediary, 1):
        content[f"IntrmyAgt{place}"] = node(one, AGENT)
    content["Prtry"] = [{"Agt": node(one, AGENT)} for one in of.proprietary]
    return content


def structured(of: details.Structured) -> Value:
    """A structured remittance."""
    amounts: dict[str, list[Value]] = {}
    for one in of.amounts:
        amounts.setdefault(one.kind, []).append(_document_amount(one))
    content: dict[str, Value] = {
        "RfrdDocInf": [_document(one) for one in of.documents],
        "RfrdDocAmt": amounts,
        "AddtlRmtInf": list(of.additional),
    }
    if of.reference or of.type:
        kind: Node = {"CdOrPrtry": None if of.type is None else _listed(of.type), "Issr": of.issuer}
        content["CdtrRefInf"] = {"Tp": kind, "Ref": of.reference}
    for name, who in (("Invcr", of.invoicer), ("Invcee", of.invoicee)):
        content[name] = party(who) if who else None
    return content


def _document(of: details.Document) -> Value:
    kind: Node = {"CdOrPrtry": None if of.type is None else _listed(of.type), "Issr": of.issuer}
    return {"Tp": kind, "Nb": of.number, "RltdDt": None if of.date is None else {"Dt": of.date}}


def _document_amount(of: details.DocumentAmount) -> Value:
    value = None if of.money is None else amount(of.money)
    if of.type is None and of.direction is None and of.reason is None and of.additional is None:
        return value
    kind = None if of.type is None else Code(of.type)
    return {"Tp": kind, "Amt": value, "CdtDbtInd": of.direction, "Rsn": of.reason, "AddtlInf": of.additional}


def _listed(code: str) -> Value:
    return {"Cd" if len(code) <= LONGEST_CODE else "Prtry": code}


LONGEST_CODE: Final = 4


def related(of: details.RelatedRemittance) -> Value:
    """Where more of the remittance is."""
    where: dict[str, Value] = {"Mtd": of.method, "ElctrncAdr": of.electronic_address}
    if of.name or of.address:
        where["PstlAdr"] = {"Nm": of.name, "Adr": node(of.address, ADDRESS)}
    return {"RmtId": of.id, "RmtLctnDtls": [where] if any(where.values()) else None}


def returned(of: details.Return) -> dict[str, Value]:
    """Why money came back."""
    return {
        "OrgnlBkTxCd": node(of.original_code, CODE),
        "Orgtr": party(of.originator) if of.originator else None,
        "Rsn": {"Cd": of.reason, "Prtry": of.proprietary_reason},
        "AddtlInf": list(of.texts),
    }
