"""What does not add up in a statement or a file: verdicts, as data and in Dutch. They refuse nothing.

An *error* is a contradiction: by this file alone nobody can say what is on the account. A *warning* is what
a person should look at: something is missing, or the bank says two things. A *note* is worth knowing, and
common. judging.py has the verdicts on a statement; here are those on a file: of its official schema
(schema.py), and of the chain of its statements.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import BinaryIO

from bank_formats import schema
from bank_formats.containers import contents
from bank_formats.errors import shown
from bank_formats.judging import (
    SEVERITIES,
    Judgement,
    Places,
    Severity,
    Verdict,
    by_severity,
    in_euros,
    verdict,
)
from bank_formats.notes import Notes
from bank_formats.reading import read
from bank_formats.schema import Problem
from bank_formats.statement import Statement

__all__ = [
    "SEVERITIES",
    "Severity",
    "Verdict",
    "by_severity",
    "check",
    "check_file",
    "schema_verdicts",
    "watch",
]

LONGEST = 160
"""Characters of what a schema says, in a sentence."""


def watch(statement: Statement) -> None:
    """Have the transactions of a statement looked at while they are read; before the first is taken."""
    if statement.notes is None:
        by_code = bool(statement.summary and statement.summary.per_code)
        statement.notes = Notes(by_code=by_code)
        statement.transactions = statement.notes.passing(statement.transactions)


def check(statement: Statement, *, today: date | None = None) -> tuple[Verdict, ...]:
    """Say what does not add up in a statement; reads the transactions that were not read yet.

    Who wants the transactions too calls `watch` first; without it nothing is said of those read before.
    Of a day after `today` (else the day on which the bank made the statement) is said that it is to come.
    Raises Refused when what is still to be read can't be understood.
    """
    watch(statement)
    for _ in statement.transactions:
        pass
    return Judgement(statement, today).verdicts()


def check_file(
    stream: BinaryIO, *, name: str, today: date | None = None, judge_schema: bool = True
) -> Iterator[tuple[Statement, tuple[Verdict, ...]]]:
    """Give each statement of a bank file with its verdicts, that of the chain and of the schema among them.

    What the schema says of a file stands with its first statement.
    `stream` must be able to go back (`seek`) when the schema is asked. Raises Refused as `read` does.
    """
    of_schema: dict[str, tuple[Verdict, ...]] = {}
    if judge_schema:
        of_schema = schema_verdicts(stream, name=name)
        stream.seek(0)
    closings: dict[tuple[str, str], Statement] = {}
    for statement in read(stream, name=name):
        verdicts = check(statement, today=today)
        before = closings.get((statement.kind, statement.account))
        closings[statement.kind, statement.account] = statement
        chain = _chain(before, statement) if before else ()
        yield statement, by_severity((*verdicts, *chain, *of_schema.pop(statement.file, ())))


def schema_verdicts(stream: BinaryIO, *, name: str) -> dict[str, tuple[Verdict, ...]]:
    """Hold each file of a bank file (in a zip there can be several) against its official schema.

    Gives none for a file that follows it, `schema_absent` where there is no schema, else `schema_differs`
    with the first problems; lines are known when `stream` can go back. Raises Refused for what is unsafe or
    packed wrongly.
    """
    verdicts: dict[str, tuple[Verdict, ...]] = {}
    begin = stream.tell() if stream.seekable() else None

    def again(number: int) -> Callable[[], BinaryIO] | None:
        def opened() -> BinaryIO:
            stream.seek(begin or 0)
            return next(islice(contents(stream, name=name), number, None)).stream

        return None if begin is None else opened

    for number, content in enumerate(contents(stream, name=name)):
        message = schema.message_of(content)
        if message is None or schema.schema(message) is None:
            what = message or "dit formaat"
            verdicts[content.name] = (
                verdict("schema_absent", f"Van {what} is er geen officieel schema om het aan te toetsen."),
            )
            continue
        found = schema.problems(content, message, again(number))
        verdicts[content.name] = (_of_schema(message, found),) if found else ()
    return verdicts


def _of_schema(message: str, found: list[Problem]) -> Verdict:
    first = found[0]
    at = f"regel {first.line}: " if first.line else ""
    many = len(found) >= schema.MOST
    places = "1 plaats" if len(found) == 1 else f"{len(found)} plaatsen" + (" of meer" if many else "")
    which = "Dat is" if len(found) == 1 else "De eerste is"
    return verdict(
        "schema_differs",
        f"Het bestand volgt op {places} het officiële schema van {message} niet."
        f" {which} {at}{shown(first.sentence, LONGEST)}.",
        first.element,
        count=len(found),
        problems=tuple(found),
    )


def _chain(before: Statement, statement: Statement) -> tuple[Verdict, ...]:
    """Whether a statement begins where the one before it in the file, of the same account, ended."""
    closing, opening = before.closing, statement.opening
    if closing is None or opening is None or closing.amount == opening.amount:
        return ()
    if closing.date and opening.date and opening.date < closing.date:
        return ()
    sentence = (
        f"Dit afschrift begint met {in_euros(opening.amount)}; het vorige in dit bestand eindigt met"
        f" {in_euros(closing.amount)}. Daartussen ontbreekt een afschrift, of een van beide klopt niet."
    )
    found, expected = opening.amount, closing.amount
    path = Places(statement).of("opening")
    return (
        verdict("chain_broken", sentence, path, expected=expected, found=found, difference=found - expected),
    )
