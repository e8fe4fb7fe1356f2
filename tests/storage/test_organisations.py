from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from huishoudboekje.domain.errors import NotFound
from huishoudboekje.domain.people import AccountStart, MunicipalAccount, OrganisationAccount
from huishoudboekje.storage import accounts, organisations
from huishoudboekje.storage.numbering import next_id
from tests.storage.conftest import HOME

DE_MERWE = "O000001"
START = date(2025, 12, 31)


@pytest.mark.parametrize("words", [DE_MERWE, "merwe", "NL89 RABO 0401 4042 41", "nl89rabo0401404241"])
def test_an_organisation_is_found_by_name_and_account(session: Session, words: str) -> None:
    assert [each.id for each in organisations.find_organisations(session, words)] == [DE_MERWE]


def test_an_organisation_changes_with_its_accounts(session: Session) -> None:
    before = organisations.organisation(session, DE_MERWE)
    second = OrganisationAccount("NL56INGB0475092111", "De Merwe Beheer")
    after = replace(before, accounts=(second, *before.accounts), address=HOME, kvk_number="00402850")
    organisations.change_organisation(session, after)
    assert organisations.organisation(session, DE_MERWE) == after
    assert organisations.by_iban(session, ["NL56INGB0475092111"]) == [after]
    assert organisations.find_organisations(session, "0040 2850") == [after]
    with pytest.raises(NotFound):
        organisations.change_organisation(session, replace(after, id="O9"))
    with pytest.raises(organisations.OrganisationExists):
        organisations.add_organisations(session, [after])


def test_a_municipal_account_is_added_and_changed(session: Session) -> None:
    account = MunicipalAccount("NL33BNGH0254028501", "BNGHNL2G", "Merwestad", 1)
    accounts.add_account(session, account)
    accounts.add_account(session, replace(account, name="Merwestad Budget"))
    accounts.set_batch_booking(session, account.iban, batch_booking=True)
    assert accounts.municipal_accounts(session) == [
        replace(account, name="Merwestad Budget", batch_booking=True)
    ]
    start = AccountStart(account.iban, START, -500)
    accounts.add_account_start(session, start)
    assert accounts.account_starts(session) == {account.iban: start}
    with pytest.raises(NotFound):
        accounts.set_batch_booking(session, "NL20INGB0001234567", batch_booking=True)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("household", "H000002"),
        ("resident", "R0000002"),
        ("organisation", "O000002"),
        ("agreement_version", "A0000002"),
    ],
)
def test_the_next_id_follows_the_highest(session: Session, table: str, expected: str) -> None:
    assert next_id(session, table) == expected
