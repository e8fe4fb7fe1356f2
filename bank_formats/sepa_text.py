"""Texts, identifiers and references as SEPA wants them.

Source: EPC217-08 (SEPA requirements for an extended character set), the Dutch rules for the betalingskenmerk
(Betaalvereniging Nederland), ISO 11649 (RF creditor reference).
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii
from stdnum import iban as stdnum_iban
from stdnum import iso11649
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from bank_formats.errors import Refused

ALLOWED = re.compile(r"[a-zA-Z0-9/\-?:().,'+ ]*")
NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]")
TIDY = re.compile(r"(?! )(?:[a-zA-Z0-9/\-?:().,'+]| (?! |$))*")
IDENTIFIER_LENGTH = 35
INSTEAD = {
    "&": "+",
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "@": "(at)",
    "_": "-",
    "~": "-",
    "=": "-",
    "*": ".",
    "!": ".",
    "#": "",
    "|": "/",
    "\\": "/",
    ";": ",",
    "<": "(",
    ">": ")",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    '"': "'",
    "`": "'",
    "^": ".",
    "%": " procent",
}
WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
LONG_KENMERK = 16
KENMERK_WITHOUT_CHECK = 7
SHORT_KENMERKEN = range(9, 15)


class NoReference(Refused):
    """Van "{value}" is geen betalingskenmerk te maken: dat kan alleen van 1 tot en met 15 cijfers."""


class NoCreditorReference(Refused):
    """Van "{value}" is geen RF-kenmerk te maken: dat kan alleen van 1 tot en met 21 letters en cijfers."""


class Cleaned(NamedTuple):
    """A text as it goes to the bank, and in Dutch what had to change for that."""

    text: str
    changes: tuple[str, ...]


def clean(text: str, max_length: int) -> Cleaned:
    """Write a text in the characters that every bank in SEPA takes, at most `max_length` of them."""
    if len(text) <= max_length and TIDY.fullmatch(text):
        return Cleaned(text, ())
    replaced: dict[str, str] = {}

    def instead(found: re.Match[str]) -> str:
        character = found[0]
        if character not in replaced:
            replaced[character] = _instead(character)
        return replaced[character]

    written = NOT_ALLOWED.sub(instead, unicodedata.normalize("NFC", text))
    written = " ".join(written.split())
    changes = [f"“{old}” werd “{new}”" for old, new in replaced.items() if not old.isspace()]
    if len(written) > max_length:
        changes.append(f"ingekort van {len(written)} naar {max_length} tekens")
        written = written[:max_length].rstrip()
    return Cleaned(written, tuple(changes))


def _instead(character: str) -> str:
    if character.isspace():
        return " "
    known = INSTEAD.get(character)
    readable = anyascii(character) if known is None else known
    return "".join(INSTEAD.get(c, c) if ALLOWED.fullmatch(INSTEAD.get(c, c)) else "" for c in readable)


def problem_of_identifier(identifier: str) -> str | None:
    """Say in Dutch why this cannot be a MsgId, PmtInfId, InstrId or EndToEndId; `None` when it can."""
    if not 1 <= len(identifier) <= IDENTIFIER_LENGTH:
        return f"het kenmerk heeft {len(identifier)} tekens; 1 tot en met {IDENTIFIER_LENGTH} kan"
    if not TIDY.fullmatch(identifier):
        return "het kenmerk bevat tekens die banken niet aannemen"
    if identifier.startswith("/") or identifier.endswith("/") or "//" in identifier:
        return "het kenmerk begint of eindigt met een schuine streep, of heeft er twee achter elkaar"
    return None


@lru_cache(maxsize=65536)
def is_iban(iban: str) -> bool:
    """Whether this is an IBAN, without blanks, in the shape of its country and with right check digits."""
    try:
        return bool(stdnum_iban.validate(iban, check_country=False) == iban)
    except ValidationError:
        return False


def is_betalingskenmerk(reference: str) -> bool:
    """Whether this is a Dutch payment reference: 7, 9 to 14 or 16 digits, with a right check digit.

    Seven digits have no check digit; 9 to 14 tell their own length in the second digit.
    """
    if not (reference.isascii() and reference.isdigit()):
        return False
    length = len(reference)
    if length == KENMERK_WITHOUT_CHECK:
        return True
    if length in SHORT_KENMERKEN:
        right_length = int(reference[1]) == (length - 2) % 10
        return right_length and reference[0] == _check_digit(reference[1:])
    return length == LONG_KENMERK and reference[0] == _check_digit(reference[1:])


def betalingskenmerk(number: str) -> str:
    """Make the payment reference of 16 digits for a number of up to 15 digits; raises NoReference."""
    if not (number.isascii() and number.isdigit() and len(number) < LONG_KENMERK):
        raise NoReference(value=number)
    payload = number.zfill(LONG_KENMERK - 1)
    return _check_digit(payload) + payload


def _check_digit(digits: str) -> str:
    weighted = sum(int(digit) * WEIGHTS[place % len(WEIGHTS)] for place, digit in enumerate(reversed(digits)))
    check = 11 - weighted % 11
    return str({10: 1, 11: 0}.get(check, check))


def is_creditor_reference(reference: str) -> bool:
    """Whether this is an ISO 11649 reference (RF and two check digits in front), written without blanks."""
    return reference.startswith("RF") and reference.isalnum() and bool(iso11649.is_valid(reference))


def creditor_reference(reference: str) -> str:
    """Make the ISO 11649 reference of up to 21 letters and digits; raises NoCreditorReference."""
    written = reference.upper()
    if not re.fullmatch(r"[A-Z0-9]{1,21}", written):
        raise NoCreditorReference(value=reference)
    return f"RF{mod_97_10.calc_check_digits(written + 'RF')}{written}"
