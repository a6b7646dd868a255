"""Findings in real tables that are loaded as they are, columns to be dropped included.

    python -m tests.benchmarks.accused [--root ../shared/datasets] [--json FILE]

An accusation is a finding that would have a column left out: a leak, an id, a constant, an empty
column. It is right where the index names the column (`drop`), honest columns are listed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from automl_core.table.checks.run import find_problems
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.reading.read import read_file

ACCUSING = ("leak", "id", "constant", "all_missing")


def accused(entry: dict[str, Any], root: Path) -> dict[str, Any]:
    """Accusations and proposals for one table of the index."""
    table, _ = read_file(root / entry["file"], entry["file"])
    schema, target = infer_schema(table), entry["target"]
    started = time.monotonic()
    findings = find_problems(table, schema, target)
    seconds = time.monotonic() - started
    named = {(name, f.kind) for f in findings if f.kind in ACCUSING for name in f.columns} - {
        (target, "leak")
    }
    wanted = set(entry["drop"])
    return {
        "table": entry["name"],
        "rows": table.num_rows,
        "seconds": round(seconds, 2),
        "right": sorted(f"{n} ({k})" for n, k in named if n in wanted),
        "missed": sorted(wanted - {n for n, _ in named}),
        "honest": sorted(f"{n} ({k})" for n, k in named if n not in wanted),
        "asks": [[f.kind, *f.columns] for f in findings
                 if f.state == "to_review" and f.kind not in ACCUSING],
    }  # fmt: skip


def main() -> int:
    """Print a table of what was found; 1 where more than two honest columns are accused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    index = json.loads((arguments.root / "datasets.json").read_text(encoding="utf-8"))
    found = []
    for entry in index:
        one = accused(entry, arguments.root)
        found.append(one)
        print(f"{one['table']}, {one['rows']:,} rows, {one['seconds']} s")
        for word in ("right", "missed", "honest", "asks"):
            if one[word]:
                print(f"  {word}: {', '.join(map(str, one[word]))}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    honest = sum(len(one["honest"]) for one in found)
    print(f"\nhonest columns accused: {honest}")
    return int(honest > 2)


if __name__ == "__main__":
    sys.exit(main())
