"""Files that wait to be taken in, under HOME/spool by their SHA-256; gone once their work is done."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage.archive import sha256_of

CHUNK_BYTES: Final = 1 << 20


class SpooledFileGone(Refused):
    """Bestand {name} wachtte op verwerking en is er niet meer. Lever het opnieuw aan."""


def keep(path: Path) -> str:
    """Copy a file here, on disk before anything names it; gives the SHA-256 by which it is known."""
    folder = settings().home / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="coming-", delete=False) as fresh:
        coming = Path(fresh.name)
        try:
            with path.open("rb") as content:
                shutil.copyfileobj(content, fresh, CHUNK_BYTES)
            fresh.flush()
            os.fsync(fresh.fileno())
            sha256 = sha256_of(coming)
            coming.replace(folder / sha256)
        finally:
            coming.unlink(missing_ok=True)
    return sha256


def find(sha256: str, name: str) -> Path:
    """Where a waiting file lies. Raises SpooledFileGone."""
    path = settings().home / "spool" / sha256
    if not path.exists():
        raise SpooledFileGone(name=name)
    return path


def forget(sha256: str) -> None:
    """Let go of a file whose work is done; again is harmless."""
    (settings().home / "spool" / sha256).unlink(missing_ok=True)
