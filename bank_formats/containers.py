"""What a bank file comes packed in: nothing, gzip or zip, told by content; and what is in it.

A zip is judged by its table of contents before anything is unpacked; unpacked bytes are counted as they come.
"""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast

from bank_formats.errors import NotABankFile, Unreadable, UnsafeFile
from bank_formats.xml import (
    BYTE_ORDER_MARKS,
    CHUNK_BYTES,
    FILE_BYTES,
    NEVER_SENT,
    PROLOG_BYTES,
    Replayed,
    binary,
)

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MEMBERS = 1000
DIRECTORY_BYTES = 1024 * 1024
RATIO = 200
RATIO_FROM_BYTES = 16 * 1024 * 1024
"""Below this size the ratio says nothing: a small file can do no harm."""
END_OF_DIRECTORY = b"PK\x05\x06"
END_BYTES = 22
LONGEST_COMMENT = 65535
ZIP64_LOCATOR = b"PK\x06\x07"
LOCATOR_BYTES = 20
ENCRYPTED = 0x1
LOCAL_HEADER_BYTES = 30
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
AGAIN = "Haal het bestand opnieuw op bij de bank."
UNPACK = "Pak het bestand uit en lever de afschriften los in."


class Content(NamedTuple):
    """One unpacked file: its name, its first bytes to know it by, and a stream that begins with those."""

    name: str
    start: bytes
    stream: BinaryIO


def contents(stream: BinaryIO, *, name: str) -> Iterator[Content]:
    """Give what is in a file: itself, or the bank files of a zip by name; refuses what is unsafe."""
    start = _read_fully(stream, PROLOG_BYTES)
    if not start.strip():
        raise NotABankFile("het bestand is leeg", file=name, remedy=AGAIN)
    if start.startswith(ZIP):
        yield from _members(Replayed(start, stream), name)
    elif start.startswith(GZIP):
        yield _gunzipped(Replayed(start, stream), name)
    else:
        yield Content(name, start, binary(Replayed(start, stream)))


class _Unpacked(io.RawIOBase):
    """Unpacked bytes, counted against the packed ones; its complaints are refusals."""

    def __init__(self, source: BinaryIO, packed: "Replayed | int", name: str) -> None:
        self.source = source
        self.packed = packed
        self.name = name
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            piece = self.source.read(size)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise Unreadable(
                "het ingepakte bestand is beschadigd of afgekapt", file=self.name, remedy=AGAIN
            ) from error
        self.count += len(piece)
        packed = self.packed if isinstance(self.packed, int) else self.packed.count
        if self.count > FILE_BYTES or (self.count > RATIO_FROM_BYTES and self.count > RATIO * packed):
            raise UnsafeFile(
                "het bestand wordt bij uitpakken veel te groot", file=self.name, remedy=NEVER_SENT
            )
        return piece


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _gunzipped(packed: Replayed, name: str) -> Content:
    unpacked = _Unpacked(cast("BinaryIO", gzip.GzipFile(fileobj=binary(packed))), packed, name)
    start = _read_fully(binary(unpacked), PROLOG_BYTES)
    _refuse_packed_again(start, name)
    if not start.strip():
        raise NotABankFile("het bestand is leeg", file=name, remedy=AGAIN)
    return Content(name, start, binary(Replayed(start, binary(unpacked))))


def _refuse_packed_again(start: bytes, name: str) -> None:
    if start.startswith((GZIP, *ZIP)):
        raise UnsafeFile("er zit een ingepakt bestand in een ingepakt bestand", file=name, remedy=UNPACK)


def _members(stream: Replayed, name: str) -> Iterator[Content]:
    with tempfile.TemporaryFile() as whole:
        while piece := stream.read(CHUNK_BYTES):
            if whole.tell() > FILE_BYTES:
                raise UnsafeFile("het zip-bestand is veel te groot", file=name, remedy=NEVER_SENT)
            whole.write(piece)
        size = whole.tell()
        _check_directory(whole, size, name)
        try:
            with zipfile.ZipFile(whole) as archive:
                members = _checked(archive, size, name)
                found = False
                for member in members:
                    label = f"{name}!{member.filename}"
                    with archive.open(member) as opened:
                        unpacked = _Unpacked(cast("BinaryIO", opened), member.compress_size, label)
                        start = _read_fully(binary(unpacked), PROLOG_BYTES)
                        _refuse_packed_again(start, label)
                        if _is_noise(member.filename, start):
                            continue
                        found = True
                        yield Content(label, start, binary(Replayed(start, binary(unpacked))))
        except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as error:
            raise Unreadable("het zip-bestand is beschadigd of afgekapt", file=name, remedy=AGAIN) from error
        if not found:
            raise NotABankFile(
                "in het zip-bestand zit geen bankbestand",
                file=name,
                remedy="Kies het zip-bestand dat de bank heeft gemaakt.",
            )


def _check_directory(whole: BinaryIO, size: int, name: str) -> None:
    """Look at the end of the zip before its table of contents is taken into memory."""
    whole.seek(max(0, size - END_BYTES - LONGEST_COMMENT))
    tail = whole.read()
    end = tail.rfind(END_OF_DIRECTORY)
    record = tail[end : end + END_BYTES]
    if end < 0 or len(record) < END_BYTES:
        raise Unreadable("het zip-bestand is beschadigd of afgekapt", file=name, remedy=AGAIN)
    count = int.from_bytes(record[10:12], "little")
    directory = int.from_bytes(record[12:16], "little")
    is_zip64 = tail[max(0, end - LOCATOR_BYTES) : end].startswith(ZIP64_LOCATOR)
    if count > MEMBERS or directory > DIRECTORY_BYTES or is_zip64:
        raise UnsafeFile("het zip-bestand bevat te veel bestanden", file=name, remedy=UNPACK)
    whole.seek(0)


def _checked(archive: zipfile.ZipFile, size: int, name: str) -> list[zipfile.ZipInfo]:
    """The members by name, when none of them is a trap."""
    members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda member: member.filename)
    if len(members) > MEMBERS:
        raise UnsafeFile("het zip-bestand bevat te veel bestanden", file=name, remedy=UNPACK)
    total = 0
    for member in members:
        label = f"{name}!{member.filename}"
        steps = member.filename.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or steps[0].endswith(":"):
            raise UnsafeFile(
                "een bestand in de zip wijst naar een plaats erbuiten", file=label, remedy=NEVER_SENT
            )
        if member.flag_bits & ENCRYPTED:
            raise UnsafeFile("het zip-bestand is met een wachtwoord beveiligd", file=label, remedy=UNPACK)
        if member.compress_type not in METHODS:
            raise UnsafeFile("het zip-bestand is op een ongewone manier ingepakt", file=label, remedy=UNPACK)
        total += member.file_size
        too_dense = member.file_size > RATIO_FROM_BYTES and member.file_size > RATIO * member.compress_size
        if too_dense or total > FILE_BYTES:
            raise UnsafeFile("het bestand wordt bij uitpakken veel te groot", file=label, remedy=NEVER_SENT)
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end or member.header_offset + member.compress_size > size:
            raise UnsafeFile("bestanden in de zip overlappen elkaar", file=name, remedy=NEVER_SENT)
        end = member.header_offset + LOCAL_HEADER_BYTES + len(member.orig_filename) + member.compress_size
    return members


def _is_noise(filename: str, start: bytes) -> bool:
    """Whether a member of a zip merely came along, such as a readme or what a Mac leaves behind."""
    if any(step.startswith((".", "__MACOSX")) for step in filename.split("/")):
        return True
    return not (looks_like_xml(start) or looks_like_mt940(start) or filename.lower().endswith(".xml"))


def looks_like_xml(start: bytes) -> bool:
    """Whether a file begins with an element or a declaration, in UTF-8, UTF-16 or a kin of ASCII."""
    return start.removeprefix(BYTE_ORDER_MARKS[0]).lstrip().startswith((b"<", *BYTE_ORDER_MARKS, b"\0<"))


def looks_like_mt940(start: bytes) -> bool:
    """Whether a file begins as MT940 and MT942 do: fields such as `:20:` and `:61:` at the start of lines."""
    lines = start[:4096].replace(b"\r", b"\n").split(b"\n")
    fields = (b":20:", b":25:", b":28", b":60", b":61:", b":62", b":940", b":86:")
    return sum(
        line.lstrip(b"\0\x01\x03 ").startswith(fields) for line in lines
    ) > 1 or start.lstrip().startswith(b"{1:")
