"""The base of all tables: names of constraints, enums as text with a CHECK, and whose row it is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Enum, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def _enum_values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


class Base(DeclarativeBase):
    """Every table of every package."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        StrEnum: Enum(
            StrEnum, native_enum=False, create_constraint=True, values_callable=_enum_values, length=40
        ),
    }


class OfMunicipality:
    """Whose row it is: filled by the database from the transaction's municipality, and kept apart by it."""

    municipality_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=text("current_municipality()"), sort_order=-10
    )
