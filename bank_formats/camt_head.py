"""What a statement of camt.05x says before its entries, and behind them: account, balances, counts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, cast

from lxml.etree import _Element

from bank_formats.camt_details import (
    ACCOUNT,
    AGENT,
    AVAILABILITY,
    CODE,
    CREDIT_LINE,
    INTEREST,
    code_text,
    node_of,
    party,
)
from bank_formats.camt_fields import Names
from bank_formats.camt_place import Place
from bank_formats.errors import Code
from bank_formats.fields import Found, unspaced, walked, whole
from bank_formats.forms import YES, Node, at, decimal, each, flag, own_text, text
from bank_formats.statement import Balance, CodeTotal, Kind, Statement, Summary

BALANCE_KINDS = {
    "OPBD": "opening",
    "CLBD": "closing",
    "PRCD": "previous_closing",
    "ITBD": "interim",
    "CLAV": "available",
    "OPAV": "opening_available",
    "ITAV": "interim_available",
    "FWAV": "forward_available",
    "XPCD": "expected",
    "INFO": "information",
}
ADDITIONAL: Final = text("AddtlStmtInf|AddtlRptInf|AddtlNtfctnInf")


class Heads:
    """Makes statements of what stands in one message."""

    def __init__(self, names: Names, place: Place, *, format: str, kind: Kind) -> None:
        """Start before the group header."""
        self.names = names
        self.place = place
        self.format = format
        self.kind: Kind = kind
        self.group: Found = {}
        self.message: Node | None = None

    def take_group(self, element: _Element) -> None:
        """Keep the group header, for all statements that follow."""
        self.group = walked(element, self.names.group)
        self.message = node_of(element)

    def statement(self, element: _Element) -> Statement:
        """A statement with what stands before its entries."""
        found = walked(element, self.names.head)
        account = unspaced(found.get("own_iban")) or found.get("own_account")
        if account is None:
            problem = "het afschrift noemt geen rekening"
            self.place.refuse(element, "Acct/Id", problem, code=Code.NO_ACCOUNT)
        statement = Statement(format=self.format, kind=self.kind, account=account)
        statement.number, statement.file = self.place.statement, self.place.file
        self._number(statement, found)
        date = self.place.date
        statement.from_date = date(found.get("from_date"), element, "FrToDt/FrDtTm")
        statement.to_date = date(found.get("to_date"), element, "FrToDt/ToDtTm")
        statement.created_at = found.get("created_at")
        statement.is_copy = "copy" in found
        statement.copy = found.get("copy")
        statement.owner = found.get("owner")
        statement.servicer_bic = unspaced(found.get("servicer_bic"))
        node = node_of(element, without="Ntry")
        self._particulars(statement, node)
        statement.summary = self._summary(found, node, element)
        statement.balances = [self._balance(child) for child in self._before_entries(element)]
        first = next((balance.currency for balance in statement.balances), None)
        statement.currency = found.get("currency") or first
        return statement

    def end(self, statement: Statement, element: _Element) -> None:
        """Add to a statement what stands behind its entries."""
        is_behind = False
        for child in element:
            if child.tag == self.names.entry_tag:
                is_behind = True
            elif is_behind and child.tag == self.names.balance_tag:
                statement.balances.append(self._balance(child))
        node = node_of(element, without="Ntry")
        statement.additional_info = ADDITIONAL(node)
        if is_behind and statement.summary is None:
            found = walked(element, self.names.head)
            statement.summary = self._summary(found, node, element)

    def _number(self, statement: Statement, found: Found) -> None:
        statement.message_id = self.group.get("message_id")
        statement.message_created_at = self.group.get("created_at")
        statement.id = found.get("id")
        electronic, legal = whole(found.get("electronic_sequence")), whole(found.get("legal_sequence"))
        statement.electronic_sequence, statement.legal_sequence = electronic, legal
        statement.sequence = legal if electronic is None else electronic
        pages = found if "page" in found else self.group
        statement.page = whole(pages.get("page"))
        last_page = pages.get("last_page")
        statement.is_last_page = None if last_page is None else last_page in YES

    def _particulars(self, statement: Statement, node: Node) -> None:
        if self.message:
            statement.message_recipient = at("MsgRcpt", party)(self.message)
            statement.message_info = text("AddtlInf")(self.message)
            statement.query_id = text("OrgnlBizQry/MsgId")(self.message)
        statement.account_details = at("Acct", ACCOUNT)(node)
        statement.owner_details = at("Acct/Ownr", party)(node)
        statement.servicer = at("Acct/Svcr", AGENT)(node)
        statement.related_account = at("RltdAcct", ACCOUNT)(node)
        statement.interest = each("Intrst", INTEREST)(node)
        statement.reporting_source = text("RptgSrc/Cd|RptgSrc/Prtry")(node)
        statement.reporting_sequence = ", ".join(_sequences(node)) or None

    def _before_entries(self, element: _Element) -> Iterator[_Element]:
        for child in element.iterchildren(self.names.balance_tag, self.names.entry_tag):
            if child.tag == self.names.entry_tag:
                break
            yield child

    def _balance(self, element: _Element) -> Balance:
        found = walked(element, self.names.balance)
        code = found.get("code") or ""
        text_of, currency = found.get("amount") or (None, None)
        amount = self.place.signed(text_of, found.get("direction"), element)
        on = self.place.date(found.get("date"), element, "Dt")
        node = node_of(element)
        return Balance(
            BALANCE_KINDS.get(code, code.lower()),
            on,
            amount,
            currency,
            text("Tp/SubTp/Cd|Tp/SubTp/Prtry")(node),
            each("CdtLine", CREDIT_LINE)(node),
            each("Avlbty", AVAILABILITY)(node),
        )

    def _summary(self, found: Found, node: Node, element: _Element) -> Summary | None:
        said: dict[str, Any] = {}
        for side in ("", "credit_", "debit_"):
            count, total = whole(found.get(f"{side}count")), found.get(f"{side}sum")
            if count is not None:
                said[f"{side}count"] = count
            if total is not None:
                said[f"{side}sum"] = self._total(total, element)
        if "net" in found:
            sign = -1 if found.get("net_direction") == "DBIT" else 1
            said["net"] = sign * self._total(found["net"], element)
        per_code = tuple(map(_code_total, node.all("TxsSummry/TtlNtriesPerBkTxCd")))
        if per_code:
            said["per_code"] = per_code
        return Summary(**said) if said else None

    def _total(self, total: str, element: _Element) -> Decimal:
        sign = -1 if total.startswith("-") else 1
        return sign * self.place.amount(total.lstrip("-"), element, "TxsSummry")


def _sequences(node: Node) -> Iterator[str]:
    """`RptgSeq` in a few characters: from, to, between, equal, and not equal."""
    for one in node.all("RptgSeq"):
        said = text("FrSeq")(one)
        yield from [f"{said}-"] if said else []
        said = text("ToSeq")(one)
        yield from [f"-{said}"] if said else []
        for span in one.all("FrToSeq"):
            yield f"{text('FrSeq')(span) or ''}-{text('ToSeq')(span) or ''}"
        yield from each("EQSeq", own_text)(one)
        yield from [f"!{said}" for said in each("NEQSeq", own_text)(one)]


def _code_total(node: Node) -> CodeTotal:
    net = decimal(text("TtlNetNtryAmt|TtlNetNtry/Amt")(node))
    is_debit = text("CdtDbtInd|TtlNetNtry/CdtDbtInd")(node) == "DBIT"
    return CodeTotal(
        code=code_text(at("BkTxCd", CODE)(node)) or "",
        count=whole(text("NbOfNtries")(node)),
        sum=decimal(text("Sum")(node)),
        credit_count=whole(text("CdtNtries/NbOfNtries")(node)),
        credit_sum=decimal(text("CdtNtries/Sum")(node)),
        debit_count=whole(text("DbtNtries/NbOfNtries")(node)),
        debit_sum=decimal(text("DbtNtries/Sum")(node)),
        net=net and (-net if is_debit else net),
        is_forecast=cast("bool | None", flag("FcstInd")(node)),
        date=text("Dt/Dt|Dt/DtTm")(node),
        availability=each("Avlbty", AVAILABILITY)(node),
    )
