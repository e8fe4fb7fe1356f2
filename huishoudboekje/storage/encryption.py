"""Fields that nobody reads in the database: encrypted, and found by a blind index.

AES-GCM-SIV (RFC 8452) bears a nonce that comes twice; a key for each purpose comes from the master key
by HKDF (RFC 5869). A sealed field is bound to its column, municipality and row, so that it cannot be
moved to another: version, key id, nonce and ciphertext, in that order.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import settings
from huishoudboekje.storage.db import MUNICIPALITY
from huishoudboekje.storage.tables.people import InstallationKind

KEY_BYTES: Final = 32
KEY_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
VERSION: Final = b"\x01"
KEY_ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
HEAD_BYTES: Final = len(VERSION) + KEY_ID_BYTES
CHECKED: Final = "keys checked"


class KeyNotReadable(Refused):
    """De sleutel in {where} is geen reeks van 64 hexadecimale cijfers. Zet de sleutel uit de reservekopie terug."""  # noqa: E501 - one sentence


class WrongKey(Refused):
    """De sleutel in {where} hoort niet bij deze database. Zet de sleutel uit de reservekopie terug, of HUISHOUDBOEKJE_KEY."""  # noqa: E501 - one sentence


class NotReadableWithKey(Refused):
    """Het veld {column} van {row} is niet te lezen: het is veranderd, of met een andere sleutel gemaakt."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What encrypts and finds fields of one municipality; `check` tells a wrong master key."""

    id: bytes
    cipher: AESGCMSIV
    index_key: bytes
    check: str
    municipality: int

    def seal(self, column: str, row: str, plain: str) -> bytes:
        """Encrypt a field of a row."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self.cipher.encrypt(nonce, plain.encode(), self._bound_to(column, row))
        return VERSION + self.id + nonce + sealed

    def unseal(self, column: str, row: str, sealed: bytes) -> str:
        """Decrypt a field of a row. Raises NotReadableWithKey."""
        nonce, ciphertext = sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES], sealed[HEAD_BYTES + NONCE_BYTES :]
        if sealed[:HEAD_BYTES] != VERSION + self.id:
            raise NotReadableWithKey(column=column, row=row)
        try:
            return self.cipher.decrypt(nonce, ciphertext, self._bound_to(column, row)).decode()
        except InvalidTag:
            raise NotReadableWithKey(column=column, row=row) from None

    def blind(self, column: str, plain: str) -> bytes:
        """Give by what a field is found unread: the same for the same text within a municipality."""
        said = f"{column}:{self.municipality}:{plain}".encode()
        return hmac.digest(self.index_key, said, "sha256")

    def _bound_to(self, column: str, row: str) -> bytes:
        return f"{column}:{self.municipality}:{row}".encode()


def keys(session: Session) -> Keys:
    """Give the keys of this transaction's municipality. Raises KeyNotReadable, WrongKey."""
    found = _keys(_master_key(), session.info[MUNICIPALITY])
    if CHECKED not in session.info:
        check_key(session, found.check)
        session.info[CHECKED] = True
    return found


def check_key(session: Session, check: str) -> None:
    """Remember the first key by its check, and refuse any other. Raises WrongKey."""
    session.execute(
        text("INSERT INTO installation (kind) VALUES (:kind) ON CONFLICT (id) DO NOTHING"),
        {"kind": InstallationKind.PRODUCTION.value},
    )
    known = session.scalar(text("SELECT key_check FROM installation"))
    if known is None:
        session.execute(
            text("UPDATE installation SET key_check = :check WHERE key_check IS NULL"), {"check": check}
        )
        known = session.scalar(text("SELECT key_check FROM installation"))
    if not hmac.compare_digest(str(known), check):
        raise WrongKey(where=_where())


@lru_cache(maxsize=16)
def _keys(master: bytes, municipality: int) -> Keys:
    return Keys(
        id=hashlib.sha256(_derived(master, "key id")).digest()[:KEY_ID_BYTES],
        cipher=AESGCMSIV(_derived(master, "fields")),
        index_key=_derived(master, "blind index"),
        check=_derived(master, "check").hex(),
        municipality=municipality,
    )


def _derived(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"huishoudboekje {purpose}".encode()).derive(master)


def _master_key() -> bytes:
    named = settings().key
    written = named.get_secret_value() if named else _kept_key(_path())
    if not KEY_HEX.fullmatch(written.strip()):
        raise KeyNotReadable(where=_where())
    return bytes.fromhex(written.strip())


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made whole under another name first: two processes that start at once must end with one key.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, os.urandom(KEY_BYTES).hex().encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text("ascii")


def _path() -> Path:
    return settings().home / "key"


def _where() -> str:
    return "HUISHOUDBOEKJE_KEY" if settings().key else str(_path())
