"""The ledger's rows: post entries once, resolve what was reserved, read balances.

Limits are the database's: its trigger on transfers locks the balances, adds, and refuses what may
not be. Here money is only described and handed over.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.guarantee import HouseholdMoney
from huishoudboekje.domain.ledger import (
    DEBIT_NORMAL,
    AccountKind,
    Entry,
    EntryKind,
    Phase,
    Transfer,
    advance,
    excess,
    household,
    household_of,
    kind_of,
)
from huishoudboekje.storage.bulk import driver, insert_rows, next_ids, refresh_statistics

MANY_ACCOUNTS = 1000


class SameKeyOtherContent(Refused):
    """De boeking '{key}' bestaat al met andere bedragen of rekeningen. Kijk eerst wat er is geboekt."""


ENTRY_COLUMNS = (
    "id",
    "key",
    "kind",
    "effective_on",
    "recorded_at",
    "by_user",
    "transaction_id",
    "reverses",
    "reason",
)


def open_accounts(session: Session, names: Iterable[str]) -> None:
    """Open the accounts of these names that do not exist yet."""
    wanted = sorted(set(names))
    session.execute(
        text("""
            INSERT INTO ledger_account (name, kind, household_id)
            SELECT new.name, new.kind, new.household_id
            FROM unnest(cast(:names AS text[]), cast(:kinds AS text[]), cast(:households AS text[]))
              AS new (name, kind, household_id)
            WHERE NOT EXISTS (SELECT FROM ledger_account old WHERE old.name = new.name)
            ON CONFLICT DO NOTHING
        """),
        {
            "names": wanted,
            "kinds": [kind_of(name).value for name in wanted],
            "households": [household_of(name) for name in wanted],
        },
    )
    if len(wanted) >= MANY_ACCOUNTS:
        # Balances come with accounts; without a new picture of them each transfer would read them all.
        refresh_statistics(session, "ledger_balance")


def post(session: Session, entries: Sequence[Entry], by: Actor) -> int:
    """Book entries, each whole and once; give how many were new.

    An entry whose key is there already with the same transfers is passed over; with other transfers it
    raises SameKeyOtherContent. Entries without transfers move nothing and are not kept.
    """
    new = _not_there_yet(session, [entry for entry in entries if entry.transfers])
    if not new:
        return 0
    open_accounts(
        session, (name for entry in new for each in entry.transfers for name in (each.source, each.target))
    )
    now = clock.now()
    ids = next_ids(session, "ledger_entry", len(new))
    insert_rows(
        session,
        "ledger_entry",
        ENTRY_COLUMNS,
        (
            (
                number,
                entry.key,
                entry.kind.value,
                entry.effective_on,
                now,
                by.user,
                entry.transaction_id,
                entry.reverses,
                entry.reason,
            )
            for number, entry in zip(ids, new, strict=True)
        ),
    )
    insert_rows(
        session,
        "ledger_transfer",
        ("entry_id", "source", "target", "amount_cents", "phase", "resolves", "end_to_end_id"),
        (
            (
                number,
                each.source,
                each.target,
                each.amount_cents,
                each.phase.value,
                each.resolves,
                each.end_to_end_id,
            )
            for number, entry in zip(ids, new, strict=True)
            for each in entry.transfers
        ),
    )
    return len(new)


def _not_there_yet(session: Session, entries: Sequence[Entry]) -> list[Entry]:
    keys = [entry.key for entry in entries]
    there = set(
        session.scalars(
            text("SELECT key FROM ledger_entry WHERE key = ANY(cast(:keys AS text[]))"), {"keys": keys}
        )
    )
    if not there:
        return list(entries)
    known = {entry.key: entry for entry in entries_by_key(session, there)}
    for entry in entries:
        if entry.key in known and _content(known[entry.key]) != _content(entry):
            raise SameKeyOtherContent(key=entry.key)
    return [entry for entry in entries if entry.key not in there]


def _content(entry: Entry) -> list[tuple[str, str, int, str]]:
    return sorted((each.source, each.target, each.amount_cents, each.phase.value) for each in entry.transfers)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the ledger; its transfers with their numbers, in the order of booking."""

    id: int
    entry: Entry
    transfer_ids: tuple[int, ...]
    recorded_at: datetime
    by_user: str


_SELECT = """
    SELECT e.id, e.key, e.kind, e.effective_on, e.recorded_at, e.by_user, e.transaction_id, e.reverses,
      e.reason, t.id, t.source, t.target, t.amount_cents, t.phase, t.resolves, t.end_to_end_id
    FROM ledger_entry e JOIN ledger_transfer t ON t.municipality_id = e.municipality_id AND t.entry_id = e.id
"""

_OF_HOUSEHOLD = """
    WHERE e.id IN (
      SELECT t.entry_id FROM ledger_transfer t JOIN ledger_account a
        ON a.municipality_id = t.municipality_id AND a.name IN (t.source, t.target)
      WHERE a.household_id = %s ORDER BY t.entry_id DESC LIMIT %s)
    ORDER BY e.id, t.id
"""


def _gathered(rows: Iterable[Sequence[Any]]) -> Iterator[Recorded]:
    for _, group in groupby(rows, key=itemgetter(0)):
        lines = list(group)
        number, key, kind, effective_on, recorded_at, by_user, transaction_id, reverses, reason = lines[0][:9]
        transfers = tuple(
            Transfer(source, target, cents, Phase(phase), end_to_end_id, resolves)
            for source, target, cents, phase, resolves, end_to_end_id in (line[10:] for line in lines)
        )
        entry = Entry(key, EntryKind(kind), effective_on, transfers, transaction_id, reverses, reason)
        yield Recorded(number, entry, tuple(line[9] for line in lines), recorded_at, by_user)


def entries_by_key(session: Session, keys: Collection[str]) -> list[Entry]:
    """Read the entries of these keys."""
    rows = driver(session).execute(_SELECT + " WHERE e.key = ANY(%s) ORDER BY e.id, t.id", [list(keys)])
    return [each.entry for each in _gathered(rows)]


def entries_of_transaction(session: Session, transaction_id: int) -> list[Recorded]:
    """Read what was booked for a bank transaction, in the order of booking."""
    rows = driver(session).execute(
        _SELECT + " WHERE e.transaction_id = %s ORDER BY e.id, t.id", [transaction_id]
    )
    return list(_gathered(rows))


def entries_of_household(session: Session, household_id: str, limit: int = 200) -> list[Recorded]:
    """Read the latest entries that touch a household's accounts, latest last."""
    rows = driver(session).execute(_SELECT + _OF_HOUSEHOLD, [household_id, limit])
    return list(_gathered(rows))


def all_entries(session: Session) -> Iterator[Recorded]:
    """Stream the whole ledger in recorded order."""
    cursor = driver(session).cursor(name="whole_ledger")
    cursor.itersize = 5000
    cursor.execute(_SELECT + " ORDER BY e.id, t.id")
    yield from _gathered(cursor)
    cursor.close()


def ledger_hash(session: Session) -> str:
    """SHA-256 over the entries in recorded order as canonical JSON, without database ids."""
    digest = hashlib.sha256()
    for each in all_entries(session):
        digest.update(
            json.dumps(
                canonical(each.entry), ensure_ascii=False, separators=(",", ":"), sort_keys=True
            ).encode()
        )
        digest.update(b"\n")
    return digest.hexdigest()


def canonical(entry: Entry) -> dict[str, object]:
    """Give what an entry says, without database ids, for the hash and the export."""
    return {
        "key": entry.key,
        "kind": entry.kind.value,
        "effective_on": entry.effective_on.isoformat(),
        "reason": entry.reason,
        "transfers": [
            [each.source, each.target, each.amount_cents, each.phase.value, each.end_to_end_id]
            for each in entry.transfers
        ],
    }


def resolve(
    session: Session,
    end_to_end_ids: Collection[str],
    *,
    phase: Phase,
    kind: EntryKind,
    key_prefix: str,
    effective_on: date,
    by: Actor,
    reason: str | None = None,
) -> int:
    """Post or void what is still reserved for these payments: one entry for each, `key_prefix:EndToEndId`.

    Gives the number of entries; payments of which nothing is reserved any more are passed over.
    """
    # Joining what is written to what waits in one statement costs the planner's guess: quadratic on a day.
    waiting = list(
        driver(session).execute(
            """
            SELECT t.end_to_end_id, t.source, t.target, t.amount_cents, t.id FROM ledger_transfer t
            WHERE t.end_to_end_id = ANY(%s) AND t.phase = 'reserved'
              AND NOT EXISTS (SELECT FROM ledger_transfer r
                WHERE r.municipality_id = t.municipality_id AND r.resolves = t.id)
            ORDER BY t.end_to_end_id, t.id
            """,
            [list(end_to_end_ids)],
        )
    )
    of_payment = sorted({row[0] for row in waiting})
    ids = dict(zip(of_payment, next_ids(session, "ledger_entry", len(of_payment)), strict=True))
    now = clock.now()
    insert_rows(
        session,
        "ledger_entry",
        ("id", "key", "kind", "effective_on", "recorded_at", "by_user", "reason"),
        (
            (number, f"{key_prefix}:{each}", kind.value, effective_on, now, by.user, reason)
            for each, number in ids.items()
        ),
    )
    insert_rows(
        session,
        "ledger_transfer",
        ("entry_id", "source", "target", "amount_cents", "phase", "resolves", "end_to_end_id"),
        (
            (ids[each], source, target, cents, phase.value, resolved, each)
            for each, source, target, cents, resolved in waiting
        ),
    )
    return len(ids)


def lock_households(session: Session, household_ids: Iterable[str]) -> None:
    """Lock households in the order of their ids, so that their money is decided about by one at a time.

    Whoever locks more than once in a transaction could meet another who does so the other way round:
    one lock for the municipality's money goes before them all.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('money'), current_municipality())"))
    session.execute(
        text(
            """SELECT id FROM household WHERE id = ANY(cast(:ids AS text[])) ORDER BY id FOR NO KEY UPDATE"""
        ),
        {"ids": sorted(set(household_ids))},
    )


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account shows, in cents; `reserved_cents` is still to leave it."""

    account: str
    shown_cents: int
    reserved_cents: int


def balances(session: Session, accounts: Collection[str] | None = None) -> dict[str, Balance]:
    """Read the balances of these accounts, or of all; an account that does not exist is absent."""
    rows = session.execute(
        text("""
            SELECT account, kind, received_cents - given_cents, reserved_out_cents FROM ledger_balance
            WHERE cast(:accounts AS text[]) IS NULL OR account = ANY(cast(:accounts AS text[]))
            ORDER BY account
        """),
        {"accounts": None if accounts is None else list(accounts)},
    )
    return {
        account: Balance(account, -raw if AccountKind(kind) in DEBIT_NORMAL else raw, reserved)
        for account, kind, raw, reserved in rows
    }


def household_money(session: Session, household_ids: Collection[str], on: date) -> dict[str, HouseholdMoney]:
    """Read the money of households, with the limit that holds on a day; all are present in the answer."""
    ids = sorted(set(household_ids))
    names = [make(each) for each in ids for make in (household, advance, excess)]
    there = balances(session, names)
    limits = {
        row[0]: int(row[1])
        for row in session.execute(
            text("SELECT id, advance_limit(id, cast(:on AS date)) FROM unnest(cast(:ids AS text[])) AS id"),
            {"ids": ids, "on": on},
        )
    }
    nothing = Balance("", 0, 0)
    return {
        each: HouseholdMoney(
            household_id=each,
            own_cents=there.get(household(each), nothing).shown_cents,
            own_reserved_cents=there.get(household(each), nothing).reserved_cents,
            advance_cents=there.get(advance(each), nothing).shown_cents,
            advance_reserved_cents=there.get(advance(each), nothing).reserved_cents,
            excess_cents=there.get(excess(each), nothing).shown_cents,
            limit_cents=limits[each],
        )
        for each in ids
    }


def balances_on(session: Session, on: date, household_id: str | None = None) -> dict[str, int]:
    """Replay the shown balances in cents at the end of a day, by `effective_on`."""
    rows = session.execute(
        text("""
            SELECT account, kind, sum(cents) FROM (
              SELECT t.target AS account, t.amount_cents AS cents, e.effective_on, t.phase
                FROM ledger_transfer t
                JOIN ledger_entry e ON e.municipality_id = t.municipality_id AND e.id = t.entry_id
              UNION ALL
              SELECT t.source, -t.amount_cents, e.effective_on, t.phase FROM ledger_transfer t
                JOIN ledger_entry e ON e.municipality_id = t.municipality_id AND e.id = t.entry_id) sides
            JOIN ledger_account a ON a.name = account
            WHERE effective_on <= :on AND phase = 'posted'
              AND (cast(:household AS text) IS NULL OR a.household_id = :household)
            GROUP BY account, kind ORDER BY account
        """),
        {"on": on, "household": household_id},
    )
    return {
        account: -int(raw) if AccountKind(kind) in DEBIT_NORMAL else int(raw) for account, kind, raw in rows
    }


def advanced_by_payment(session: Session, end_to_end_ids: Collection[str]) -> dict[str, int]:
    """Sum what each payment took from an advance when it left, less what has come back to it, in cents."""
    rows = session.execute(
        text("""
            SELECT end_to_end_id,
              sum(CASE WHEN source LIKE 'advance:%' THEN amount_cents ELSE -amount_cents END)
            FROM ledger_transfer
            WHERE end_to_end_id = ANY(cast(:ids AS text[])) AND phase = 'posted'
              AND (source LIKE 'advance:%' OR target LIKE 'advance:%')
            GROUP BY end_to_end_id
        """),
        {"ids": list(end_to_end_ids)},
    )
    found: dict[str, int] = defaultdict(int)
    found.update({each: int(cents) for each, cents in rows})
    return found


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stored balance that a replay of all transfers does not give; amounts in cents."""

    account: str
    stored_cents: int
    replayed_cents: int


def replay_mismatches(session: Session) -> list[Mismatch]:
    """Replay all transfers and compare with every stored balance, reservations included (invariant 1)."""
    rows = session.execute(
        text("""
            WITH sides AS (
              SELECT target AS account, CASE WHEN phase = 'posted' THEN amount_cents ELSE 0 END AS cents,
                0 AS out FROM ledger_transfer
              UNION ALL
              SELECT source, CASE WHEN phase = 'posted' THEN -amount_cents ELSE 0 END,
                CASE WHEN phase = 'reserved' THEN amount_cents WHEN resolves IS NOT NULL THEN -amount_cents
                  ELSE 0 END FROM ledger_transfer),
            replayed AS (SELECT account, sum(cents) AS cents, sum(out) AS out FROM sides GROUP BY account)
            SELECT coalesce(b.account, r.account), coalesce(b.received_cents - b.given_cents, 0),
              coalesce(r.cents, 0)
            FROM ledger_balance b FULL JOIN replayed r ON r.account = b.account
            WHERE coalesce(b.received_cents - b.given_cents, 0) <> coalesce(r.cents, 0)
               OR coalesce(b.reserved_out_cents, 0) <> coalesce(r.out, 0)
        """)
    )
    return [Mismatch(account, int(stored), int(replayed)) for account, stored, replayed in rows]


def total_cents(session: Session) -> int:
    """Add up all raw balances; anything but zero is a broken ledger (invariant 1)."""
    found = session.scalar(text("SELECT coalesce(sum(received_cents - given_cents), 0) FROM ledger_balance"))
    return int(found or 0)
