"""Bank files as JSON lines, for programs: the same keys whatever the format of the file."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from bank_formats import pain001
from bank_formats.containers import contents
from bank_formats.errors import NotABankFile
from bank_formats.pain002 import BatchStatus, PaymentStatus, Reason, StatusReport
from bank_formats.reading import read_answers, recognised
from bank_formats.recognising import Kind, code_of
from bank_formats.statement import Statement, Transaction

CENTS = Decimal("0.01")
Line = dict[str, Any]
Group = tuple[Callable[[], Line], Iterable[Line]]
"""Lines under a head, which is asked for when the lines were taken."""


def lines(stream: BinaryIO, name: str) -> Iterator[Line]:
    """Give a line for each statement and transaction, or for each answer of a status report (pain.002).

    Refuses before the first line when any of the file is unreadable; nothing of it is held in memory.
    """
    return map(json.loads, texts(stream, name))


def payment_lines(stream: BinaryIO, name: str) -> Iterator[Line]:
    """Give a line for each batch of a payment file (pain.001), and for each payment; refuses as `lines`."""
    return map(json.loads, payment_texts(stream, name))


def texts(stream: BinaryIO, name: str) -> Iterator[str]:
    """Give the lines of `lines` as they are written, each with its line end."""
    return _held(_answered(answer) for answer in read_answers(stream, name=name))


def payment_texts(stream: BinaryIO, name: str) -> Iterator[str]:
    """Give the lines of `payment_lines` as they are written, each with its line end."""
    return _held(_paid(stream, name))


def _held(groups: Iterable[Group]) -> Iterator[str]:
    """The lines wait in a temporary file, so that nothing is given before the whole file was read."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        heads: list[tuple[str, int]] = []
        for head, inside in groups:
            count = 0
            for line in inside:
                spool.write(_written(line))
                count += 1
            heads.append((_written(head()), count))
        spool.seek(0)
        for first, count in heads:
            yield first
            for _ in range(count):
                yield spool.readline()


def _written(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


def _answered(answer: Statement | StatusReport) -> Group:
    if isinstance(answer, StatusReport):
        return lambda: report_line(answer), map(status_line, filter(_says_something, answer.statuses))
    moved = (transaction_line(answer.number, transaction) for transaction in answer.transactions)
    return lambda: statement_line(answer), moved


def _paid(stream: BinaryIO, name: str) -> Iterator[Group]:
    for content in contents(stream, name=name):
        found = recognised(content)
        if found.kind is not Kind.PAYMENT_FILE:
            raise NotABankFile(
                "dit is geen betaalbestand (pain.001)",
                code=code_of(found.kind),
                file=content.name,
                value=found.called,
                remedy="Kies een betaalbestand dat in een betaalbatch is gemaakt.",
            )
        for batch, payments in pain001.read(content.stream, name=content.name):
            head = {"kind": "payment_file", "format": found.called} | _plain(batch)
            yield lambda head=head: head, ({"kind": "payment"} | _plain(payment) for payment in payments)  # type: ignore[misc]  # mypy knows no default of a lambda


def _plain(said: tuple[Any, ...]) -> Line:
    """A named tuple as JSON knows it: amounts in cents, days and moments in ISO."""
    found: Line = {}
    for name, value in zip(said._fields, said, strict=True):  # type: ignore[attr-defined]  # a named tuple
        if isinstance(value, date):
            value = value.isoformat()  # noqa: PLW2901 - the same value, as JSON knows it
        found[name] = _plain(value) if isinstance(value, tuple) else value
    return found


def report_line(report: StatusReport) -> Line:
    """The line of a status report itself."""
    return {
        "kind": "status_report",
        "format": report.format,
        "id": report.id,
        "original_message_id": report.original_message_id,
        "group_status": report.status,
        **_why(report.reasons),
        "created_at": report.created_at,
        "original_message_name": report.original_message_name,
        "original_count": report.original_count,
        "original_sum": None if report.original_sum is None else amount_text(report.original_sum),
        "meaning": report.meaning and report.meaning.sentence,
        "file": report.file,
    }


def status_line(said: BatchStatus | PaymentStatus) -> Line:
    """The line of what is said of a batch, or of one payment."""
    line = {
        "kind": "payment_status",
        "original_payment_information_id": said.payment_information_id,
        "original_end_to_end_id": None,
        "status": said.status,
        **_why(said.reasons),
        "meaning": said.meaning and said.meaning.sentence,
    }
    if isinstance(said, BatchStatus):
        return line
    return line | {
        "original_end_to_end_id": said.end_to_end_id,
        "original_instruction_id": said.instruction_id,
        "uetr": said.uetr,
        "accepted_at": said.accepted_at,
        "amount": None if said.amount is None else amount_text(said.amount),
        "currency": said.currency,
        "verification": said.verification,
        "suggested_name": said.suggested_name,
    }


def _why(reasons: tuple[Reason, ...]) -> Line:
    codes = [reason.code for reason in reasons if reason.code]
    texts = " ".join(text for reason in reasons for text in reason.texts)
    return {"reason": codes[0] if codes else None, "additional": texts or None, "reasons": codes}


def _says_something(said: BatchStatus | PaymentStatus) -> bool:
    return isinstance(said, PaymentStatus) or bool(said.status or said.reasons)


def statement_line(statement: Statement) -> Line:
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


def transaction_line(statement: int, transaction: Transaction) -> Line:
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
