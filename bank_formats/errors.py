"""Why a bank file is refused: each class a reason, its docstring the Dutch sentence that a person reads."""

from typing import Any


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


class NotWholeCents(Refused):
    """Het bedrag {amount} {currency} bestaat niet uit hele centen; boek deze mutatie met de hand."""


class NoAmount(Refused):
    """Boeking {entry}, deel {part} noemt geen bedrag in {currency}; alleen de hele boeking heeft er een."""


class Unreadable(Refused):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400 - the remedy brings its own full stop

    def __init__(
        self,
        problem: str,
        *,
        file: str = "bestand",
        line: int | None = None,
        path: str | None = None,
        value: str | None = None,
        remedy: str = "Vraag de bank om een goed bestand.",
    ) -> None:
        """Say what is wrong, where (1-based line, element path such as `Stmt/Ntry/Amt`), and what to do."""
        at = "".join(
            [
                f", regel {line}" if line else "",
                f", {path}" if path else "",
                f', waarde "{shown(value)}"' if value is not None else "",
            ]
        )
        self.problem, self.file, self.line, self.path = problem, file, line, path
        self.value, self.remedy = value, remedy
        super().__init__(
            file=shown(file), at=at, problem=problem, remedy=remedy, line=line, path=path, value=value
        )


class NotABankFile(Unreadable):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400


class NotYetRead(Unreadable):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400


class UnsafeFile(Unreadable):
    """{file}{at}: {problem}. {remedy}"""  # noqa: D400


def shown(value: str, longest: int = 60) -> str:
    """A value from a file as it may stand in a sentence: printable, on one line, not too long."""
    line = "".join(c if c.isprintable() else " " for c in value[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"
