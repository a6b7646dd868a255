"""Kills nodes of a Ray cluster, or its head, while a run trains there, and counts what is lost.

    python -m tests.faults.nodes --nodes 20 --heads 5 [--seconds 30] [--seed 0] [--first 0]

Each run has a cluster of its own, two nodes with a CPU each on this machine. After a node's death
the run has to end as if nothing had been; after that of the head it is interrupted, and is resumed
on this machine. A table follows, and the exit status is 1 where a finished trial is lost, a run
cannot be resumed or has no model, a process is left over, or more than 5 % of the budget is spent
beyond it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.killed_run import Findings, Job, KilledRun
from tests.faults.kills import make_table
from tests.ray_nodes import RayNodes, ray_nodes

EARLIEST = 3.0  # seconds after the run's folder is there: its workers have begun


def kill_node(nodes: RayNodes, run: KilledRun, after: float) -> tuple[bool, float]:
    """Kill the node that is not the head; whether that hit the run."""
    run.begin()
    hit = run.strike(after, lambda: nodes.kill(nodes.processes[1]))
    run.end()
    return hit, 0.0


def kill_head(nodes: RayNodes, run: KilledRun, after: float) -> tuple[bool, float]:
    """Kill the head, resume the run here; whether that hit, and seconds until it was noticed."""
    run.begin()
    hit = run.strike(after, lambda: nodes.kill(nodes.processes[0]))
    noticed = run.wait()
    if hit:
        run.begin(resume=True)
    run.end()
    return hit, noticed


def main() -> int:
    """Kill, resume, count, print."""
    parser = argparse.ArgumentParser(description="Kill nodes of a cluster while a run trains.")
    parser.add_argument("--nodes", type=int, default=20, help="runs of which a node is killed")
    parser.add_argument("--heads", type=int, default=5, help="runs of which the head is killed")
    parser.add_argument("--seconds", type=float, default=30.0, help="budget of each run")
    parser.add_argument("--first", type=int, default=0, help="number of the first kill")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    every: list[tuple[str, Findings, bool]] = []
    kinds = ["node"] * options.nodes + ["head"] * options.heads
    with tempfile.TemporaryDirectory(prefix="torchlight-nodes-") as name:
        folder = Path(name)
        table = make_table(folder / "table.csv")
        for number, kind in enumerate(kinds, options.first):
            chance = random.Random(f"{options.seed}-{number}")
            after = chance.uniform(EARLIEST, options.seconds)
            with ray_nodes(1, 1) as nodes:
                place, flags = folder / f"run-{number}", ("--cluster", nodes.address)
                job = Job(
                    place, folder / "workspace", table, "answer", options.seconds,
                    "command line", flags,
                )  # fmt: skip
                run = KilledRun(job)
                hit, noticed = (kill_node if kind == "node" else kill_head)(nodes, run, after)
            found = run.found
            every.append((kind, found, hit))
            print(
                f"{number:4}  {kind} at {after:.1f} s: {found.kept} trials before, {found.trials} "
                f"after, {found.spent:.1f} s spent, noticed after {noticed:.1f} s: "
                f"{'; '.join(found.words) or 'all there'}",
                flush=True,
            )
    print_table(every, options.seconds)
    return int(any(found.failed for _, found, _ in every))


COUNTED = ("lost", "not_resumed", "no_model", "orphans", "over")


def print_table(every: list[tuple[str, Findings, bool]], seconds: float) -> None:
    """One line a kind."""
    heads = ("runs", "hits", "lost trials", "not resumed", "no model", "orphans", "over budget")
    print("\nkilled" + "".join(f"{head:>14}" for head in heads) + f"{'most spent':>14}")
    for kind in ("node", "head"):
        mine = [(found, hit) for name, found, hit in every if name == kind]
        if mine:
            sums = [sum(getattr(f, name) for f, _ in mine) for name in COUNTED]
            numbers = [len(mine), sum(hit for _, hit in mine), *sums]
            most = max(found.spent for found, _ in mine) / seconds
            print(f"{kind:<6}" + "".join(f"{n:>14}" for n in numbers) + f"{most:>14.1%}")


if __name__ == "__main__":
    sys.exit(main())
