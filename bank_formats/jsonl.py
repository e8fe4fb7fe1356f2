"""Statements as JSON lines, for programs: the same keys whatever the format of the file."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from bank_formats.reading import read
from bank_formats.statement import Statement, Transaction

CENTS = Decimal("0.01")


def lines(stream: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """Give a line for each statement and transaction; refuses before the first when any of it is unreadable.

    The transactions wait in a temporary file, so that nothing is given before the whole file was read.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        heads: list[tuple[dict[str, Any], int]] = []
        for statement in read(stream, name=name):
            count = 0
            for transaction in statement.transactions:
                line = transaction_line(statement.number, transaction)
                spool.write(json.dumps(line, ensure_ascii=False) + "\n")
                count += 1
            heads.append((statement_line(statement), count))
        spool.seek(0)
        for head, count in heads:
            yield head
            for _ in range(count):
                yield json.loads(spool.readline())


def statement_line(statement: Statement) -> dict[str, Any]:
    """The line of a statement itself."""
    return {
        "kind": "statement",
        "format": statement.format,
        "id": statement.id,
        "sequence": statement.sequence,
        "account": statement.account,
        "currency": statement.currency,
        "balances": [
            {"kind": balance.kind, "date": _day(balance.date), "amount": amount_text(balance.amount)}
            for balance in statement.balances
        ],
        "file": statement.file,
        "message": statement.kind,
        "page": statement.page,
        "last_page": statement.is_last_page,
    }


def transaction_line(statement: int, transaction: Transaction) -> dict[str, Any]:
    """The line of a transaction; `statement` is the number of its statement in the file."""
    counterparty, batch = transaction.counterparty, transaction.batch
    return {
        "kind": "transaction",
        "statement": statement,
        "entry": transaction.entry,
        "part": transaction.part,
        "booked": _day(transaction.booked_on),
        "valued": _day(transaction.valued_on),
        "amount": None if transaction.amount is None else amount_text(transaction.amount),
        "currency": transaction.currency,
        "counterparty": {"name": counterparty.name, "iban": counterparty.iban, "bic": counterparty.bic},
        "end_to_end_id": transaction.end_to_end_id,
        "reference": transaction.reference,
        "remittance": transaction.remittance,
        "bank_reference": transaction.bank_reference,
        "mandate_id": transaction.mandate_id,
        "code": transaction.code,
        "reversal": transaction.reversal,
        "return_reason": transaction.return_reason,
        "batch": batch and {"count": batch.count, "payment_information_id": batch.payment_information_id},
        "status": transaction.status,
        "ref": transaction.ref,
    }


def amount_text(amount: Decimal) -> str:
    """An amount with at least two decimals, and more only where they are not zero."""
    if not amount:
        return "0.00"
    normal = amount.normalize()
    exponent = normal.as_tuple().exponent
    return f"{amount.quantize(CENTS) if isinstance(exponent, int) and exponent >= -2 else normal:f}"  # noqa: PLR2004


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
