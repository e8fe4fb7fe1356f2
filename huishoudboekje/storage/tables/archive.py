"""Files as they came in or went out: the bytes lie in the archive, by their SHA-256."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class FileKind(StrEnum):
    """What a file is to us."""

    STATEMENT = "statement"
    PAYMENT_FILE = "payment_file"
    ADMINISTRATION = "administration"


class ArchivedFile(OfMunicipality, Base):
    """A file that was taken in or made; `sha256` in hexadecimal, `size` in bytes."""

    __tablename__ = "archived_file"
    __table_args__ = (UniqueConstraint("municipality_id", "kind", "sha256"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[FileKind]
    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    recorded_at: Mapped[datetime]
    by_user: Mapped[str]
