"""Members of an administration, each checked where it stands; what is wrong is told with its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeVar

from schwifty import BIC
from schwifty.exceptions import SchwiftyException

from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.money import read_amount
from huishoudboekje.domain.people import Address, read_bsn, read_iban, read_postcode

MOST_PROBLEMS: Final = 20
ID_LENGTH: Final = 64
AMOUNT: Final = re.compile(r"(?!-0\.00)-?(0|[1-9]\d{0,14})\.\d\d", re.ASCII)
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
KVK: Final = re.compile(r"\d{8}", re.ASCII)
PHONE: Final = re.compile(r"\+\d{8,15}", re.ASCII)
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
CATEGORY: Final = re.compile(r"[a-z]+(_[a-z]+)*", re.ASCII)
SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
# PostgreSQL keeps no NUL, and half a character is none.
NOT_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
MISSING: Final = "dit veld ontbreekt"

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class AdministrationRefused(Refused):
    """De administratie is niet ingelezen, want er klopt iets niet.

    {problems}
    """


class Wrong(Exception):
    """One thing that is wrong, with its path; ends the reading of the object that it is in."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)


class Problems:
    """What was wrong so far; refuses when there is enough of it, and at the end when there is any."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, problem: Wrong) -> None:
        """Remember a problem. Raises AdministrationRefused when it is the last that is told."""
        self.found.append(str(problem))
        if len(self.found) >= MOST_PROBLEMS:
            self.found.append("en misschien meer; dit zijn de eerste twintig.")
            self.refuse_any()

    def refuse_any(self) -> None:
        """Raise AdministrationRefused when there was a problem."""
        if self.found:
            raise AdministrationRefused(problems="\n".join(self.found))


class Node:
    """An object of the file, at its path; each method reads one member, or raises Wrong."""

    __slots__ = ("key", "parent", "value")

    def __init__(self, value: object, key: str, parent: Node | None = None) -> None:
        self.key = key
        self.parent = parent
        if not isinstance(value, dict):
            raise Wrong(self.path, "hier hoort een object te staan")
        self.value: dict[str, Any] = value

    @property
    def path(self) -> str:
        """Where it stands in the file, such as `households[3].opening`."""
        return f"{self.parent.path}.{self.key}" if self.parent is not None and self.parent.path else self.key

    def wrong(self, name: str, problem: str) -> Wrong:
        """What is wrong with a member, to be raised."""
        return Wrong(f"{self.path}.{name}" if self.path else name, problem)

    def only(self, known: frozenset[str]) -> None:
        """Refuse members that the format does not have."""
        if not self.value.keys() <= known:
            unknown = min(self.value.keys() - known)
            raise self.wrong(unknown, "dit veld bestaat niet in dit formaat")

    def text(self, name: str) -> str:
        """Text that is not empty."""
        found = self._string(name)
        if not found:
            raise self.wrong(name, "hier hoort tekst te staan")
        return found

    def optional(self, name: str) -> str | None:
        """Text, or None when it is null or absent."""
        return None if self.value.get(name) is None else self.text(name)

    def id(self, name: str = "id") -> str:
        """An id of 1 to 64 characters."""
        found = self.text(name)
        if len(found) > ID_LENGTH:
            raise self.wrong(name, f"een id heeft hooguit {ID_LENGTH} tekens")
        return found

    def matching(self, name: str, pattern: re.Pattern[str], problem: str) -> str:
        """Text of a form."""
        found = self.text(name)
        if not pattern.fullmatch(found):
            raise self.wrong(name, problem)
        return found

    def iban(self, name: str) -> str:
        """An account number whose check digits are right, in capitals without spaces."""
        found = self.text(name)
        if not _is_iban(found):
            raise self.wrong(name, "dit is geen geldig IBAN")
        return found

    def bic(self, name: str) -> str:
        """A bank's code of 8 or 11 characters."""
        found = self.text(name)
        if not _is_bic(found):
            raise self.wrong(name, "dit is geen geldige BIC")
        return found

    def bsn(self, name: str) -> str:
        """A citizen service number of nine digits that passes the eleven test."""
        found = self.text(name)
        try:
            right = read_bsn(found) == found
        except Refused:
            right = False
        if not right:
            raise self.wrong(name, "dit is geen geldig BSN")
        return found

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD."""
        found = self._string(name)
        if DATE.fullmatch(found):
            try:
                return date.fromisoformat(found)
            except ValueError:
                pass
        raise self.wrong(name, "dit is geen datum; schrijf jjjj-mm-dd")

    def amount(self, name: str, *, signed: bool = False, default: int | None = None) -> int:
        """An amount in cents; below zero only where it is signed."""
        if default is not None and name not in self.value:
            return default
        found = self._string(name)
        if not AMOUNT.fullmatch(found):
            raise self.wrong(name, "dit is geen bedrag; schrijf euro's met een punt en twee cijfers")
        if not signed and found.startswith("-"):
            raise self.wrong(name, "dit bedrag kan niet onder nul zijn")
        return read_amount(found)

    def whole(self, name: str, lowest: int, highest: int | None = None) -> int:
        """A whole number between bounds."""
        found = self.value.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or found < lowest:
            raise self.wrong(name, f"hier hoort een geheel getal vanaf {lowest}")
        if highest is not None and found > highest:
            raise self.wrong(name, f"hier hoort een geheel getal tot en met {highest}")
        return found

    def yes(self, name: str, *, default: bool) -> bool:
        """True or false."""
        found = self.value.get(name, default)
        if not isinstance(found, bool):
            raise self.wrong(name, "hier hoort true of false")
        return found

    def one_of(self, name: str, choices: type[E]) -> E:
        """One of the values of an enumeration."""
        found = self._string(name)
        try:
            return choices(found)
        except ValueError:
            raise self.wrong(name, f"kies uit {', '.join(choices)}") from None

    def node(self, name: str) -> Node:
        """An object inside this one."""
        if name not in self.value:
            raise self.wrong(name, MISSING)
        return Node(self.value[name], name, self)

    def list(self, name: str, *, at_least: int = 0) -> list[object]:
        """A list, of at least so many."""
        if name not in self.value:
            raise self.wrong(name, MISSING)
        found = self.value[name]
        if not isinstance(found, list):
            raise self.wrong(name, "hier hoort een lijst te staan")
        if len(found) < at_least:
            raise self.wrong(name, "deze lijst mag niet leeg zijn")
        return found

    def each(
        self, name: str, read: Callable[[Node], T], problems: Problems, *, at_least: int = 0
    ) -> Iterator[tuple[int, T]]:
        """Read every object of a list, with its place in it; of what is wrong each object tells one thing."""
        for number, value in enumerate(self.list(name, at_least=at_least)):
            try:
                yield number, read(Node(value, f"{name}[{number}]", self))
            except Wrong as problem:
                problems.add(problem)

    def address(self, name: str) -> Address:
        """A Dutch postal address."""
        node = self.node(name)
        node.only(ADDRESS_FIELDS)
        postcode = node.text("postcode")
        if not _is_postcode(postcode):
            raise node.wrong(
                "postcode", "dit is geen postcode; schrijf vier cijfers, een spatie en twee letters"
            )
        return Address(node.text("street"), node.text("house_number"), postcode, node.text("city"))

    def _string(self, name: str) -> str:
        if name not in self.value:
            raise self.wrong(name, MISSING)
        found = self.value[name]
        if not isinstance(found, str):
            raise self.wrong(name, "hier hoort tekst te staan")
        if NOT_TEXT.search(found):
            raise self.wrong(name, "hier staat een teken dat geen tekst is")
        return found

    def free_text(self, name: str, longest: int) -> str:
        """Text that may be empty or absent, up to a length."""
        found = self._string(name) if name in self.value else ""
        if len(found) > longest:
            raise self.wrong(name, f"dit heeft hooguit {longest} tekens")
        return found


ADDRESS_FIELDS: Final = frozenset({"street", "house_number", "postcode", "city"})


@lru_cache(maxsize=65536)
def _is_iban(text: str) -> bool:
    try:
        return read_iban(text) == text
    except Refused:
        return False


@lru_cache(maxsize=4096)
def _is_bic(text: str) -> bool:
    try:
        return str(BIC(text)) == text
    except SchwiftyException:
        return False


@lru_cache(maxsize=65536)
def _is_postcode(text: str) -> bool:
    try:
        return read_postcode(text) == text
    except Refused:
        return False
