"""Statement -> camt.053, for demonstrations and tests: what a bank would send us.

Writes what camt.py reads, in version 02 or 08, valid against the XSD when the statement is; the same
statements give the same bytes.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, groupby
from typing import BinaryIO, Literal
from xml.sax.saxutils import escape

from bank_formats.camt import BALANCE_KINDS, RETURNS, STATUSES
from bank_formats.errors import Refused
from bank_formats.statement import Balance, Batch, Charge, Statement, Summary, Transaction

Version = Literal["02", "08"]
FEE = "PMNT-MDOP-CHRG"
BALANCE_CODES = {kind: code for code, kind in BALANCE_KINDS.items()}
STATUS_CODES = {status: code for code, status in STATUSES.items()}


class CannotBeWritten(Refused):
    """Boeking {entry} past niet in camt.053.001.{version}: {problem}."""


def day_statement(
    transactions: Iterable[Transaction],
    *,
    account: str,
    id: str,
    sequence: int,
    on: date,
    opening: Decimal,
    owner: str | None = None,
    servicer_bic: str | None = None,
) -> Statement:
    """Make the statement of one day: opening, the transactions, and the closing balance that follows.

    `opening` is in euros. Of an entry with several parts the `entry_amount` counts, not the parts.
    """
    held = list(transactions)
    closing = opening + sum(
        _entry_amount(next(parts)) for _, parts in groupby(held, key=lambda transaction: transaction.entry)
    )
    statement = Statement(format="camt.053.001.08", kind="statement", account=account)
    statement.id, statement.sequence, statement.electronic_sequence = id, sequence, sequence
    statement.currency, statement.owner, statement.servicer_bic = "EUR", owner, servicer_bic
    statement.from_date = statement.to_date = on
    statement.balances = [Balance("opening", on, opening, "EUR"), Balance("closing", on, closing, "EUR")]
    statement.transactions = iter(held)
    return statement


def write(
    statements: Iterable[Statement], out: BinaryIO, *, version: Version, message_id: str, created_at: datetime
) -> None:
    """Write the statements as one message, entry by entry; raises CannotBeWritten."""
    pieces = _pieces(statements, version, message_id, f"{created_at:%Y-%m-%dT%H:%M:%S}")
    out.writelines(piece.encode() for piece in pieces)


def _pieces(
    statements: Iterable[Statement], version: Version, message_id: str, created_at: str
) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>\n'
    remaining = iter(statements)
    first = next(remaining)
    page = _page("MsgPgntn", first) if version == "02" else ""
    yield f"<GrpHdr>{_text('MsgId', message_id)}{_text('CreDtTm', created_at)}{page}</GrpHdr>\n"
    for statement in chain([first], remaining):
        yield _head(statement, version, created_at)
        for _, parts in groupby(statement.transactions, key=lambda transaction: transaction.entry):
            yield from _entry(list(parts), version)
        yield "</Stmt>\n"
    yield "</BkToCstmrStmt></Document>\n"


def _text(name: str, text: object) -> str:
    return "" if text is None else f"<{name}>{escape(str(text))}</{name}>"


def _in(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else ""


def _money(amount: Decimal, currency: str | None, name: str = "Amt") -> str:
    return f'<{name} Ccy="{currency or "EUR"}">{abs(amount):f}</{name}>'


def _direction(amount: Decimal) -> str:
    return f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd>"


def _bic(bic: str | None, version: Version) -> str:
    return _in("FinInstnId", _text("BIC" if version == "02" else "BICFI", bic))


def _account(account: str) -> str:
    is_iban = account[:2].isalpha() and account[2:4].isdigit() and account.isalnum()
    return f"<Id>{_text('IBAN', account) if is_iban else _in('Othr', _text('Id', account))}</Id>"


def _page(name: str, statement: Statement) -> str:
    if statement.page is None:
        return ""
    last = "false" if statement.is_last_page is False else "true"
    return f"<{name}><PgNb>{statement.page}</PgNb><LastPgInd>{last}</LastPgInd></{name}>"


def _head(statement: Statement, version: Version, created_at: str) -> str:
    period = ""
    if statement.from_date and statement.to_date:
        period = (
            f"<FrToDt><FrDtTm>{statement.from_date}T00:00:00</FrDtTm>"
            f"<ToDtTm>{statement.to_date}T23:59:59</ToDtTm></FrToDt>"
        )
    account = (
        _account(statement.account)
        + _text("Ccy", statement.currency)
        + _in("Ownr", _text("Nm", statement.owner))
        + _in("Svcr", _bic(statement.servicer_bic, version))
    )
    return (
        f"<Stmt>{_text('Id', statement.id)}"
        f"{_page('StmtPgntn', statement) if version == '08' else ''}"
        f"{_text('ElctrncSeqNb', statement.electronic_sequence)}{_text('LglSeqNb', statement.legal_sequence)}"
        f"{_text('CreDtTm', statement.created_at or created_at)}{period}"
        f"{'<CpyDplctInd>DUPL</CpyDplctInd>' if statement.is_copy else ''}"
        f"<Acct>{account}</Acct>\n"
        f"{''.join(map(_balance, statement.balances))}{_summary(statement.summary)}\n"
    )


def _balance(balance: Balance) -> str:
    code = BALANCE_CODES.get(balance.kind, balance.kind.upper())
    on = f"<Dt><Dt>{balance.date}</Dt></Dt>" if balance.date else ""
    amount = _money(balance.amount, balance.currency) + _direction(balance.amount)
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{amount}{on}</Bal>"


def _summary(summary: Summary | None) -> str:
    if summary is None:
        return ""
    rows = (
        ("TtlNtries", summary.count, summary.sum),
        ("TtlCdtNtries", summary.credit_count, summary.credit_sum),
        ("TtlDbtNtries", summary.debit_count, summary.debit_sum),
    )
    return _in(
        "TxsSummry",
        "".join(_in(name, _text("NbOfNtries", count) + _text("Sum", total)) for name, count, total in rows),
    )


def _entry(parts: list[Transaction], version: Version) -> Iterator[str]:
    first = parts[0]
    amount = _entry_amount(first)
    servicer = first.ref if first.part is None or first.ref is None else first.ref.rpartition("#")[0]
    status = STATUS_CODES.get(first.status, first.status.upper())
    booked = f"<BookgDt><Dt>{first.booked_on}</Dt></BookgDt>" if first.booked_on else ""
    valued = f"<ValDt><Dt>{first.valued_on}</Dt></ValDt>" if first.valued_on else ""
    yield (
        f"<Ntry>{_text('NtryRef', first.entry_reference)}"
        f"{_money(amount, first.currency)}{_direction(amount)}"
        f"{'<RvslInd>true</RvslInd>' if first.reversal else ''}"
        f"<Sts>{status if version == '02' else _text('Cd', status)}</Sts>"
        f"{booked}{valued}{_text('AcctSvcrRef', servicer)}{_code(first.code or 'PMNT-NTAV-NTAV')}"
    )
    if first.part is None:
        yield _charges(first.charges, version)
        detail = _detail(first, servicer, version)
        yield _in("NtryDtls", _batch(first.batch, amount, first.currency) + detail)
        yield "" if detail else _text("AddtlNtryInf", first.additional_info or first.remittance)
    else:
        yield "<NtryDtls>" + _batch(first.batch, amount, first.currency)
        for part in parts:
            yield _detail(part, servicer, version, amount)
        yield "</NtryDtls>"
    yield "</Ntry>\n"


def _entry_amount(transaction: Transaction) -> Decimal:
    """The amount of the entry that a transaction is, or is a part of."""
    if transaction.part is not None or transaction.amount is None:
        return transaction.entry_amount
    return transaction.amount


def _code(code: str) -> str:
    steps = code.split("-")
    if len(steps) != 3:  # noqa: PLR2004 - domain, family, subfamily
        return f"<BkTxCd><Prtry>{_text('Cd', code)}</Prtry></BkTxCd>"
    domain, family, subfamily = map(escape, steps)
    return (
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd>"
        f"<SubFmlyCd>{subfamily}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    )


def _charges(charges: tuple[Charge, ...], version: Version) -> str:
    if not charges:
        return ""
    records = [_money(charge.amount, charge.currency) + _direction(charge.amount) for charge in charges]
    if version == "02":
        return "".join(f"<Chrgs>{record}</Chrgs>" for record in records)
    return _in("Chrgs", "".join(f"<Rcrd>{record}</Rcrd>" for record in records))


def _batch(batch: Batch | None, amount: Decimal, currency: str | None) -> str:
    if batch is None:
        return ""
    total = "" if batch.sum is None else _money(batch.sum, currency, "TtlAmt") + _direction(amount)
    return (
        f"<Btch>{_text('MsgId', batch.message_id)}{_text('PmtInfId', batch.payment_information_id)}"
        f"{_text('NbOfTxs', batch.count)}{total}</Btch>"
    )


def _detail(
    transaction: Transaction, servicer: str | None, version: Version, entry_amount: Decimal | None = None
) -> str:
    """What one `TxDtls` says; empty for an entry that says no more than its amount and a text."""
    content = _references(transaction, servicer, version)
    is_part = entry_amount is not None
    amount = _part_amount(transaction, version, entry_amount) if is_part else ""
    charges = _charges(transaction.charges, version) if is_part else ""
    related = _parties(transaction, version) + _purpose(transaction.purpose)
    text = transaction.additional_info
    said = "" if transaction.remittance == text else _text("Ustrd", transaction.remittance)
    structured = ""
    if transaction.reference:
        structured = f"<Strd><CdtrRefInf>{_text('Ref', transaction.reference)}</CdtrRefInf></Strd>"
    remittance = _in("RmtInf", said + structured)
    returned = _returned(transaction)
    if not (is_part or content or related or remittance or returned):
        return ""
    refs = _in("Refs", content)
    body = f"{refs}{amount}{charges}{related}{remittance}{returned}{_text('AddtlTxInf', text)}"
    return f"<TxDtls>{body}</TxDtls>"


def _references(transaction: Transaction, servicer: str | None, version: Version) -> str:
    known = servicer or (transaction.entry_reference if transaction.part is None else None)
    own = None if transaction.bank_reference == known else transaction.bank_reference
    return (
        _text("MsgId", transaction.message_id)
        + _text("AcctSvcrRef", own)
        + _text("InstrId", transaction.instruction_id)
        + _text("EndToEndId", transaction.end_to_end_id)
        + (_text("UETR", transaction.uetr) if version == "08" else "")
        + _text("TxId", transaction.transaction_id)
        + _text("MndtId", transaction.mandate_id)
        + _text("ClrSysRef", transaction.clearing_reference)
    )


def _part_amount(transaction: Transaction, version: Version, entry_amount: Decimal | None) -> str:
    amount = transaction.amount
    if amount is None:
        return ""
    if version == "08":
        return _money(amount, transaction.currency) + _direction(amount)
    if entry_amount is not None and amount and (amount < 0) != (entry_amount < 0):
        raise CannotBeWritten(
            entry=transaction.entry,
            version=version,
            problem="een deel heeft een andere richting dan de boeking",
        )
    return f"<AmtDtls><TxAmt>{_money(amount, transaction.currency)}</TxAmt></AmtDtls>"


def _parties(transaction: Transaction, version: Version) -> str:
    """The counterparty on its side: the creditor of what we paid, the debtor of what we received."""
    party = transaction.counterparty
    amount = transaction.entry_amount if transaction.amount is None else transaction.amount
    side = "Cdtr" if amount < 0 else "Dbtr"
    code = transaction.code or ""
    returned = transaction.reversal or transaction.return_reason or code[-4:] in RETURNS
    if returned and not (party.name or party.iban):
        side = "Dbtr" if side == "Cdtr" else "Cdtr"

    def named(name: str | None) -> str:
        return _text("Nm", name) if version == "02" else _in("Pty", _text("Nm", name))

    account = _in(f"{side}Acct", _account(party.iban) if party.iban else "")
    ultimate = _in(f"Ultmt{side}", named(transaction.ultimate_party))
    parties = _in("RltdPties", _in(side, named(party.name)) + account + ultimate)
    return parties + _in("RltdAgts", _in(f"{side}Agt", _bic(party.bic, version)))


def _purpose(purpose: str | None) -> str:
    if purpose is None:
        return ""
    return f"<Purp>{_text('Cd' if len(purpose) <= 4 else 'Prtry', purpose)}</Purp>"  # noqa: PLR2004 - codes have four


def _returned(transaction: Transaction) -> str:
    reason, text = transaction.return_reason, transaction.return_text
    if reason is None and text is None:
        return ""
    name = "Cd" if reason is None or len(reason) <= 4 else "Prtry"  # noqa: PLR2004 - codes have four
    return f"<RtrInf>{_in('Rsn', _text(name, reason))}{_text('AddtlInf', text)}</RtrInf>"
