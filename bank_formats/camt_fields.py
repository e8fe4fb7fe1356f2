"""Where the fields of camt.05x stand: tables of element names, followed by one function.

A rule is the name that a text is kept under, a table for what is inside, a name with a table (the name tells
that the element was there), or a function. Names differ little between versions: the tables hold them all.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lxml.etree import _Element

Found = dict[str, Any]
Rule = Any  # str | Table | tuple[str, Table] | Callable[[_Element, Found], None]: mypy knows no such circle
Table = Mapping[str, Rule]


def gather(element: _Element, table: Table, found: Found) -> None:
    """Keep what the table names of an element's children; the first of several wins."""
    rule_of = table.get
    for child in element:
        rule = rule_of(child.tag)
        if rule is None:
            continue
        kind = rule.__class__
        if kind is str:
            if rule not in found:
                text = child.text
                if text:
                    found[rule] = text
        elif kind is dict:
            gather(child, rule, found)
        elif kind is tuple:
            found[rule[0]] = True
            gather(child, rule[1], found)
        else:
            rule(child, found)


def money(name: str) -> Callable[[_Element, Found], None]:
    """Keep an amount as (text, currency)."""

    def keep(element: _Element, found: Found) -> None:
        if name not in found:
            found[name] = (element.text, element.get("Ccy"))

    return keep


def several(name: str) -> Callable[[_Element, Found], None]:
    """Keep every text, in order."""

    def keep(element: _Element, found: Found) -> None:
        text = element.text
        if text:
            found.setdefault(name, []).append(text)

    return keep


def coded(name: str) -> Callable[[_Element, Found], None]:
    """Keep a text that later versions put one level down, in `Cd` or `Prtry`."""

    def keep(element: _Element, found: Found) -> None:
        inner: _Element = element[0] if len(element) else element
        if name not in found and inner.text:
            found[name] = inner.text

    return keep


def charges(element: _Element, found: Found) -> None:
    """Keep each charge as (text, currency, direction): `Chrgs` itself, `Chrgs/Rcrd` from version 03."""
    for record in element.findall("{*}Rcrd") or [element]:
        amount = record.find("{*}Amt")
        if amount is not None:
            direction = record.findtext("{*}CdtDbtInd")
            found.setdefault("charges", []).append((amount.text, amount.get("Ccy"), direction))


def _party(side: str) -> Table:
    return {"Nm": side, "Pty": {"Nm": side}}


def _account(side: str) -> Table:
    other = {"Id": f"{side}_account"}
    return {"Id": {"IBAN": f"{side}_iban", "Othr": other, "PrtryAcct": other, "BBAN": f"{side}_account"}}


def _agent(side: str) -> Table:
    return {"FinInstnId": {"BIC": f"{side}_bic", "BICFI": f"{side}_bic"}}


_CODE: Table = {
    "Domn": {"Cd": "domain", "Fmly": {"Cd": "family", "SubFmlyCd": "subfamily"}},
    "Prtry": {"Cd": "own_code"},
}
_BATCH: Rule = (
    "batch",
    {
        "MsgId": "batch_message_id",
        "PmtInfId": "batch_payment_information_id",
        "NbOfTxs": "batch_count",
        "TtlAmt": money("batch_sum"),
    },
)
_REASON: Table = {"Cd": "return_reason", "Prtry": "return_reason"}

DETAILS: Table = {"Btch": _BATCH}
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
    "Amt": money("amount"),
    "CdtDbtInd": "direction",
    "AmtDtls": {
        "TxAmt": {"Amt": money("transaction_amount")},
        "InstdAmt": {"Amt": money("instructed_amount")},
    },
    "BkTxCd": _CODE,
    "Chrgs": charges,
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
ENTRY: Table = {
    "NtryRef": "entry_reference",
    "Amt": money("amount"),
    "CdtDbtInd": "direction",
    "RvslInd": "reversal",
    "Sts": coded("status"),
    "BookgDt": {"Dt": "booked", "DtTm": "booked"},
    "ValDt": {"Dt": "valued", "DtTm": "valued"},
    "AcctSvcrRef": "servicer_reference",
    "BkTxCd": _CODE,
    "Chrgs": charges,
    "NtryDtls": DETAILS,
    "AddtlNtryInf": "text",
}
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
        "TtlNtries": {"NbOfNtries": "count", "Sum": "sum"},
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

    def __init__(self, namespace: str, statement: str) -> None:
        def qualified(rule: Rule) -> Rule:
            match rule:
                case Mapping():
                    return {f"{{{namespace}}}{name}": qualified(inner) for name, inner in rule.items()}
                case (name, table):
                    return (name, qualified(table))
                case _:
                    return rule

        self.entry: Table = qualified(ENTRY)
        self.detail: Table = qualified(DETAIL)
        self.details: Table = qualified(DETAILS)
        self.head: Table = qualified(HEAD)
        self.balance: Table = qualified(BALANCE)
        self.group: Table = qualified(GROUP)
        self.statement_tag = f"{{{namespace}}}{statement}"
        self.entry_tag = f"{{{namespace}}}Ntry"
        self.detail_tag = f"{{{namespace}}}TxDtls"
        self.group_tag = f"{{{namespace}}}GrpHdr"
        self.balance_tag = f"{{{namespace}}}Bal"


@lru_cache(maxsize=32)
def names(namespace: str, statement: str) -> Names:
    """The tables for one version of one message."""
    return Names(namespace, statement)
