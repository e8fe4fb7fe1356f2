"""What happens in the month besides what was agreed, and what people do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from huishoudboekje.demo import homes, town
from huishoudboekje.demo.numbers import iban
from huishoudboekje.demo.town import Person


@dataclass(frozen=True, slots=True)
class Told:
    """A line that the bank tells; `account` is the place of ours, cents above zero came in.

    `ref` is the bank's reference, by which people find it. Without `code` it is a transfer to us, or a
    collection from us.
    """

    ref: str
    on: date
    cents: int
    who: str
    iban: str | None
    said: str
    account: int = 0
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """What somebody does with such a line on a later day: book it, or with neither pay it back."""

    ref: str
    on: date
    by: Person
    agreement: str | None = None
    household: str | None = None


COSTS: Final = "ACMT-MDOP-CHRG"
_overtime = homes.home(homes.VARYING)
_halves = homes.home(homes.PARTIAL)
_alimony = homes.home(homes.ALIMONY)
_limit = homes.home(homes.AT_LIMIT)
_short = homes.home(homes.SHORT)
_wage = _overtime.agreement("wage")
_benefit = _halves.agreement("benefit")
_support = _alimony.agreement("alimony")
_place = {each.iban: place for place, each in enumerate(town.ACCOUNTS)}

PAID_OTHERWISE: Final = frozenset({_wage.id, _benefit.id, _support.id})
"""Incomes that come otherwise than agreed, by their agreement."""

RETURNED_ON: Final = date(2026, 3, 30)
"""The day on which the living money of `homes.MOVED_BANK` comes back: its account is closed (AC04)."""
CLOSED_ACCOUNT: Final = "AC04"

TOLD: Final = (
    Told(
        "WEBWINKEL260305",
        date(2026, 3, 5),
        4_500,
        "Webwinkel De Kapstok",
        iban("RABO", 655_010_101),
        "Retour bestelling 55012",
        account=1,
    ),
    Told(
        "ALIMENTATIE260312",
        date(2026, 3, 12),
        _support.cents,
        "Fam. Yildiz",
        iban("SNSB", 655_020_202),
        "bijdrage kids maart",
        account=_place[_alimony.account.iban],
    ),
    Told(
        "BIJZONDER260311",
        date(2026, 3, 11),
        66_500,
        town.SOCIAL.name,
        town.SOCIAL.iban,
        f"Bijzondere bijstand inrichting {_short.residents[0].name}",
        account=_place[_short.account.iban],
    ),
    Told(
        "UWVDEEL1260323",
        date(2026, 3, 23),
        90_000,
        "UWV",
        _benefit.iban,
        f"UWV uitkering deel 1 maart 2026 {_halves.residents[0].name} kenmerk {_benefit.reference}",
        account=_place[_halves.account.iban],
    ),
    Told(
        "UWVDEEL2260325",
        date(2026, 3, 25),
        _benefit.cents - 90_000,
        "UWV",
        _benefit.iban,
        f"UWV uitkering deel 2 maart 2026 {_halves.residents[0].name} kenmerk {_benefit.reference}",
        account=_place[_halves.account.iban],
    ),
    Told(
        "OVERUREN260324",
        date(2026, 3, 24),
        _wage.cents + 18_340,
        _wage.organisation.name if _wage.organisation else "",
        _wage.iban,
        f"Salaris maart 2026 met overuren D. Garcia Lopez kenmerk {_wage.reference}",
        account=_place[_overtime.account.iban],
    ),
    Told(
        "JAARNOTA260323",
        date(2026, 3, 23),
        -24_840,
        town.WATER.name,
        town.WATER.iban,
        f"Jaarafrekening drinkwater 2025 {_limit.residents[0].name}",
        account=_place[_limit.account.iban],
    ),
    Told(
        "FIETS260326",
        date(2026, 3, 26),
        8_500,
        "J. Pietersen",
        iban("ABNA", 655_030_303),
        "bedankt voor de fiets",
    ),
    Told(
        "NABETALING260330",
        date(2026, 3, 30),
        21_600,
        town.ALLOWANCES.name,
        town.ALLOWANCES.iban,
        f"Nabetaling huurtoeslag 2025 {homes.home(8).residents[0].name}",
    ),
    Told(
        "TOESLAG260330",
        date(2026, 3, 30),
        12_400,
        town.ALLOWANCES.name,
        town.ALLOWANCES.iban,
        "Zorgtoeslag Janssen",
    ),
    Told(
        "SPORT260331",
        date(2026, 3, 31),
        -1_995,
        "Sportschool FitMerwe",
        iban("INGB", 655_040_404),
        "Contributie april lidnr 20417",
    ),
    Told("ONBEKEND260331", date(2026, 3, 31), 6_000, "Nguyen", iban("BUNQ", 655_050_505), "terug van Thanh"),
    Told("KOSTEN260331A", date(2026, 3, 31), -4_815, "", None, "Kosten betalingsverkeer maart", code=COSTS),
    Told(
        "KOSTEN260331B",
        date(2026, 3, 31),
        -2_160,
        "",
        None,
        "Kosten betalingsverkeer maart",
        account=1,
        code=COSTS,
    ),
)

HANDLED: Final = (
    Handled("WEBWINKEL260305", date(2026, 3, 6), town.SANNE),
    Handled("BIJZONDER260311", date(2026, 3, 12), town.DEWI, household=_short.id),
    Handled("ALIMENTATIE260312", date(2026, 3, 13), town.YOUSSEF, agreement=_support.id),
    Handled("UWVDEEL1260323", date(2026, 3, 24), town.SANNE, agreement=_benefit.id),
    Handled("JAARNOTA260323", date(2026, 3, 24), town.SANNE, household=_limit.id),
    Handled("OVERUREN260324", date(2026, 3, 25), town.YOUSSEF, agreement=_wage.id),
    Handled("UWVDEEL2260325", date(2026, 3, 26), town.YOUSSEF, agreement=_benefit.id),
)

LEFT_TO_APPROVE: Final = Handled("FIETS260326", town.LAST_DAY, town.SANNE)
"""Proposed on the last evening, for whoever looks at the demo to approve."""
