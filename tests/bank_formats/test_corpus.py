"""Every public bank file that we have is read as it says, or refused with a sentence."""

import importlib.util
import json
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bank_formats import Refused
from bank_formats.jsonl import lines

READ = ("camt053", "camt052", "camt054", "mt940", "pain002", "broken")


def judge(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_check", shared / "corpus" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong_with(check: ModuleType, path: Path, expected: list[dict[str, Any]]) -> str | None:
    """What is wrong with our reading of one file; `None` when it is right."""
    refusal = expected[0].get("refused") if expected else None
    try:
        got = list(lines(BytesIO(path.read_bytes()), path.name))
    except Refused as refused:
        return None if refusal else f"refused: {refused}"
    if refusal is True:
        return "not refused"
    want = [line for line in expected if "refused" not in line]
    is_mt940 = bool(got) and str(got[0].get("format")).startswith("mt94")
    different = check.Comparer(path.read_bytes(), loose=is_mt940).lines(want, got)
    return str(different[:3]) if different else None


@pytest.mark.parametrize("folder", READ)
def test_each_file_is_read_as_it_says_or_refused(shared: Path, folder: str) -> None:
    check = judge(shared)
    corpus = shared / "corpus"
    wrong = {}
    for answer in sorted((corpus / "expected" / folder).glob("*.json")):
        expected = [json.loads(line) for line in answer.read_text("utf-8").splitlines() if line.strip()]
        name = answer.name.removesuffix(".json")
        if said := wrong_with(check, corpus / folder / name, expected):
            wrong[name] = said
    assert wrong == {}
