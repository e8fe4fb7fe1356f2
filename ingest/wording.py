"""What payers and banks write: references, names and dates in a description, however they are spelled."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

# A reference shorter than this is only looked for at the payer's own IBAN, where few others have one.
LONG_REFERENCE: Final = 7
# Shorter still, it may be a house number or a postcode: then it is weighed lightly.
MEANINGFUL_REFERENCE: Final = 6
SHORTEST_REFERENCE: Final = 4
LONGEST_REFERENCE: Final = 35
# A reference broken by blanks, dots or line ends is put together from at most so many pieces.
PIECES: Final = 6
LONGEST_PERIOD: Final = len("20261231")
WIDEST_BREAK: Final = 2

_WITH_DIGIT: Final = re.compile(r"(?<![A-Z0-9])(?=[A-Z]*[0-9])[A-Z0-9]+")
_LAST_WITH_DIGIT: Final = re.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]+$")
# A year, a month of a year or a full date, in digits only.
_PERIOD: Final = re.compile(
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?)?"
    r"|(?:(?:[0-2]\d|3[01])?(?:0[1-9]|1[0-2]))(?:19|20)\d\d"
)
_DATE: Final = re.compile(
    r"(?<!\d)(?:(?P<d>\d{1,2})[-./ ]?(?P<m>\d\d)[-./ ]?(?P<y>(?:19|20)\d\d)"
    r"|(?P<y2>(?:19|20)\d\d)[-./ ]?(?P<m2>\d\d)[-./ ]?(?P<d2>\d\d))(?!\d)"
)
_WORD: Final = re.compile(r"[A-Z]+")
# Letters that Unicode does not take apart into a letter and a sign.
_WHOLE_LETTERS: Final = str.maketrans(
    {"ı": "i", "Đ": "D", "đ": "d", "ß": "ss", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Æ": "AE", "æ": "ae",
     "Œ": "OE", "œ": "oe", "’": "'", "‘": "'"}
)  # fmt: skip
# One sound, several spellings: ü is written U or UE, ij Y, đ DJ.
_SPELLINGS: Final = (("UE", "U"), ("OE", "O"), ("AE", "A"), ("DJ", "D"), ("IJ", "Y"))
_PREFIXES: Final = frozenset(
    [
        *(
            "VAN",
            "VD",
            "VDE",
            "DE",
            "DEN",
            "DER",
            "TER",
            "TEN",
            "TE",
            "HET",
            "T",
            "EL",
            "AL",
            "LA",
            "LE",
            "DU",
        ),
        *("DI", "DA", "DOS", "DAS", "VON", "ZU", "IN", "OP", "V", "D", "VANT", "VANDEN", "VANDER", "VANDE"),
        *("BIN", "BEN", "AIT", "OULD"),
    ]
)
# Words of descriptions that are surnames too: only with initials do they name somebody.
_NO_NAMES: Final = frozenset(
    [
        *(
            "LOON",
            "SALARIS",
            "MAAND",
            "PERIODE",
            "WEEK",
            "PENSIOEN",
            "UITKERING",
            "HUUR",
            "TOESLAG",
            "BETALING",
        ),
        *("JANUARI", "FEBRUARI", "MAART", "APRIL", "MEI", "JUNI", "JULI", "AUGUSTUS", "SEPTEMBER", "OKTOBER"),
        *("NOVEMBER", "DECEMBER", "BOUW", "ZORG"),
    ]
)
# Initials have fewer letters than this; shorter words keep their spelling.
LONG_WORD: Final = 4
# So short a word before the last one looks like initials.
SHORT_WORD: Final = 2
# Short words before a surname that are no initials.
_NOT_INITIALS: Final = frozenset(
    [
        *("NR", "TNV", "TAV", "VAN", "INZ", "PER", "BTL", "REF", "KNR", "OPG", "UIT", "NO", "MND", "WK"),
        *("JAN", "FEB", "MRT", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC", "GEB", "EUR"),
        *("HR", "DHR", "MW", "FAM", "EN", "AAN", "BIJ", "MET", "TM", "IVM", "BV", "NV", "UWV", "SVB"),
        *("AOW", "WW", "WIA", "WAO", "IVA", "ZW", "ANW", "IOW", "PGB", "PW"),
    ]
)


@lru_cache(maxsize=16384)
def references(text: str) -> tuple[str, ...]:
    """What in a text could be a reference, as keys, in order: words with a digit, and neighbours together.

    Years and months are left out, as half of all descriptions name one.
    """
    found: list[str] = []
    chain: list[str] = []
    chain_end = -WIDEST_BREAK - 1
    for piece in _WITH_DIGIT.finditer(text.upper()):
        if piece.start() - chain_end > WIDEST_BREAK:
            chain = []
        chain_end = piece.end()
        chain.append(piece.group())
        joined = ""
        for part in reversed(chain[-PIECES:]):
            shortest = MEANINGFUL_REFERENCE if joined else SHORTEST_REFERENCE
            joined = part + joined
            if len(joined) > LONGEST_REFERENCE:
                break
            key = joined.lstrip("0")
            if len(key) >= shortest and (len(key) > LONGEST_PERIOD or not _PERIOD.fullmatch(joined)):
                found.append(key)
    return tuple(found)


def cut_reference(text: str) -> str | None:
    """The start of a reference at the very end of a text, where a bank may have cut it off."""
    found = _LAST_WITH_DIGIT.search(text.rstrip().upper()[-LONGEST_REFERENCE:])
    return found.group().lstrip("0") or None if found else None


def fold(text: str) -> str:
    """Capitals in plain Latin letters, as the systems of many payers write."""
    if text.isascii():
        return text.upper()
    taken_apart = unicodedata.normalize("NFKD", text.translate(_WHOLE_LETTERS))
    return "".join(c for c in taken_apart if not unicodedata.combining(c)).upper()


def words(text: str) -> list[str]:
    """The words of a text, folded, each sound of the longer ones in one spelling."""
    return [word if len(word) < LONG_WORD else _sounds(word) for word in _WORD.findall(fold(text))]


def _sounds(word: str) -> str:
    for several, one in _SPELLINGS:
        word = word.replace(several, one)
    return word


def dates(text: str) -> set[date]:
    """The full dates in a text, day first or year first."""
    found: set[date] = set()
    for match in _DATE.finditer(text):
        year, month, day = match["y"] or match["y2"], match["m"] or match["m2"], match["d"] or match["d2"]
        try:
            found.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


class Name(NamedTuple):
    """A name as it is looked for: the telling words of the surname, the whole in one piece, the initials."""

    telling: tuple[str, ...]
    joined: str
    initials: str


@lru_cache(maxsize=65536)
def name_of(initials: str, surname: str) -> Name:
    """A resident's name as it is looked for in descriptions."""
    parts = words(surname)
    telling = tuple(part for part in parts if part not in _PREFIXES) or tuple(parts)
    return Name(telling, _sounds("".join(parts)), "".join(_WORD.findall(fold(initials))))


class Named(NamedTuple):
    """How a text names somebody: the whole surname or a part of it, and what it says of the initials."""

    whole: bool
    initials: bool | None
    """True when they agree, False when they are another's, None when the text has none."""


def named(name: Name, text: list[str]) -> Named | None:
    """How these words name this person, or None when they do not."""
    best: Named | None = None
    for place, word in enumerate(text):
        if word in name.telling:
            whole = all(part in text for part in name.telling)
        elif len(word) > 1 and name.joined.endswith(word) and _joined_here(name, text, place):
            whole = True
        else:
            continue
        here = Named(whole, _initials_agree(name, text, place))
        if word in _NO_NAMES and not here.initials:
            continue
        if best is None or _better(here, best):
            best = here
    return best


def somebody(text: list[str]) -> bool:
    """Whether a text ends with what looks like a name: initials, prefixes and a surname."""
    at = len(text) - 1
    if at < 0 or len(text[at]) < LONG_WORD or text[at] in _NO_NAMES:
        return False
    at -= 1
    while at >= 0 and _is_prefix(text, at):
        at -= 1
    return at >= 0 and len(text[at]) <= SHORT_WORD and text[at] not in _NOT_INITIALS


def _better(one: Named, other: Named) -> bool:
    rank = {True: 2, None: 1, False: 0}
    return (rank[one.initials], one.whole) > (rank[other.initials], other.whole)


def _joined_here(name: Name, text: list[str], place: int) -> bool:
    """Whether the surname is written in one piece, or broken otherwise, up to this word."""
    whole = ""
    for start in range(place, max(-1, place - 4), -1):
        whole = text[start] + whole
        if whole == name.joined:
            return True
        if len(whole) >= len(name.joined):
            return False
    return False


def _initials_agree(name: Name, text: list[str], place: int) -> bool | None:
    before = place - 1
    while before >= 0 and (text[before] in name.telling or _is_prefix(text, before)):
        before -= 1
    given = ""
    while before >= 0 and len(text[before]) == 1:
        given = text[before] + given
        before -= 1
    if not given and before >= 0 and len(text[before]) < LONG_WORD and text[before] not in _NOT_INITIALS:
        given = text[before]
    if given and name.initials:
        return given.startswith(name.initials) or name.initials.startswith(given)
    after = place + 1
    if name.initials and after < len(text) and text[after] == name.initials:
        return True
    return None


def _is_prefix(text: list[str], place: int) -> bool:
    """A prefix of a surname; a lone V, D or T only beside its other half (v.d., v/d, van 't)."""
    word = text[place]
    if word == "T":
        return place > 0 and text[place - 1] in {"VAN", "V", "IN", "OP", "AAN", "UIT"}
    if word == "V":
        return place + 1 < len(text) and text[place + 1] in {"D", "DE", "DEN", "DER", "T"}
    if word == "D":
        return place > 0 and text[place - 1] == "V"
    return word in _PREFIXES
