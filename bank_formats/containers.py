"""What a bank file comes packed in: nothing, gzip or zip, told by content; and what is in it.

A zip is judged by its table of contents before anything is unpacked; unpacked bytes are counted as they come.
"""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast

from bank_formats.errors import Code, NotABankFile, Unreadable, UnsafeFile
from bank_formats.recognising import HTML, Kind, Recognised, looks_like_mt940, looks_like_xml, refusal
from bank_formats.xml import (
    AGAIN,
    CHUNK_BYTES,
    FILE_BYTES,
    NEVER_SENT,
    PROLOG_BYTES,
    Replayed,
    binary,
)

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
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
OFFICE_MEMBERS = ("[Content_Types].xml", "META-INF/manifest.xml")
DAMAGED = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, zlib.error, struct.error)
WHOLE_GZIP = 31
"""zlib's number for deflated bytes between gzip's head and checksum."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNPACK = "Pak het bestand uit en lever de afschriften los in."


class Content(NamedTuple):
    """One unpacked file: its name, its first bytes to know it by, and a stream that begins with those."""

    name: str
    start: bytes
    stream: BinaryIO


def contents(stream: BinaryIO, *, name: str) -> Iterator[Content]:
    """Give what is in a file: itself, or the bank files of a zip by name; refuses what is unsafe."""
    start = _read_fully(stream, PROLOG_BYTES)
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

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK_BYTES), b""))
        try:
            piece = self.source.read(size)
        except DAMAGED as error:
            raise _damaged("het ingepakte bestand", self.name, error) from error
        self.count += len(piece)
        packed = self.packed if isinstance(self.packed, int) else self.packed.count
        if self.count > FILE_BYTES or (self.count > RATIO_FROM_BYTES and self.count > RATIO * packed):
            raise _bomb(self.name)
        return piece


class _Gunzipped(io.RawIOBase):
    """What a gzip file holds: all its members after each other, zeros behind them left aside."""

    def __init__(self, packed: BinaryIO) -> None:
        self.packed = packed
        self.waiting = b""
        self.member = zlib.decompressobj(WHOLE_GZIP)
        self.members = 1

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; nothing at the end. Raises EOFError when the file is cut off."""
        while True:
            self.waiting = self.waiting or self.packed.read(CHUNK_BYTES)
            is_end = not self.waiting
            if not self.member.eof:
                piece = self.member.decompress(self.waiting, size)
                self.waiting = self.member.unused_data or self.member.unconsumed_tail
                if piece:
                    return piece
                if is_end and not self.member.eof:
                    raise EOFError
            elif is_end:
                return b""
            else:
                self.waiting = self.waiting.lstrip(b"\0")
                if self.waiting:
                    self._next_member()

    def _next_member(self) -> None:
        """Begin the next member. Raises BadZipFile for anything else, and for members without number."""
        self.members += 1
        if not self.waiting.startswith(GZIP[: len(self.waiting)]) or self.members > MEMBERS:
            raise zipfile.BadZipFile
        self.member = zlib.decompressobj(WHOLE_GZIP)


def _damaged(what: str, name: str, error: Exception) -> Unreadable:
    return Unreadable(
        f"{what} is beschadigd of afgekapt",
        code=Code.DAMAGED_ARCHIVE,
        file=name,
        remedy=AGAIN,
        detail=str(error) or type(error).__name__,
    )


def _bomb(name: str) -> UnsafeFile:
    return UnsafeFile(
        "het bestand wordt bij uitpakken veel te groot", code=Code.BOMB, file=name, remedy=NEVER_SENT
    )


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _gunzipped(packed: Replayed, name: str) -> Content:
    unpacked = _Unpacked(binary(_Gunzipped(binary(packed))), packed, name)
    start = _read_fully(binary(unpacked), PROLOG_BYTES)
    _refuse_packed_again(start, name)
    return Content(name, start, binary(Replayed(start, binary(unpacked))))


def _refuse_packed_again(start: bytes, name: str) -> None:
    if start.startswith((GZIP, *ZIP)):
        raise UnsafeFile(
            "er zit een ingepakt bestand in een ingepakt bestand",
            code=Code.PACKED_TWICE,
            file=name,
            remedy=UNPACK,
        )


def _members(stream: Replayed, name: str) -> Iterator[Content]:
    with tempfile.TemporaryFile() as whole:
        while piece := stream.read(CHUNK_BYTES):
            if whole.tell() > FILE_BYTES:
                raise _bomb(name)
            whole.write(piece)
        size = whole.tell()
        _check_directory(whole, size, name)
        try:
            archive = zipfile.ZipFile(whole)
        except DAMAGED as error:
            raise _damaged("het zip-bestand", name, error) from error
        with archive:
            aside: list[str] = []
            found = False
            for member in _checked(archive, size, name):
                content = _member(archive, member, name)
                if _is_noise(member.filename, content.start):
                    aside.append(member.filename)
                    continue
                found = True
                yield content
        if not found:
            raise _nothing_in(name, aside)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Content:
    label = f"{name}!{member.filename}"
    try:
        opened = archive.open(member)
    except DAMAGED as error:
        raise _damaged("het zip-bestand", label, error) from error
    unpacked = _Unpacked(cast("BinaryIO", opened), member.compress_size, label)
    start = _read_fully(binary(unpacked), PROLOG_BYTES)
    _refuse_packed_again(start, label)
    return Content(label, start, binary(Replayed(start, binary(unpacked))))


def _nothing_in(name: str, aside: list[str]) -> NotABankFile:
    return NotABankFile(
        "in het zip-bestand zit geen bankbestand",
        code=Code.NOTHING_INSIDE,
        file=name,
        value=", ".join(aside) or None,
        remedy="Kies het zip-bestand dat de bank heeft gemaakt.",
    )


def _check_directory(whole: BinaryIO, size: int, name: str) -> None:
    """Look at the end of the zip before its table of contents is taken into memory."""
    whole.seek(max(0, size - END_BYTES - LONGEST_COMMENT))
    tail = whole.read()
    end = tail.rfind(END_OF_DIRECTORY)
    record = tail[end : end + END_BYTES]
    if end < 0 or len(record) < END_BYTES:
        raise _damaged("het zip-bestand", name, EOFError())
    count = int.from_bytes(record[10:12], "little")
    directory = int.from_bytes(record[12:16], "little")
    is_zip64 = tail[max(0, end - LOCATOR_BYTES) : end].startswith(ZIP64_LOCATOR)
    if count > MEMBERS or directory > DIRECTORY_BYTES or is_zip64:
        raise UnsafeFile(
            "het zip-bestand bevat te veel bestanden", code=Code.TOO_MANY_MEMBERS, file=name, remedy=UNPACK
        )
    whole.seek(0)


def _checked(archive: zipfile.ZipFile, size: int, name: str) -> list[zipfile.ZipInfo]:
    """The members by name, when none of them is a trap."""
    members = sorted(
        (m for m in archive.infolist() if not m.filename.endswith("/")), key=lambda member: member.filename
    )
    if len(members) > MEMBERS:
        raise UnsafeFile(
            "het zip-bestand bevat te veel bestanden", code=Code.TOO_MANY_MEMBERS, file=name, remedy=UNPACK
        )
    if any(member.filename in OFFICE_MEMBERS for member in members):
        raise refusal(Recognised(Kind.OFFICE_DOCUMENT), file=name)
    total = 0
    for member in members:
        _refuse_trap(member, f"{name}!{member.filename}")
        total += member.file_size
        too_dense = member.file_size > RATIO_FROM_BYTES and member.file_size > RATIO * member.compress_size
        if too_dense or total > FILE_BYTES:
            raise _bomb(f"{name}!{member.filename}")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end or member.header_offset + member.compress_size > size:
            raise UnsafeFile(
                "bestanden in de zip overlappen elkaar",
                code=Code.OVERLAPPING_MEMBERS,
                file=name,
                remedy=NEVER_SENT,
            )
        end = member.header_offset + LOCAL_HEADER_BYTES + len(member.orig_filename) + member.compress_size
    return members


def _refuse_trap(member: zipfile.ZipInfo, label: str) -> None:
    steps = member.filename.replace("\\", "/").split("/")
    if ".." in steps or not steps[0] or steps[0].endswith(":"):
        raise UnsafeFile(
            "een bestand in de zip wijst naar een plaats erbuiten",
            code=Code.PATH_OUTSIDE,
            file=label,
            remedy=NEVER_SENT,
        )
    if member.flag_bits & ENCRYPTED:
        raise UnsafeFile(
            "het zip-bestand is met een wachtwoord beveiligd",
            code=Code.PASSWORD,
            file=label,
            remedy="Pak het bestand uit met het wachtwoord, en lever de afschriften los in.",
        )
    if member.compress_type not in METHODS:
        raise UnsafeFile(
            "het zip-bestand is op een ongewone manier ingepakt",
            code=Code.UNUSUAL_PACKING,
            file=label,
            remedy=UNPACK,
        )


def _is_noise(filename: str, start: bytes) -> bool:
    """Whether a member of a zip merely came along, such as a readme or what a Mac leaves behind."""
    if any(step.startswith((".", "__MACOSX")) for step in filename.split("/")):
        return True
    if filename.lower().endswith(".xml"):
        return False
    return HTML.match(start) is not None or not (looks_like_xml(start) or looks_like_mt940(start))
