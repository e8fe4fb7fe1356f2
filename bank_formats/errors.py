"""Why a bank file is refused: each class a reason, its docstring the Dutch sentence that a person reads."""

import errno
import re
from enum import StrEnum
from typing import Any, Self


class Code(StrEnum):
    """Why a file is refused, for programs; a code keeps its meaning for ever."""

    # what kind of file it is
    EMPTY = "empty"
    HTML_PAGE = "html_page"
    PDF = "pdf"
    TABLE = "table"
    OFFICE_DOCUMENT = "office_document"
    JSON = "json"
    IMAGE = "image"
    PLAIN_TEXT = "plain_text"
    OTHER_STATEMENT = "other_statement"
    ENCRYPTED = "encrypted"
    OTHER_ARCHIVE = "other_archive"
    UNKNOWN_KIND = "unknown_kind"
    PAYMENT_FILE = "payment_file"
    COLLECTION_FILE = "collection_file"
    STATUS_REPORT = "status_report"
    STATEMENT = "statement"
    OTHER_MESSAGE = "other_message"
    UNKNOWN_NAMESPACE = "unknown_namespace"
    NOT_OPENED = "not_opened"
    # what it comes packed in
    DAMAGED_ARCHIVE = "damaged_archive"
    PASSWORD = "password"  # noqa: S105 - what is wrong, not a password
    PACKED_TWICE = "packed_twice"
    BOMB = "bomb"
    TOO_MANY_MEMBERS = "too_many_members"
    PATH_OUTSIDE = "path_outside"
    OVERLAPPING_MEMBERS = "overlapping_members"
    UNUSUAL_PACKING = "unusual_packing"
    NOTHING_INSIDE = "nothing_inside"
    # how it is written
    NOT_WELL_FORMED = "not_well_formed"
    TRUNCATED = "truncated"
    WRONG_ENCODING = "wrong_encoding"
    UNKNOWN_ENCODING = "unknown_encoding"
    DOCTYPE = "doctype"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    # what it says
    NO_STATEMENT = "no_statement"
    NO_ACCOUNT = "no_account"
    NO_ORIGINAL = "no_original"
    NO_AMOUNT = "no_amount"
    WRONG_AMOUNT = "wrong_amount"
    NO_DIRECTION = "no_direction"
    WRONG_DIRECTION = "wrong_direction"
    WRONG_DATE = "wrong_date"
    MISPLACED = "misplaced"
    UNREADABLE = "unreadable"


class Refused(Exception):
    """Dit bankbestand kan niet worden verwerkt."""

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 - a sentence takes whatever can be shown
        """Keep what the sentence needs as data too, for programs."""
        self.fields = fields
        super().__init__(" ".join((type(self).__doc__ or "").split()).format_map(fields))

    @property
    def sentence(self) -> str:
        """The Dutch sentence for people."""
        return str(self)

    @property
    def code(self) -> str:
        """What programs know this refusal by."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def as_data(self) -> dict[str, Any]:
        """The refusal for programs, ready for JSON; what it does not know is `None`.

        `refused` is the code; `detail` is what a library said, in its own language.
        """
        said = {name: self.fields.get(name) for name in ("file", "line", "path", "value", "remedy", "detail")}
        return {"refused": self.code, **said, "sentence": self.sentence}


class NotWholeCents(Refused):
    """Het bedrag {amount} {currency} bestaat niet uit hele centen; boek deze mutatie met de hand."""


class NoAmount(Refused):
    """Boeking {entry}, deel {part} noemt geen bedrag in {currency}; alleen de hele boeking heeft er een."""


class Unreadable(Refused):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400 - the remedy brings its own full stop

    usually = Code.UNREADABLE

    def __init__(
        self,
        problem: str,
        *,
        code: Code | None = None,
        file: str = "bestand",
        line: int | None = None,
        path: str | None = None,
        value: str | None = None,
        remedy: str = "Vraag de bank om een goed bestand.",
        detail: str | None = None,
    ) -> None:
        """Say what is wrong, where (1-based line, element path such as `Stmt/Ntry/Amt`), and what to do."""
        at = "".join(
            [
                f", regel {line}" if line else "",
                f", {shown(path, 200)}" if path else "",
                f', waarde "{shown(value)}"' if value is not None else "",
            ]
        )
        self.problem, self.file, self.line, self.path = problem, file, line, path
        self.value, self.remedy, self.reason = value, remedy, code or self.usually
        super().__init__(
            file=shown(file),
            at=at,
            problem=problem,
            remedy=remedy,
            line=line,
            path=path,
            value=value,
            detail=detail,
        )

    @property
    def code(self) -> str:
        """What programs know this refusal by: one of `Code`."""
        return self.reason.value


class NotABankFile(Unreadable):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400

    usually = Code.UNKNOWN_KIND


class UnsafeFile(Unreadable):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400

    usually = Code.TOO_LARGE


class NotOpened(Refused):
    """{file} kan niet worden geopend: {problem}. {remedy}"""  # noqa: D400

    @property
    def code(self) -> str:
        """What programs know this refusal by."""
        return Code.NOT_OPENED.value

    @classmethod
    def because(cls, error: OSError) -> Self:
        """Say in Dutch what the operating system said in its own language."""
        problem, remedy = NOT_OPENED.get(error.errno or 0, NOT_OPENED[0])
        return cls(file=shown(str(error.filename)), problem=problem, remedy=remedy, detail=error.strerror)


NOT_OPENED = {
    0: ("het lezen mislukte", "Kijk of het bestand heel is en op een schijf staat die werkt."),
    errno.ENOENT: ("het bestand bestaat niet", "Controleer de naam en de map."),
    errno.ENOTDIR: ("het bestand bestaat niet", "Controleer de naam en de map."),
    errno.EISDIR: ("dit is een map", "Noem het bestand in de map."),
    errno.EACCES: ("u mag dit bestand niet lezen", "Vraag de beheerder om toegang."),
    errno.EPERM: ("u mag dit bestand niet lezen", "Vraag de beheerder om toegang."),
    errno.ENAMETOOLONG: ("de naam is te lang", "Geef het bestand een kortere naam."),
}


def shown(value: str, longest: int = 60) -> str:
    """A value from a file as it may stand in a sentence: printable, on one line, not too long."""
    line = "".join(c if c.isprintable() else " " for c in value[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"
