"""A whole administration as a file: import and export of `huishoudboekje-administration/1`.

document.py reads JSON of any size member by member; fields.py checks each member where it stands, and
tells what is wrong with its path; reading.py makes the values that we keep; importing.py adds them to
what is there, all or nothing; payments.py reads what a previous system instructed; exporting.py writes
the same format, with all that a municipality takes along when it leaves, which sections.py reads again
into an installation that does not know it yet."""

from __future__ import annotations

from huishoudboekje.administration.exporting import AccountWithoutStart, Exported, export_administration
from huishoudboekje.administration.fields import AdministrationRefused
from huishoudboekje.administration.importing import Counts, Imported, import_administration

__all__ = [
    "AccountWithoutStart",
    "AdministrationRefused",
    "Counts",
    "Exported",
    "Imported",
    "export_administration",
    "import_administration",
]
