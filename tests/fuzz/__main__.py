"""`python -m tests.fuzz`: readers under atheris or hypothesis, a line on each in build/fuzz/summary.txt.

Ends with 1 when anything broke; the files that did it are then in build/fuzz/crashers/, each with a text.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.harnesses import HARNESSES
from tests.fuzz.made_files import files_for
from tests.fuzz.oracle import Watched

FOLDER = Path("build/fuzz")
EACH_ROUND = settings(
    max_examples=500,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
FEATURES = re.compile(r"cov: (\d+) ft: (\d+)")


def main() -> int:
    """Share the time among the readers that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="in all, shared by the readers")
    parser.add_argument("--reader", choices=HARNESSES, action="append", help="all when not given")
    parser.add_argument("--engine", choices=("atheris", "hypothesis"), default="hypothesis")
    asked = parser.parse_args()
    readers = asked.reader or [*HARNESSES]
    if asked.engine == "atheris" and importlib.util.find_spec("atheris") is None:
        sys.stdout.write("atheris is not installed here: see `make fuzz`\n")
        return 0
    engine = _atheris if asked.engine == "atheris" else _hypothesis
    (FOLDER / "crashers").mkdir(parents=True, exist_ok=True)
    broken = 0
    for reader in readers:
        counts, features = engine(reader, max(asked.seconds // len(readers), 1))
        broken += counts["failures"] > 0
        line = (
            f"{time.strftime('%H:%M')} {reader} {asked.engine}: {counts['runs']:.0f} executions, {features}, "
            f"{counts['refusals']:.0f} refused, slowest {counts['slowest_s']:.2f} s CPU, "
            f"most memory added {counts['most_mib']:.0f} MiB, {counts['failures']:.0f} ways to fail"
        )
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        with (FOLDER / "summary.txt").open("a", encoding="utf-8") as out:
            out.write(line + "\n")
    return int(broken > 0)


def _atheris(reader: str, seconds: int) -> tuple[dict[str, float], str]:
    log = FOLDER / f"{reader}-atheris.log"
    counts = FOLDER / f"{reader}-atheris.json"
    counts.unlink(missing_ok=True)
    with log.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", reader, str(seconds), str(FOLDER)],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    said = log.read_text("utf-8", "replace")
    found = FEATURES.findall(said)
    features = f"{found[-1][0]} branches and {found[-1][1]} features covered" if found else "nothing covered"
    kept: dict[str, float] = json.loads(counts.read_text("utf-8")) if counts.exists() else Watched.nothing()
    if runs := re.search(r"stat::number_of_executed_units: (\d+)", said):
        kept["runs"] = float(runs[1])
    if done.returncode:  # killed, hung or out of memory: libFuzzer keeps the file and tells in the log
        kept["failures"] += 1
    return kept, features


def _hypothesis(reader: str, seconds: int) -> tuple[dict[str, float], str]:
    watched = Watched(reader, HARNESSES[reader][0], FOLDER / "crashers")
    files = files_for(reader)
    end = time.monotonic() + seconds
    number = time.time_ns()
    while time.monotonic() < end:
        number += 1

        @seed(number)
        @EACH_ROUND
        @given(files)
        def run(file: bytes) -> None:
            if time.monotonic() < end:
                watched.run(file)

        run()
    return watched.counts(), "not guided"


if __name__ == "__main__":
    sys.exit(main())
