"""What a previous system instructed, from its `payments.csv`: the bank will still show it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje.administration.fields import Node, Problems, Wrong
from huishoudboekje.domain.agreements import Occurrence, OccurrenceKind
from huishoudboekje.domain.instructions import Instruction, Origin
from huishoudboekje.storage import instructions, occurrences

COLUMNS: Final = (
    "end_to_end_id",
    "payment_information_id",
    "household",
    "agreement",
    "due_date",
    "execution_date",
    "amount",
    "counter_iban",
    "batch_booking",
)
LINES_AT_ONCE: Final = 10_000


def import_payments(session: Session, path: Path, problems: Problems) -> tuple[int, int]:
    """Add the instructions of a CSV, and tell how many were new and how many known with the same content.

    From which of our accounts they leave, the file does not say. Problems name the file and its line.
    """
    new = unchanged = 0
    seen: set[int] = set()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.DictReader(stream)
        if tuple(lines.fieldnames or ()) != COLUMNS:
            problems.add(Wrong(f"{path.name} regel 1", f"hier horen de kolommen {','.join(COLUMNS)}"))
            return 0, 0
        while batch := list(islice(_read(lines, path.name, seen, problems), LINES_AT_ONCE)):
            added, known = _add(session, batch, path.name, problems)
            new, unchanged = new + added, unchanged + known
    return new, unchanged


def _read(
    lines: csv.DictReader[str], file: str, seen: set[int], problems: Problems
) -> Iterator[tuple[int, Instruction]]:
    for line in lines:
        number = lines.line_num
        try:
            read = _instruction(Node(line, f"{file} regel {number}"))
            mark = hash(read.end_to_end_id)
            if mark in seen:
                raise Wrong(f"{file} regel {number}", f"{read.end_to_end_id} staat er twee keer in")
            seen.add(mark)
        except Wrong as problem:
            problems.add(problem)
        else:
            yield number, read


def _instruction(node: Node) -> Instruction:
    amount_cents = node.amount("amount")
    if amount_cents == 0:
        raise node.wrong("amount", "een betaling is meer dan nul")
    if node.text("batch_booking") not in {"true", "false"}:
        raise node.wrong("batch_booking", "hier hoort true of false")
    return Instruction(
        end_to_end_id=node.id("end_to_end_id"),
        payment_information_id=node.id("payment_information_id"),
        household_id=node.id("household"),
        occurrence=Occurrence(node.id("agreement"), node.day("due_date")),
        amount_cents=amount_cents,
        own_cents=amount_cents,
        advanced_cents=0,
        counter_iban=node.iban("counter_iban"),
        debtor_iban=None,
        execution_on=node.day("execution_date"),
        batch_booking=node.text("batch_booking") == "true",
        origin=Origin.PREVIOUS,
    )


def _add(
    session: Session, batch: list[tuple[int, Instruction]], file: str, problems: Problems
) -> tuple[int, int]:
    known = {
        each.end_to_end_id: each
        for each in instructions.find(session, end_to_end_ids=[each.end_to_end_id for _, each in batch])
    }
    household_of = _households(session, [each for _, each in batch])
    coming = []
    for number, each in batch:
        before = known.get(each.end_to_end_id)
        agreement_id = each.occurrence.agreement_id if each.occurrence else ""
        if household_of.get(agreement_id) != each.household_id:
            wrong = f"afspraak {agreement_id} van huishouden {each.household_id} bestaat niet"
            problems.add(Wrong(f"{file} regel {number}", wrong))
        elif before is None:
            coming.append(each)
        elif _content(before) != _content(each):
            wrong = f"{each.end_to_end_id} is al bekend met andere gegevens"
            problems.add(Wrong(f"{file} regel {number}", wrong))
    if problems.found:
        return 0, 0
    instructions.add(session, coming)
    occurrences.record(
        session,
        (
            occurrences.Happening(
                occurrence=each.occurrence,
                kind=OccurrenceKind.INSTRUCTED,
                amount_cents=each.amount_cents,
                effective_on=each.execution_on,
                end_to_end_id=each.end_to_end_id,
            )
            for each in coming
            if each.occurrence is not None
        ),
    )
    return len(coming), len(batch) - len(coming)


def _households(session: Session, batch: list[Instruction]) -> dict[str, str]:
    asked = {each.occurrence.agreement_id for each in batch if each.occurrence}
    rows = session.execute(
        text("SELECT DISTINCT id, household_id FROM agreement_version WHERE id = ANY(cast(:ids AS text[]))"),
        {"ids": list(asked)},
    )
    return {row.id: row.household_id for row in rows}


def _content(instruction: Instruction) -> tuple[object, ...]:
    return (
        instruction.payment_information_id,
        instruction.household_id,
        instruction.occurrence,
        instruction.amount_cents,
        instruction.counter_iban,
        instruction.execution_on,
        instruction.batch_booking,
        instruction.origin,
    )
