"""What people and programs read: tables, sentences and JSON on stdout, progress on a terminal's stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs; amounts in cents.")]
# Wide enough that nothing is broken off where no terminal says how wide it is.
WITHOUT_TERMINAL = 400


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is what comes out
    """A value as JSON knows it: dataclasses by field, days in ISO, sets in order."""
    match value:
        case Enum():
            return value.value
        case None | str() | int() | float():
            return value
        case date() | datetime() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted(plain(each) for each in value)
        case list() | tuple():
            return [plain(each) for each in value]
        case _ if is_dataclass(value):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
        case _:
            return str(value)


def as_json(value: object) -> None:
    """Print one JSON value."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def as_json_lines(values: Iterable[object]) -> None:
    """Print one JSON value on each line."""
    for value in values:
        sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table; amounts in cents are given as `money(cents)` and stand at the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [list(row) for row in rows]
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        counted = any(isinstance(row[number], Money | int) for row in cells)
        shown.add_column(column, justify="right" if counted else "left", overflow="fold")
    for row in cells:
        shown.add_row(*(Text(_cell(each)) for each in row))
    width = None if sys.stdout.isatty() else WITHOUT_TERMINAL
    Console(width=width, soft_wrap=False).print(shown)


class Money(str):
    """An amount as it is shown."""

    __slots__ = ()


def money(cents: int | None) -> Money:
    """An amount in cents for a table; nothing for nothing."""
    from huishoudboekje.domain.money import show

    return Money("" if cents is None else show(cents))


def _cell(value: object) -> str:
    from huishoudboekje.clock import AMSTERDAM

    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case datetime():
            return f"{value.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        case Enum():
            return str(getattr(value, "label", value.value))
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(_cell, value))
        case _:
            return on_one_line(str(value))


def on_one_line(text: str) -> str:
    """What a bank or a person wrote, without what would steer the terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def refusal(sentence: str) -> None:
    """Tell on stderr what is refused while the rest goes on."""
    typer.echo(sentence, err=True)


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """Count on a terminal's stderr what was done; anywhere else count in silence."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
