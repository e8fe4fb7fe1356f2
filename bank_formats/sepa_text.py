"""Texts, identifiers and references as SEPA wants them.

A character that banks do not take is written as `READABLE` says, else as `EPC` says, else as anyascii says
(what it makes is written in its turn), else not at all. A text is shortened only with a note to the caller.
Source: EPC217-08 (SEPA requirements for an extended character set, and its conversion table), EPC230-15
(characters in references), the Dutch rules for the betalingskenmerk (Betaalvereniging Nederland), ISO 11649
(RF creditor reference), EPC262-08 (creditor identifier), ISO 13616 (IBAN).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from anyascii import anyascii
from stdnum import iso11649, numdb
from stdnum.iso7064 import mod_97_10

from bank_formats.errors import Refused

NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]")
PLAIN_IDENTIFIER = re.compile(r"[a-zA-Z0-9\-?:().,'+]{1,35}")
IDENTIFIER_LENGTH = 35
FULL_STOP = "."
EPC_LETTERS: Final = {
    "A": "ÀÁÂÃÄÅĀĂĄΆΑАЪ",
    "B": "Б",
    "C": "ÇĆĈĊČ",
    "CH": "ΧЧ",
    "D": "ĎĐΔД",
    "E": "ÈÉÊËĒĔĖĘĚΈΕЕ",
    "F": "ΦФ",
    "G": "ĜĞĠĢΓГ",
    "H": "ĤĦХ",
    "I": "ÌÍÎÏĨĪĬĮİΉΊΗΙΪИ",
    "J": "Ĵ",
    "K": "ĶΚК",
    "L": "ĹĻĽĿŁΛЛ",
    "M": "ΜМ",
    "N": "ÑŃŅŇΝН",
    "O": "ÒÓÔÕÖØŐΌΏΟΩО",
    "P": "ΠП",
    "PS": "Ψ",
    "R": "ŔŖŘΡР",
    "S": "ŚŜŞŠȘΣС",
    "SH": "Ш",
    "SHT": "Щ",
    "T": "ŢŤŦȚΤТ",
    "TH": "Θ",
    "TS": "Ц",
    "U": "ÙÚÛÜŨŪŬŮŰŲУ",
    "V": "ΒВ",
    "W": "Ŵ",
    "X": "Ξ",
    "Y": "ÝŶŸΎΥΫЙЬ",
    "YA": "Я",
    "YU": "Ю",
    "Z": "ŹŻŽΖЗ",
    "ZH": "Ж",
    "a": "àáâãäåāăąάαаъ",
    "b": "б",
    "c": "çćĉċč",
    "ch": "χч",
    "d": "ďđδд",
    "e": "èéêëēĕėęěέεе",
    "f": "φф",
    "g": "ĝğġģγг",
    "h": "ĥħх",
    "i": "ìíîïĩīĭįıΐήίηιϊи",
    "j": "ĵ",
    "k": "ķκк",
    "l": "ĺļľŀłλл",
    "m": "μм",
    "n": "ñńņňνн",
    "o": "òóôõöøőόώοωо",
    "p": "πп",
    "ps": "ψ",
    "r": "ŕŗřρр",
    "s": "śŝşšșςσс",
    "sh": "ш",
    "sht": "щ",
    "t": "ţťŧțτт",
    "th": "θ",
    "ts": "ц",
    "u": "ùúûüũūŭůűųу",
    "v": "βв",
    "w": "ŵ",
    "x": "ξ",
    "y": "ýÿŷΰυϋύйь",
    "ya": "я",
    "yu": "ю",
    "z": "źżžζз",
    "zh": "ж",
    "'": "`",
    "(": "[{",
    ")": "]}",
    ",": ";",
    "-": "_~",
    "/": "\\|",
    "?": "¿",
}
"""What EPC217-08 writes for the letters of SEPA's languages: Latin, Greek, and Cyrillic as in Bulgarian."""
EPC: Final = {character: written for written, characters in EPC_LETTERS.items() for character in characters}
# The table of the EPC is advice between banks, and leaves what has no letter to a full stop (€, @, %, æ as a
# single a). Where a payee would miss something, what is written says more; all of it stands in the same set.
READABLE: Final = {
    "&": "+",
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "@": "(at)",
    "=": "-",
    "*": FULL_STOP,
    "!": FULL_STOP,
    "#": "",
    "<": "(",
    ">": ")",
    '"': "'",
    "^": FULL_STOP,
    "%": " procent",
    "ß": "ss",
    "Æ": "Ae",
    "æ": "ae",
    "Œ": "Oe",
    "œ": "oe",
    "Ĳ": "IJ",
    "ĳ": "ij",
    "Þ": "Th",
    "þ": "th",
    "Ð": "D",
    "ð": "d",
}
WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
LONG_KENMERK = 16
KENMERK_WITHOUT_CHECK = 7
SHORT_KENMERKEN = range(9, 15)
CREDITOR_ID = re.compile(r"([A-Z]{2}[0-9]{2})[A-Z0-9]{3}([A-Z0-9]{1,28})")
NO_BUSINESS = "ZZZ"
NEVER_CALCULATED = ("00", "01", "99")
"""Check digits run from 02 to 98 (ISO 13616): these would pass the division too."""
CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
SEPA_COUNTRIES: Final = frozenset(
    (
        *(
            "AD",
            "AL",
            "AT",
            "BE",
            "BG",
            "CH",
            "CY",
            "CZ",
            "DE",
            "DK",
            "EE",
            "ES",
            "FI",
            "FR",
            "GB",
            "GI",
            "GR",
        ),
        *(
            "HR",
            "HU",
            "IE",
            "IS",
            "IT",
            "LI",
            "LT",
            "LU",
            "LV",
            "MC",
            "MD",
            "ME",
            "MK",
            "MT",
            "NL",
            "NO",
            "PL",
        ),
        *("PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"),
    )
)
"""Where an IBAN can be of which SEPA reaches the account (EPC409-09, list of SEPA countries)."""
IBAN_PART = re.compile(r"([0-9]+)!([nac])")
IBAN_CHARACTERS = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
IBAN_DIGITS = str.maketrans({chr(ord("A") + place): str(10 + place) for place in range(26)})


class NoReference(Refused):
    """Van "{value}" is geen betalingskenmerk te maken: dat kan alleen van 1 tot en met 15 cijfers."""


class NoCreditorReference(Refused):
    """Van "{value}" is geen RF-kenmerk te maken: dat kan alleen van 1 tot en met 21 letters en cijfers."""


class NoCreditorId(Refused):
    """Van "{value}" is geen incassant-ID te maken: land, 3 tekens, en 1 tot en met 28 letters en cijfers."""


class Cleaned(NamedTuple):
    """A text as it goes to the bank, and in Dutch what had to change for that."""

    text: str
    changes: tuple[str, ...]


def clean(text: str, max_length: int) -> Cleaned:
    """Write a text in the characters that every bank in SEPA takes, at most `max_length` of them.

    Runs of blanks become one; what was replaced or cut off is in `changes`.
    """
    if len(text) <= max_length and is_tidy(text):
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


def is_tidy(text: str) -> bool:
    """Whether a text is as banks take it: their characters, no two blanks in a row, none at its ends."""
    return NOT_ALLOWED.search(text) is None and "  " not in text and text.strip(" ") == text


def _instead(character: str) -> str:
    if character.isspace():
        return " "
    known = _known(character)
    if known is not None:
        return known
    written = anyascii(character)
    if written.startswith(":"):  # a picture, named in English
        return ""
    return "".join(_known(each) or "" if NOT_ALLOWED.match(each) else each for each in written)


def _known(character: str) -> str | None:
    return READABLE.get(character, EPC.get(character))


def problem_of_identifier(identifier: str) -> str | None:
    """Say in Dutch why this cannot be a MsgId, PmtInfId, InstrId, EndToEndId or MndtId; `None` when it can.

    1 to 35 characters of the SEPA set, no `/` at an end and no two in a row (EPC230-15).
    """
    if PLAIN_IDENTIFIER.fullmatch(identifier):
        return None
    if not 1 <= len(identifier) <= IDENTIFIER_LENGTH:
        return f"het kenmerk heeft {len(identifier)} tekens; 1 tot en met {IDENTIFIER_LENGTH} kan"
    if not is_tidy(identifier):
        return "het kenmerk bevat tekens die banken niet aannemen"
    if identifier.startswith("/") or identifier.endswith("/") or "//" in identifier:
        return "het kenmerk begint of eindigt met een schuine streep, of heeft er twee achter elkaar"
    return None


@lru_cache(maxsize=65536)
def is_iban(iban: str) -> bool:
    """Whether this is an IBAN, without blanks, in the shape of its country and with right check digits."""
    shape = _shape(iban[:2])
    if shape is None or not shape.fullmatch(iban) or iban[2:4] in NEVER_CALCULATED:
        return False
    bank, rest = iban[4:8], iban[8:]
    digits = rest if rest.isdigit() else rest.translate(IBAN_DIGITS)
    return int(f"{_digits(bank)}{digits}{_digits(iban[:2])}{iban[2:4]}") % 97 == 1


def is_sepa_iban(iban: str) -> bool:
    """Whether this is an IBAN of a country that SEPA payments reach."""
    return iban[:2] in SEPA_COUNTRIES and is_iban(iban)


@lru_cache(maxsize=1024)
def _digits(letters: str) -> str:
    """What the check digits count for letters: A is 10, Z is 35."""
    return letters.translate(IBAN_DIGITS)


@lru_cache
def _shape(country: str) -> re.Pattern[str] | None:
    """What an IBAN of a country looks like, of the registry that python-stdnum keeps."""
    found = [each["bban"] for _, each in numdb.get("iban").info(country) if "bban" in each]
    if not found:
        return None
    parts = (f"{IBAN_CHARACTERS[kind]}{{{count}}}" for count, kind in IBAN_PART.findall(found[0]))
    return re.compile(f"{country}[0-9]{{2}}{''.join(parts)}")


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
    return (
        CREDITOR_REFERENCE.fullmatch(reference) is not None
        and reference[2:4] not in NEVER_CALCULATED
        and bool(iso11649.is_valid(reference))
    )


def creditor_reference(reference: str) -> str:
    """Make the ISO 11649 reference of up to 21 letters and digits; raises NoCreditorReference."""
    written = reference.upper()
    if not re.fullmatch(r"[A-Z0-9]{1,21}", written):
        raise NoCreditorReference(value=reference)
    return f"RF{mod_97_10.calc_check_digits(written + 'RF')}{written}"


def is_creditor_id(identifier: str) -> bool:
    """Whether this is a creditor identifier for direct debits (incassant-ID), such as NL51ZZZ405365330000.

    Country, two check digits (ISO 7064 mod 97-10 of the rest, without the business code), three characters
    that the creditor chooses, and its national number (EPC262-08, chapter 3).
    """
    found = CREDITOR_ID.fullmatch(identifier)
    return (
        found is not None
        and found[1][2:] not in NEVER_CALCULATED
        and int((found[2] + found[1]).translate(IBAN_DIGITS)) % 97 == 1
    )


def creditor_id(country: str, number: str, business: str = NO_BUSINESS) -> str:
    """Make the creditor identifier of a national number: in the Netherlands KvK number and `0000`.

    `country` is two letters, `business` three characters of the creditor's choice. Raises NoCreditorId.
    """
    is_plain = number.isascii() and number.isalnum() and country.isascii() and country.isalpha()
    made = f"{country}{mod_97_10.calc_check_digits(f'{number}{country}')}" if is_plain else ""
    made += f"{business}{number}"
    if not is_creditor_id(made):
        raise NoCreditorId(value=f"{country} {business} {number}")
    return made
