"""`read`: whatever the file is, its statements."""

from collections.abc import Iterator
from typing import BinaryIO

from bank_formats import camt, mt940, pain002
from bank_formats.containers import Content, contents
from bank_formats.errors import Code, NotABankFile
from bank_formats.pain002 import StatusReport
from bank_formats.recognising import Kind, Recognised, recognise, refusal
from bank_formats.statement import Statement


def read(stream: BinaryIO, *, name: str) -> Iterator[Statement]:
    """Read the statements of a bank file, one by one; `name` is what refusals call it.

    Memory stays flat: take a statement's transactions before the next statement. Raises Refused, possibly
    after statements were given: what was taken from the file must then be forgotten.
    """
    number = 1
    for content in contents(stream, name=name):
        for statement in _statements(content, recognised(content), number):
            number = statement.number + 1
            yield statement
    if number == 1:
        raise NotABankFile(
            "er staat geen afschrift in", code=Code.NO_STATEMENT, file=name, remedy=camt.ASK_THE_BANK
        )


def read_answers(stream: BinaryIO, *, name: str) -> Iterator[Statement | StatusReport]:
    """Read all that a bank answers: statements as `read` does, and status reports (pain.002)."""
    number = 1
    for content in contents(stream, name=name):
        found = recognised(content)
        if found.kind is Kind.STATUS_REPORT and found.root is not None:
            yield pain002.read(content.stream, found.root, file=content.name)
            continue
        for statement in _statements(content, found, number):
            number = statement.number + 1
            yield statement


def recognised(content: Content) -> Recognised:
    """The kind of an unpacked file."""
    return recognise(content.start, file=content.name)


def _statements(content: Content, found: Recognised, number: int) -> Iterator[Statement]:
    """The statements of one unpacked file, numbered on; refuses every other kind of file."""
    if found.kind is Kind.STATEMENT and found.root is not None:
        return camt.read(content.stream, found.root, file=content.name, first_number=number)
    if found.kind is Kind.MT940:
        return mt940.read(content.stream, file=content.name, first_number=number)
    raise refusal(found, file=content.name)
