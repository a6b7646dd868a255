"""Kills runs at random instants with SIGKILL, resumes them, and counts what is lost.

    python -m tests.faults.kills --kills 200 [--seconds 30] [--twice 20] [--seed 0] [--first 0]

A kill hits the process that conducts a run, of the command line or of the app, with the coordinator
in it, or one of its workers. A table follows, and the exit status is 1 where anything is wrong: a
finished trial lost, a run that cannot be resumed or has no model, a process left over, more than
5 % of the budget spent beyond it. `--first` begins at a later kill, so that many can be done in
pieces: what is done at a kill follows from the seed and its number.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from tests.faults.killed_run import Findings, Job, KilledRun

TARGETS = ("command line", "app", "worker")
ROWS = 3_000


@dataclass(frozen=True)
class Kill:
    """What is done to one run."""

    target: str
    after: tuple[float, ...]  # seconds, of each process that is killed
    which: int  # of the workers
    kind: str  # of process


def plan(number: int, seed: int, seconds: float, twice: bool) -> Kill:
    """The kill of this number: instants are spread evenly over the run."""
    chance = random.Random(f"{seed}-{number}")
    target = TARGETS[number % len(TARGETS)]
    kind = chance.choice(TARGETS[:2]) if target == "worker" else target
    first = chance.uniform(0.0, seconds)
    after = (first, chance.uniform(0.0, max(2.0, seconds - first))) if twice else (first,)
    return Kill(target, after, chance.randrange(8), kind)


def make_table(path: Path, rows: int = ROWS) -> Path:
    """A table of two classes; every family has something to learn."""
    random_ = np.random.default_rng(0)
    x = random_.normal(size=(rows, 6))
    colour = random_.choice(["red", "green", "blue"], rows)
    noise = random_.normal(scale=0.7, size=rows)
    answer = np.where(x[:, 0] * x[:, 1] + (colour == "red") + noise > 0.3, "yes", "no")
    columns = {f"x{i}": x[:, i] for i in range(6)} | {"colour": colour, "answer": answer}
    pyarrow.csv.write_csv(pa.table(columns), path)
    return path


def kill_run(kill: Kill, folder: Path, table: Path, seconds: float) -> tuple[Findings, int]:
    """One run to its end through its kills; what was found, and how many kills hit it."""
    job = Job(folder, folder.parent / "workspace", table, "answer", seconds, kill.kind)
    run, hits = KilledRun(job), 0
    run.begin()
    for after in kill.after:
        if kill.target == "worker":
            hits += run.kill_worker(after, kill.which)
        elif run.kill(after):
            hits += 1
            if run.had_ended:
                break
            run.begin(resume=True)
    run.end()
    return run.found, hits


def kills(options: argparse.Namespace, root: Path) -> Iterator[tuple[int, Kill, Findings, int]]:
    """All kills that were asked for."""
    table, every = make_table(root / "table.csv"), max(1, options.kills // max(1, options.twice))
    for number in range(options.first, options.first + options.kills):
        twice = options.twice > 0 and number % every == 0
        kill = plan(number, options.seed, options.seconds, twice)
        found, hits = kill_run(kill, root / f"run-{number}", table, options.seconds)
        yield number, kill, found, hits


def main() -> int:
    """Kill, resume, count, print."""
    parser = argparse.ArgumentParser(description="Kill runs at random instants and resume them.")
    parser.add_argument("--kills", type=int, default=200, help="runs that are killed")
    parser.add_argument("--seconds", type=float, default=30.0, help="budget of each run")
    parser.add_argument("--twice", type=int, default=0, help="of them, killed once more")
    parser.add_argument("--first", type=int, default=0, help="number of the first kill")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    every: list[tuple[str, Findings, int]] = []
    with tempfile.TemporaryDirectory(prefix="torchlight-kills-") as folder:
        for number, kill, found, hits in kills(options, Path(folder)):
            every.append((kill.target, found, hits))
            at = " and ".join(f"{after:.1f} s" for after in kill.after)
            words = "; ".join(found.words) or "all there"
            print(
                f"{number:4}  {kill.target:<13} ({kill.kind}) at {at}: {found.kept} trials before,"
                f" {found.trials} after, {found.spent:.1f} s spent: {words}", flush=True,
            )  # fmt: skip
    print_table(every, options.seconds)
    return int(any(found.failed for _, found, _ in every))


def print_table(every: list[tuple[str, Findings, int]], seconds: float) -> None:
    """One line a target, and one of all."""
    print(
        f"\n{'killed':<14}{'runs':>6}{'kills':>7}{'lost trials':>13}{'not resumed':>13}"
        f"{'no model':>10}{'orphans':>9}{'over budget':>13}{'most spent':>12}"
    )
    for target in (*TARGETS, "all"):
        mine = [(found, hits) for name, found, hits in every if target in (name, "all")]
        if not mine:
            continue
        sums = [sum(getattr(f, name) for f, _ in mine) for name in COUNTED]
        most = max(found.spent for found, _ in mine) / seconds
        print(
            f"{target:<14}{len(mine):>6}{sum(hits for _, hits in mine):>7}{sums[0]:>13}"
            f"{sums[1]:>13}{sums[2]:>10}{sums[3]:>9}{sums[4]:>13}{most:>12.1%}"
        )


COUNTED = ("lost", "not_resumed", "no_model", "orphans", "over")


if __name__ == "__main__":
    sys.exit(main())
