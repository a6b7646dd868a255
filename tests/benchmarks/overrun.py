"""How well a run keeps its budget: the run's clock at its end, minus the budget.

    python -m tests.benchmarks.overrun [--names adult,letter] [--budgets 20,60,120]

Also says whether there is a usable model, and how long the whole command took (which includes
starting Python and reading the table; the run's clock begins when the spec is written).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import figures


def measure(table: Path, target: str, budget: float, workers: int) -> dict[str, Any]:
    """One run from the command line, as plain figures."""
    with tempfile.TemporaryDirectory(prefix="torchlight-overrun-") as folder:
        run, workspace = Path(folder) / "run", Path(folder) / "workspace"
        flags = ["--target", target, "--budget", f"{budget:g}s", "--out", run]
        flags += ["--workers", workers] if workers else []
        started = time.monotonic()
        done = figures.torchlight(["train", table, *flags], workspace)
        wall = time.monotonic() - started
        if done.returncode != 0:
            return {"over": float("nan"), "wall": wall, "model": "", "problem": done.stderr[-400:]}
        board = json.loads(figures.torchlight(["leaderboard", run, "--json"], workspace).stdout)
        return {
            "over": figures.last_line_of_log(run)["t"] - budget,
            "wall": wall,
            "model": board[0]["name"] if board[0]["score"] is not None else "",
            "trials": len(board),
            "problem": "",
        }


def main() -> int:
    """One line a run; the exit code is the number of runs without a model."""
    parser = figures.arguments("How well a run keeps its budget.")
    parser.add_argument("--names", default="adult,california_housing,letter")
    parser.add_argument("--budgets", default="20,60,120", help="seconds, separated by commas")
    options = parser.parse_args()
    splits = figures.splits(options.root)
    found = []
    print(f"{'table':22}{'budget s':>9}{'over s':>8}{'command s':>11}{'trials':>8}  best model")
    for name in options.names.split(","):
        entry = splits.entry(name, options.root)
        for budget in map(float, options.budgets.split(",")):
            table = options.root / entry["file"]
            line = measure(table, entry["target"], budget, options.workers)
            found.append({"name": name, "budget": budget, **line})
            print(
                f"{name:22}{budget:9g}{line['over']:+8.2f}{line['wall']:11.1f}"
                f"{line.get('trials', 0):8}  {line['model'] or 'NONE ' + line['problem']}",
                flush=True,
            )
            figures.write_json(options.json, found)
    print(f"worst: {max(x['over'] for x in found):+.2f} s")
    return sum(not x["model"] for x in found)


if __name__ == "__main__":
    sys.exit(main())
