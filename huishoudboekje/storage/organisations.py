"""Payers and creditors, with the accounts from which they pay or are paid."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.domain.people import Address, Organisation, OrganisationAccount
from huishoudboekje.storage.bulk import insert_rows

COLUMNS = ("id", "name", "kvk_number", "street", "house_number", "postcode", "city")
ACCOUNT_COLUMNS = ("organisation_id", "position", "iban", "name")


class OrganisationExists(Refused):
    """Organisatie {id} bestaat al. Wijzig die organisatie."""


_SELECT = """
    SELECT o.id, o.name, o.kvk_number, o.street, o.house_number, o.postcode, o.city,
      coalesce(array_agg(a.iban ORDER BY a.position) FILTER (WHERE a.iban IS NOT NULL), '{}') AS ibans,
      coalesce(array_agg(a.name ORDER BY a.position) FILTER (WHERE a.iban IS NOT NULL), '{}') AS holders
    FROM organisation o LEFT JOIN organisation_account a
      ON a.municipality_id = o.municipality_id AND a.organisation_id = o.id
"""
_GROUP = " GROUP BY o.municipality_id, o.id ORDER BY o.id"


def organisations(session: Session, ids: Collection[str] | None = None) -> dict[str, Organisation]:
    """All organisations, or those with these ids, by id."""
    rows = session.execute(
        text(
            _SELECT + " WHERE cast(:ids AS text[]) IS NULL OR o.id = ANY(cast(:ids AS text[]))" + _GROUP
        ).execution_options(yield_per=5000),
        {"ids": None if ids is None else list(ids)},
    )
    return {row.id: _organisation(row) for row in rows}


def organisation(session: Session, organisation_id: str) -> Organisation:
    """One organisation. Raises NotFound."""
    found = organisations(session, [organisation_id])
    if organisation_id not in found:
        raise NotFound(what="Organisatie", id=organisation_id)
    return found[organisation_id]


def by_iban(session: Session, ibans: Collection[str]) -> list[Organisation]:
    """Organisations that have one of these accounts; several may share one."""
    rows = session.execute(
        text(
            _SELECT
            + " WHERE EXISTS (SELECT FROM organisation_account f WHERE f.municipality_id = o.municipality_id"
            + " AND f.organisation_id = o.id AND f.iban = ANY(cast(:ibans AS text[])))"
            + _GROUP
        ),
        {"ibans": list(ibans)},
    )
    return [_organisation(row) for row in rows]


def find_organisations(session: Session, words: str, limit: int = 50) -> list[Organisation]:
    """Organisations by id, account, number in the trade register, or part of a name."""
    compact = words.replace(" ", "").upper()
    rows = session.execute(
        text(
            _SELECT
            + " WHERE o.id = :words OR o.kvk_number = :compact OR strpos(lower(o.name), lower(:words)) > 0"
            + " OR EXISTS (SELECT FROM organisation_account f WHERE f.municipality_id = o.municipality_id"
            + " AND f.organisation_id = o.id AND f.iban = :compact)"
            + _GROUP
            + " LIMIT :limit"
        ),
        {"words": words.strip(), "compact": compact, "limit": limit},
    )
    return [_organisation(row) for row in rows]


def add_organisations(session: Session, new: Iterable[Organisation]) -> int:
    """Add organisations, and give their number. Raises OrganisationExists."""
    coming = list(new)
    known = session.scalars(
        text("SELECT id FROM organisation WHERE id = ANY(cast(:ids AS text[])) LIMIT 1"),
        {"ids": [each.id for each in coming]},
    ).one_or_none()
    if known is not None:
        raise OrganisationExists(id=known)
    insert_rows(session, "organisation", COLUMNS, map(row_of, coming))
    _add_accounts(session, coming)
    return len(coming)


def change_organisation(session: Session, changed: Organisation) -> None:
    """Let an organisation be as it is here, accounts included. Raises NotFound."""
    organisation(session, changed.id)
    session.execute(
        text(
            "UPDATE organisation SET name = :name, kvk_number = :kvk_number, street = :street,"
            " house_number = :house_number, postcode = :postcode, city = :city WHERE id = :id"
        ),
        dict(zip(COLUMNS, row_of(changed), strict=True)),
    )
    session.execute(text("DELETE FROM organisation_account WHERE organisation_id = :id"), {"id": changed.id})
    _add_accounts(session, [changed])


def departments(session: Session, ids: Collection[str] | None = None) -> dict[str, Any]:
    """Departments as an administration names them, of any form, by organisation that has any."""
    rows = session.execute(
        text(
            "SELECT id, departments FROM organisation WHERE departments IS NOT NULL"
            " AND (cast(:ids AS text[]) IS NULL OR id = ANY(cast(:ids AS text[])))"
        ),
        {"ids": None if ids is None else list(ids)},
    )
    return {row.id: row.departments for row in rows}


def set_departments(session: Session, organisation_id: str, departments: object) -> None:
    """Keep departments as an administration names them."""
    session.execute(
        text("UPDATE organisation SET departments = cast(:departments AS jsonb) WHERE id = :id"),
        {"id": organisation_id, "departments": json.dumps(departments)},
    )


def row_of(organisation: Organisation) -> tuple[object, ...]:
    """One organisation as a row of COLUMNS."""
    address = organisation.address
    return (
        organisation.id,
        organisation.name,
        organisation.kvk_number,
        address and address.street,
        address and address.house_number,
        address and address.postcode,
        address and address.city,
    )


def _add_accounts(session: Session, organisations: Iterable[Organisation]) -> None:
    insert_rows(
        session,
        "organisation_account",
        ACCOUNT_COLUMNS,
        (
            (each.id, position, account.iban, account.name)
            for each in organisations
            for position, account in enumerate(each.accounts, 1)
        ),
    )


def _organisation(row: Row[tuple[object, ...]]) -> Organisation:
    return Organisation(
        id=row.id,
        name=row.name,
        accounts=tuple(map(OrganisationAccount, row.ibans, row.holders)),
        kvk_number=row.kvk_number,
        address=Address(row.street, row.house_number, row.postcode, row.city) if row.street else None,
    )
