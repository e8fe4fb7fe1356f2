"""What payers and banks write: references, names and dates in a description, however they are spelled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from ingest import vocabulary

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
_ALPHANUMERIC: Final = re.compile(r"[A-Z0-9]+")
# Letters that Unicode does not take apart into a letter and a sign.
_WHOLE_LETTERS: Final = str.maketrans(
    {"ı": "i", "Đ": "D", "đ": "d", "ß": "ss", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Æ": "AE", "æ": "ae",
     "Œ": "OE", "œ": "oe", "’": "'", "‘": "'"}
)  # fmt: skip
# One sound, several spellings: ü is written U or UE, ij Y, đ DJ.
_SPELLINGS: Final = (("UE", "U"), ("OE", "O"), ("AE", "A"), ("DJ", "D"), ("IJ", "Y"))
# Initials have fewer letters than this; shorter words keep their spelling.
LONG_WORD: Final = 4
# The shortest surnames: Bos, Kok, Pol.
SHORT_NAME: Final = 3
# So short a word before the last one looks like initials.
SHORT_WORD: Final = 3
# Letters with dots between them that are no initials: t.n.v., i.v.m., B.V.
_ABBREVIATED: Final = re.compile(
    r"\b(?:T\.?[NAB]\.?V|I\.?V\.?M|M\.?B\.?T|O\.?V\.?V|D\.D|[BN]\.V|A\.U\.B|P\.M)\b\.?"
)
# A reference of ISO 11649: what follows its two check digits is the creditor's own.
_CREDITOR_REFERENCE: Final = re.compile(r"RF\d\d(?=[A-Z0-9]{4})")
_LETTERS_THEN_DIGITS: Final = re.compile(r"[A-Z]+(\d+)")


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
                if key[0] > "9":
                    found.extend(_without_letters(key))
    return tuple(found)


def _without_letters(key: str) -> Iterator[str]:
    """A long number that has a word or the start of a creditor reference glued to it."""
    if structured := _CREDITOR_REFERENCE.match(key):
        yield key[structured.end() :].lstrip("0")
    elif (glued := _LETTERS_THEN_DIGITS.fullmatch(key)) and len(glued[1]) >= LONG_REFERENCE:
        yield glued[1].lstrip("0")


def periods(text: str) -> list[str]:
    """What reads as a full date written in digits only, as keys: it may be a reference all the same."""
    found = (piece.group() for piece in _WITH_DIGIT.finditer(text.upper()))
    return [one.lstrip("0") for one in found if len(one) == LONGEST_PERIOD and _PERIOD.fullmatch(one)]


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
    return [
        word if len(word) < LONG_WORD else _sounds(word) for word in _WORD.findall(_spelled_out(fold(text)))
    ]


def _spelled_out(folded: str) -> str:
    return _ABBREVIATED.sub(" ", folded) if "." in folded else folded


def without(text: list[str], name: str) -> list[str]:
    """These words without those of a name of two words or more, as far as they stand there in its order."""
    parts = words(name)
    if len(parts) < len(("two", "words")):
        return text
    for place, word in enumerate(text):
        if word != parts[0]:
            continue
        length = 0
        while length < len(parts) and text[place + length : place + length + 1] == [parts[length]]:
            length += 1
        if length > 1:
            return text[:place] + text[place + length :]
    return text


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
        if word in _USUAL and not here.initials:
            continue
        if best is None or _better(here, best):
            best = here
    return best


def other_matter(folded: str) -> tuple[str, frozenset[str]] | None:
    """The word in a folded text that tells of other money than an instalment, and the categories it is of."""
    spaced = f" {' '.join(_ALPHANUMERIC.findall(folded))} "
    for start, categories in _OTHER_MATTERS:
        if start in spaced:
            return start.strip(), categories
    return None


def same_meaning(term: list[str], text: list[str]) -> bool:
    """Whether a text says what a search term says, in another word that means the same."""
    return any(not several.isdisjoint(term) and not several.isdisjoint(text) for several in _SYNONYMS)


def somebody(text: list[str]) -> bool:
    """Whether a text names a person: initials or a title before a surname, or a short word before the end."""
    last = len(text) - 1
    while last >= 0 and text[last] in _USUAL and text[last] not in _NAMES_TOO:
        last -= 1
    for place, word in enumerate(text):
        if len(word) < SHORT_NAME or word in _PREFIXES:
            continue
        usual = word in _USUAL
        before = _before_surname(text, place)
        if before < 0 or (usual and word not in _NAMES_TOO):
            continue
        told = text[before]
        if len(told) == 1 or told in _TITLES:
            return True
        if place == last and not usual and len(told) <= SHORT_WORD and told not in _ABBREVIATIONS:
            return True
    return False


def _before_surname(text: list[str], place: int) -> int:
    """The place of what stands before a surname, its prefixes and the first half of a double one."""
    before = place - 1
    if before > 0 and len(text[before]) >= LONG_WORD and text[before] not in _SAY_NOTHING:
        before -= 1
    while before >= 0 and _is_prefix(text, before):
        before -= 1
    return before


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
    if not name.initials:
        return None
    if given:
        return _alike(given, name.initials)
    if before >= 0 and text[before] not in _TITLES:
        agree = _first_name_agrees(text[before], name.initials)
        if agree is not None:
            return agree
    return _initials_after(name, text, place)


def _alike(given: str, initials: str) -> bool:
    return given.startswith(initials) or initials.startswith(given)


def _first_name_agrees(word: str, initials: str) -> bool | None:
    """What the word before a surname says: initials in one piece, a first name, or nothing of a person."""
    if len(word) < LONG_WORD and word not in _FIRST_NAMES:
        return None if word in _USUAL else _alike(word, initials)
    if word in _COMMON or (word in _ABBREVIATIONS and word[0] != initials[0]):
        return None
    if word[0] == initials[0]:
        return True if word in _FIRST_NAMES else None
    return None if word[0] in initials else False


def _initials_after(name: Name, text: list[str], place: int) -> bool | None:
    """What stands behind a surname: single letters, the initials in one piece, or a first name."""
    after = place + 1
    while after < len(text) and text[after] in name.telling:
        after += 1
    given = ""
    while after < len(text) and len(text[after]) == 1:
        given += text[after]
        after += 1
    if given:
        return _alike(given, name.initials)
    if after < len(text):
        if text[after] == name.initials:
            return True
        if text[after] in _FIRST_NAMES and text[after] not in _ABBREVIATIONS:
            return None if text[after][0] in name.initials else False
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


def _folded(listed: str) -> frozenset[str]:
    return frozenset(words(listed))


_PREFIXES: Final = _folded(vocabulary.PREFIXES)
_TITLES: Final = _folded(vocabulary.TITLES)
_ABBREVIATIONS: Final = _folded(vocabulary.ABBREVIATIONS)
_COMMON: Final = _folded(vocabulary.COMMON)
_USUAL: Final = _COMMON | _ABBREVIATIONS
_SAY_NOTHING: Final = _COMMON | _PREFIXES | _TITLES
_FIRST_NAMES: Final = _folded(vocabulary.FIRST_NAMES)
_NAMES_TOO: Final = _folded(vocabulary.NAMES_TOO)
_SYNONYMS: Final = tuple(_folded(several) for several in vocabulary.SYNONYMS)
_OTHER_MATTERS: Final = tuple(
    (f" {start.strip().upper()}" + (" " if len(start.strip()) <= LONG_WORD else ""), categories)
    for starts, categories in vocabulary.OTHER_MATTERS
    for start in starts.split(",")
)
