"""A month of a fictional municipality, lived with the verbs that everybody uses.

numbers.py makes numbers of nobody; town.py holds the municipality, its people at work and who pays and is
paid; homes.py its forty households; stories.py what happens besides; bank.py a small bank that carries out
what it is sent and tells what it did; month.py lives the month day by day, and goes on where it was killed;
told.py shows what happened."""

from __future__ import annotations

from huishoudboekje.demo.told import run

__all__ = ["run"]
