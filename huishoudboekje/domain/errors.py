"""Refusals: what a person may have done otherwise, in a sentence that says so."""

from __future__ import annotations

import inspect


class Refused(Exception):
    """Dit kan niet."""

    # The docstring of a refusal is the Dutch sentence that the person reads; {names} in it are filled
    # from the keyword arguments, which programs find in `facts`.

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(inspect.cleandoc(type(self).__doc__ or "").format(**facts))

    @property
    def sentence(self) -> str:
        """What was wrong, where, and what to do, in Dutch."""
        return str(self)

    @property
    def name(self) -> str:
        """The refusal's name, for programs."""
        return type(self).__name__


class NotFound(Refused):
    """{what} {id} bestaat niet. Controleer het nummer."""


class NotAllowed(Refused):
    """{user} mag dit niet: daarvoor is het recht '{permission}' nodig. Vraag een beheerder."""


class StateChanged(Refused):
    """{what} {id} is intussen veranderd door iemand anders (nu: {state}). Bekijk het opnieuw."""
