"""Households, residents, organisations and agreements, and what a household sets aside.

Numbers of people and accounts are checked here, whoever typed them; ids are given where nobody chose one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.agreements import Agreement, Direction
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.people import (
    Address,
    Household,
    Organisation,
    OrganisationAccount,
    Resident,
    read_bsn,
    read_iban,
    read_kvk_number,
    read_postcode,
)
from huishoudboekje.storage import agreements, audit, ledger, organisations, people
from huishoudboekje.storage.agreements import AgreementVersion
from huishoudboekje.storage.numbering import next_id
from huishoudboekje.storage.people import HouseholdStep

ONE_DAY: Final = timedelta(days=1)


class NotOfThisHousehold(Refused):
    """Inwoner {resident} hoort niet bij huishouden {household}."""


class NotTheirAccount(Refused):
    """Rekening {iban} is niet van {who}. Bekend zijn: {known}. Voeg de rekening daar eerst toe."""


class WithoutAccount(Refused):
    """Organisatie {id} heeft geen rekening. Noem er ten minste een."""


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """A household with all that is known of it; balances in cents, by account."""

    household: Household
    residents: Sequence[Resident]
    agreements: Sequence[Agreement]
    balances_cents: dict[str, int]
    steps: Sequence[HouseholdStep]


# Households


def households(session: Session, by: Actor) -> list[Household]:
    """All households, by id."""
    by.require(Permission.READ)
    return people.households(session)


def household(session: Session, household_id: str, by: Actor) -> HouseholdPage:
    """One household with its residents, agreements and money; looking is written down. Raises NotFound."""
    by.require(Permission.READ)
    found = people.household(session, household_id)
    audit.record(session, by, "household.show", f"household:{household_id}")
    versions = agreements.for_households(session, [household_id])[household_id]
    return HouseholdPage(
        found,
        people.residents_by_household(session, [household_id])[household_id],
        list({each.id: each for each in versions}.values()),
        ledger.balances_on(session, date.max, household_id),
        people.history(session, household_id),
    )


def add_household(session: Session, household_id: str | None, started_on: date, by: Actor) -> Household:
    """Let a household take part from a day on, with nothing yet. Raises NotAllowed, HouseholdExists."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    new = Household(household_id or next_id(session, "household"), 0, 0, started_on)
    people.add_household(session, new, by)
    audit.record(session, by, "household.add", f"household:{new.id}")
    return new


def move_household(
    session: Session, household_id: str, address: Address, moved_on: date, by: Actor
) -> list[Resident]:
    """Let all residents of a household live somewhere else. Raises NotAllowed, NotFound, NotAPostcode."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    people.household(session, household_id)
    there = _address(address)
    moved = [
        people.move_resident(session, each.id, there, moved_on, by)
        for each in people.residents_by_household(session, [household_id])[household_id]
    ]
    audit.record(session, by, "household.move", f"household:{household_id}")
    return moved


# Residents


def residents(session: Session, by: Actor, household_id: str | None = None) -> list[Resident]:
    """All residents or those of a household, without their citizen service numbers."""
    by.require(Permission.READ)
    return people.residents_without_bsn(session, None if household_id is None else [household_id])


def find_residents(session: Session, words: str, by: Actor) -> list[Resident]:
    """Residents by whatever somebody has at hand; looking is written down."""
    by.require(Permission.READ)
    found = people.find_residents(session, words)
    audit.record(session, by, "resident.find", "residents", facts={"found": [each.id for each in found]})
    return found


def resident(session: Session, resident_id: str, by: Actor) -> Resident:
    """One resident; looking is written down. Raises NotFound."""
    by.require(Permission.READ)
    found = people.resident(session, resident_id)
    audit.record(session, by, "resident.show", f"resident:{resident_id}")
    return found


def add_resident(session: Session, new: Resident, joined_on: date, by: Actor) -> Resident:
    """Add a resident to a household; an empty id is given one.

    Raises NotAllowed, NotFound, NotABsn, NotAnIban, NotAPostcode, BsnKnown, ResidentExists, HouseholdClosed.
    """
    by.require(Permission.MANAGE_HOUSEHOLDS)
    checked = _checked(replace(new, id=new.id or next_id(session, "resident")))
    people.add_residents(session, [checked], joined_on, by)
    audit.record(session, by, "resident.add", f"resident:{checked.id}")
    return checked


def change_resident(
    session: Session, changed: Resident, changed_on: date, by: Actor, reason: str | None = None
) -> Resident:
    """Let a resident be as it is here. Raises as `add_resident`."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    after = people.change_resident(session, _checked(changed), changed_on, by, reason)
    audit.record(session, by, "resident.change", f"resident:{changed.id}", reason)
    return after


def move_resident(
    session: Session, resident_id: str, address: Address, moved_on: date, by: Actor
) -> Resident:
    """Let a resident live somewhere else. Raises NotAllowed, NotFound, NotAPostcode."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    after = people.move_resident(session, resident_id, _address(address), moved_on, by)
    audit.record(session, by, "resident.move", f"resident:{resident_id}")
    return after


def join_household(
    session: Session, resident_id: str, household_id: str, joined_on: date, by: Actor
) -> Resident:
    """Let a resident leave one household for another. Raises NotAllowed, NotFound, HouseholdClosed."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    after = people.join_household(session, resident_id, household_id, joined_on, by)
    audit.record(session, by, "resident.join", f"resident:{resident_id}", facts={"household": household_id})
    return after


def end_resident(session: Session, resident_id: str, left_on: date, reason: str | None, by: Actor) -> None:
    """Write down that a resident left the household for no other. Raises NotAllowed, NotFound."""
    by.require(Permission.MANAGE_HOUSEHOLDS)
    people.leave_household(session, resident_id, left_on, by, reason)
    audit.record(session, by, "resident.end", f"resident:{resident_id}", reason)


def _checked(resident: Resident) -> Resident:
    return replace(
        resident,
        bsn=read_bsn(resident.bsn),
        iban=read_iban(resident.iban),
        address=_address(resident.address),
    )


def _address(address: Address) -> Address:
    return replace(address, postcode=read_postcode(address.postcode))


# Organisations


def organisation_list(session: Session, by: Actor, words: str | None = None) -> list[Organisation]:
    """All organisations, or those that somebody looks for."""
    by.require(Permission.READ)
    if words is not None:
        return organisations.find_organisations(session, words)
    return list(organisations.organisations(session).values())


def organisation(session: Session, organisation_id: str, by: Actor) -> Organisation:
    """One organisation. Raises NotFound."""
    by.require(Permission.READ)
    return organisations.organisation(session, organisation_id)


def add_organisation(session: Session, new: Organisation, by: Actor) -> Organisation:
    """Add a payer or creditor; an empty id is given one.

    Raises NotAllowed, OrganisationExists, WithoutAccount, NotAnIban, NotAKvkNumber, NotAPostcode.
    """
    by.require(Permission.MANAGE_ORGANISATIONS)
    checked = _organisation(replace(new, id=new.id or next_id(session, "organisation")))
    organisations.add_organisations(session, [checked])
    audit.record(session, by, "organisation.add", f"organisation:{checked.id}")
    return checked


def change_organisation(session: Session, changed: Organisation, by: Actor) -> Organisation:
    """Let an organisation be as it is here, accounts included. Raises NotFound, and as `add_organisation`."""
    by.require(Permission.MANAGE_ORGANISATIONS)
    checked = _organisation(changed)
    organisations.change_organisation(session, checked)
    audit.record(session, by, "organisation.change", f"organisation:{checked.id}")
    return checked


def end_organisation(session: Session, organisation_id: str, ends_on: date, by: Actor) -> list[str]:
    """End all agreements with an organisation that stops; gives their ids. Raises NotAllowed, NotFound."""
    by.require(Permission.MANAGE_ORGANISATIONS)
    organisations.organisation(session, organisation_id)
    running = [
        each
        for each in agreements.latest(session).values()
        if each.organisation_id == organisation_id and _runs_after(each, ends_on)
    ]
    for each in running:
        agreements.end(session, each.id, max(ends_on, each.schedule.starts_on - ONE_DAY), by)
    ended = [each.id for each in running]
    audit.record(
        session, by, "organisation.end", f"organisation:{organisation_id}", facts={"agreements": ended}
    )
    return ended


def _runs_after(agreement: Agreement, day: date) -> bool:
    return agreement.schedule.ends_on is None or agreement.schedule.ends_on > day


def _organisation(organisation: Organisation) -> Organisation:
    if not organisation.accounts:
        raise WithoutAccount(id=organisation.id)
    return replace(
        organisation,
        kvk_number=organisation.kvk_number and read_kvk_number(organisation.kvk_number),
        accounts=tuple(
            OrganisationAccount(read_iban(each.iban), each.name or organisation.name)
            for each in organisation.accounts
        ),
        address=organisation.address and _address(organisation.address),
    )


# Agreements


def agreement_list(session: Session, by: Actor, household_id: str | None = None) -> list[Agreement]:
    """The latest versions of all agreements, or of those of a household."""
    by.require(Permission.READ)
    if household_id is None:
        return list(agreements.latest(session).values())
    people.household(session, household_id)
    found = agreements.for_households(session, [household_id])[household_id]
    return list({each.id: each for each in found}.values())


def agreement(session: Session, agreement_id: str, by: Actor) -> list[AgreementVersion]:
    """All versions of an agreement, first to last. Raises NotFound."""
    by.require(Permission.READ)
    agreements.agreement(session, agreement_id)
    return agreements.versions(session, agreement_id)


def add_agreement(session: Session, new: Agreement, by: Actor) -> Agreement:
    """Add an agreement; an empty id is given one, an empty account the counterparty's usual one.

    Raises NotAllowed, NotFound, NotOfThisHousehold, NotTheirAccount, AgreementExists, HouseholdClosed.
    """
    by.require(Permission.MANAGE_AGREEMENTS)
    named = replace(new, id=new.id or next_id(session, "agreement_version"))
    checked = _agreement(session, named)
    agreements.add_agreements(session, [checked], checked.schedule.starts_on, by)
    audit.record(
        session,
        by,
        "agreement.add",
        f"agreement:{checked.id}",
        facts={"household": checked.household_id},
    )
    return checked


def change_agreement(session: Session, changed: Agreement, valid_from: date, by: Actor) -> AgreementVersion:
    """Let an agreement hold as it is here for due days from a day on. Raises as `add_agreement`."""
    by.require(Permission.MANAGE_AGREEMENTS)
    version = agreements.add_version(session, _agreement(session, changed), valid_from, by)
    audit.record(
        session, by, "agreement.change", f"agreement:{changed.id}", facts={"version": version.version}
    )
    return version


def end_agreement(session: Session, agreement_id: str, ends_on: date, by: Actor) -> AgreementVersion:
    """Let an agreement fall due for the last time on or before a day.

    Raises NotAllowed, NotFound, EndsBeforeItStarts.
    """
    by.require(Permission.MANAGE_AGREEMENTS)
    version = agreements.end(session, agreement_id, ends_on, by)
    audit.record(session, by, "agreement.end", f"agreement:{agreement_id}", facts={"on": ends_on.isoformat()})
    return version


def _agreement(session: Session, agreement: Agreement) -> Agreement:
    household = people.household(session, agreement.household_id)
    if household.closed_on is not None:
        raise people.HouseholdClosed(id=household.id, closed_on=household.closed_on)
    whose = people.resident(session, agreement.resident_id)
    if whose.household_id != agreement.household_id:
        raise NotOfThisHousehold(resident=whose.id, household=agreement.household_id)
    if agreement.organisation_id is not None:
        other = organisations.organisation(session, agreement.organisation_id)
        name, known = other.name, [each.iban for each in other.accounts]
    else:
        payee = people.resident(session, agreement.payee_resident_id or "")
        if payee.household_id != agreement.household_id:
            raise NotOfThisHousehold(resident=payee.id, household=agreement.household_id)
        name, known = payee.name, [payee.iban]
    iban = read_iban(agreement.iban) if agreement.iban else known[0]
    if iban not in known and agreement.direction is Direction.EXPENSE:
        # Money goes to accounts that are known of whom they are: a typing error would send it elsewhere.
        raise NotTheirAccount(iban=iban, who=name, known=", ".join(known))
    return replace(agreement, iban=iban, counterparty_name=name)
