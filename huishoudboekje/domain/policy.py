"""The municipality's policy: every figure that a council or director may set, in one dated value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from enum import StrEnum
from typing import Final

from huishoudboekje.domain.agreements import LIVING_MONEY
from huishoudboekje.domain.errors import Refused

OTHER_GUARANTEED: Final = "other_guaranteed"
OTHER: Final = "other"
DEFAULT_PRIORITY: Final = (
    "rent",
    "energy",
    "water",
    "heating",
    "health_insurance",
    OTHER_GUARANTEED,
    LIVING_MONEY,
    OTHER,
)
WHOLE: Final = 100
CLOCK_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class LivingMoneyFloor(StrEnum):
    """What repayment of an advance leaves to the household."""

    UNTIL_MAIN_INCOME = "until_main_income"
    FIXED = "fixed"
    NONE = "none"


class PolicyRefused(Refused):
    """Dit beleid kan niet."""


class UnknownPolicyField(PolicyRefused):
    """Beleid: '{field}' bestaat niet. Kies uit: {known}."""


class PolicyFieldWrong(PolicyRefused):
    """Beleid: '{field}' kan niet '{value}' zijn. {remedy}."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All figures of the guarantee; amounts in cents, shares in whole per cents, times of Amsterdam.

    `priority` orders what is due: categories, and `other_guaranteed`, `living_money` and `other` for
    what is not named. A main income is at least `main_income_percent` of the monthly income.
    `repayment_percent` is the most of one income that goes to excess and advance; always above the floor.
    A payment is proposed `lead_bank_days` banking days before the day on which it is executed.
    """

    guarantee_limit_cents: int = 150_000
    priority: tuple[str, ...] = DEFAULT_PRIORITY
    living_money_minimum_cents: int = 1_000
    living_money_floor: LivingMoneyFloor = LivingMoneyFloor.UNTIL_MAIN_INCOME
    living_money_floor_cents: int = 0
    repayment_percent: int | None = None
    hold_bank_days: int = 5
    main_income_percent: int = 25
    late_after_bank_days: int = 3
    missing_after_bank_days: int = 10
    cutoff: time = time(15, 30)
    lead_bank_days: int = 0
    latest_proposal: time = time(11, 0)

    def __post_init__(self) -> None:
        """Raise PolicyFieldWrong for a figure that cannot be followed."""
        for field, lowest, highest in BOUNDS:
            value = getattr(self, field)
            if value is not None and not lowest <= value <= highest:
                raise PolicyFieldWrong(
                    field=field, value=value, remedy=f"Kies een getal van {lowest} tot en met {highest}"
                )
        needed = {OTHER_GUARANTEED, LIVING_MONEY, OTHER}
        if len(set(self.priority)) != len(self.priority) or not needed <= set(self.priority):
            raise PolicyFieldWrong(
                field="priority",
                value=", ".join(self.priority),
                remedy=f"Noem elke soort één keer, en ook {', '.join(sorted(needed))}",
            )
        if self.missing_after_bank_days < self.late_after_bank_days:
            raise PolicyFieldWrong(
                field="missing_after_bank_days",
                value=self.missing_after_bank_days,
                remedy="Geld is eerst te laat, en pas daarna zoek",
            )

    def to_mapping(self) -> dict[str, object]:
        """The policy as plain JSON values, for a dated version of it."""
        return {
            "guarantee_limit_cents": self.guarantee_limit_cents,
            "priority": list(self.priority),
            "living_money_minimum_cents": self.living_money_minimum_cents,
            "living_money_floor": self.living_money_floor.value,
            "living_money_floor_cents": self.living_money_floor_cents,
            "repayment_percent": self.repayment_percent,
            "hold_bank_days": self.hold_bank_days,
            "main_income_percent": self.main_income_percent,
            "late_after_bank_days": self.late_after_bank_days,
            "missing_after_bank_days": self.missing_after_bank_days,
            "cutoff": self.cutoff.isoformat("minutes"),
            "lead_bank_days": self.lead_bank_days,
            "latest_proposal": self.latest_proposal.isoformat("minutes"),
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Policy:
        """The policy of such a mapping, absent figures by default; raises PolicyRefused, naming the field."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(mapping) - known):
            raise UnknownPolicyField(field=unknown[0], known=", ".join(sorted(known)))
        # The check of types is `_read`'s, so that mypy need not follow a mapping into thirteen fields.
        return cls(**{name: _read(name, value) for name, value in mapping.items()})  # type: ignore[arg-type]


BOUNDS: Final = (
    ("guarantee_limit_cents", 0, 10_000_000),
    ("living_money_minimum_cents", 0, 100_000),
    ("living_money_floor_cents", 0, 10_000_000),
    ("repayment_percent", 0, WHOLE),
    ("hold_bank_days", 1, 60),
    ("main_income_percent", 1, WHOLE),
    ("late_after_bank_days", 0, 60),
    ("missing_after_bank_days", 0, 120),
    ("lead_bank_days", 0, 20),
)


def _read(field: str, value: object) -> object:
    match field, value:
        case "priority", [*names] if all(isinstance(name, str) for name in names):
            return tuple(names)
        case "cutoff" | "latest_proposal", str():
            if not CLOCK_TIME.fullmatch(value):
                raise PolicyFieldWrong(field=field, value=value, remedy="Schrijf een tijd als 15:30")
            return time.fromisoformat(value)
        case "living_money_floor", str() if value in set(LivingMoneyFloor):
            return LivingMoneyFloor(value)
        case "living_money_floor", _:
            raise PolicyFieldWrong(
                field=field, value=value, remedy=f"Kies uit: {', '.join(LivingMoneyFloor)}"
            )
        case "repayment_percent", None:
            return None
        case (("priority" | "cutoff" | "latest_proposal"), _):
            pass
        case _, int() if not isinstance(value, bool):
            return value
    raise PolicyFieldWrong(field=field, value=value, remedy="Kijk in de uitleg welke waarde hier past")
