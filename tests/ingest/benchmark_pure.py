"""The matcher over a generated HHB-Match benchmark, without a database: writes the answer for its scorer.

python -m tests.ingest.benchmark_pure OUT > matches.jsonl
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import bank_formats
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.instructions import Instruction, Origin
from ingest.evidence import Line
from ingest.reconcile import (
    Ambiguous,
    BatchMatch,
    Decision,
    Match,
    OwnMoney,
    Person,
    Reconciler,
    ReturnOf,
    Unknown,
)


def cents(text: str) -> int:
    """Cents of an amount as the benchmark writes it."""
    return int(text.replace(".", ""))


def reconciler(folder: Path) -> Reconciler:
    """A matcher that knows the benchmark's administration and what was instructed."""
    administration = json.loads((folder / "administration.json").read_text(encoding="utf-8"))
    names = {one["id"]: one["name"] for one in administration["organisations"]}
    accounts: dict[str, set[str]] = {}
    for one in administration["organisations"]:
        for account in one["accounts"]:
            accounts.setdefault(account["iban"], set()).add(one["id"])
    own = [one["iban"] for one in administration["municipality"]["accounts"]]
    return Reconciler(
        (agreement(one, names) for home in administration["households"] for one in agreements_of(home)),
        (
            Person(
                one["id"],
                home["id"],
                one["initials"],
                one["surname"],
                date.fromisoformat(one["birth_date"]),
            )
            for home in administration["households"]
            for one in home["residents"]
        ),
        instructions(folder),
        own_ibans=own,
        organisation_accounts=accounts,
    )


def agreements_of(home: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A household's agreements, each with its household and the names of its residents."""
    residents = {one["id"]: f"{one['initials']} {one['surname']}" for one in home["residents"]}
    for one in home["agreements"]:
        yield {**one, "household": home["id"], "residents": residents}


def agreement(one: dict[str, Any], names: dict[str, str]) -> Agreement:
    """One agreement of the administration."""
    rhythm, counterparty = one["schedule"], one["counterparty"]
    until = rhythm.get("until")
    return Agreement(
        id=one["id"],
        household_id=one["household"],
        resident_id=one["resident"],
        direction=Direction(one["direction"]),
        category=one["category"],
        organisation_id=counterparty.get("organisation"),
        payee_resident_id=counterparty.get("resident"),
        counterparty_name=names.get(counterparty.get("organisation"))
        or one["residents"][counterparty["resident"]],
        iban=one["account"],
        amount_cents=cents(one["amount"]),
        tolerance_cents=cents(one.get("amount_tolerance", "0.00")),
        schedule=Schedule(
            Unit(rhythm["unit"]),
            date.fromisoformat(rhythm["from"]),
            rhythm.get("every", 1),
            rhythm.get("day"),
            rhythm.get("weekday"),
            date.fromisoformat(until) if until else None,
        ),
        settlement=Settlement(one["settlement"]) if one["settlement"] else None,
        guaranteed=one.get("guaranteed", False),
        reference=one.get("reference"),
        search_terms=tuple(one.get("search_terms", ())),
        remittance=one.get("remittance", ""),
    )


def instructions(folder: Path) -> Iterator[Instruction]:
    """What the municipality told the bank to pay; payments.csv does not name the account."""
    with (folder / "payments.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            amount = cents(row["amount"])
            yield Instruction(
                row["end_to_end_id"],
                row["payment_information_id"],
                row["household"],
                Occurrence(row["agreement"], date.fromisoformat(row["due_date"])),
                amount,
                amount,
                0,
                row["counter_iban"],
                None,
                date.fromisoformat(row["execution_date"]),
                row["batch_booking"] == "true",
                Origin.PREVIOUS,
            )


def statements(folder: Path) -> Iterator[bank_formats.Statement]:
    """The benchmark's statements, in order."""
    for file in sorted((folder / "statements").iterdir()):
        with file.open("rb") as stream:
            yield from bank_formats.read(stream, name=file.name)


def lines(folder: Path) -> Iterator[Line]:
    """Every transaction of the benchmark as the matcher reads it, in order."""
    number = 0
    for statement in statements(folder):
        for transaction in statement.transactions:
            number += 1
            yield line(number, statement.account, transaction)


def line(number: int, account: str, transaction: bank_formats.Transaction) -> Line:
    """A transaction as the matcher reads it."""
    batch = transaction.batch or bank_formats.Batch()
    booked_on = transaction.booked_on
    assert booked_on is not None
    return Line(
        number,
        transaction.ref,
        account,
        booked_on,
        transaction.amount_cents,
        transaction.counterparty.iban,
        transaction.counterparty.name,
        transaction.end_to_end_id,
        transaction.reference,
        transaction.remittance,
        transaction.code,
        transaction.reversal,
        transaction.return_reason,
        batch.payment_information_id,
        batch.message_id,
        batch.count,
        transaction.additional_info,
    )


def answer(line: Line, decision: Decision) -> dict[str, Any]:
    """A decision as the scorer reads it."""
    ref = line.ref
    match decision:
        case Match():
            due = decision.occurrence.due_on.isoformat() if decision.occurrence else None
            return {
                "ref": ref,
                "household": decision.household_id,
                "agreement": decision.agreement_id,
                "status": "matched",
                "due_date": due,
                "confidence": decision.confidence,
            }
        case ReturnOf():
            occurrence = decision.instruction.occurrence
            return {
                "ref": ref,
                "household": decision.instruction.household_id,
                "agreement": occurrence.agreement_id if occurrence else None,
                "status": "matched",
                "due_date": occurrence.due_on.isoformat() if occurrence else None,
                "confidence": decision.confidence,
            }
        case BatchMatch():
            return {
                "ref": ref,
                "status": "matched",
                "batch": decision.payment_information_id,
                "confidence": decision.confidence,
            }
        case OwnMoney():
            return {"ref": ref, "status": "matched", "confidence": decision.confidence}
        case Ambiguous(candidates=(best, *_)):
            return {
                "ref": ref,
                "household": best.household_id,
                "agreement": best.agreement_id,
                "status": "queued",
                "confidence": best.confidence,
                "why": decision.reason,
            }
        case Ambiguous() | Unknown():
            return {"ref": ref, "status": "queued", "why": decision.reason}


def answers(folder: Path) -> Iterator[dict[str, Any]]:
    """The matcher's answer to every transaction of a benchmark."""
    matcher = reconciler(folder)
    for one in lines(folder):
        yield answer(one, matcher.decide(one))


def write(folder: Path, target: Path) -> None:
    """Write the answers of a benchmark for `hhb_match score`."""
    with target.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(one)}\n" for one in answers(folder))


def timed(matcher: Reconciler, given: Iterable[Line]) -> tuple[int, float]:
    """How many lines were decided, in how many seconds of processor time."""
    every = list(given)
    start = time.process_time()
    for one in every:
        matcher.decide(one)
    return len(every), time.process_time() - start


if __name__ == "__main__":
    for found in answers(Path(sys.argv[1])):
        sys.stdout.write(f"{json.dumps(found)}\n")
