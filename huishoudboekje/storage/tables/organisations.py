"""Payers and creditors, with the accounts from which they pay or are paid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class Organisation(OfMunicipality, Base):
    """A payer or creditor, private ones too."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kvk_number: Mapped[str | None]
    street: Mapped[str | None]
    house_number: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    departments: Mapped[dict[str, Any] | None]


class OrganisationAccount(OfMunicipality, Base):
    """An account of an organisation; several organisations may share one (payment providers)."""

    __tablename__ = "organisation_account"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "organisation_id"], ["organisation.municipality_id", "organisation.id"]
        ),
        Index(None, "municipality_id", "iban"),
    )

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    iban: Mapped[str]
    name: Mapped[str]
