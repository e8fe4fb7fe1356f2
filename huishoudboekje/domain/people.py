"""People: residents, households and organisations, and the numbers by which they are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from schwifty import IBAN
from schwifty.exceptions import (
    InvalidBBANChecksum,
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)
from stdnum import ean
from stdnum.nl import bsn, postcode

from huishoudboekje.domain.errors import Refused

SEPARATORS: Final = re.compile(r"[\s.-]")
# Numbers from before 1998 have eight digits on paper; the ninth is a zero in front.
BSN_DIGITS: Final = re.compile(r"\d{8,9}", re.ASCII)
BSN_LENGTH: Final = 9
KVK_DIGITS: Final = re.compile(r"\d{8}", re.ASCII)
EAN_DIGITS: Final = re.compile(r"\d{18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A Dutch postal address; `postcode` is `1234 AB`."""

    street: str
    house_number: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True)
class Resident:
    """A member of a household; `surname` with its prefix, `iban` the own account for living money."""

    id: str
    household_id: str
    initials: str
    surname: str
    birth_date: date
    bsn: str
    iban: str
    address: Address
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """Initials and surname, as a bank writes them."""
        return f"{self.initials} {self.surname}"


@dataclass(frozen=True, slots=True)
class OrganisationAccount:
    """An account from which an organisation pays or is paid; `name` is the holder as the bank writes it."""

    iban: str
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A payer or creditor, private ones too; the first account is the usual one."""

    id: str
    name: str
    accounts: tuple[OrganisationAccount, ...]
    kvk_number: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """People whose money is kept together; with what it started in cents, and until when it runs."""

    id: str
    opening_balance_cents: int
    opening_advance_cents: int
    started_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class MunicipalAccount:
    """A bank account that all households share; the first pays. `batch_booking`: one debit for a batch."""

    iban: str
    bic: str | None
    name: str
    position: int = 1
    batch_booking: bool = False


@dataclass(frozen=True, slots=True)
class AccountStart:
    """What a municipal account held at the end of a day, in cents; no statement up to that day is booked."""

    iban: str
    starts_on: date
    balance_cents: int


class NotABsn(Refused):
    """Dit burgerservicenummer klopt niet. Een BSN heeft negen cijfers; kijk of er een verwisseld is."""

    # The number itself stays out: sentences are shown and logged.


class NotAnIban(Refused):
    """'{text}' is geen geldig rekeningnummer (IBAN): {problem}."""


class NotAPostcode(Refused):
    """'{text}' is geen postcode. Schrijf vier cijfers en twee letters, zoals 1234 AB."""


class NotAKvkNumber(Refused):
    """'{text}' is geen KvK-nummer. Een KvK-nummer heeft acht cijfers."""


class NotAnEan(Refused):
    """'{text}' is geen EAN-code van een aansluiting. Die heeft achttien cijfers en staat op de rekening."""


def read_bsn(text: str) -> str:
    """Nine digits of a citizen service number that passes the eleven test; raises NotABsn."""
    digits = SEPARATORS.sub("", text)
    if not BSN_DIGITS.fullmatch(digits) or not bsn.is_valid(digits):
        raise NotABsn
    return digits.zfill(BSN_LENGTH)


def read_iban(text: str) -> str:
    """The account number in capitals without spaces, its check digits right; raises NotAnIban."""
    try:
        return str(IBAN(text))
    except SchwiftyException as why:
        raise NotAnIban(text=text, problem=_iban_problem(why)) from None


def knows_bank(iban: str) -> bool:
    """Whether the bank code of a valid Dutch IBAN is that of a bank; other countries are not looked up."""
    read = IBAN(iban)
    return read.country_code != "NL" or read.bic is not None


def _iban_problem(why: SchwiftyException) -> str:
    match why:
        case InvalidCountryCode():
            return "het land bestaat niet of gebruikt geen IBAN"
        case InvalidLength():
            return "het is te kort of te lang"
        case InvalidChecksumDigits() | InvalidBBANChecksum():
            return "de controlecijfers kloppen niet, dus er is waarschijnlijk een teken verkeerd"
        case _:
            return "het is niet goed opgebouwd"


def show_iban(iban: str) -> str:
    """An account number in groups of four, as on a bank card."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


def masked_iban(iban: str) -> str:
    """An account number by which its owner knows it and nobody else can use it: `NL91…4300`."""
    return f"{iban[:4]}…{iban[-4:]}"


def read_postcode(text: str) -> str:
    """A Dutch postcode as `1234 AB`; raises NotAPostcode."""
    if not postcode.is_valid(text):
        raise NotAPostcode(text=text)
    return postcode.validate(text)


def read_kvk_number(text: str) -> str:
    """Eight digits of the trade register, which carry no check digit; raises NotAKvkNumber."""
    digits = SEPARATORS.sub("", text)
    if not KVK_DIGITS.fullmatch(digits):
        raise NotAKvkNumber(text=text)
    return digits


def read_ean(text: str) -> str:
    """Eighteen digits of an energy connection with a right check digit (GS1); raises NotAnEan."""
    digits = SEPARATORS.sub("", text)
    if not EAN_DIGITS.fullmatch(digits) or ean.calc_check_digit(digits[:-1]) != digits[-1]:
        raise NotAnEan(text=text)
    return digits
