"""What must hold whatever bytes a reader gets; and where the files that break it are kept."""

import contextlib
import hashlib
import io
import os
import re
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bank_formats import Refused
from bank_formats.errors import shown

MIB = 1024 * 1024
SECONDS_PER_MIB = 2.0
SPARE_SECONDS = 1.0
"""For a pause of the machine: a small file takes a millisecond."""
SPARE_MIB = 120
"""What one file may add to the memory of a process that holds 80 MiB by itself: below 200 together."""
PARSER = re.compile(
    r"tag mismatch|Extra content|Start tag|not well-formed|xmlParse|Premature end|StartTag|EntityRef|CharRef"
    r"|Document is empty|not proper UTF-8|invalid literal|codec can't|Namespace prefix|internal error"
    r"|NoneType|Traceback|not defined|redefined|not supported|object at 0x"
)
QUOTED = re.compile(r'waarde ".*"')
LONGEST_SENTENCE = 600


def wrong_with_refusal(refused: Refused) -> str | None:
    """What a person could not read in a refusal."""
    sentence = refused.sentence
    if not sentence.isprintable():
        return "control characters in a refusal"
    if not sentence.strip() or len(sentence) > LONGEST_SENTENCE:
        return "a refusal of nothing, or without end"
    ours = QUOTED.sub("", sentence)
    for value in refused.fields.values():
        if isinstance(value, str):
            ours = ours.replace(shown(value), "") if value else ours
    if "{" in ours or "}" in ours:
        return "braces in a refusal"
    return "the parser's English in a refusal" if PARSER.search(sentence) else None


class Watched:
    """One reader, run on file after file; each new way to fail is kept once, with the file."""

    def __init__(self, name: str, read: Callable[[bytes], None], folder: Path) -> None:
        """Keep what breaks the reader in `folder`."""
        self.name = name
        self.read = read
        self.folder = folder
        self.runs = self.refusals = 0
        self.slowest = 0.0
        self.most_mib = 0.0
        self.seen: set[str] = set()

    def counts(self) -> dict[str, float]:
        """What was done so far."""
        return self.nothing() | {
            "runs": self.runs,
            "refusals": self.refusals,
            "slowest_s": self.slowest,
            "most_mib": self.most_mib,
            "failures": len(self.seen),
        }

    @staticmethod
    def nothing() -> dict[str, float]:
        """What is counted of a reader that never ran."""
        return {"runs": 0, "refusals": 0, "slowest_s": 0, "most_mib": 0, "failures": 0}

    def run(self, file: bytes) -> str | None:
        """Read one file; what is wrong, `None` when all holds."""
        self.runs += 1
        problem = self.problem(file)
        if problem is not None and problem not in self.seen:
            self.seen.add(problem)
            self.folder.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256(file).hexdigest()[:12]
            (self.folder / f"{self.name}-{digest}.bin").write_bytes(file)
            (self.folder / f"{self.name}-{digest}.txt").write_text(problem + "\n", "utf-8")
        return problem

    def problem(self, file: bytes) -> str | None:
        """What is wrong with how one file is read, without keeping it."""
        opened = _open_files()
        before = _forget_peak_mib()
        said = io.StringIO()
        start = time.process_time()
        problem = None
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                self.read(file)
        except Refused as refused:
            self.refusals += 1
            problem = wrong_with_refusal(refused)
        except Exception as error:  # noqa: BLE001 - whatever is not a refusal is what we look for
            problem = f"{type(error).__name__} at {_where(error)}"
        taken = time.process_time() - start
        self.slowest = max(self.slowest, taken)
        added = _peak_mib() - before
        self.most_mib = max(self.most_mib, added)
        if taken > SPARE_SECONDS + SECONDS_PER_MIB * len(file) / MIB:
            return "too slow"
        if added > SPARE_MIB:
            return "too much memory"
        if said.getvalue():
            return "something was printed"
        if problem is None and _open_files() != opened:
            return "a file was left open"
        return problem


def _where(error: BaseException) -> str:
    """The line of ours in which it went wrong, else the last."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "bank_formats" in Path(frame.filename).parts]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno} {last.line}"


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if LINUX else 0  # noqa: PTH208 - thousands of times a second


def _status_mib(name: str) -> float:
    with Path("/proc/self/status").open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _forget_peak_mib() -> float:
    """Have the peak of memory count from here; what is held now."""
    if not LINUX:
        return 0
    with Path("/proc/self/clear_refs").open("w") as out:
        out.write("5")
    return _status_mib("VmRSS")


def _peak_mib() -> float:
    return _status_mib("VmHWM") if LINUX else 0


LINUX = Path("/proc/self/clear_refs").exists()
