"""Files that people send: written to disk piece by piece, once it is known who sends them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from huishoudboekje.domain.errors import Refused
from huishoudboekje.web.session import SignedIn, at_most

UPLOAD_BYTES: Final = 2 * 1024**3
MOST_FILES: Final = 100
MOST_FIELDS: Final = 10
FIELD_BYTES: Final = 1024
LONGEST_NAME: Final = 200


class UploadTooLarge(Refused):
    """Deze bestanden zijn samen te groot (meer dan 2 GB). Stuur ze in delen."""


class NotAnUpload(Refused):
    """Er kwam geen bestand aan. Kies een of meer bestanden en probeer het opnieuw."""


class TooManyFiles(Refused):
    """Dit zijn meer dan {most} bestanden. Stuur ze in delen."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came: under which name, and where it is for the time being."""

    name: str
    path: Path


class Writer:
    """Takes the parts of a form as they come: files to disk, fields of a few words to memory."""

    def __init__(self, folder: Path, who: SignedIn) -> None:
        self.files: list[Received] = []
        self.fields: dict[str, str] = {}
        self._folder = folder
        self._who = who
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._out: BinaryIO | None = None
        self._field: tuple[str, bytearray] | None = None

    def on_part_begin(self) -> None:
        """Forget the headers of the part before."""
        self._headers = {}

    def on_header_field(self, piece: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self._header += piece[start:end]

    def on_header_value(self, piece: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self._value += piece[start:end]

    def on_header_end(self) -> None:
        """Keep a header."""
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def on_headers_finished(self) -> None:
        """Begin a file or a field; a file only after the form has proved to be ours."""
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            if len(self.fields) >= MOST_FIELDS:
                raise NotAnUpload
            self._field = (field, bytearray())
            return
        self._who.require_token(self.fields.get("form_token", ""))
        if not options[b"filename"]:
            return  # the browser sends an empty part where nothing was chosen
        if len(self.files) >= MOST_FILES:
            raise TooManyFiles(most=MOST_FILES)
        name = options[b"filename"].decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]
        path = self._folder / str(len(self.files))
        self._out = path.open("wb")
        self.files.append(Received(name[:LONGEST_NAME] or "zonder naam", path))

    def on_part_data(self, piece: bytes, start: int, end: int) -> None:
        """Write a piece of a file, or keep a piece of a field."""
        if self._out is not None:
            self._out.write(piece[start:end])
        elif self._field is not None:
            self._field[1].extend(piece[start:end][: FIELD_BYTES - len(self._field[1])])

    def on_part_end(self) -> None:
        """End a file or field."""
        if self._out is not None:
            self._out.close()
            self._out = None
        elif self._field is not None:
            self.fields[self._field[0]] = self._field[1].decode("utf-8", "replace")
            self._field = None

    def close(self) -> None:
        """Let go of a file that was not sent to its end."""
        if self._out is not None:
            self._out.close()


async def receive(request: Request, who: SignedIn, folder: Path) -> list[Received]:
    """Write the files of a form into a folder.

    Raises FormFromElsewhere before the first file is written, UploadTooLarge, TooManyFiles, NotAnUpload.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if b"boundary" not in options:
        raise NotAnUpload
    writer = Writer(folder, who)
    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_part_begin": writer.on_part_begin,
            "on_header_field": writer.on_header_field,
            "on_header_value": writer.on_header_value,
            "on_header_end": writer.on_header_end,
            "on_headers_finished": writer.on_headers_finished,
            "on_part_data": writer.on_part_data,
            "on_part_end": writer.on_part_end,
        },
    )
    try:
        await _feed(parser, at_most(request, UPLOAD_BYTES, UploadTooLarge()))
        parser.finalize()
    except MultipartParseError as error:
        raise NotAnUpload from error
    finally:
        writer.close()
    if not writer.files:
        raise NotAnUpload
    return writer.files


async def _feed(parser: MultipartParser, pieces: AsyncIterator[bytes]) -> None:
    async for piece in pieces:
        parser.write(piece)


@contextmanager
def for_the_time_being() -> Iterator[Path]:
    """A folder that only we can read, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="huishoudboekje-") as folder:
        yield Path(folder)
