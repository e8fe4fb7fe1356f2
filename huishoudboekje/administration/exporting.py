"""Writing a whole administration, so that a municipality can leave with everything."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.administration.reading import FORMAT
from huishoudboekje.domain.access import Actor, Role
from huishoudboekje.domain.agreements import Agreement, Schedule, Unit
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.money import as_text
from huishoudboekje.domain.people import Address, Household, Organisation, Resident
from huishoudboekje.storage import (
    accounts,
    agreements,
    audit,
    installation,
    leaving,
    organisations,
    people,
    policy,
    users,
)

HOUSEHOLDS_AT_ONCE: Final = 1000


class AccountWithoutStart(Refused):
    """Rekening {iban} heeft nog geen beginsaldo. Lees eerst een administratie of een afschrift in."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    organisations: int
    households: int
    entries: int


def export_administration(session: Session, path: Path, by: Actor, *, everything: bool = True) -> Exported:
    """Write the administration of this transaction's municipality, whole or not at all.

    `everything` adds what is beyond the core of the format: policy, users (without tokens), statements,
    payments, audit and ledger. Raises AccountWithoutStart.
    """
    coming = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with coming.open("w", encoding="utf-8") as stream:
            done = _write(session, stream, everything=everything)
            stream.flush()
            os.fsync(stream.fileno())
        coming.replace(path)
    finally:
        coming.unlink(missing_ok=True)
    slug, _ = installation.this_municipality(session)
    audit.record(
        session,
        by,
        "export_administration",
        f"municipality:{slug}",
        facts={"households": done.households, "entries": done.entries},
    )
    return done


def _write(session: Session, stream: TextIO, *, everything: bool) -> Exported:
    stream.write(f'{{"format":{_json(FORMAT)},\n"municipality":{_json(_municipality(session))}')
    organisations_written = _section(stream, "organisations", _organisations(session))
    households_written = _section(stream, "households", _households(session))
    entries = 0
    if everything:
        _section(stream, "policy", _policy(session))
        _section(stream, "users", _users(session))
        for section in leaving.TAKEN:
            _section(stream, section, _rows(session, section))
        entries = _section(stream, "ledger", leaving.entries(session))
    stream.write("}\n")
    return Exported(organisations_written, households_written, entries)


def _section(stream: TextIO, name: str, values: Iterable[Mapping[str, Any]]) -> int:
    stream.write(f',\n"{name}":[')
    count = 0
    for value in values:
        stream.write((",\n" if count else "\n") + _json(value))
        count += 1
    stream.write("]")
    return count


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _municipality(session: Session) -> dict[str, Any]:
    slug, name = installation.this_municipality(session)
    starts = accounts.account_starts(session)
    versions = policy.policy_versions(session)
    latest = versions[-1].policy if versions else policy.policy_on(session, clock.today())
    written = []
    for account in accounts.municipal_accounts(session):
        start = starts.get(account.iban)
        if start is None:
            raise AccountWithoutStart(iban=account.iban)
        written.append(
            {
                "iban": account.iban,
                "bic": account.bic,
                "name": account.name,
                "opening": {"date": start.starts_on.isoformat(), "balance": as_text(start.balance_cents)},
            }
        )
    return {
        "name": name,
        "slug": slug,
        "guarantee_limit": as_text(latest.guarantee_limit_cents),
        "accounts": written,
    }


def _organisations(session: Session) -> Iterator[dict[str, Any]]:
    departments = organisations.departments(session)
    for id, each in organisations.organisations(session).items():
        free = {"departments": departments[id]} if id in departments else {}
        yield _organisation(each) | free


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "kvk_number": organisation.kvk_number,
        "accounts": [{"iban": each.iban, "name": each.name} for each in organisation.accounts],
        "address": None if organisation.address is None else _address(organisation.address),
    }


def _households(session: Session) -> Iterator[dict[str, Any]]:
    everybody = iter(people.households(session))
    while some := list(islice(everybody, HOUSEHOLDS_AT_ONCE)):
        ids = [each.id for each in some]
        members = people.residents_by_household(session, ids)
        agreed = agreements.for_households(session, ids)
        for each in some:
            latest = {one.id: one for one in agreed[each.id]}
            yield _household(each, members[each.id], list(latest.values()))


def _household(
    household: Household, residents: Sequence[Resident], agreed: Sequence[Agreement]
) -> dict[str, Any]:
    return {
        "id": household.id,
        "opening": {
            "balance": as_text(household.opening_balance_cents),
            "advance": as_text(household.opening_advance_cents),
        },
        "residents": [_resident(each) for each in residents],
        "agreements": [_agreement(each) for each in agreed],
    }


def _resident(resident: Resident) -> dict[str, Any]:
    return {
        "id": resident.id,
        "initials": resident.initials,
        "surname": resident.surname,
        "birth_date": resident.birth_date.isoformat(),
        "bsn": resident.bsn,
        "iban": resident.iban,
        "email": resident.email,
        "phone": resident.phone,
        "address": _address(resident.address),
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    counterparty = (
        {"organisation": agreement.organisation_id}
        if agreement.organisation_id is not None
        else {"resident": agreement.payee_resident_id}
    )
    return {
        "id": agreement.id,
        "resident": agreement.resident_id,
        "direction": agreement.direction.value,
        "category": agreement.category,
        "counterparty": counterparty,
        "account": agreement.iban,
        "amount": as_text(agreement.amount_cents),
        "amount_tolerance": as_text(agreement.tolerance_cents),
        "schedule": _schedule(agreement.schedule),
        "settlement": agreement.settlement.value if agreement.settlement else None,
        "guaranteed": agreement.guaranteed,
        "reference": agreement.reference,
        "search_terms": list(agreement.search_terms),
        "remittance": agreement.remittance,
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    written: dict[str, Any] = {"unit": schedule.unit.value, "every": schedule.every}
    if schedule.day is not None:
        written["day"] = schedule.day
    if schedule.unit is Unit.WEEK:
        written["weekday"] = schedule.weekday
    return written | {
        "from": schedule.starts_on.isoformat(),
        "until": schedule.ends_on.isoformat() if schedule.ends_on else None,
    }


def _address(address: Address) -> dict[str, str]:
    return {
        "street": address.street,
        "house_number": address.house_number,
        "postcode": address.postcode,
        "city": address.city,
    }


def _policy(session: Session) -> Iterator[dict[str, Any]]:
    for each in policy.policy_versions(session):
        yield {
            "version": each.version,
            "valid_from": each.valid_from.isoformat(),
            "recorded_at": each.recorded_at.isoformat(),
            "by_user": each.by_user,
            "figures": each.policy.to_mapping(),
        }


def _users(session: Session) -> Iterator[dict[str, Any]]:
    for each in users.users(session):
        if Role.SYSTEM not in each.roles:
            yield {"id": each.id, "name": each.name, "roles": sorted(each.roles), "active": each.active}


def _rows(session: Session, section: str) -> Iterator[dict[str, Any]]:
    for table in leaving.TAKEN[section]:
        for row in leaving.rows(session, table):
            yield {"row": table, **row}
