"""A bank that sends statements of whatever lines a test wants, to a municipality of two households."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bank_formats import Party, Statement, Transaction
from bank_formats.camt_writer import day_statement, write
from huishoudboekje.administration import import_administration
from huishoudboekje.clock import AMSTERDAM
from huishoudboekje.day import closing, taking_in
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.storage import installation, ledger, users
from huishoudboekje.storage.db import Database
from tests.administration import written

ACCOUNT = "NL33BNGH0254028501"
EMPLOYER = "NL56INGB0475092111"
LANDLORD = "NL89RABO0401404241"
ADA = Actor("ada", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
EVA = Actor("eva", frozenset({Role.ADMINISTRATOR}), Channel.COMMAND_LINE)
OPENING = Decimal("20000.00")


def euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def line(cents: int, entry: int = 1, **said: Any) -> Transaction:
    """A line of a statement; `name` and `iban` are the other side's."""
    party = Party(said.pop("name", None), said.pop("iban", None), None)
    on = said.pop("on", date(2026, 1, 2))
    amount = euros(cents)
    return Transaction(
        entry=entry,
        part=said.pop("part", None),
        ref=said.get("bank_reference"),
        booked_on=on,
        valued_on=on,
        amount=amount,
        currency="EUR",
        counterparty=party,
        entry_amount=said.pop("entry_amount", amount),
        **said,
    )


WAGE: dict[str, Any] = {"name": "Bakkerij Jansen", "iban": EMPLOYER, "remittance": "SALARIS JP VAN DER BERG"}


@dataclass
class Branch:
    """One installation, its bank, and the folder in which its files lie."""

    database: Database
    folder: Path
    files: list[Path] = field(default_factory=list)

    def begin(self, payments: str | None = None, **changes: object) -> None:
        with self.database.anywhere() as session:
            installation.mark(session, installation.InstallationKind.TEST)
        path = written.write(
            self.folder, written.changed(*((k.replace("__", "."), v) for k, v in changes.items()))
        )
        listed = None
        if payments is not None:
            listed = self.folder / "payments.csv"
            listed.write_text(payments, "utf-8")
        with self.database.anywhere() as session:
            import_administration(session, path, EVA, payments=listed)
        with self.session() as session:
            for actor in (ADA, EVA):
                users.add_user(session, actor.user, actor.user.title(), actor.roles)

    def session(self) -> Any:
        return self.database.transaction()

    def statement(
        self, *lines: Transaction, sequence: int = 1, on: date = date(2026, 1, 2), opening: Decimal = OPENING
    ) -> Statement:
        return day_statement(
            lines, account=ACCOUNT, id=f"S{sequence}", sequence=sequence, on=on, opening=opening
        )

    def file(self, *statements: Statement) -> Path:
        path = self.folder / f"file-{len(self.files) + 1}.xml"
        with path.open("wb") as out:
            write(
                statements,
                out,
                version="08",
                message_id=f"M{len(self.files) + 1}",
                created_at=datetime(2026, 1, 2, 22, tzinfo=AMSTERDAM),
            )
        self.files.append(path)
        return path

    def take_in(self, *statements: Statement) -> taking_in.Summary:
        return self.take_in_file(self.file(*statements))

    def take_in_file(self, path: Path) -> taking_in.Summary:
        with self.session() as session:
            return taking_in.take_in(session, path, path.name, ADA)

    def balances(self) -> dict[str, int]:
        with self.session() as session:
            return {
                name: each.shown_cents for name, each in ledger.balances(session).items() if each.shown_cents
            }

    def close(self, on: date | None = None) -> closing.Close:
        """Close a day, or the last one of which a statement tells."""
        with self.session() as session:
            assert closing.verify(session, ADA).broken == []
            last = session.scalar(text("SELECT max(closes_on) FROM bank_statement"))
            return closing.close_day(session, on or last, ADA)

    def listed(self) -> list[dict[str, object]]:
        with self.session() as session:
            return list(taking_in.matches(session, ADA))
