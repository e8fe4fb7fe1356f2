"""A figure, and what it is held against."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple


class Measured(NamedTuple):
    """One line of build/bench.json."""

    name: str
    value: float
    unit: str
    against: str


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
