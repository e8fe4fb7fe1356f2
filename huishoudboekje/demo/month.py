"""The month, day by day: what the bank tells is taken in and booked, what is due is paid, the day is closed.

Each step asks the database whether it is done, so that a run that was killed goes on where it was, to the
same end.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session

from huishoudboekje import clock, migrations
from huishoudboekje.administration import import_administration
from huishoudboekje.day import closing, paying, ruling, taking_in
from huishoudboekje.demo import bank, homes, stories, town
from huishoudboekje.demo.stories import Handled
from huishoudboekje.demo.town import Account, Person
from huishoudboekje.domain.access import SYSTEM, Actor, Channel
from huishoudboekje.domain.agreements import LIVING_MONEY
from huishoudboekje.domain.bank_days import is_bank_day, previous_bank_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage import accounts, archive, day_closes, db, installation, ledger, users
from huishoudboekje.storage.archive import ArchivedFile
from huishoudboekje.storage.db import Database, NotMigrated
from huishoudboekje.storage.installation import InstallationKind
from ingest.by_hand import Part
from ingest.states import BookingStatus
from payouts import pay
from payouts.batch import Batch, BatchLine, BatchState, PaymentState

DAY: Final = timedelta(days=1)
ONE_DEMO: Final = 0x4465_6D6F
MOST_BATCHES: Final = 200
ON_THE_WAY: Final = (BatchState.PROPOSED, BatchState.APPROVED, BatchState.EXPORTED)

BEGIN: Final = time(9, 0)
TAKE_IN: Final = time(9, 15)
BY_HAND: Final = time(9, 30)
CLOSE: Final = time(9, 50)
PROPOSE: Final = time(10, 0)
APPROVE: Final = time(10, 40)
EXPORT: Final = time(11, 0)
SEND: Final = time(11, 5)
EVENING: Final = time(21, 0)


class NotADemo(Refused):
    """Deze installatie is geen demo maar {kind}. Er is niets weggegooid. Kies met HUISHOUDBOEKJE_HOME een lege map."""  # noqa: E501 - one sentence


class SentBack(Refused):
    """Betaalbatch {batch} ging terug in plaats van goedgekeurd te worden: {why}."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; `changed` is whether it did anything at all."""

    changed: bool
    ledger_hash: str


Seen = Callable[[date], None]


def run(database: Database, *, reset_first: bool, seen: Seen = lambda _: None) -> Outcome:
    """Live the month on an installation that is empty or a demo, from where an earlier run was stopped.

    `reset_first` throws a demo away. `seen` is told each day that begins. Raises NotADemo, IsSomethingElse.
    """
    with _alone(database):
        if reset_first:
            reset(database)
        _require_room(database)
        migrations.migrate(database)
        with database.anywhere() as session:
            installation.mark(session, InstallationKind.DEMO)
            installation.start_clock(session)
        return live(database, seen)


@contextmanager
def _alone(database: Database) -> Generator[None]:
    """Let one process at a time make this demo; a killed one lets go by itself."""
    with psycopg.connect(db.plain(database.owner_url), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_DEMO])
        yield


def reset(database: Database) -> None:
    """Throw a demo away: its tables, and the files in HOME that they name. Raises NotADemo."""
    _require_room(database)
    files = _files(database)
    migrations.unmake(database)
    for each in files:
        archive.path_of(each.sha256).unlink(missing_ok=True)
        (out_folder() / each.name).unlink(missing_ok=True)


def _require_room(database: Database) -> None:
    try:
        with database.anywhere() as session:
            kind = installation.kind(session)
            used = bool(installation.municipalities(session))
    except NotMigrated:
        return
    if kind is not InstallationKind.DEMO and used:
        raise NotADemo(kind=kind.value)


def _files(database: Database) -> list[ArchivedFile]:
    try:
        with database.anywhere() as session:
            known = installation.municipalities(session)
        found: list[ArchivedFile] = []
        for slug in known:
            with database.transaction(slug) as session:
                found += archive.files(session)
    except NotMigrated:
        return []
    return found


def out_folder() -> Path:
    """Where the payment files are written, as for a bank's website."""
    return settings().home / "out"


def live(database: Database, seen: Seen) -> Outcome:
    """Go on with the month on a migrated demo, to its end."""
    changed = _Month(database, seen).live()
    with database.transaction(town.SLUG) as session:
        return Outcome(changed, ledger.ledger_hash(session))


class _Month:
    """The month while it is lived; every step opens transactions of its own."""

    def __init__(self, database: Database, seen: Seen) -> None:
        self.database = database
        self.seen = seen

    def live(self) -> bool:
        """Do what is not done yet; gives whether that was anything."""
        standing = self._standing()
        if standing is not None and self._is_closed(town.LAST_DAY):
            return False
        self._begin(standing)
        for day in bank_days():
            if standing is None or standing < _over(day):
                self.seen(day)
                self._morning(day)
        self._evening()
        return True

    def _standing(self) -> datetime | None:
        with self.database.anywhere() as session:
            standing = installation.standing_clock(session)
        return None if standing is None else standing.astimezone(clock.AMSTERDAM)

    def _is_closed(self, day: date) -> bool:
        with self.database.anywhere() as session:
            if town.SLUG not in installation.municipalities(session):
                return False
        with self._transaction() as session:
            return day_closes.signed_off(session, day) is not None

    @contextmanager
    def _transaction(self, at: datetime | None = None) -> Generator[Session]:
        """Open a transaction, with the clock on a moment that it keeps together with what is done then."""
        with self.database.transaction(town.SLUG) as session:
            if at is not None:
                installation.set_clock(session, at)
            yield session

    # ---- the beginning

    def _begin(self, standing: datetime | None) -> None:
        _close_gaps(self.database)
        with self.database.anywhere() as session:
            if standing is None:
                installation.set_clock(session, _at(town.FIRST_DAY, BEGIN))
            if town.SLUG not in installation.municipalities(session):
                self._import(session)
        with self._transaction() as session:
            for each in town.ACCOUNTS:
                accounts.set_batch_booking(session, each.iban, batch_booking=each.batch_booking)
        _close_gaps(self.database)

    def _import(self, session: Session) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "merwestad.json"
            path.write_text(json.dumps(homes.administration(), ensure_ascii=False), "utf-8")
            import_administration(session, path, Actor(SYSTEM.user, SYSTEM.roles, Channel.COMMAND_LINE))
        peter = None
        for each in (town.PETER, *(one for one in town.PEOPLE if one is not town.PETER)):
            ruling.add_user(session, each.id, each.name, each.roles, peter)
            peter = _actor(session, town.PETER)

    # ---- a day

    def _morning(self, day: date) -> None:
        """Take in and close what the bank did the day before, and pay what is due."""
        before = previous_bank_day(day)
        if before >= town.FIRST_DAY:
            self._take_in(before, _at(day, TAKE_IN))
            for each in stories.HANDLED:
                if each.on == day:
                    self._handle(each, _at(day, BY_HAND))
            self._close(before, _turn(day), _at(day, CLOSE))
        with self._transaction(_at(day, PROPOSE)) as session:
            paying.propose(session, day, _actor(session, _turn(day)))
        self._pay(day)

    def _evening(self) -> None:
        """The bank's last statement of the month is in, and one payment waits for somebody's approval."""
        day = town.LAST_DAY
        self._take_in(day, _at(day, EVENING))
        self._handle(stories.LEFT_TO_APPROVE, _at(day, EVENING))
        self._close(day, _turn(day), _at(day, EVENING))

    def _take_in(self, day: date, at: datetime) -> None:
        """Take in the statement of each account, which the bank makes when it is asked for."""
        for account in town.ACCOUNTS:
            with self._transaction(at) as session:
                who = _actor(session, _turn(at.date()))
                filed = [
                    each.header
                    for each in taking_in.statements_taken_in(session, who)
                    if each.header.iban == account.iban
                ]
                if any(each.closes_on == day for each in filed):
                    continue
                last = max(filed, key=lambda each: each.closes_on, default=None)
                opening_cents = account.opening_cents if last is None else last.closing_cents or 0
                sent = list(_sent(session, who, account, day))
                back = list(_coming_back(session, who, account, day))
                content = bank.statement(account, day, opening_cents, sent, back)
                name = f"{day}-{account.iban[4:8]}.xml"
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / name
                    path.write_bytes(content)
                    taking_in.take_in(session, path, name, who)

    def _handle(self, each: Handled, at: datetime) -> None:
        """Do what this person does with a line, unless it is done."""
        with self._transaction(at) as session:
            who = _actor(session, each.by)
            found, _ = taking_in.transaction(session, each.ref, who)
            if found.booked.status is not BookingStatus.QUEUED:
                return
            if each.agreement is None and each.household is None:
                if pay.refund_of(session, found.line.id) is None:
                    paying.refund(session, each.ref, who)
                return
            part = Part(abs(found.line.amount_cents), each.agreement, each.household)
            taking_in.book(session, each.ref, part, who)

    def _close(self, day: date, person: Person, at: datetime) -> None:
        """Sign a day off. Raises DayNotComplete when anything is not explained."""
        with self._transaction(at) as session:
            if day_closes.signed_off(session, day) is None:
                who = _actor(session, person)
                closing.sign(session, closing.close_day(session, day, who), who)

    def _pay(self, day: date) -> None:
        """Take the day's batches to the bank: another person approves, then the file is made and sent."""
        with self._transaction() as session:
            found = paying.batches(session, SYSTEM, ON_THE_WAY, MOST_BATCHES)
        for batch in sorted(found, key=lambda each: each.id):
            if batch.planned_on != day:
                continue
            if batch.state is BatchState.PROPOSED:
                self._approve(batch.id, _at(day, APPROVE))
            if batch.state is not BatchState.EXPORTED:
                with self._transaction(_at(day, EXPORT)) as session:
                    paying.export(session, batch.id, _actor(session, _turn(day)))
            with self._transaction(_at(day, SEND)) as session:
                who = _actor(session, _turn(day))
                made = paying.export(session, batch.id, who)
                if isinstance(made, ArchivedFile):
                    _write_out(made)
                paying.sent(session, batch.id, who)

    def _approve(self, batch_id: str, at: datetime) -> None:
        with self._transaction(at) as session:
            judged = paying.approve(session, batch_id, _actor(session, town.MARIJKE))
        if judged.changes:
            why = " ".join(each.sentence for each in judged.changes).rstrip(".")
            raise SentBack(batch=batch_id, why=why)


def bank_days() -> Iterator[date]:
    """The banking days of the month."""
    day = town.FIRST_DAY
    while day <= town.LAST_DAY:
        if is_bank_day(day):
            yield day
        day += DAY


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, clock.AMSTERDAM)


def _over(day: date) -> datetime:
    """The moment from which on a day's morning is done."""
    return _at(day, EVENING) if day == town.LAST_DAY else _at(day + DAY, time.min)


def _turn(day: date) -> Person:
    """Who does the back office's work that day."""
    return town.SANNE if day.toordinal() % 2 else town.YOUSSEF


def _actor(session: Session, person: Person) -> Actor:
    return users.actor(session, person.id, Channel.COMMAND_LINE)


def _sent(session: Session, who: Actor, account: Account, day: date) -> Iterator[Batch]:
    """The batches of an account that the bank was asked to carry out on a day."""
    found = paying.batches(session, who, [BatchState.SENT], MOST_BATCHES)
    for each in sorted(found, key=lambda one: one.id):
        if each.debtor_iban == account.iban and each.execution_on == day:
            yield paying.batch(session, each.id, who)


def _coming_back(session: Session, who: Actor, account: Account, day: date) -> Iterator[BatchLine]:
    """The payment that the payee's bank returns: living money, to an account that is closed."""
    if day != stories.RETURNED_ON:
        return
    moved = homes.home(homes.MOVED_BANK)
    agreed = moved.agreement(LIVING_MONEY)
    for each in sorted(paying.batches(session, who, [BatchState.SENT], MOST_BATCHES), key=lambda one: one.id):
        if each.debtor_iban == account.iban:
            for payment in paying.batch(session, each.id, who).payments:
                of = payment.occurrence
                if of and of.agreement_id == agreed.id and payment.state is PaymentState.SETTLED:
                    yield payment


def _write_out(made: ArchivedFile) -> None:
    folder = out_folder()
    there = folder / made.name
    if there.exists() and archive.sha256_of(there) != made.sha256:
        there.unlink()  # of a demo before this one
    paying.write_out(made, folder)


def _close_gaps(database: Database) -> None:
    """Let rows be numbered on from the last one: what a killed run took leaves no trace in the ledger."""
    with psycopg.connect(db.plain(database.owner_url)) as connection:
        _number_on(connection, "municipality")
        found = connection.execute("SELECT id FROM municipality WHERE slug = %s", [town.SLUG]).fetchone()
        if found:
            # Rows have a municipality, and the owner too sees those of one at a time.
            connection.execute("SELECT set_config('hhb.municipality', %s, true)", [str(found[0])])
            _number_on(connection, "bank_transaction")
            connection.execute(
                "SELECT setval('payment_number', coalesce(max(number), 1), max(number) IS NOT NULL) FROM"
                " (SELECT substring(end_to_end_id FROM '-([0-9]{7})(?:-R[0-9]+)?$')::bigint AS number"
                " FROM payment) given"
            )


def _number_on(connection: psycopg.Connection, table: str) -> None:
    connection.execute(
        sql.SQL(
            "SELECT setval(pg_get_serial_sequence({name}, 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)"
            " FROM {table}"
        ).format(name=sql.Literal(table), table=sql.Identifier(table))
    )
