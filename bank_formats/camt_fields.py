"""Where the fields of camt.05x stand: tables of element names, to be followed by `fields.Fields`.

Names differ little between versions: the tables hold them all.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from lxml.etree import _Element

from bank_formats.fields import Fixed, Found, Records, Rule, Table, coded, gather, money, qualified, several
from bank_formats.runs import Context


def amount(name: str) -> Callable[[_Element, Found], None]:
    """Keep an amount as two fields, text and currency."""
    currency = f"{name}_currency"

    def keep(element: _Element, found: Found) -> None:
        if currency not in found:
            found[currency] = Fixed((element.get("Ccy") or "").strip() or None)
            if element.text:
                found[name] = element.text

    return keep


def charges(name: str) -> Callable[[_Element, Found], None]:
    """Keep each charge as a `SaidCharge`: `Chrgs` itself, `Chrgs/Rcrd` from version 03."""

    def keep(element: _Element, found: Found) -> None:
        for record in element.findall("{*}Rcrd") or [element]:
            said: Found = {}
            gather(record, qualified(CHARGE, element.tag[1:].partition("}")[0]), said)
            if "amount_currency" in said:
                found.setdefault(name, []).append(tuple([said.get(one) for one in SaidCharge._fields]))

    return keep


def _party(side: str) -> Table:
    return {"Nm": side, "Pty": {"Nm": side}, "Agt": {"FinInstnId": {"Nm": side}}}


def _account(side: str) -> Table:
    number = f"{side}_account"
    other = {"Id": number}
    return {"Id": {"IBAN": f"{side}_iban", "Othr": other, "PrtryAcct": other, "BBAN": number, "UPIC": number}}


def _agent(side: str) -> Table:
    bic: Table = {"BIC": f"{side}_bic", "BICFI": f"{side}_bic"}
    return {"FinInstnId": {**bic, "CmbndId": bic}}


def _code(prefix: str = "") -> Table:
    family = {"Cd": f"{prefix}family", "SubFmlyCd": f"{prefix}subfamily"}
    return {"Domn": {"Cd": f"{prefix}domain", "Fmly": family}, "Prtry": {"Cd": f"{prefix}own_code"}}


_BATCH: Rule = (
    "batch",
    {
        "MsgId": "batch_message_id",
        "PmtInfId": "batch_payment_information_id",
        "NbOfTxs": "batch_count",
        "TtlAmt": amount("batch_sum"),
        "CdtDbtInd": "batch_direction",
    },
)
_REASON: Table = {"Cd": "return_reason", "Prtry": "return_reason"}

DETAIL: Table = {
    "Refs": {
        "MsgId": "message_id",
        "AcctSvcrRef": "servicer_reference",
        "PmtInfId": "payment_information_id",
        "InstrId": "instruction_id",
        "EndToEndId": "end_to_end_id",
        "TxId": "transaction_id",
        "UETR": "uetr",
        "MndtId": "mandate_id",
        "ClrSysRef": "clearing_reference",
    },
    "Amt": amount("amount"),
    "CdtDbtInd": "direction",
    "AmtDtls": {
        "TxAmt": {"Amt": amount("transaction_amount")},
        "InstdAmt": {"Amt": amount("instructed_amount")},
    },
    "BkTxCd": _code(),
    "Chrgs": charges("charges"),
    "RltdPties": {
        "Dbtr": _party("debtor"),
        "DbtrAcct": _account("debtor"),
        "UltmtDbtr": _party("ultimate_debtor"),
        "Cdtr": _party("creditor"),
        "CdtrAcct": _account("creditor"),
        "UltmtCdtr": _party("ultimate_creditor"),
    },
    "RltdAgts": {"DbtrAgt": _agent("debtor"), "CdtrAgt": _agent("creditor")},
    "Purp": {"Cd": "purpose", "Prtry": "purpose"},
    "RmtInf": {
        "Ustrd": several("remittance"),
        "Strd": {"CdtrRefInf": {"Ref": "reference", "CdtrRef": "reference"}},
    },
    "RtrInf": (
        "returned",
        {
            "Rsn": _REASON,
            "RtrRsn": _REASON,
            "AddtlInf": several("return_text"),
            "AddtlRtrRsnInf": several("return_text"),
        },
    ),
    "AddtlTxInf": "text",
}
DETAILS: Table = {"Btch": _BATCH}
ENTRY: Table = {
    "NtryRef": "entry_reference",
    "Amt": amount("entry_amount"),
    "CdtDbtInd": "entry_direction",
    "RvslInd": "reversal",
    "Sts": coded("status"),
    "BookgDt": {"Dt": "booked", "DtTm": "booked"},
    "ValDt": {"Dt": "valued", "DtTm": "valued"},
    "AcctSvcrRef": "entry_servicer_reference",
    "BkTxCd": _code("entry_"),
    "Chrgs": charges("entry_charges"),
    "NtryDtls": DETAILS,
    "AddtlNtryInf": "entry_text",
}
SINGLE: Table = {**ENTRY, "NtryDtls": {**DETAILS, "TxDtls": ("told", DETAIL)}, "TxDtls": ("told", DETAIL)}
_CHARGE_TYPE = {"Id": "type", "Issr": "issuer"}
_BANK: Table = {"Nm": "agent_name", "BIC": "agent_bic", "BICFI": "agent_bic"}
CHARGE: Table = {
    "Amt": amount("amount"),
    "CdtDbtInd": "direction",
    "ChrgInclInd": "included",
    "Tp": {"Cd": "type", "PrtryCd": "type", "Prtry": _CHARGE_TYPE},
    "Rate": "rate",
    "Br": "bearer",
    "Agt": {"FinInstnId": _BANK},
    "Pty": {"FinInstnId": {**_BANK, "NmAndAdr": {"Nm": "agent_name"}, "CmbndId": _BANK}},
    "Tax": {"Id": "tax_id", "Rate": "tax_rate", "Amt": amount("tax")},
}


class SaidCharge(NamedTuple):
    """What one charge says, in texts."""

    amount: str | None
    amount_currency: str | None
    direction: str | None
    included: str | None
    type: str | None
    issuer: str | None
    rate: str | None
    bearer: str | None
    agent_bic: str | None
    agent_name: str | None
    tax_id: str | None
    tax_rate: str | None
    tax: str | None
    tax_currency: str | None


Texts = str | Sequence[str | None]
Charges = Sequence[tuple[str | None, ...]]


class Said(NamedTuple):
    """What an entry and its detail say, each in texts; what neither says is `None`.

    `inside` counts the details, and entries, that are anywhere within.
    """

    entry_reference: str | None = None
    entry_amount: str | None = None
    entry_amount_currency: str | None = None
    entry_direction: str | None = None
    reversal: str | None = None
    status: str | None = None
    booked: str | None = None
    valued: str | None = None
    entry_servicer_reference: str | None = None
    entry_domain: str | None = None
    entry_family: str | None = None
    entry_subfamily: str | None = None
    entry_own_code: str | None = None
    entry_charges: Charges | None = None
    entry_text: str | None = None
    batch: bool | None = None
    batch_message_id: str | None = None
    batch_payment_information_id: str | None = None
    batch_count: str | None = None
    batch_sum: str | None = None
    batch_sum_currency: str | None = None
    batch_direction: str | None = None
    inside: int | None = None
    told: bool | None = None
    message_id: str | None = None
    servicer_reference: str | None = None
    payment_information_id: str | None = None
    instruction_id: str | None = None
    end_to_end_id: str | None = None
    transaction_id: str | None = None
    uetr: str | None = None
    mandate_id: str | None = None
    clearing_reference: str | None = None
    amount: str | None = None
    amount_currency: str | None = None
    direction: str | None = None
    transaction_amount: str | None = None
    transaction_amount_currency: str | None = None
    instructed_amount: str | None = None
    instructed_amount_currency: str | None = None
    domain: str | None = None
    family: str | None = None
    subfamily: str | None = None
    own_code: str | None = None
    charges: Charges | None = None
    debtor: str | None = None
    debtor_iban: str | None = None
    debtor_account: str | None = None
    debtor_bic: str | None = None
    ultimate_debtor: str | None = None
    creditor: str | None = None
    creditor_iban: str | None = None
    creditor_account: str | None = None
    creditor_bic: str | None = None
    ultimate_creditor: str | None = None
    purpose: str | None = None
    remittance: Texts | None = None
    reference: str | None = None
    returned: bool | None = None
    return_reason: str | None = None
    return_text: Texts | None = None
    text: str | None = None


BALANCE: Table = {
    "Tp": {"CdOrPrtry": {"Cd": "code", "Prtry": "code"}, "Cd": "code", "Prtry": "code"},
    "Amt": money("amount"),
    "CdtDbtInd": "direction",
    "Dt": {"Dt": "date", "DtTm": "date"},
}
_PAGE: Table = {"PgNb": "page", "LastPgInd": "last_page"}
HEAD: Table = {
    "Id": "id",
    "StmtPgntn": _PAGE,
    "RptPgntn": _PAGE,
    "NtfctnPgntn": _PAGE,
    "ElctrncSeqNb": "electronic_sequence",
    "LglSeqNb": "legal_sequence",
    "CreDtTm": "created_at",
    "FrToDt": {"FrDtTm": "from_date", "ToDtTm": "to_date"},
    "CpyDplctInd": "copy",
    "Acct": {
        **_account("own"),
        "Ccy": "currency",
        "Ownr": _party("owner"),
        "Svcr": _agent("servicer"),
    },
    "TxsSummry": {
        "TtlNtries": {
            "NbOfNtries": "count",
            "Sum": "sum",
            "TtlNetNtryAmt": "net",
            "CdtDbtInd": "net_direction",
            "TtlNetNtry": {"Amt": "net", "CdtDbtInd": "net_direction"},
        },
        "TtlCdtNtries": {"NbOfNtries": "credit_count", "Sum": "credit_sum"},
        "TtlDbtNtries": {"NbOfNtries": "debit_count", "Sum": "debit_sum"},
    },
}
GROUP: Table = {
    "MsgId": "message_id",
    "CreDtTm": "created_at",
    "MsgPgntn": _PAGE,
}


class Names:
    """The tables with the names of one namespace, and the elements that the reading waits for."""

    def __init__(self, namespace: str, statement: str, around: Context) -> None:
        self.details_tag = f"{{{namespace}}}NtryDtls"
        self.detail_tag = f"{{{namespace}}}TxDtls"
        self.entry_tag = f"{{{namespace}}}Ntry"
        self.around = around
        self.single = Records(
            qualified(SINGLE, namespace), Said, self._count_inside, tag=self.entry_tag, context=around
        )
        self.detail = Records(qualified(DETAIL, namespace), Said, tag=self.detail_tag, context=around)
        self.entry = qualified(ENTRY, namespace)
        self.details = qualified(DETAILS, namespace)
        self.head = qualified(HEAD, namespace)
        self.balance = qualified(BALANCE, namespace)
        self.group = qualified(GROUP, namespace)
        self.statement_tag = f"{{{namespace}}}{statement}"
        self.group_tag = f"{{{namespace}}}GrpHdr"
        self.balance_tag = f"{{{namespace}}}Bal"

    def _count_inside(self, entry: _Element, found: Found) -> None:
        found["inside"] = Fixed(sum(1 for _ in entry.iter(self.detail_tag, self.entry_tag)) - 1)


@lru_cache(maxsize=32)
def names(namespace: str, statement: str, around: Context) -> Names:
    """The tables for one version of one message, of which the first element says the namespaces `around`."""
    return Names(namespace, statement, around)
