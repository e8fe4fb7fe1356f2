import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.administration import document
from huishoudboekje.administration.document import NotJson, NotUtf8, SameNameTwice, members
from huishoudboekje.domain.errors import Refused

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


def whole(path: Path) -> dict[str, Any]:
    return {name: list(each) if isinstance(each, Iterator) else each for name, each in members(path)}


@given(written=st.dictionaries(st.text(), ANYTHING, max_size=5), chunk=st.integers(1, 40))
def test_a_file_is_read_as_it_was_written_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, written: dict[str, Any], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(written, indent=1, ensure_ascii=True), "utf-8")
    with pytest.MonkeyPatch.context() as small:
        small.setattr(document, "CHUNK", chunk)
        assert written == whole(path)


def test_what_is_left_of_a_list_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": [1, 2, 3], "b": [], "c": {"d": 4}}')
    read = members(path)
    name, elements = next(read)
    assert (name, next(elements)) == ("a", 1)
    assert [name for name, _ in read] == ["b", "c"]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        (b"", NotJson),
        (b"[]", NotJson),
        (b"{", NotJson),
        (b'{"a"}', NotJson),
        (b'{"a": 1,}', NotJson),
        (b'{"a": [1,]}', NotJson),
        (b'{"a": [1 2]}', NotJson),
        (b'{"a": 1} x', NotJson),
        (b'{"a": NaN}', NotJson),
        (b'{"a": "\x01"}', NotJson),
        (b'{"a": "\xff"}', NotUtf8),
        (b'{"a": 1, "a": 2}', SameNameTwice),
        (b'{"a": [{"b": 1, "b": 2}]}', SameNameTwice),
        (b"\xef\xbb\xbf{", NotJson),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, written: bytes, refusal: type[Refused]) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(written)
    with pytest.raises(refusal):
        whole(path)
