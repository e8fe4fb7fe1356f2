"""Hypothesis strategies for files that are almost what a reader expects."""

from random import Random

from hypothesis import strategies as st

from tests.fuzz import seeds
from tests.fuzz.harnesses import HARNESSES

Edit = tuple[float, int, bytes]


def _edited(file: bytes, edits: list[Edit]) -> bytes:
    for place, length, inserted in edits:
        at = int(place * len(file))
        file = file[:at] + inserted + file[at + length :]
    return file


def _spliced(first: bytes, second: bytes, cut: float) -> bytes:
    return first[: int(cut * len(first))] + second[int(cut * len(second)) :]


def files_for(reader: str) -> st.SearchStrategy[bytes]:
    """Files for one reader: seeds with changes to their structure or bytes, and two in one."""
    _, mutation = HARNESSES[reader]
    known = st.sampled_from(seeds.of(reader))
    numbers = st.integers(0, 2**63)
    place = st.floats(0, 1, exclude_max=True)
    edits = st.lists(st.tuples(place, st.integers(0, 80), st.binary(max_size=6)), min_size=1, max_size=4)
    changed = st.builds(lambda file, number: mutation(file, Random(number)), known, numbers)
    twice = st.builds(lambda file, number: mutation(file, Random(number)), changed, numbers)
    return st.one_of(
        changed, twice, twice, st.builds(_edited, known, edits), st.builds(_spliced, known, known, place)
    )
