"""The optional sections of an administration: what we wrote ourselves is read again, the rest passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby, islice
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from huishoudboekje.administration.fields import Node, Problems, Wrong
from huishoudboekje.domain.access import Actor, Role
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import EntryKind, Phase, Transfer, kind_of
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage import leaving, people, policy, users
from huishoudboekje.storage.db import GUARD

TRANSFER_PARTS: Final = 6
ROW: Final = "row"


class Sections:
    """Reads the optional sections of one file into a municipality that is new; else passes them over.

    `entries` counts what its ledger booked; `not_read` names what was passed over.
    """

    def __init__(self, session: Session, by: Actor, problems: Problems, *, new: bool) -> None:
        self.session = session
        self.by = by
        self.problems = problems
        self.new = new
        self.entries = 0
        self.not_read: list[str] = []

    def read(self, name: str, value: object) -> None:
        """Read a section, or remember that it was passed over."""
        if not self.new or isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            self.not_read.append(name)
            return
        try:
            self._read(name, iter(value))
        except Wrong as problem:
            self.problems.add(problem)
        except (DBAPIError, psycopg.Error, LookupError) as error:
            # The transaction is lost, so that nothing more can be read.
            self.problems.add(_not_fitting(name, error))
            self.problems.refuse_any()

    def _read(self, name: str, values: Iterator[object]) -> None:
        match name:
            case "users":
                self._users(values)
            case "policy":
                self._policy(values)
            case "ledger":
                nodes = (Node(value, f"ledger[{number}]") for number, value in enumerate(values))
                if not self.problems.found:
                    self.entries = leaving.bring_entries(self.session, map(_entry, nodes))
            case _:
                self._rows(name, values)

    def _users(self, values: Iterator[object]) -> None:
        known = {each.id for each in users.users(self.session)}
        for number, value in enumerate(values):
            node = Node(value, f"users[{number}]")
            if node.id() in known:
                continue
            roles = [role for role in Role if role.value in node.list("roles")]
            try:
                users.add_user(self.session, node.id(), node.text("name"), roles)
            except Refused as refused:
                raise Wrong(node.path, refused.sentence) from refused
            if not node.yes("active", default=True):
                users.set_active(self.session, node.id(), active=False)

    def _policy(self, values: Iterator[object]) -> None:
        known = {(each.valid_from, each.policy) for each in policy.policy_versions(self.session)}
        for number, value in enumerate(values):
            node = Node(value, f"policy[{number}]")
            try:
                figures = Policy.from_mapping(node.node("figures").value)
            except Refused as refused:
                raise Wrong(f"{node.path}.figures", refused.sentence) from refused
            if (node.day("valid_from"), figures) not in known:
                policy.add_policy(self.session, figures, node.day("valid_from"), self.by)

    def _rows(self, name: str, values: Iterator[object]) -> None:
        nodes = (Node(value, f"{name}[{number}]") for number, value in enumerate(values))
        skipped: set[str] = set()
        for table, group in groupby(nodes, lambda node: node.text(ROW)):
            if table == "household_step":
                self._closed(group)
            elif table not in leaving.BROUGHT or table not in leaving.TAKEN[name]:
                skipped.add(table)
            else:
                while some := [each.value for each in islice(group, leaving.ROWS_AT_ONCE)]:
                    leaving.bring_rows(self.session, table, some)
        self.not_read.extend(f"{name}.{table}" for table in sorted(skipped))

    def _closed(self, steps: Iterator[Node]) -> None:
        # The core of the format knows no closed households; their history does.
        for node in steps:
            if node.value.get("change") == people.HouseholdChange.CLOSED:
                household_id, closed_on = node.id("household_id"), node.day("effective_on")
                people.close_household(
                    self.session, household_id, closed_on, self.by, node.optional("reason") or ""
                )


def _entry(node: Node) -> leaving.BroughtEntry:
    return leaving.BroughtEntry(
        key=node.text("key"),
        kind=node.one_of("kind", EntryKind),
        effective_on=node.day("effective_on"),
        recorded_at=_moment(node, "recorded_at"),
        by_user=node.text("by_user"),
        transaction_id=None if node.value.get("transaction_id") is None else node.whole("transaction_id", 1),
        reverses=node.optional("reverses"),
        reason=node.optional("reason"),
        transfers=tuple(_transfer(node, number, each) for number, each in enumerate(node.list("transfers"))),
    )


def _transfer(node: Node, number: int, value: object) -> leaving.Brought:
    wrong = node.wrong(f"transfers[{number}]", "dit is geen overboeking")
    if not isinstance(value, list) or len(value) != TRANSFER_PARTS:
        raise wrong
    source, target, amount_cents, phase, end_to_end_id, resolves = value
    if not isinstance(amount_cents, int):
        raise wrong
    try:
        for account in (source, target):
            kind_of(account)
        transfer = Transfer(source, target, amount_cents, Phase(phase), end_to_end_id)
        ends = None if resolves is None else (str(resolves[0]), int(resolves[1]))
    except (ValueError, AttributeError, LookupError, TypeError):
        raise wrong from None
    return leaving.Brought(transfer, ends)


def _moment(node: Node, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(node.text(name))
    except ValueError:
        moment = datetime.combine(date.min, datetime.min.time())
    if moment.tzinfo is None:
        raise node.wrong(name, "dit is geen tijdstip met tijdzone")
    return moment


def _not_fitting(name: str, error: Exception) -> Wrong:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith(GUARD):
        return Wrong(name, str(cause.diag.message_primary))
    # The database's own words would name values of people.
    return Wrong(name, "deze regels passen niet in een nieuwe administratie")
