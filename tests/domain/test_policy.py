from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import time

import pytest

from huishoudboekje.domain.policy import LivingMoneyFloor, Policy, PolicyRefused


def test_the_defaults_are_those_of_the_municipality_of_utrecht() -> None:
    policy = Policy()
    assert policy.guarantee_limit_cents == 150_000
    assert policy.living_money_minimum_cents == 1_000
    assert policy.hold_bank_days == 5
    assert policy.main_income_percent == 25
    assert policy.priority[0] == "rent"


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(
            guarantee_limit_cents=0,
            priority=("energy", "other_guaranteed", "other", "living_money"),
            living_money_floor=LivingMoneyFloor.FIXED,
            living_money_floor_cents=20_000,
            repayment_percent=50,
            cutoff=time(9, 0),
        ),
    ],
)
def test_a_policy_comes_back_from_json_as_it_was(policy: Policy) -> None:
    kept = json.loads(json.dumps(policy.to_mapping()))
    assert policy == Policy.from_mapping(kept)


def test_every_field_is_kept() -> None:
    assert {field.name for field in fields(Policy)} == set(Policy().to_mapping())


def test_what_is_not_said_is_by_default() -> None:
    assert Policy(hold_bank_days=3) == Policy.from_mapping({"hold_bank_days": 3})
    assert Policy() == Policy.from_mapping({})


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"guarantee_limit": 1}, "guarantee_limit"),
        ({"guarantee_limit_cents": -1}, "guarantee_limit_cents"),
        ({"guarantee_limit_cents": "1500"}, "guarantee_limit_cents"),
        ({"guarantee_limit_cents": 1500.0}, "guarantee_limit_cents"),
        ({"guarantee_limit_cents": True}, "guarantee_limit_cents"),
        ({"guarantee_limit_cents": None}, "guarantee_limit_cents"),
        ({"hold_bank_days": 0}, "hold_bank_days"),
        ({"main_income_percent": 0}, "main_income_percent"),
        ({"repayment_percent": 101}, "repayment_percent"),
        ({"cutoff": "half vier"}, "cutoff"),
        ({"cutoff": 1530}, "cutoff"),
        ({"latest_proposal": None}, "latest_proposal"),
        ({"cutoff": "15:30+01:00"}, "cutoff"),
        ({"living_money_floor": "all"}, "living_money_floor"),
        ({"priority": "rent"}, "priority"),
        ({"priority": ["rent", 1]}, "priority"),
        ({"priority": ["rent"]}, "priority"),
        ({"priority": ["rent", "rent", "other_guaranteed", "living_money", "other"]}, "priority"),
        ({"late_after_bank_days": 5, "missing_after_bank_days": 4}, "missing_after_bank_days"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused_by_its_field(
    mapping: Mapping[str, object], named: str
) -> None:
    with pytest.raises(PolicyRefused) as refused:
        Policy.from_mapping(mapping)
    assert refused.value.facts["field"] == named
    assert f"'{named}'" in refused.value.sentence
