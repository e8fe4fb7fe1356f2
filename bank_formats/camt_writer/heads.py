"""What stands around the entries: the message's head, and each statement's account, balances and counts."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from bank_formats.camt import BALANCE_KINDS
from bank_formats.camt_writer import particulars
from bank_formats.camt_writer.grammar import Code, Grammar, Misfit, Money, Node, Value
from bank_formats.camt_writer.particulars import node
from bank_formats.details import Account, TransactionCode
from bank_formats.statement import Balance, CodeTotal, Statement, Summary

BALANCE_CODES: Final = {kind: code for code, kind in BALANCE_KINDS.items()}
STEPS: Final = 3
NO_ACCOUNT: Final = Account()
IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")


def group_head(grammar: Grammar, first: Statement, *, message_id: str, created_at: str) -> str:
    """The head of the message; until version 02 it tells the page, for all statements."""
    recipient = first.message_recipient
    content: Node = {
        "MsgId": message_id,
        "CreDtTm": created_at,
        "MsgRcpt": particulars.party(recipient) if recipient else None,
        "MsgPgntn": None if grammar.has(_pages(grammar)) else _page(first),
        "OrgnlBizQry": {"MsgId": first.query_id},
        "AddtlInf": first.message_info,
    }
    return grammar.element(grammar.message.type.children["GrpHdr"], content) + "\n"


def statement_head(grammar: Grammar, statement: Statement, first: Statement, *, created_at: str) -> str:
    """What stands before the entries of a statement, on a line for the head and one for the balances.

    `first` is the first statement of the message, whose page all share where the message's head tells it.
    """
    pages = _pages(grammar)
    has_pages = grammar.has(pages)
    if not has_pages and _page(statement) != _page(first):
        raise Misfit("in deze versie delen alle afschriften een bladzijde", pages)
    content: Node = {
        "Id": statement.id,
        pages: _page(statement) if has_pages else None,
        **_numbers(statement),
        "RptgSeq": _sequences(statement.reporting_sequence),
        "CreDtTm": statement.created_at or created_at,
        "FrToDt": _period(statement.from_date, statement.to_date),
        "CpyDplctInd": statement.copy or ("DUPL" if statement.is_copy else None),
        "RptgSrc": code_of(statement.reporting_source),
        "Acct": _account(statement),
        "RltdAcct": node(statement.related_account, particulars.ACCOUNT),
        "Intrst": [node(one, particulars.INTEREST) for one in statement.interest],
        "Bal": [_balance(balance) for balance in statement.balances],
        "TxsSummry": _summary(grammar, statement.summary),
    }
    pieces = grammar.pieces(grammar.statement.type, content)
    lines = [f"{xml}\n" if name == "Acct" else xml for name, xml in pieces]
    return f"<{grammar.statement.name}>{''.join(lines)}\n"


def statement_foot(grammar: Grammar, statement: Statement) -> str:
    """What stands behind the entries of a statement: what the bank has to add."""
    name = grammar.statement.name
    text = grammar.pieces(
        grammar.statement.type, {f"Addtl{name}Inf": statement.additional_info}, is_part=True
    )
    return "".join(xml for _, xml in text) + f"</{name}>\n"


def account_id(account: str | None) -> Node | None:
    """An account by its IBAN, or by the number that it has."""
    if account is None:
        return None
    return {"IBAN": account} if IBAN.fullmatch(account) else {"Othr": {"Id": account}}


def agent(bic: str | None) -> Node:
    """A bank by its BIC."""
    return {"FinInstnId": {"BICFI": bic}}


def money(amount: Decimal, currency: str | None) -> Money:
    """An amount without its sign; in euros when nothing is said."""
    return Money(abs(amount), currency or "EUR")


def direction(amount: Decimal) -> str:
    """The sign of an amount."""
    if not amount.is_finite():
        raise Misfit("dit is geen bedrag", "Amt")
    return "DBIT" if amount < 0 else "CRDT"


def code_of(text: str | None) -> Code | None:
    """A text as a code."""
    return None if text is None else Code(text)


def number(value: int | Decimal | None) -> str | None:
    """A number in digits."""
    return None if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _pages(grammar: Grammar) -> str:
    return f"{grammar.statement.name}Pgntn"


def _page(statement: Statement) -> Node | None:
    if statement.page is None:
        if statement.is_last_page is not None:
            raise Misfit("een laatste bladzijde zonder nummer", "LastPgInd")
        return None
    return {"PgNb": str(statement.page), "LastPgInd": "false" if statement.is_last_page is False else "true"}


def _account(statement: Statement) -> Node:
    """The statement's account, with what the details say of it, its owner and its bank."""
    said, owner, servicer = statement.account_details, statement.owner_details, statement.servicer
    if said == NO_ACCOUNT:
        account: dict[str, Value] = {"Id": account_id(statement.account), "Ccy": statement.currency}
    else:
        agree(statement.account, said.iban or said.other, "Acct", "Id")
        account = node(said._replace(currency=said.currency or statement.currency), particulars.ACCOUNT)
        agree(statement.currency, said.currency or statement.currency, "Acct", "Ccy")
    if owner is not None:
        agree(statement.owner, owner.name, "Acct", "Ownr")
    if servicer is not None:
        agree(statement.servicer_bic, servicer.bic, "Acct", "Svcr")
    account["Ownr"] = {"Nm": statement.owner} if owner is None else particulars.party(owner)
    account["Svcr"] = agent(statement.servicer_bic) if servicer is None else node(servicer, particulars.AGENT)
    return account


def agree(wanted: object, found: object, *path: str) -> None:
    """Refuse details that say something else than what they are the details of."""
    if wanted not in {None, found}:
        raise Misfit(f"hier staat {wanted}, en in de bijzonderheden {found}", *path)


def _numbers(statement: Statement) -> Node:
    """The numbers of a statement; `sequence` is the electronic one, else the legal one."""
    electronic, legal, either = statement.electronic_sequence, statement.legal_sequence, statement.sequence
    if electronic is None and legal is None:
        electronic = either
    if either not in {None, legal if electronic is None else electronic}:
        raise Misfit("het volgnummer is een ander dan het elektronische", "ElctrncSeqNb")
    return {"ElctrncSeqNb": number(electronic), "LglSeqNb": number(legal)}


def _sequences(text: str | None) -> Node | None:
    """The numbers that a report speaks of, as the reader tells them: `7-`, `-9`, `3-9`, `7`, `!7`."""
    if text is None:
        return None
    content: dict[str, list[Value]] = {}
    for one in text.split(", "):
        since, dash, until = one.partition("-")
        if one.startswith("!"):
            content.setdefault("NEQSeq", []).append(one[1:])
        elif not dash:
            content.setdefault("EQSeq", []).append(one)
        elif since and until:
            content.setdefault("FrToSeq", []).append({"FrSeq": since, "ToSeq": until})
        else:
            content.setdefault("FrSeq" if since else "ToSeq", []).append(since or until)
    return content


def _period(since: date | None, until: date | None) -> Node:
    return {
        "FrDtTm": f"{since}T00:00:00" if since else None,
        "ToDtTm": f"{until}T23:59:59" if until else None,
    }


def _balance(balance: Balance) -> Value:
    code = BALANCE_CODES.get(balance.kind, balance.kind.upper())
    if BALANCE_KINDS.get(code, code.lower()) != balance.kind:
        raise Misfit(f"dit soort saldo bestaat niet: {balance.kind}", "Bal", "Tp")
    return {
        "Tp": {"CdOrPrtry": Code(code), "SubTp": code_of(balance.subtype)} if balance.subtype else Code(code),
        "CdtLine": [node(one, particulars.CREDIT_LINE) for one in balance.credit_lines],
        "Avlbty": [node(one, particulars.AVAILABILITY) for one in balance.availability],
        "Amt": money(balance.amount, balance.currency),
        "CdtDbtInd": direction(balance.amount),
        "Dt": {"Dt": str(balance.date) if balance.date else None},
    }


def _summary(grammar: Grammar, summary: Summary | None) -> Node:
    if summary is None:
        return {}
    return {
        "TtlNtries": {
            "NbOfNtries": number(summary.count),
            "Sum": number(summary.sum),
            **_net(summary.net, has_own=grammar.has("TxsSummry", "TtlNtries", "TtlNetNtry")),
        },
        "TtlCdtNtries": {"NbOfNtries": number(summary.credit_count), "Sum": number(summary.credit_sum)},
        "TtlDbtNtries": {"NbOfNtries": number(summary.debit_count), "Sum": number(summary.debit_sum)},
        "TtlNtriesPerBkTxCd": [_code_total(grammar, total) for total in summary.per_code],
    }


def _net(net: Decimal | None, *, has_own: bool) -> Node:
    """What came in less what went out; from version 04 in an element of its own."""
    if net is None:
        return {}
    sign = direction(net)
    if has_own:
        return {"TtlNetNtry": {"Amt": number(abs(net)), "CdtDbtInd": sign}}
    return {"TtlNetNtryAmt": number(abs(net)), "CdtDbtInd": sign}


def _code_total(grammar: Grammar, total: CodeTotal) -> Node:
    steps = total.code.split("-")
    code = TransactionCode(*steps) if len(steps) == STEPS else TransactionCode(proprietary=total.code)
    has_own = grammar.has("TxsSummry", "TtlNtriesPerBkTxCd", "TtlNetNtry")
    return {
        "NbOfNtries": number(total.count),
        "Sum": number(total.sum),
        **_net(total.net, has_own=has_own),
        "CdtNtries": {"NbOfNtries": number(total.credit_count), "Sum": number(total.credit_sum)},
        "DbtNtries": {"NbOfNtries": number(total.debit_count), "Sum": number(total.debit_sum)},
        "FcstInd": None if total.is_forecast is None else particulars.plain(total.is_forecast),
        "BkTxCd": node(code, particulars.CODE),
        "Avlbty": [node(one, particulars.AVAILABILITY) for one in total.availability],
        "Dt": None if total.date is None else particulars.day(total.date),
    }
