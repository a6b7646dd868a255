"""Runs started, stopped and deleted, one after the other, in one process: nothing may grow.

    python -m tests.faults.soak [--runs 100] [--seconds 3] [--every 10]

Each run is started by the manager as a page does it, with real workers; every third is stopped half
way. While it goes on, its snapshot and the list of runs are read as pages read them; then its model
predicts a row, and the run is deleted. Printed are resident memory, threads, processes and open
files. The exit code is 1 where memory after the last run is more than 1.2 times that after the
tenth (`--every`), or where threads, processes or files are not what they were then.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from automl_core.runs import delete_run, get_manager, list_runs, take_snapshot
from automl_core.runs.manager import Manager
from automl_core.runs.record import Budget, RunFolder, send_command
from automl_core.table.store import put_table
from automl_core.types import CommandName
from tests.runs.tables import small_run, small_table

GROWTH = 1.2  # times the memory after the first look, at most
LOOK = 0.1  # seconds between two looks at a run, as by several pages
PATIENCE = 60.0  # seconds beyond its budget until a run counts as hanging
SETTLE = 10.0  # seconds in which what has ended may still be there


@dataclass(frozen=True)
class Held:
    """What the process and its workers hold."""

    memory: int  # resident bytes of the process
    workers: int  # of all processes that it started
    threads: int
    processes: int
    files: int

    def words(self) -> str:
        """One line of the table that is printed."""
        return (
            f"{self.memory / 1e6:8.1f} MB  workers {self.workers / 1e6:8.1f} MB  "
            f"{self.threads:3} threads  {self.processes:2} processes  {self.files:3} files"
        )

    def same_parts(self, other: Held) -> bool:
        """True where threads, processes and files are as many."""
        mine = (self.threads, self.processes, self.files)
        return mine == (other.threads, other.processes, other.files)


def look() -> Held:
    """What is held now."""
    process = psutil.Process()
    children = process.children(recursive=True)
    files = process.num_fds() if hasattr(process, "num_fds") else len(process.open_files())
    workers = sum(child.memory_info().rss for child in children)
    return Held(process.memory_info().rss, workers, threading.active_count(), len(children), files)


def settled(before: Held | None) -> Held:
    """What is held once what has ended is gone; at the latest after SETTLE seconds."""
    until = time.monotonic() + SETTLE
    while True:
        now = look()
        if (before is None or now.same_parts(before)) or time.monotonic() > until:
            return now
        time.sleep(0.2)


def soak(root: Path, runs: int, seconds: float, every: int) -> list[Held]:
    """What was held after each `every` runs. Raises RuntimeError where a run hangs."""
    manager, seen = get_manager(), list[Held]()
    table = put_table(small_table(rows=10, seed=1), root)
    for number in range(1, runs + 1):
        _one_run(manager, root, seconds, table, stop=number % 3 == 0)
        if number % every == 0:
            seen.append(settled(seen[0] if seen else None))
            print(f"{number:4}  {seen[-1].words()}", flush=True)
    return seen


def _one_run(manager: Manager, root: Path, seconds: float, table: str, stop: bool) -> None:
    folder = manager.start(*small_run(root, Budget(seconds=seconds)))
    began = time.monotonic()
    while manager.is_active(folder.path):
        passed = time.monotonic() - began
        if passed > seconds + PATIENCE:
            raise RuntimeError(f"The run in {folder.path} hangs.")
        if stop and passed > seconds / 2:
            send_command(folder.path, CommandName.STOP)
            stop = False
        take_snapshot(folder.path)
        list_runs(root)
        time.sleep(LOOK)
    _predict(manager, folder, table)
    delete_run(folder.path.name, root)


def _predict(manager: Manager, folder: RunFolder, table: str) -> None:
    end = take_snapshot(folder.path).state.finished
    if end is not None and end.best is not None:
        manager.jobs.predict(folder.model_files(end.best), table).result(timeout=PATIENCE)


def problems(seen: list[Held]) -> list[str]:
    """What has grown since the first look, in words."""
    first, last, found = seen[0], seen[-1], []
    if last.memory > GROWTH * first.memory:
        found.append(f"memory grew {last.memory / first.memory:.2f} times")
    for name in ("threads", "processes", "files"):
        before, now = getattr(first, name), getattr(last, name)
        if now != before:
            found.append(f"{before} {name} became {now}")
    return found


def main() -> int:
    """Run after run; the exit code says whether anything has grown."""
    parser = argparse.ArgumentParser(description="Runs one after the other in one process.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=3.0, help="budget of a run")
    parser.add_argument("--every", type=int, default=10, help="runs between two looks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-soak-") as folder:
        os.environ["TORCHLIGHT_WORKSPACE"] = folder
        seen = soak(Path(folder), options.runs, options.seconds, options.every)
        get_manager().shutdown()
    found = problems(seen)
    print("\n".join(found) or f"nothing has grown in {options.runs} runs")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
