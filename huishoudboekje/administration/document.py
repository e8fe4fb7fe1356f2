"""A JSON file of any size, read member by member: its lists are never whole in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from huishoudboekje.domain.errors import Refused

CHUNK: Final = 1 << 20
LONGEST: Final = 64 << 20
BLANKS: Final = " \t\r\n"
OF_A_NUMBER: Final = re.compile(r"[0-9.eE+-]*", re.ASCII)


class NotJson(Refused):
    """{file} is geen goede JSON: rond teken {position} staat iets wat er niet hoort."""


class NotUtf8(Refused):
    """{file} is geen UTF-8-tekst. Sla het bestand op als UTF-8."""


class SameNameTwice(Refused):
    """{file} noemt '{name}' twee keer binnen hetzelfde onderdeel."""


def members(path: Path) -> Iterator[tuple[str, Any]]:
    """Give the members of the object in a file, in order; a list comes as an iterator over its elements.

    What is left of such an iterator is passed over. Raises NotJson, NotUtf8, SameNameTwice.
    """
    with path.open(encoding="utf-8-sig") as stream:
        try:
            yield from _Reading(path.name, stream).members()
        except UnicodeDecodeError as error:
            raise NotUtf8(file=path.name) from error


class _Reading:
    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self.stream = stream
        self.buffer = ""
        self.at = 0
        self.gone = 0
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, strict=True
        )

    def members(self) -> Iterator[tuple[str, Any]]:
        self._take("{")
        names: set[str] = set()
        if self._next() == "}":
            self.at += 1
        else:
            while True:
                name = self._value()
                if not isinstance(name, str):
                    raise self._wrong()
                if name in names:
                    raise SameNameTwice(file=self.name, name=name)
                names.add(name)
                self._take(":")
                if self._next() == "[":
                    elements = self._elements()
                    yield name, elements
                    for _ in elements:
                        pass
                else:
                    yield name, self._value()
                if self._next() == "}":
                    self.at += 1
                    break
                self._take(",")
        if self._next() != "":
            raise self._wrong()

    def _elements(self) -> Iterator[Any]:
        self._take("[")
        if self._next() == "]":
            self.at += 1
            return
        while True:
            yield self._value()
            if self._next() == "]":
                self.at += 1
                return
            self._take(",")

    def _value(self) -> Any:  # noqa: ANN401 - JSON is anything
        self._next()
        chunk = CHUNK
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                if len(self.buffer) - self.at > LONGEST or not self._more(chunk):
                    self.at = min(error.pos, len(self.buffer))
                    raise self._wrong() from error
                chunk *= 2
            else:
                if self._may_go_on(value, end) and self._more(chunk):
                    continue
                self.at = end
                return value

    def _may_go_on(self, value: object, end: int) -> bool:
        # A number that stops where the buffer stops: `1` of `12`, or `0` of `0.5`.
        if not isinstance(value, int | float):
            return False
        found = OF_A_NUMBER.match(self.buffer, end)
        return found is not None and found.end() == len(self.buffer)

    def _next(self) -> str:
        while True:
            while self.at < len(self.buffer):
                if self.buffer[self.at] not in BLANKS:
                    return self.buffer[self.at]
                self.at += 1
            if not self._more(CHUNK):
                return ""

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise self._wrong()
        self.at += 1

    def _more(self, size: int) -> bool:
        chunk = self.stream.read(size)
        self.gone += self.at
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0
        return bool(chunk)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise SameNameTwice(file=self.name, name=twice)
        return made

    def _constant(self, _name: str) -> None:
        raise self._wrong()

    def _wrong(self) -> NotJson:
        return NotJson(file=self.name, position=self.gone + self.at + 1)
