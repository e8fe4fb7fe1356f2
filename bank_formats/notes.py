"""What stands out in a statement's transactions while they pass, for `verdicts.check`.

Some hundred transactions at a time are looked at by column: a tenth is added to reading, for who asks. Memory
hardly grows with the statement: of values that are few each is kept with its first entry; of references,
which are many, a hash is kept, and the words wait in a temporary file that proves what was repeated.
"""

import re
import tempfile
import weakref
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from bank_formats.statement import ZERO, Batch, Party, Transaction
from bank_formats.tally import Sums

AT_ONCE = 128
MANY = 4096
"""So many different values of a kind are told apart; real statements have a few."""
HASHES_AT_ONCE = 100_000
SPOOL_CHARACTERS = 256 * 1024
EXAMPLES = 10
CENTS_EXPONENT = -2
ENOUGH_DIGITS = 60
"""Digits that the sum of a thousand amounts can have, so that none of them is rounded away."""
LIKE_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
LETTERS = {ord("A") + number: str(10 + number) for number in range(26)}
REMAINDER = 1
Value = TypeVar("Value")


def is_wrong_iban(account: str) -> bool:
    """Whether this looks like an IBAN of which the check digits are wrong (ISO 13616, mod 97)."""
    if not LIKE_IBAN.fullmatch(account):
        return False
    return int((account[4:] + account[:4]).translate(LETTERS)) % 97 != REMAINDER


class Seen(NamedTuple):
    """In which entry something was seen first, and how often."""

    entry: int
    times: int


class First(Generic[Value]):
    """Different values in the order in which they came, each with its first entry and how often it came."""

    def __init__(self) -> None:
        """Start with none."""
        self.seen: dict[Value, Seen] = {}

    def add(self, value: Value, entry: int, times: int = 1) -> None:
        """See a value again, or for the first time in this entry."""
        known = self.seen.get(value)
        if known is not None:
            self.seen[value] = Seen(known.entry, known.times + times)
        elif len(self.seen) < MANY:
            self.seen[value] = Seen(entry, times)

    def add_all(self, values: Sequence[Value], entries: Sequence[int]) -> None:
        """See the values of transactions that belong to these entries."""
        for value, times in Counter(values).items():
            self.add(value, entries[values.index(value)], times)


class Repeated(NamedTuple):
    """A reference that two entries of a statement share."""

    reference: str
    first: int
    second: int


class References:
    """All references of one kind, and which of them came in more than one entry."""

    def __init__(self) -> None:
        """Start with none."""
        self.hashes = array("q")
        self.entries = array("L")
        self.words = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - it lives as long as this
            SPOOL_CHARACTERS, "w+", encoding="utf-8", errors="backslashreplace", newline="\n"
        )
        weakref.finalize(self, self.words.close)

    def add(self, references: Sequence[str | None], entries: Sequence[int]) -> None:
        """Keep the references of these entries; `None` is none."""
        given = [reference for reference in references if reference is not None]
        if not given:
            return
        if len(given) != len(references):
            entries = [
                entry for reference, entry in zip(references, entries, strict=True) if reference is not None
            ]
        lines = "\n".join(given)
        if lines.count("\n") >= len(given):
            given = [" ".join(reference.split()) for reference in given]
            lines = "\n".join(given)
        self.words.write(lines + "\n")
        self.hashes.extend(map(hash, given))
        self.entries.extend(entries)

    def repeated(self) -> tuple[int, list[Repeated]]:
        """How often a reference came in another entry than its first, and the first few of them."""
        suspect = self._suspect()
        if not suspect:
            return 0, []
        first: dict[str, int] = {}
        times = 0
        examples: list[Repeated] = []
        self.words.seek(0)
        for number, line in enumerate(self.words):
            if self.hashes[number] in suspect:
                reference, entry = line[:-1], self.entries[number]
                begun = first.setdefault(reference, entry)
                if begun != entry:
                    times += 1
                    if len(examples) < EXAMPLES:
                        examples.append(Repeated(reference, begun, entry))
        return times, examples

    def _suspect(self) -> set[int]:
        """Hashes that came more than once, a part of them at a time."""
        parts = len(self.hashes) // HASHES_AT_ONCE + 1
        found: set[int] = set()
        for part in range(parts):
            hashes: Sequence[int] = self.hashes
            if parts > 1:
                hashes = [each for each in self.hashes if each % parts == part]
            if len(set(hashes)) != len(hashes):
                found.update(each for each, times in Counter(hashes).items() if times > 1)
            if len(found) > MANY:
                break
        return found


@dataclass(frozen=True, slots=True)
class BatchNote:
    """A batch (`Btch`) that says another number or sum than its details have."""

    entry: int
    count: int | None
    sum: Decimal | None
    batch: Batch


class _Group:
    """The details that came under one `Btch`."""

    def __init__(self, entry: int, batch: Batch) -> None:
        self.entry, self.batch = entry, batch
        self.count = 0
        self.sum: Decimal | None = ZERO

    def takes(self, entry: int, batch: Batch) -> bool:
        """Whether a detail belongs here: one batch may follow another that says the same of itself."""
        same = (entry, batch.count, batch.sum) == (self.entry, self.batch.count, self.batch.sum)
        return same and self.count != batch.count

    def add(self, amount: Decimal | None) -> None:
        self.count += 1
        self.sum = None if self.sum is None or amount is None else self.sum + amount

    def note(self) -> BatchNote | None:
        """What differs, if anything does."""
        said = self.batch
        wrong_count = said.count is not None and said.count != self.count
        wrong_sum = said.sum is not None and self.sum is not None and abs(said.sum) != abs(self.sum)
        return BatchNote(self.entry, self.count, self.sum, said) if wrong_count or wrong_sum else None


class _Columns(NamedTuple):
    """Some transactions, field by field."""

    entry: tuple[int, ...]
    part: tuple[int | None, ...]
    ref: tuple[str | None, ...]
    booked_on: tuple[date | None, ...]
    valued_on: tuple[date | None, ...]
    amount: tuple[Decimal | None, ...]
    entry_amount: tuple[Decimal, ...]
    currency: tuple[str | None, ...]
    counterparty: tuple[Party, ...]
    end_to_end_id: tuple[str | None, ...]
    entry_reference: tuple[str | None, ...]
    reference: tuple[str | None, ...]
    remittance: tuple[str | None, ...]
    additional_info: tuple[str | None, ...]
    code: tuple[str | None, ...]
    batch: tuple[Batch | None, ...]
    status: tuple[str, ...]


PICK = itemgetter(*map(Transaction._fields.index, _Columns._fields))


class Notes:
    """What stands out in the transactions of one statement."""

    def __init__(self, *, by_code: bool = False) -> None:
        """Start with nothing noted; `by_code` counts entries by transaction code too."""
        self.days: First[tuple[date | None, date | None]] = First()
        """Booking date and value date."""
        self.currencies: First[str | None] = First()
        self.codes: First[str | None] = First()
        self.wrong_ibans: First[str] = First()
        self.fractions: First[Decimal] = First()
        """Amounts that are not whole cents."""
        self.not_booked: First[str] = First()
        self.not_booked_sums = Sums()
        self.silent: First[None] = First()
        """Entries with neither text nor party."""
        self.entry_references = References()
        self.servicer_references = References()
        self.end_to_end_ids = References()
        self.batches: list[BatchNote] = []
        self.by_code: dict[str | None, Sums] | None = {} if by_code else None
        self._right_ibans: set[str | None] = {None}
        self._group: _Group | None = None

    def passing(self, transactions: Iterator[Transaction]) -> Iterator[Transaction]:
        """Give the transactions on, and look at them in between."""
        held: list[Transaction] = []
        for transaction in transactions:
            held.append(transaction)
            yield transaction
            if len(held) == AT_ONCE:
                self._look(held)
                held.clear()
        if held:
            self._look(held)
        self._end_group()

    def _look(self, held: list[Transaction]) -> None:
        these = _Columns(*zip(*map(PICK, held), strict=True))
        entries = these.entry
        self.currencies.add_all(these.currency, entries)
        self.codes.add_all(these.code, entries)
        self.days.add_all(tuple(zip(these.booked_on, these.valued_on, strict=True)), entries)
        self._look_at_amounts(these)
        self._look_at_accounts(these)
        if None in these.remittance:
            self._look_for_silence(these)
        self.end_to_end_ids.add(these.end_to_end_id, entries)
        if any(these.batch):
            self._look_at_batches(these)
        if any(these.part):
            firsts = [one for one in held if one.part is None or one.part == 1]
            if not firsts:
                return
            these = _Columns(*zip(*map(PICK, firsts), strict=True))
        self._look_at_entries(these)

    def _look_at_amounts(self, these: _Columns) -> None:
        for amounts in (these.entry_amount, these.amount):
            with localcontext(prec=ENOUGH_DIGITS):
                total = sum(filter(None, amounts), ZERO)
            if _exponent(total) < CENTS_EXPONENT:
                for amount, entry in zip(amounts, these.entry, strict=True):
                    if amount is not None and amount * 100 != int(amount * 100):
                        self.fractions.add(amount, entry)
                return

    def _look_at_accounts(self, these: _Columns) -> None:
        ibans = {party.iban for party in these.counterparty}
        for iban in ibans - self._right_ibans:
            if iban is not None and is_wrong_iban(iban):
                for party, entry in zip(these.counterparty, these.entry, strict=True):
                    if party.iban == iban:
                        self.wrong_ibans.add(iban, entry)
                ibans.remove(iban)
        if len(self._right_ibans) > MANY:
            self._right_ibans = {None}
        self._right_ibans |= ibans

    def _look_for_silence(self, these: _Columns) -> None:
        texts = zip(these.remittance, these.additional_info, these.reference, strict=True)
        for said, party, entry in zip(texts, these.counterparty, these.entry, strict=True):
            if not (any(said) or party.name or party.iban):
                self.silent.add(None, entry)

    def _look_at_batches(self, these: _Columns) -> None:
        columns = zip(these.entry, these.part, these.amount, these.batch, strict=True)
        for entry, part, amount, batch in columns:
            if part is None or batch is None:
                self._end_group()
                if batch is not None and batch.sum is not None and amount is not None:
                    self._note_batch(_whole_batch(entry, amount, batch))
                continue
            if self._group is None or not self._group.takes(entry, batch):
                self._end_group()
                self._group = _Group(entry, batch)
            self._group.add(amount)

    def _end_group(self) -> None:
        if self._group is not None:
            self._note_batch(self._group.note())
            self._group = None

    def _note_batch(self, note: BatchNote | None) -> None:
        if note is not None and len(self.batches) < MANY:
            self.batches.append(note)

    def _look_at_entries(self, these: _Columns) -> None:
        """Look at what is said once for an entry, however many parts it has."""
        entries = these.entry
        self.entry_references.add(these.entry_reference, entries)
        refs: Sequence[str | None] = these.ref
        if any(these.part):
            refs = [_without_part(ref, part) for ref, part in zip(refs, these.part, strict=True)]
        self.servicer_references.add(refs, entries)
        if these.status.count("booked") != len(entries):
            for status, entry, amount in zip(these.status, entries, these.entry_amount, strict=True):
                if status != "booked":
                    self.not_booked.add(status, entry)
                    self.not_booked_sums.count(amount)
        if self.by_code is not None:
            for code, amount in zip(these.code, these.entry_amount, strict=True):
                self.by_code.setdefault(code, Sums()).count(amount)


def _whole_batch(entry: int, amount: Decimal, batch: Batch) -> BatchNote | None:
    """An entry that is a batch without its details: its amount is the batch's."""
    if batch.sum is None or abs(batch.sum) == abs(amount):
        return None
    return BatchNote(entry, None, amount, batch)


def _without_part(ref: str | None, part: int | None) -> str | None:
    return ref.removesuffix(f"#{part}") if ref and part else ref


def _exponent(amount: Decimal) -> int:
    exponent: Any = amount.as_tuple().exponent
    return int(exponent)
