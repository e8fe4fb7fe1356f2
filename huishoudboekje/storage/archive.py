"""Files as they came in or went out, kept by their SHA-256 under HOME/archive, and verified when opened.

Bytes are on disk before the row that names them is committed: a row never points at nothing, and bytes
without a row are harmless.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage.tables.archive import FileKind

__all__ = [
    "ArchivedFile",
    "FileChanged",
    "FileGone",
    "FileKind",
    "file",
    "files",
    "known",
    "open_file",
    "path_of",
    "sha256_of",
    "store",
]

CHUNK_BYTES: Final = 1 << 20


class FileGone(Refused):
    """Bestand {name} staat niet meer in het archief. Zet het archief uit de reservekopie terug."""


class FileChanged(Refused):
    """Bestand {name} in het archief is veranderd: de inhoud klopt niet met wat is vastgelegd."""


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file in the archive; `sha256` in hexadecimal, `size` in bytes."""

    id: int
    kind: FileKind
    sha256: str
    name: str
    size: int
    recorded_at: datetime
    by_user: str


_SELECT = "SELECT id, kind, sha256, name, size, recorded_at, by_user FROM archived_file"


def store(session: Session, kind: FileKind, name: str, content: Path | bytes, by: Actor) -> ArchivedFile:
    """Keep a file; the same bytes of the same kind are kept once, under their first name."""
    sha256, size = _keep(content)
    session.execute(
        text(
            "INSERT INTO archived_file (kind, sha256, name, size, recorded_at, by_user)"
            " VALUES (:kind, :sha256, :name, :size, :now, :by)"
            " ON CONFLICT (municipality_id, kind, sha256) DO NOTHING"
        ),
        {
            "kind": kind.value,
            "sha256": sha256,
            "name": name,
            "size": size,
            "now": clock.now(),
            "by": by.user,
        },
    )
    found = known(session, kind, sha256)
    if found is None:
        raise AssertionError(sha256)
    return found


def known(session: Session, kind: FileKind, sha256: str) -> ArchivedFile | None:
    """The file with this content, or None."""
    row = session.execute(
        text(f"{_SELECT} WHERE kind = :kind AND sha256 = :sha256"), {"kind": kind.value, "sha256": sha256}
    ).one_or_none()
    return None if row is None else _file(row)


def file(session: Session, file_id: int) -> ArchivedFile:
    """The file with this number. Raises NotFound."""
    row = session.execute(text(f"{_SELECT} WHERE id = :id"), {"id": file_id}).one_or_none()
    if row is None:
        raise NotFound(what="Bestand", id=file_id)
    return _file(row)


def files(session: Session, kind: FileKind | None = None) -> list[ArchivedFile]:
    """All files, or those of a kind, in the order in which they came."""
    rows = session.execute(
        text(f"{_SELECT} WHERE cast(:kind AS text) IS NULL OR kind = :kind ORDER BY id"),
        {"kind": kind.value if kind else None},
    )
    return [_file(row) for row in rows]


def open_file(archived: ArchivedFile) -> BufferedReader:
    """Open a file whose bytes are still those that were kept. Raises FileGone, FileChanged."""
    path = path_of(archived.sha256)
    if not path.exists():
        raise FileGone(name=archived.name)
    opened = path.open("rb")
    if hashlib.file_digest(opened, "sha256").hexdigest() != archived.sha256:
        opened.close()
        raise FileChanged(name=archived.name)
    opened.seek(0)
    return opened


def path_of(sha256: str) -> Path:
    """Where bytes with this hash lie."""
    return settings().home / "archive" / sha256[:2] / sha256[2:]


def sha256_of(content: Path | bytes) -> str:
    """The hash in hexadecimal by which content is known."""
    with _stream(content) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stream(content: Path | bytes) -> BufferedReader | BytesIO:
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _keep(content: Path | bytes) -> tuple[str, int]:
    folder = settings().home / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="coming-", delete=False) as fresh:
        coming = Path(fresh.name)
        try:
            with _stream(content) as stream:
                shutil.copyfileobj(stream, fresh, CHUNK_BYTES)
            fresh.flush()
            os.fsync(fresh.fileno())
            # Hashed as it was written, so that what is kept is what is known.
            sha256, size = sha256_of(coming), fresh.tell()
            _put(coming, path_of(sha256))
        finally:
            coming.unlink(missing_ok=True)
    return sha256, size


def _put(coming: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    coming.replace(target)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _file(row: Row[tuple[object, ...]]) -> ArchivedFile:
    return ArchivedFile(
        id=row.id,
        kind=FileKind(row.kind),
        sha256=row.sha256,
        name=row.name,
        size=row.size,
        recorded_at=row.recorded_at,
        by_user=row.by_user,
    )
