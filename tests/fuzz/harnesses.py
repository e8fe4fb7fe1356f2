"""A harness for each reader: bytes in, all that a caller may ask of what comes out."""

import io
import json
from collections.abc import Callable, Iterator

import bank_formats
from bank_formats import Refused, jsonl, pain001, pain008
from bank_formats.payment_file import NotValid
from tests.fuzz import mutation

NAME = "afschrift.xml"


def statements(file: bytes) -> None:
    """Read as statements, and ask everything of them."""
    for statement in bank_formats.read(io.BytesIO(file), name=NAME):
        for transaction in statement.transactions:
            _maybe_refused(lambda transaction=transaction: transaction.amount_cents)  # type: ignore[misc]
            json.dumps(jsonl.transaction_line(statement.number, transaction)).encode()
        for balance in statement.balances:
            _maybe_refused(lambda balance=balance: balance.amount_cents)  # type: ignore[misc]
        json.dumps(jsonl.statement_line(statement)).encode()
        if hasattr(statement, "check"):
            statement.check()
        repr(statement)


def as_lines(file: bytes) -> None:
    """Read as JSON lines, of which each must be text that any program takes."""
    for line in jsonl.lines(io.BytesIO(file), NAME):
        json.dumps(line, ensure_ascii=False, allow_nan=False).encode()


def payments(file: bytes) -> None:
    """Read as a payment file, and look whether it could be sent again."""
    for batch, transfers in pain001.read(io.BytesIO(file), name=NAME):
        read = list(transfers)
        for transfer in read[:20]:
            pain001.problem_of(transfer)
        if read:
            _maybe_refused(lambda batch=batch, read=read: pain001.write(batch, read, io.BytesIO()))  # type: ignore[misc]


def collections(file: bytes) -> None:
    """Read as a direct debit file, and look whether it could be sent again."""
    for batch, debits in pain008.read(io.BytesIO(file), name=NAME):
        read = list(debits)
        if read:
            _maybe_refused(lambda batch=batch, read=read: pain008.write(batch, read, io.BytesIO()))  # type: ignore[misc]


def half(file: bytes) -> None:
    """Read the first statement and transaction, and walk away."""
    first: Iterator[bank_formats.Statement] = bank_formats.read(io.BytesIO(file), name=NAME)
    for statement in first:
        next(statement.transactions, None)
        break


def unpacked(file: bytes) -> None:
    """Read whatever it is packed in: wholly, and half."""
    half(file)
    statements(file)


def _maybe_refused(ask: Callable[[], object]) -> None:
    """What we write and is not valid is our mistake: that is no refusal."""
    try:
        ask()
    except NotValid as mistake:
        raise AssertionError(str(mistake)) from mistake
    except Refused:
        pass


HARNESSES: dict[str, tuple[Callable[[bytes], None], mutation.Mutation]] = {
    "camt": (statements, mutation.of_any),
    "mt940": (statements, mutation.of_any),
    "pain001": (payments, mutation.of_any),
    "pain008": (collections, mutation.of_any),
    "pain002": (as_lines, mutation.of_any),
    "containers": (unpacked, mutation.of_packed),
    "jsonl": (as_lines, mutation.of_any),
}
"""By the name of the module that reads; `containers` is all of `bank_formats.read`."""
