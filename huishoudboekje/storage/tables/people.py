"""Municipalities, their households and residents."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class InstallationKind(StrEnum):
    """What an installation is for; only demo and test may set the clock and skip tokens."""

    PRODUCTION = "production"
    TEST = "test"
    DEMO = "demo"


class Installation(Base):
    """The one row that says what this installation is for."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, server_default=text("1"))
    kind: Mapped[InstallationKind]
    clock_at: Mapped[datetime | None]
    key_check: Mapped[str | None]


class Municipality(Base):
    """A municipality on this installation."""

    __tablename__ = "municipality"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class MunicipalAccount(OfMunicipality, Base):
    """A bank account that the households share; the first one pays unless policy says otherwise."""

    __tablename__ = "municipal_account"
    __table_args__ = (CheckConstraint("position >= 1", name="position"),)

    iban: Mapped[str] = mapped_column(primary_key=True)
    bic: Mapped[str | None]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    batch_booking: Mapped[bool] = mapped_column(server_default=text("false"))


class AccountStart(OfMunicipality, Base):
    """With what a municipal account starts: the balance at the end of `starts_on`, in cents."""

    __tablename__ = "account_start"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "iban"], ["municipal_account.municipality_id", "municipal_account.iban"]
        ),
    )

    iban: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    balance_cents: Mapped[int]
    recorded_at: Mapped[datetime]


class Household(OfMunicipality, Base):
    """People whose money is kept together."""

    __tablename__ = "household"

    id: Mapped[str] = mapped_column(primary_key=True)
    opening_balance_cents: Mapped[int] = mapped_column(server_default=text("0"))
    opening_advance_cents: Mapped[int] = mapped_column(server_default=text("0"))
    started_on: Mapped[date]
    closed_on: Mapped[date | None]


class HouseholdChange(StrEnum):
    """What happened to a household or to who is in it."""

    STARTED = "started"
    JOINED = "joined"
    LEFT = "left"
    MOVED = "moved"
    CHANGED = "changed"
    CLOSED = "closed"


class HouseholdStep(OfMunicipality, Base):
    """The history of a household: who came, went and moved, and when it was closed."""

    __tablename__ = "household_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "household_id"], ["household.municipality_id", "household.id"]
        ),
    )

    household_id: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    change: Mapped[HouseholdChange]
    resident_id: Mapped[str | None]
    effective_on: Mapped[date]
    by_user: Mapped[str]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]


class Resident(OfMunicipality, Base):
    """A resident; the citizen service number is encrypted, and found by its blind index."""

    __tablename__ = "resident"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "household_id"], ["household.municipality_id", "household.id"]
        ),
        Index(None, "municipality_id", "household_id"),
        Index("resident_bsn_index_key", "municipality_id", "bsn_index", unique=True),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    household_id: Mapped[str]
    initials: Mapped[str]
    surname: Mapped[str]
    birth_date: Mapped[date]
    bsn_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    bsn_index: Mapped[bytes] = mapped_column(LargeBinary)
    iban: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    street: Mapped[str]
    house_number: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
