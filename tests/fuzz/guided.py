"""`python -m tests.fuzz.guided READER SECONDS FOLDER`: one reader under atheris, in a process of its own.

atheris ends the process itself, so the counts are written as it goes.
"""

import importlib
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

LONGEST = 64 * 1024
EVERY = 500
FROM_THE_START = 0.4


def main() -> None:
    """Run until the time is up."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["bank_formats"]):
        harnesses = importlib.import_module("tests.fuzz.harnesses")
    from tests.fuzz import seeds  # noqa: PLC0415 - what they import must be instrumented first
    from tests.fuzz.oracle import Watched  # noqa: PLC0415

    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    read, mutation = harnesses.HARNESSES[name]
    watched = Watched(name, read, folder / "crashers")
    corpus = folder / "corpus" / name
    for each in (corpus, watched.folder):
        each.mkdir(parents=True, exist_ok=True)
    known = seeds.of(name)
    for number, seed in enumerate(known):
        (corpus / f"seed-{number}").write_bytes(seed)
    counts = folder / f"{name}-atheris.json"

    def once(file: bytes) -> None:
        watched.run(file)
        if watched.runs % EVERY == 0:
            counts.write_text(json.dumps(watched.counts()), "utf-8")

    def changed(file: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.25:
            return bytes(atheris.Mutate(file, longest))
        if random.random() < FROM_THE_START:  # most of what reached something new can no longer be read
            file = random.choice(known)
        return bytes(mutation(file, random)[:longest])

    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=30", "-rss_limit_mb=1500"]
    quiet = [f"-artifact_prefix={folder}/crashers/", "-print_final_stats=1", "-verbosity=1"]
    atheris.Setup([sys.argv[0], *limits, *quiet, str(corpus)], once, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
