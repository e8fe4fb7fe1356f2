"""`read`: whatever the file is, its statements."""

from collections.abc import Iterator
from typing import BinaryIO

from bank_formats import camt, xml
from bank_formats.containers import contents, looks_like_mt940, looks_like_xml
from bank_formats.errors import NotABankFile, NotYetRead
from bank_formats.statement import Statement

LATER = "Vraag de bank om het afschrift als camt.053; dit formaat komt later."

LATER_TOO = "Dit formaat komt later."


def read(stream: BinaryIO, *, name: str) -> Iterator[Statement]:
    """Read the statements of a bank file, one by one; `name` is what refusals call it.

    Memory stays flat: take a statement's transactions before the next statement. Raises Refused, possibly
    after statements were given: what was taken from the file must then be forgotten.
    """
    number = 1
    for content in contents(stream, name=name):
        if looks_like_mt940(content.start):
            raise NotYetRead("dit is een MT940-bestand", file=content.name, remedy=LATER)
        if not looks_like_xml(content.start):
            raise NotABankFile("dit is geen bankafschrift", file=content.name, remedy=camt.CHOOSE)
        root = xml.root_of(content.start, file=content.name)
        if ":pain.002." in root.namespace:
            raise NotYetRead(
                "dit is een statusrapport (pain.002)", file=content.name, remedy="Dit formaat komt later."
            )
        for statement in camt.read(content.stream, root, file=content.name, first_number=number):
            number = statement.number + 1
            yield statement
    if number == 1:
        raise NotABankFile("er staat geen afschrift in", file=name, remedy=camt.ASK_THE_BANK)
