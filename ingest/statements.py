"""Take in a bank file, once: each statement of it judged, its new lines kept, and nothing twice.

A line is known by its content and by how many like it there are: banks' references are absent or
repeat. Where lines come again, the chain of balances judges whether it is a redelivery, an overlap,
or two payments that are alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

import bank_formats
from bank_formats import Statement, Transaction, verdicts
from bank_formats.verdicts import Verdict
from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import OPENING, Entry, EntryKind, bank, moved
from huishoudboekje.domain.money import show
from huishoudboekje.domain.people import AccountStart
from huishoudboekje.storage import accounts, archive, ledger
from huishoudboekje.storage.archive import ArchivedFile, FileKind
from ingest import store
from ingest.states import Standing
from ingest.store import Filed, Header

EURO = "EUR"
TOLD_ASIDE = {"balance_differs", "opening_missing", "closing_missing", "page_missing"}
"""Verdicts that a statement is kept aside for: the reason says them already."""
UNEVEN = "Verschil tussen de boeking en haar details"


class FileRefused(Refused):
    """{why}"""  # noqa: D400 - the reader's own sentence


class NotAStatement(Refused):
    """{file}: dit is een tussentijds overzicht of een melding ({format}), geen dagafschrift. Lees het dagafschrift (camt.053) in."""  # noqa: E501 - one sentence


class UnknownAccount(Refused):
    """{file}: rekening {iban} is niet van deze gemeente. Kies het goede bestand, of vraag uw beheerder."""


class NotInEuro(Refused):
    """{file}: rekening {iban} is in {currency}, en alleen euro's worden geboekt. Haal dit afschrift eruit."""


class NoDate(Refused):
    """{file}: afschrift {id} noemt geen enkele datum. Vraag de bank om een volledig afschrift."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person should look at in a statement that was taken in, or what in it contradicts itself."""

    statement: str
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """The verdict in Dutch, with its statement."""
        return f"Afschrift {self.statement}: {self.verdict.sentence}"


@dataclass(slots=True)
class Taken:
    """What became of one file; counts of lines, and the statements whose lines are to be booked."""

    file: str
    known: bool = False
    statements: int = 0
    entries: int = 0
    transactions: int = 0
    doubles: int = 0
    before_start: int = 0
    kept_aside: int = 0
    not_booked_by_bank: int = 0
    asides: list[str] = field(default_factory=list)
    verdicts: list[Judged] = field(default_factory=list)
    new: list[Filed] = field(default_factory=list)


Progress = Callable[[int], None]


def take_in(session: Session, path: Path, name: str, by: Actor, progress: Progress | None = None) -> Taken:
    """Take in one file, whole or not at all; what is new stands ready to be decided on.

    Raises FileRefused, NotAStatement, UnknownAccount, NotInEuro, NoDate; the caller's transaction then
    leaves nothing behind.
    """
    taken = Taken(name)
    if archive.known(session, FileKind.STATEMENT, archive.sha256_of(path)):
        return _known_file(session, path, taken)
    archived = archive.store(session, FileKind.STATEMENT, name, path, by)
    try:
        with path.open("rb") as stream:
            for statement in bank_formats.read(stream, name=name):
                _take_statement(session, statement, archived, taken, by, progress)
    except bank_formats.Refused as refused:
        raise FileRefused(why=refused.sentence) from refused
    return taken


def _known_file(session: Session, path: Path, taken: Taken) -> Taken:
    archived = archive.known(session, FileKind.STATEMENT, archive.sha256_of(path))
    taken.known = True
    filed = store.statements(session, file_id=archived.id) if archived else []
    taken.statements = len(filed)
    taken.doubles = sum(each.header.lines for each in filed)
    if not filed:  # a file of doubles alone is archived without a statement
        with path.open("rb") as stream:
            for statement in bank_formats.read(stream, name=taken.file):
                taken.statements += 1
                taken.doubles += sum(1 for _ in statement.transactions)
    return taken


def _take_statement(
    session: Session,
    statement: Statement,
    archived: ArchivedFile,
    taken: Taken,
    by: Actor,
    progress: Progress | None,
) -> None:
    _require_bookable(session, statement, taken.file)
    verdicts.watch(statement)
    count, sum_cents = _stage(session, statement, taken, progress)
    header = _header(statement, archived, taken.file, count, sum_cents)
    taken.statements += 1
    taken.entries += statement.totals().entries
    standing, reason = _judge(statement, header)
    starts_on = _start(session, header, standing, by)
    if standing is Standing.BOOKED and header.closes_on <= starts_on:
        standing, reason = Standing.BEFORE_START, f"De rekening begint op {starts_on:%d-%m-%Y}."
    after = starts_on
    if standing is Standing.BOOKED:
        header, after, standing, reason = _at_the_start(session, header, starts_on, taken)
    if standing is Standing.BOOKED:
        doubles = store.doubles(session)
        verdict = _judge_doubles(session, header, doubles)
        if verdict == "known":
            taken.doubles += doubles.known
            return
        if verdict == "twins":
            store.count_on(session)
        elif verdict == "unclear":
            standing = Standing.KEPT_ASIDE
            reason = "Een deel is al eerder ingelezen, maar de saldo's sluiten niet op elkaar aan."
        else:
            taken.doubles += doubles.known
    number = store.add_statement(session, header, standing, reason, by.user)
    taken.verdicts += _verdicts(statement, header.bank_statement_id or str(number), standing)
    match standing:
        case Standing.BOOKED:
            taken.transactions += store.keep(session, number, after)
            taken.new.append(store.statement(session, number))
        case Standing.BEFORE_START:
            taken.before_start += count
        case Standing.KEPT_ASIDE | Standing.DISMISSED:
            taken.kept_aside += count
            taken.asides.append(f"Afschrift {header.bank_statement_id or number}: {reason}")
            _join_pages(session, header, taken, by)


def _verdicts(statement: Statement, name: str, standing: Standing) -> Iterator[Judged]:
    """What to tell of a statement: not what is common, and not twice what it is kept aside for."""
    told = TOLD_ASIDE if standing is Standing.KEPT_ASIDE else set()
    for verdict in verdicts.check(statement, today=clock.today()):
        if verdict.severity != "note" and verdict.code not in told:
            yield Judged(name, verdict)


def _at_the_start(
    session: Session, header: Header, starts_on: date, taken: Taken
) -> tuple[Header, date, Standing, str | None]:
    """What of a statement belongs to the account's time with us: all of it, or what comes after its start.

    A statement that opens with the balance of the chain brings all its lines, whatever their dates. One that
    runs over the start brings the rest of them, and then opens with the balance of the start.
    """
    early = store.up_to(session, starts_on)
    start = accounts.account_starts(session).get(header.iban)
    if not early.known or start is None or header.opening_cents is None:
        return header, starts_on, Standing.BOOKED, None
    if header.opens_on is not None and header.opens_on > starts_on:
        return header, date.min, Standing.BOOKED, None
    if header.opening_cents + early.new_cents != start.balance_cents:
        if header.opening_cents == start.balance_cents:
            return header, date.min, Standing.BOOKED, None
        why = f"De regels tot en met {starts_on:%d-%m-%Y} leiden niet tot het beginsaldo van de rekening."
        return header, starts_on, Standing.KEPT_ASIDE, why
    taken.before_start += early.known
    rest = replace(
        header,
        opens_on=starts_on + timedelta(days=1),
        opening_cents=start.balance_cents,
        lines=header.lines - early.known,
        sum_cents=header.sum_cents - early.new_cents,
    )
    return rest, starts_on, Standing.BOOKED, None


def _require_bookable(session: Session, statement: Statement, file: str) -> None:
    if statement.kind != "statement":
        raise NotAStatement(file=file, format=statement.format)
    if statement.account not in {each.iban for each in accounts.municipal_accounts(session)}:
        raise UnknownAccount(file=file, iban=statement.account)
    if (statement.currency or EURO) != EURO:
        raise NotInEuro(file=file, iban=statement.account, currency=statement.currency)


def _stage(
    session: Session, statement: Statement, taken: Taken, progress: Progress | None
) -> tuple[int, int]:
    count = store.stage(session, _rows(statement, taken, progress))
    return count, store.up_to(session, date.max).new_cents


def _rows(statement: Statement, taken: Taken, progress: Progress | None) -> Iterator[tuple[object, ...]]:
    closes_on = statement.closing.date if statement.closing else statement.to_date
    for number, transaction in enumerate(statement.transactions, start=1):
        if progress and not number % 1000:
            progress(1000)
        if transaction.status != "booked":
            taken.not_booked_by_bank += 1
            continue
        yield _row(statement.account, transaction, closes_on)
    for uneven in statement.totals().uneven:
        if uneven.difference is not None:  # else the statement is kept aside
            cents = bank_formats.Balance("", None, uneven.difference, EURO).amount_cents
            yield _uneven_row(statement.account, uneven.entry, cents, closes_on)


def _row(account: str, line: Transaction, closes_on: date | None) -> tuple[object, ...]:
    """Lay a line out as the store's columns; the hash of its content first."""
    party, batch = line.counterparty, line.batch
    booked_on = line.booked_on or line.valued_on or closes_on
    values = (
        account,
        booked_on,
        line.valued_on,
        line.amount_cents,
        line.currency or EURO,
        party.name,
        party.iban,
        party.bic,
        line.end_to_end_id,
        line.reference,
        line.remittance,
        line.mandate_id,
        line.code,
        line.reversal,
        line.return_reason,
        batch.payment_information_id if batch else None,
        batch.message_id if batch else None,
        batch.count if batch else None,
        line.additional_info,
    )
    said = content(values, line.bank_reference)
    if closes_on is not None and booked_on is not None and booked_on > closes_on:
        # It is in this closing balance already: then that is the day on which it counts.
        values = (account, closes_on, *values[2:])
    return (said, line.entry, line.part, line.ref, *values)


def _uneven_row(account: str, entry: int, cents: int, closes_on: date | None) -> tuple[object, ...]:
    values = (account, closes_on, closes_on, cents, EURO, *[None] * 5, UNEVEN, None, None, False, *[None] * 5)
    return (content((*values, entry), None), entry, 0, None, *values)


def content(values: tuple[object, ...], bank_reference: str | None) -> bytes:
    """Hash what a line says, not where it stands: white space and the number of a part do not count."""
    said = "\x1f".join(
        "" if value is None else " ".join(str(value).split()) for value in (*values, bank_reference)
    )
    return hashlib.sha256(said.encode()).digest()


def _header(statement: Statement, archived: ArchivedFile, file: str, lines: int, sum_cents: int) -> Header:
    opening, closing = statement.opening, statement.closing
    closes_on = (closing.date if closing else None) or statement.to_date or statement.from_date
    if closes_on is None:
        raise NoDate(file=file, id=statement.id or statement.number)
    return Header(
        file_id=archived.id,
        number=statement.number,
        iban=statement.account,
        bank_statement_id=statement.id,
        sequence=statement.sequence,
        page=statement.page,
        last_page=statement.is_last_page,
        opens_on=statement.from_date or (opening.date if opening else None),
        closes_on=closes_on,
        opening_cents=opening.amount_cents if opening else None,
        closing_cents=closing.amount_cents if closing else None,
        lines=lines,
        sum_cents=sum_cents,
    )


def _judge(statement: Statement, header: Header) -> tuple[Standing, str | None]:
    """Whether the statement by itself can be booked, and if not, why."""
    totals = statement.totals()
    if any(uneven.difference is None for uneven in totals.uneven):
        return Standing.KEPT_ASIDE, "Een boeking en haar details zijn in verschillende valuta."
    if header.page is not None and (header.page > 1 or header.last_page is False):
        return Standing.KEPT_ASIDE, f"Dit is bladzijde {header.page}; de andere bladzijden horen erbij."
    if totals.opening is None or totals.closing is None:
        missing = "beginsaldo" if totals.opening is None else "eindsaldo"
        return Standing.KEPT_ASIDE, f"Het {missing} ontbreekt."
    if header.opening_cents is not None and header.closing_cents is not None:
        difference = header.closing_cents - header.opening_cents - header.sum_cents
        if difference:
            return (
                Standing.KEPT_ASIDE,
                f"Beginsaldo en boekingen zijn samen niet het eindsaldo: verschil {show(difference)}.",
            )
    return Standing.BOOKED, None


def _start(session: Session, header: Header, standing: Standing, by: Actor) -> date:
    """The day at whose end the account starts; the first statement's opening starts one without."""
    starts = accounts.account_starts(session)
    if header.iban in starts:
        return starts[header.iban].starts_on
    if standing is not Standing.BOOKED or header.opening_cents is None:
        return header.closes_on
    starts_on = (header.opens_on or header.closes_on) - timedelta(days=1)
    accounts.add_account_start(session, AccountStart(header.iban, starts_on, header.opening_cents))
    ledger.post(
        session,
        [
            Entry(
                key=f"opening:bank:{header.iban}",
                kind=EntryKind.OPENING,
                effective_on=starts_on,
                transfers=moved(bank(header.iban), OPENING, header.opening_cents),
            )
        ],
        by,
    )
    return starts_on


def _judge_doubles(session: Session, header: Header, doubles: store.Doubles) -> str:
    """Say `new`, `known` (all of it came before), `overlap`, `twins` (alike, but real) or `unclear`."""
    same_account = store.statements(session, iban=header.iban, standing=Standing.BOOKED)
    alike = [
        each.header
        for each in same_account
        if (each.header.closes_on, each.header.opening_cents, each.header.closing_cents)
        == (header.closes_on, header.opening_cents, header.closing_cents)
    ]
    if not header.lines:
        same = [each for each in alike if each.sequence == header.sequence and each.lines == 0]
        return "known" if same else "new"
    changed = header.opening_cents != header.closing_cents or {each.sequence for each in alike} == {
        header.sequence
    }
    if alike and changed and doubles.known < header.lines:
        return "unclear"  # the same statement, with other details
    if not doubles.known:
        return "new"
    follows = [each.header for each in same_account if each.header.closing_cents == header.opening_cents]
    before = [each.header for each in same_account if each.header.opening_cents == header.opening_cents]
    if doubles.known == header.lines:
        return "twins" if _continues(header, follows, before) else "known"
    if _continues(header, follows, before):
        return "twins"
    overlaps = any(
        each.closing_cents is not None and each.closing_cents + doubles.new_cents == header.closing_cents
        for each in (each.header for each in same_account)
    )
    fills = any(each.iban == header.iban and each.amount_cents == doubles.new_cents for each in gaps(session))
    return "overlap" if overlaps or fills else "unclear"


def _continues(header: Header, follows: list[Header], before: list[Header]) -> bool:
    """Whether a statement goes on where another ends and none goes on yet, and moves the balance."""
    if before or header.opening_cents == header.closing_cents:
        return False
    return any(each.closes_on <= header.closes_on for each in follows)


def _join_pages(session: Session, header: Header, taken: Taken, by: Actor) -> None:
    """When the last missing page is there and all pages add up together, take them in."""
    if header.page is None:
        return
    pages = [
        each
        for each in store.statements(session, iban=header.iban, standing=Standing.KEPT_ASIDE)
        if each.header.bank_statement_id == header.bank_statement_id
        and each.header.sequence == header.sequence
        and each.header.page is not None
    ]
    pages.sort(key=lambda each: each.header.page or 0)
    numbers = [each.header.page for each in pages]
    if numbers != list(range(1, len(pages) + 1)) or not pages[-1].header.last_page:
        return
    first, last = pages[0].header, pages[-1].header
    if first.opening_cents is None or last.closing_cents is None:
        return
    if first.opening_cents + sum(each.header.sum_cents for each in pages) != last.closing_cents:
        return
    _book_aside(session, pages, by, taken, "Alle bladzijden zijn er en kloppen samen.")


class NotAside(Refused):
    """Afschrift {id} is niet apart gelegd. Alleen wat apart ligt, kan alsnog worden geboekt."""


def accept(session: Session, aside: Filed, by: Actor, taken: Taken, reason: str) -> None:
    """Take in a statement that was kept aside, on a person's word. Raises NotAside."""
    if aside.standing is not Standing.KEPT_ASIDE:
        raise NotAside(id=aside.header.bank_statement_id or aside.id)
    _book_aside(session, [aside], by, taken, reason)


def _book_aside(session: Session, pages: list[Filed], by: Actor, taken: Taken, reason: str) -> None:
    """Take in the lines of all pages together, so that lines alike on two of them are two; on the first."""
    first = pages[0]
    # Looked up before: while lines are being copied in, the connection takes no question.
    files = [(page, archive.file(session, page.header.file_id)) for page in pages]
    count = store.stage(session, (row for page, kept in files for row in _archived_rows(page, kept)))
    starts_on = _start(session, first.header, Standing.BOOKED, by)
    again = count and store.doubles(session).known == count
    standing = Standing.DISMISSED if again else Standing.BOOKED
    for page in pages:
        store.judge(session, page.id, standing, "Al eerder ingelezen." if again else reason, by.user)
    taken.kept_aside -= min(count, taken.kept_aside)
    names = {f"Afschrift {page.header.bank_statement_id or page.id}:" for page in pages}
    taken.asides = [each for each in taken.asides if not any(name in each for name in names)]
    if again:
        taken.doubles += count
        return
    taken.transactions += store.keep(session, first.id, starts_on)
    taken.new.append(store.statement(session, first.id))


def _archived_rows(filed: Filed, archived: ArchivedFile) -> Iterator[tuple[object, ...]]:
    """Read a statement's lines again, from the bytes that came in."""
    with archive.open_file(archived) as stream:
        for statement in bank_formats.read(stream, name=archived.name):
            if statement.number == filed.header.number:
                yield from _rows(statement, Taken(archived.name), None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A break in an account's chain of statements, in cents: what is missing between two balances."""

    iban: str
    after_on: date
    before_on: date
    after_sequence: int | None
    before_sequence: int | None
    amount_cents: int

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the missing statements, where the bank numbers them."""
        if self.after_sequence is None or self.before_sequence is None:
            return ()
        return tuple(range(self.after_sequence + 1, self.before_sequence))

    @property
    def sentence(self) -> str:
        """What is missing, in Dutch."""
        numbers = ", ".join(map(str, self.missing))
        which = f"afschrift {numbers}" if numbers else "een afschrift"
        return (
            f"Rekening {self.iban}: {which} ontbreekt tussen {self.after_on:%d-%m-%Y} en"
            f" {self.before_on:%d-%m-%Y}, samen {show(self.amount_cents)}."
        )


def gaps(session: Session, until: date | None = None) -> list[Gap]:
    """Find the breaks in the chain of balances and numbers of every account (invariant 2)."""
    starts = accounts.account_starts(session)
    chains: dict[str, list[Header]] = {}
    for each in store.statements(session, standing=Standing.BOOKED, until=until):
        chains.setdefault(each.header.iban, []).append(each.header)
    found: list[Gap] = []
    for iban, headers in chains.items():
        closing_cents = starts[iban].balance_cents
        closed_on, sequence = starts[iban].starts_on, None
        before = {closing_cents}
        for header in in_chain(headers, closing_cents):
            opening_cents = header.opening_cents if header.opening_cents is not None else closing_cents
            overlaps = (
                header.opens_on is not None and header.opens_on <= closed_on and opening_cents in before
            )
            if not overlaps and (
                opening_cents != closing_cents or _number_missing(sequence, header, closed_on)
            ):
                found.append(
                    Gap(
                        iban,
                        closed_on,
                        header.opens_on or header.closes_on,
                        sequence,
                        header.sequence,
                        opening_cents - closing_cents,
                    )
                )
            closing_cents = header.closing_cents if header.closing_cents is not None else closing_cents
            before.add(closing_cents)
            closed_on, sequence = header.closes_on, header.sequence
    return found


def _number_missing(sequence: int | None, header: Header, closed_on: date) -> bool:
    """Whether a number was passed over within one year; some banks give every statement the same one."""
    if sequence is None or header.sequence is None or closed_on.year != header.closes_on.year:
        return False
    return header.sequence > sequence + 1


def in_chain(headers: list[Header], start_cents: int) -> Iterator[Header]:
    """Order statements by day; within a day each after the one whose closing balance it opens with."""
    waiting = sorted(
        headers, key=lambda each: (each.closes_on, each.opens_on or each.closes_on, each.sequence or 0)
    )
    balance = start_cents
    while waiting:
        day = waiting[0].closes_on
        same_day = [each for each in waiting if each.closes_on == day]
        following = next((each for each in same_day if each.opening_cents == balance), same_day[0])
        waiting.remove(following)
        if following.closing_cents is not None:
            balance = following.closing_cents
        yield following
