"""A figure, and what it is held against."""

import gc
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Measured(NamedTuple):
    """One line of build/bench.json; no value where what it is held against is not there."""

    name: str
    value: float | None
    unit: str
    against: str


class Cost(NamedTuple):
    """What a work took in a process of its own."""

    seconds: float
    peak_mib: float


PRINT_COST = """
import time
start = time.process_time()
work()
seconds = time.process_time() - start
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, peak / 1024)
"""


def cpu_s(*works: Callable[[], object], rounds: int = 3) -> list[float]:
    """CPU-seconds of each work, the median of rounds in which they take turns."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for each, work in zip(taken, works, strict=True):
            gc.collect()
            start = time.process_time()
            work()
            each.append(time.process_time() - start)
    return [median(each) for each in taken]


def alone(program: str, *arguments: str) -> Cost:
    """What `work()` of a program costs in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", program + PRINT_COST, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    seconds, peak_mib = done.stdout.split()
    return Cost(float(seconds), float(peak_mib))


def there(peer: str) -> bool:
    """Whether a package to compare with is installed."""
    return importlib.util.find_spec(peer) is not None


def without(name: str, peer: str) -> Measured:
    """The line of a measure whose peer is not installed."""
    return Measured(name, None, "ratio", f"{peer} is not installed here: see `make peers`")
