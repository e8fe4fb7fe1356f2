"""People: residents, households and organisations, and the numbers by which they are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
