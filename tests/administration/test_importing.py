from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from huishoudboekje.administration import AdministrationRefused, Counts, Imported, import_administration
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.storage import accounts, agreements, instructions, ledger, organisations, people, policy
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.ledger import household_money
from tests.administration.written import ADDRESS, ADMINISTRATION, GONE, PAYMENTS, changed, write

BY = Actor("ada", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
RESIDENT = "households.0.residents.0"
RENT = "households.0.agreements.1"


def read_in(
    database: Database,
    folder: Path,
    administration: object = ADMINISTRATION,
    update_from: date | None = None,
    payments: str | None = None,
) -> Imported:
    csv = None
    if payments is not None:
        csv = folder / "payments.csv"
        csv.write_text(payments, "utf-8")
    with database.anywhere() as session:
        return import_administration(
            session, write(folder, administration), BY, payments=csv, update_from=update_from
        )


def test_an_administration_is_read_in_with_all_that_it_starts_with(
    installed: Database, tmp_path: Path
) -> None:
    done = read_in(installed, tmp_path, payments=PAYMENTS)
    assert (
        Imported("merwestad", Counts(2), Counts(2), Counts(2), Counts(3), Counts(2), entries=2, not_read=[])
        == done
    )
    with installed.transaction() as session:
        money = household_money(session, ["H000001"], date(2026, 1, 1))["H000001"]
        assert (money.own_cents, money.advance_cents, money.limit_cents) == (12_050, 120_000, 100_000)
        assert ledger.balances(session)["bank:NL33BNGH0254028501"].shown_cents == 2_000_000
        assert ledger.total_cents(session) == 0
        assert [each.position for each in accounts.municipal_accounts(session)] == [1]
        assert len(agreements.latest(session)) == 3
        assert people.resident(session, "R000002").bsn == "999999989"
        assert organisations.departments(session) == {"O000002": [{"name": "Lonen"}]}
        (sent,) = instructions.find(session, end_to_end_ids=["HHB1"])
        assert (sent.own_cents, sent.origin) == (61_234, "previous")


def test_the_same_again_changes_nothing(installed: Database, tmp_path: Path) -> None:
    read_in(installed, tmp_path, payments=PAYMENTS)
    with installed.transaction() as session:
        before = ledger.ledger_hash(session)
    done = read_in(installed, tmp_path, payments=PAYMENTS)
    told = (done.organisations, done.households, done.residents, done.agreements, done.payments)
    assert [Counts(unchanged=count) for count in (2, 2, 2, 3, 2)] == list(told)
    assert (done.entries, done.not_read) == (0, [])
    with installed.transaction() as session:
        assert before == ledger.ledger_hash(session)


CHANGES: list[tuple[str, object, str]] = [
    ("municipality.guarantee_limit", "1200.00", "municipality.guarantee_limit"),
    ("municipality.accounts.0.name", "Andere naam", "municipality.accounts[0]"),
    ("organisations.0.name", "De Merwe Wonen", "organisations[0]"),
    ("organisations.1.departments", GONE, "organisations[1]"),
    (f"{RESIDENT}.address", ADDRESS | {"street": "Parklaan"}, "households[0].residents[0]"),
    (f"{RENT}.amount", "630.00", "households[0].agreements[1]"),
    (f"{RENT}.schedule.until", "2026-06-30", "households[0].agreements[1]"),
]


@pytest.mark.parametrize(("path", "value", "told"), CHANGES)
def test_other_content_is_refused_unless_it_has_a_day(
    installed: Database, tmp_path: Path, path: str, value: object, told: str
) -> None:
    read_in(installed, tmp_path)
    other = changed((path, value))
    with pytest.raises(AdministrationRefused) as refused:
        read_in(installed, tmp_path, other)
    assert f"{told}: is hier anders" in refused.value.sentence
    read_in(installed, tmp_path, other, update_from=date(2026, 3, 1))
    read_in(installed, tmp_path, other)


def test_a_change_holds_from_its_day(installed: Database, tmp_path: Path) -> None:
    read_in(installed, tmp_path)
    other = changed((f"{RENT}.amount", "630.00"), ("municipality.guarantee_limit", "1200.00"))
    done = read_in(installed, tmp_path, other, update_from=date(2026, 3, 1))
    assert Counts(unchanged=2, changed=1) == done.agreements
    with installed.transaction() as session:
        old, new = agreements.by_ids(session, ["A0000002"])["A0000002"]
        assert (61_234, date(2026, 2, 28)) == (old.amount_cents, old.applies_until)
        assert (63_000, date(2026, 3, 1)) == (new.amount_cents, new.applies_from)
        limits = [policy.policy_on(session, date(2026, month, 1)) for month in (2, 3)]
        assert [each.guarantee_limit_cents for each in limits] == [100_000, 120_000]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("households.0.opening.balance", "999.00", "households[0].opening: het begin ligt vast"),
        ("municipality.accounts.0.opening.balance", "1.00", "municipality.accounts[0].opening: het begin"),
        ("municipality.name", "Merwede", "municipality.name: gemeente merwestad heet hier al"),
    ],
)
def test_a_beginning_never_changes(
    installed: Database, tmp_path: Path, path: str, value: object, told: str
) -> None:
    read_in(installed, tmp_path)
    with pytest.raises(AdministrationRefused) as refused:
        read_in(installed, tmp_path, changed((path, value)), update_from=date(2026, 3, 1))
    assert told in refused.value.sentence


WRONG: list[tuple[str, object, str]] = [
    ("format", "iets/1", "format: dit is geen huishoudboekje-administration/1"),
    ("municipality", GONE, "municipality: dit veld ontbreekt"),
    ("organisations", GONE, "organisations: dit veld ontbreekt"),
    ("households", GONE, "households: dit veld ontbreekt"),
    ("households", {}, "households: hier hoort een lijst te staan"),
    ("households", 7, "households: hier hoort een lijst te staan"),
    ("households.0", [], "households[0]: hier hoort een object te staan"),
    ("extra", 1, "extra: dit veld bestaat niet in dit formaat"),
    ("municipality.slug", "Merwe Stad", "municipality.slug: gebruik kleine letters"),
    ("municipality.accounts", [], "municipality.accounts: deze lijst mag niet leeg zijn"),
    ("municipality.accounts.0.bic", "BNGH", "municipality.accounts[0].bic: dit is geen geldige BIC"),
    ("municipality.accounts.0.opening.date", "31-12-2025", "opening.date: dit is geen datum"),
    ("municipality.accounts.0.opening.date", "2025-02-30", "opening.date: dit is geen datum"),
    ("municipality.accounts.0.opening.balance", "-0.00", "opening.balance: dit is geen bedrag"),
    ("municipality.guarantee_limit", "-1.00", "municipality.guarantee_limit: dit bedrag kan niet onder nul"),
    ("organisations.0.kvk_number", "123", "organisations[0].kvk_number: een KvK-nummer heeft acht cijfers"),
    ("organisations.1.id", "O000001", "organisations[1].id: organisatie O000001 staat er twee keer in"),
    ("organisations.0.accounts.0.iban", "NL89RABO0401404242", "accounts[0].iban: dit is geen geldig IBAN"),
    ("households.0.id", "", "households[0].id: hier hoort tekst te staan"),
    ("households.0.id", "H" * 65, "households[0].id: een id heeft hooguit 64 tekens"),
    ("households.1.id", "H000001", "households[1].id: huishouden H000001 staat er twee keer in"),
    ("households.0.opening.advance", 12, "households[0].opening.advance: hier hoort tekst te staan"),
    ("households.0.opening.balance", "12,50", "households[0].opening.balance: dit is geen bedrag"),
    ("households.0.residents", [], "households[0].residents: deze lijst mag niet leeg zijn"),
    (f"{RESIDENT}.bsn", "999999991", "households[0].residents[0].bsn: dit is geen geldig BSN"),
    (f"{RESIDENT}.bsn", "999999989", "bsn: dit BSN heeft ook inwoner R000001"),
    (f"{RESIDENT}.surname", "Jan\x00sen", "surname: hier staat een teken dat geen tekst is"),
    (f"{RESIDENT}.email", "jan", "email: dit is geen e-mailadres"),
    (f"{RESIDENT}.phone", "0612345678", "phone: schrijf een telefoonnummer als +31612345678"),
    (f"{RESIDENT}.address.postcode", "3394CK", "residents[0].address.postcode: dit is geen postcode"),
    (f"{RESIDENT}.iban", "nl75rabo5191115792", "residents[0].iban: dit is geen geldig IBAN"),
    (f"{RENT}.account", "NL00RABO0401404241", "households[0].agreements[1].account: dit is geen geldig IBAN"),
    (f"{RENT}.resident", "R000002", "agreements[1].resident: inwoner R000002 hoort niet bij dit huishouden"),
    (f"{RENT}.counterparty", {}, "agreements[1].counterparty: noem een organisatie of een inwoner"),
    (
        f"{RENT}.counterparty",
        {"organisation": "O9"},
        "counterparty.organisation: organisatie O9 staat niet in dit bestand",
    ),
    (f"{RENT}.direction", "out", "agreements[1].direction: kies uit income, expense"),
    (f"{RENT}.settlement", None, "agreements[1].settlement: bij uitgaven is dit transfer of direct_debit"),
    (f"{RENT}.settlement", GONE, "agreements[1].settlement: dit veld ontbreekt"),
    (f"{RENT}.guaranteed", "ja", "agreements[1].guaranteed: hier hoort true of false"),
    (f"{RENT}.remittance", "x" * 141, "agreements[1].remittance: dit heeft hooguit 140 tekens"),
    (f"{RENT}.search_terms", [""], "agreements[1].search_terms[0]: hier hoort tekst te staan"),
    (f"{RENT}.schedule.day", 32, "schedule.day: hier hoort een geheel getal tot en met 31"),
    (f"{RENT}.schedule.every", 0, "schedule.every: hier hoort een geheel getal vanaf 1"),
    (f"{RENT}.schedule.every", True, "schedule.every: hier hoort een geheel getal vanaf 1"),
    (f"{RENT}.schedule.weekday", 1, "schedule.weekday: een weekdag hoort alleen bij week"),
    ("households.0.agreements.0.schedule.day", 1, "schedule.day: een dag hoort alleen bij maand of jaar"),
    ("households.0.agreements.0.schedule.weekday", GONE, "weekday: hier hoort een geheel getal vanaf 1"),
    ("households.0.agreements.2.id", "A0000002", "agreements[2].id: afspraak A0000002 staat er twee keer"),
]


@pytest.mark.parametrize(("path", "value", "told"), WRONG)
def test_what_is_wrong_is_told_with_its_path_and_nothing_is_kept(
    module_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    path: str,
    value: object,
    told: str,
) -> None:
    monkeypatch.setenv("HUISHOUDBOEKJE_KEY", "ab" * 32)
    with pytest.raises(AdministrationRefused) as refused:
        read_in(module_database, tmp_path, changed((path, value)))
    assert told in refused.value.sentence
    with module_database.anywhere() as session:
        assert session.scalar(text("SELECT count(*) FROM municipality")) == 0


def test_at_most_twenty_problems_are_told(installed: Database, tmp_path: Path) -> None:
    wrong = changed()
    wrong["households"] = [{} for _ in range(100)]
    with pytest.raises(AdministrationRefused) as refused:
        read_in(installed, tmp_path, wrong)
    assert refused.value.sentence.count("dit veld ontbreekt") == 20


def test_the_order_of_the_members_does_not_matter(installed: Database, tmp_path: Path) -> None:
    turned = dict(reversed(list(changed().items())))
    assert Counts(3) == read_in(installed, tmp_path, turned).agreements


def test_what_has_a_default_may_be_absent(installed: Database, tmp_path: Path) -> None:
    bare = changed(
        ("municipality.guarantee_limit", GONE),
        ("organisations.0.kvk_number", GONE),
        ("organisations.0.address", GONE),
        (f"{RESIDENT}.email", GONE),
        *(
            (f"{RENT}.{name}", GONE)
            for name in ("amount_tolerance", "guaranteed", "reference", "search_terms")
        ),
        (f"{RENT}.remittance", GONE),
        (f"{RENT}.schedule.every", GONE),
        (f"{RENT}.schedule.day", GONE),
        (f"{RENT}.schedule.until", GONE),
        ("policy", {"of": "any form"}),
    )
    assert read_in(installed, tmp_path, bare).not_read == ["policy"]


def test_an_agreement_stays_with_its_household(installed: Database, tmp_path: Path) -> None:
    read_in(installed, tmp_path)
    moved: dict[str, Any] = changed(("households.0.agreements.2", GONE))
    agreement = ADMINISTRATION["households"][0]["agreements"][2]
    moved["households"][1]["agreements"] = [
        agreement | {"resident": "R000002", "counterparty": {"resident": "R000002"}}
    ]
    with pytest.raises(AdministrationRefused, match="deze afspraak hoort bij huishouden H000001"):
        read_in(installed, tmp_path, moved, update_from=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("end_to_end_id,", "id,", "payments.csv regel 1: hier horen de kolommen"),
        ("HHB2,", "HHB1,", "payments.csv regel 3: HHB1 staat er twee keer in"),
        ("612.34", "612,34", "payments.csv regel 2"),
        ("612.34", "0.00", "payments.csv regel 2.amount: een betaling is meer dan nul"),
        ("H000001,A0000002", "H000002,A0000002", "afspraak A0000002 van huishouden H000002 bestaat niet"),
        ("A0000003", "A9", "payments.csv regel 3: afspraak A9 van huishouden H000001 bestaat niet"),
        (",true", ",ja", "payments.csv regel 2.batch_booking: hier hoort true of false"),
        ("NL89RABO", "NL88RABO", "payments.csv regel 2.counter_iban: dit is geen geldig IBAN"),
    ],
)
def test_payments_that_are_wrong_are_told_with_their_line(
    installed: Database, tmp_path: Path, before: str, after: str, told: str
) -> None:
    with pytest.raises(AdministrationRefused) as refused:
        read_in(installed, tmp_path, payments=PAYMENTS.replace(before, after))
    assert told in refused.value.sentence


def test_a_known_payment_with_other_content_is_refused(installed: Database, tmp_path: Path) -> None:
    read_in(installed, tmp_path, payments=PAYMENTS)
    with pytest.raises(AdministrationRefused, match="HHB1 is al bekend met andere gegevens"):
        read_in(installed, tmp_path, payments=PAYMENTS.replace("612.34", "612.35"))
