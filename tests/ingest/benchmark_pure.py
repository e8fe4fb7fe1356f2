"""The matcher over generated HHB-Match benchmarks, without a database: answers, scores, evidence.

python -m tests.ingest.benchmark_pure OUT > matches.jsonl      the answer for its scorer
python -m tests.ingest.benchmark_pure report OUT...            a row a benchmark, as its scorer judges
python -m tests.ingest.benchmark_pure calibration OUT...       how sure it was against what was right
python -m tests.ingest.benchmark_pure sensitivity OUT...       the same, each kind of evidence left out
python -m tests.ingest.benchmark_pure weights OUT...           weights estimated from the truth, beside ours

The scorer is looked for in HHB_SHARED, else in ../shared beside the repository.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import bank_formats
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.instructions import Instruction, Origin
from ingest import evidence as kinds
from ingest.evidence import Evidence, Line
from ingest.fitting import Pair, calibration, fit
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
from ingest.weighing import USUAL, Settings, weigh_all

# What is left out together: all that is seen of one thing, for and against.
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "our own identifiers": ("our_identifiers",),
    "reference": (
        *("reference", "short_reference", "cut_reference", "reference_missing", "other_reference"),
        *("other_agreement", "unknown_reference", "same_reference", "number_absent", "other_client"),
    ),
    "name": (
        *("name", "surname", "housemate", "name_missing", "somebody_else", "other_client"),
        *("other_initials", "birth_date", "other_birth_date", "number_absent"),
    ),
    "amount": (
        *("amount", "amount_near", "instalment", "amount_less", "amount_above", "amount_differs"),
        *("amount_more", "amount_far", "several_instalments", "sum_of_two"),
    ),
    "date": ("due", "due_roughly", "not_due", "ended", "not_started", "already_met"),
    "account": ("iban", "sister_iban", "only_household", "shared", "unknown_iban"),
    "direction": ("direction", "not_collected"),
    "search terms": ("search_terms", "search_terms_missing", "all_new"),
    "purpose": ("other_matter",),
}


def cents(text: str) -> int:
    """Cents of an amount as the benchmark writes it."""
    return int(text.replace(".", ""))


def reconciler(folder: Path, settings: Settings = USUAL) -> Reconciler:
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
        settings=settings,
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


def answers(folder: Path, settings: Settings = USUAL) -> Iterator[dict[str, Any]]:
    """The matcher's answer to every transaction of a benchmark."""
    matcher = reconciler(folder, settings)
    blind = "our_identifiers" in settings.ignored
    for one in lines(folder):
        seen = one
        if blind:
            seen = one._replace(end_to_end_id=None, batch_payment_information_id=None, batch_message_id=None)
        yield answer(one, matcher.decide(seen))


def write(folder: Path, target: Path, settings: Settings = USUAL) -> None:
    """Write the answers of a benchmark for `hhb_match score`."""
    with target.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(one)}\n" for one in answers(folder, settings))


def score(folder: Path, settings: Settings = USUAL) -> dict[str, Any]:
    """What the benchmark's own scorer makes of the answers."""
    shared = Path(os.environ.get("HHB_SHARED", Path(__file__).parents[2].resolve().parent / "shared"))
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "matches.jsonl"
        write(folder, target, settings)
        scored = subprocess.run(
            [sys.executable, "-m", "hhb_match", "score", str(folder.resolve()), str(target), "--json"],
            cwd=shared / "hhb-match",
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
            capture_output=True,
            text=True,
        )
    found: dict[str, Any] = json.loads(scored.stdout)
    return found


def truths(folder: Path) -> dict[str, dict[str, Any]]:
    """The right answers by reference."""
    with (folder / "truth.jsonl").open(encoding="utf-8") as rows:
        return {one["ref"]: one for one in map(json.loads, rows)}


def is_right(expected: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether household, agreement and batch are the true ones; of twins either."""
    return (
        given.get("household") == expected["household"]
        and given.get("agreement") in expected.get("twin", [expected["agreement"]])
        and given.get("batch") == expected.get("batch")
    )


def row(name: str, found: dict[str, Any]) -> str:
    """A score as a row of a table."""
    return (
        f"| {name} | {found['transactions']} | {found['auto_match_rate']:.2%}"
        f" | {found['must_match_recall']:.3%} | {found['wrong_household']} | {found['wrong_agreement']}"
        f" | {found['must_queue_violations']} of {found['must_queue']} | {found['missing']}"
        f" | {found['ece'] or 0:.4f} |"
    )


HEAD = (
    "| benchmark | lines | booked | must-match recall | wrong household | wrong agreement"
    " | must-queue violations | missing | calibration error |\n|-|-|-|-|-|-|-|-|-|"
)


def report(folders: Iterable[Path]) -> Iterator[str]:
    """How the scorer judges each benchmark, then its cases that were not all right, and the speed."""
    yield HEAD
    less: list[str] = []
    for folder in folders:
        found = score(folder)
        count, seconds = timed(reconciler(folder), lines(folder))
        yield row(folder.name, found)
        less.append(f"{folder.name}: {count / seconds:,.0f} lines a second")
        less += [
            f"{folder.name}: {name} ({case['must']}): {case['right']} right, {case['queued']} queued,"
            f" {case['wrong']} wrong"
            for name, case in sorted(found["cases"].items())
            if case["wrong"] or (case["queued"] and case["must"] == "match")
        ]
    yield ""
    yield from less


def reliability(folders: Iterable[Path]) -> Iterator[str]:
    """How sure the answers were, in bins, against what part of them was right; booked and asked apart."""
    yield "| | answers | said | right |\n|-|-|-|-|"
    said: dict[str, list[tuple[float, bool]]] = {"matched": [], "queued": []}
    for folder in folders:
        expected = truths(folder)
        for one in answers(folder):
            if one.get("confidence") is not None and (one["status"] == "matched" or one.get("household")):
                said[one["status"]].append((one["confidence"], is_right(expected[one["ref"]], one)))
    for status, every in said.items():
        found = calibration(every)
        yield f"| {status}, all: error {found.error:.4f} | {len(every)} | | |"
        for each in found.bins:
            yield f"| {status} | {each.answers} | {each.confidence:.4f} | {each.right:.4f} |"


def sensitivity(folders: list[Path]) -> Iterator[str]:
    """The scores with each kind of evidence left out."""
    yield HEAD.replace("benchmark", "left out")
    for folder in folders:
        for name, ignored in LEFT_OUT.items():
            yield row(f"{folder.name}: {name}", score(folder, USUAL._replace(ignored=frozenset(ignored))))


def pairs(folders: Iterable[Path]) -> Iterator[Pair]:
    """Lines that nothing but evidence decides, each with every agreement that was weighed for it."""
    for folder in folders:
        expected, matcher = truths(folder), reconciler(folder)
        for one in lines(folder):
            truth = expected[one.ref or ""]
            if matcher._payments.get(one.end_to_end_id or "") is None and one.counter_iban is not None:
                for weighed in weigh_all(one, matcher._agreements, matcher._occurrences):
                    right = weighed.agreement.id in truth.get("twin", [truth["agreement"]])
                    yield Pair(frozenset(each.name for each in weighed.evidence), right)
            matcher.decide(one)


def estimated(folders: Iterable[Path]) -> Iterator[str]:
    """Weights by counted pairs beside those that the matcher has."""
    ours = {each.name: each.weight for each in vars(kinds).values() if isinstance(each, Evidence)}
    yield "| evidence | m | u | bits counted | our bits | seen |\n|-|-|-|-|-|-|"
    for each in fit(pairs(folders)):
        yield (
            f"| {each.name} | {each.m:.4f} | {each.u:.4f} | {each.bits:.1f}"
            f" | {ours[each.name]:g} | {each.seen} |"
        )


def timed(matcher: Reconciler, given: Iterable[Line]) -> tuple[int, float]:
    """How many lines were decided, in how many seconds of processor time."""
    every = list(given)
    start = time.process_time()
    for one in every:
        matcher.decide(one)
    return len(every), time.process_time() - start


def main(command: str, *names: str) -> Iterator[str]:
    """What a command prints."""
    folders = [Path(name) for name in names]
    match command:
        case "report":
            yield from report(folders)
        case "calibration":
            yield from reliability(folders)
        case "sensitivity":
            yield from sensitivity(folders)
        case "weights":
            yield from estimated(folders)
        case folder:
            yield from map(json.dumps, answers(Path(folder)))


if __name__ == "__main__":
    for printed in main(*sys.argv[1:]):
        sys.stdout.write(f"{printed}\n")
        sys.stdout.flush()
