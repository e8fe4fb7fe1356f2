"""What may become of a bank statement, and of a line of it."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """What became of a statement."""

    BOOKED = "booked"
    BEFORE_START = "before_start"  # archived and listed, never booked
    KEPT_ASIDE = "kept_aside"  # does not add up, or a page is missing
    DISMISSED = "dismissed"  # kept aside, and a person said that it never will be booked


class BookingStatus(StrEnum):
    """Booked without a person, left to one, or booked by one."""

    MATCHED = "matched"
    QUEUED = "queued"
    BY_HAND = "by_hand"


class BookedOn(StrEnum):
    """What a transaction was booked on."""

    AGREEMENT = "agreement"
    INSTRUCTION = "instruction"
    BATCH = "batch"
    RETURN = "return"
    HOUSEHOLD = "household"
    OWN = "own"
    SPLIT = "split"
    SUSPENSE = "suspense"
