"""Peak resident memory of a run: the command and all processes below it, added up.

    python -m tests.benchmarks.memory [--name hflights] [--workers 4] [--budget 120]

Resident memory counts pages that several processes share (the memory-mapped table, libraries)
once for each; where the system tells, shared pages are also counted by their share. The exit code
is 1 where the sum passed `--limit` or there is no model.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tests.benchmarks import case as cases
from tests.benchmarks import figures

EVERY = 0.25  # seconds between two looks


@dataclass(frozen=True)
class Peak:
    """The largest sums seen; bytes."""

    resident: int = 0
    shared_once: int = 0  # 0 where the system does not tell
    processes: int = 0
    at: float = 0.0  # seconds after the start, of the resident peak
    looks: int = 0

    def with_look(self, resident: int, shared_once: int, processes: int, at: float) -> Peak:
        """The peak after one more look."""
        higher = resident > self.resident
        return Peak(
            max(self.resident, resident),
            max(self.shared_once, shared_once),
            max(self.processes, processes),
            at if higher else self.at,
            self.looks + 1,
        )


def watch(process: subprocess.Popen[str]) -> Peak:
    """Looks at the process and its children until it ends."""
    peak, started = Peak(), time.monotonic()
    root = psutil.Process(process.pid)
    while process.poll() is None:
        resident = shared_once = count = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            for part in [root, *root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):  # it may just have ended
                    full = part.memory_full_info()
                    resident += full.rss
                    shared_once += getattr(full, "pss", 0)
                    count += 1
        peak = peak.with_look(resident, shared_once, count, time.monotonic() - started)
        time.sleep(EVERY)
    return peak


def main() -> int:
    """One run, watched."""
    parser = figures.arguments("Peak resident memory of a run.", budget=120)
    parser.add_argument("--name", default="hflights", help="the table; default: the largest")
    parser.add_argument("--limit", type=float, default=4.0, help="GB (1e9 bytes)")
    parser.set_defaults(workers=4)
    options = parser.parse_args()
    case = cases.load(options.name, options.root)
    with tempfile.TemporaryDirectory(prefix="torchlight-memory-") as folder:
        at = Path(folder)
        table = figures.write_table(case.train, at / f"train{case.suffix}")
        flags = ["--target", case.target, "--budget", f"{options.budget:g}s"]
        flags += ["--workers", options.workers, "--out", at / "run"]
        with figures.start_torchlight(["train", table, *flags], at / "workspace") as process:
            peak = watch(process)
            problem = process.communicate()[1][-400:] if process.returncode else ""
    if problem:
        print(problem)
        return 1
    print(
        f"{case.name}, {len(case.train):,} rows, {options.workers} workers, {options.budget:g} s: "
        f"peak {peak.resident / 1e9:.2f} GB resident after {peak.at:.0f} s, "
        f"{peak.shared_once / 1e9:.2f} GB with shared pages once, {peak.processes} processes"
    )
    figures.write_json(options.json, {"name": case.name, "rows": len(case.train)} | asdict(peak))
    return int(peak.resident > options.limit * 1e9)


if __name__ == "__main__":
    sys.exit(main())
