"""No file breaks a reader: short runs of what `make fuzz` does for long, and every file that ever did."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_formats import Refused
from tests.absent import absent
from tests.fuzz import seeds
from tests.fuzz.harnesses import HARNESSES
from tests.fuzz.made_files import files_for
from tests.fuzz.oracle import Watched, wrong_with_refusal

CRASHERS = Path(__file__).parents[1] / "golden" / "crashers"
SECONDS = float(os.environ.get("HHB_FUZZ_SECONDS", "3"))
"""For each reader; with HHB_EXAMPLES larger it can be hours."""


@pytest.fixture
def breaking(tmp_path: Path) -> Path:
    return tmp_path / "crashers"


@pytest.mark.parametrize("reader", HARNESSES)
def test_our_own_seeds_are_read(reader: str) -> None:
    read, _ = HARNESSES[reader]
    refused = []
    for seed in seeds.own(reader):
        try:
            read(seed)
        except Refused as problem:
            refused.append(str(problem))
    assert len(refused) <= (0 if reader not in {"containers", "jsonl"} else 6), refused


@pytest.mark.parametrize("reader", HARNESSES)
def test_a_file_that_is_almost_right_is_read_or_refused(reader: str, breaking: Path) -> None:
    watched = Watched(reader, HARNESSES[reader][0], breaking)
    end = time.monotonic() + SECONDS

    @given(files_for(reader))
    def holds(file: bytes) -> None:
        if time.monotonic() < end:
            assert watched.run(file) is None

    holds()


@given(st.binary(max_size=300), st.sampled_from(sorted(HARNESSES)))
def test_any_bytes_are_read_or_refused(file: bytes, reader: str) -> None:
    assert Watched(reader, HARNESSES[reader][0], Path(os.devnull)).problem(file) is None


@pytest.mark.parametrize("crasher", sorted(CRASHERS.glob("*.bin")), ids=lambda path: path.name)
def test_what_once_broke_a_reader_no_longer_does(crasher: Path, breaking: Path) -> None:
    for name, (read, _) in HARNESSES.items():
        assert Watched(name, read, breaking).run(crasher.read_bytes()) is None, name


class Odd(Refused):
    """Dit is {what}."""


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"what": "goed"}, None),
        ({"what": "{waarde}"}, None),
        ({"what": "a\nb"}, "control characters in a refusal"),
        ({"what": 3, "ours": "x"}, None),
        ({"what": "Premature end of data"}, "the parser's English in a refusal"),
        ({"what": "x" * 700}, "a refusal of nothing, or without end"),
    ],
)
def test_a_refusal_that_no_person_can_read_is_found(said: dict[str, object], wrong: str | None) -> None:
    assert wrong_with_refusal(Odd(**said)) == wrong


def _print(_: bytes) -> None:
    sys.stdout.write("x")


def _hold(_: bytes) -> None:
    bytearray(300 * 1024 * 1024)[::4096] = b"x" * (300 * 256)


def _crash(_: bytes) -> None:
    raise KeyError


def _wait(_: bytes) -> None:
    end = time.process_time() + 1.5
    while time.process_time() < end:
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of one program")
@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (_print, "something was printed"),
        (_hold, "too much memory"),
        (_crash, "KeyError"),
        (_wait, "too slow"),
    ],
)
def test_what_is_wrong_is_seen_and_kept_once(
    read: Callable[[bytes], None], wrong: str, breaking: Path
) -> None:
    watched = Watched("x", read, breaking)
    assert [str(watched.run(b"file")).startswith(wrong) for _ in range(2)] == [True, True]
    assert len([*breaking.glob("x-*.bin")]) == 1


def test_atheris_finds_its_way(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        absent("peers", "`make peers` has an environment with atheris")
    subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", "camt", "4", str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    counts = json.loads((tmp_path / "camt-atheris.json").read_text("utf-8"))
    assert counts["runs"] >= 500
    assert counts["failures"] == 0
