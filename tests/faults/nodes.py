"""Kills nodes of a Ray cluster, or its head, while a run trains there, and counts what is lost.

    python -m tests.faults.nodes --nodes 20 --heads 5 [--seconds 30] [--seed 0] [--first 0]

Each run has a cluster of its own, two nodes with a CPU each on this machine. The kill comes at a
random moment between the end of the first trial and that of the budget. After a node's death
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
from dataclasses import dataclass
from pathlib import Path

from tests.faults.killed_run import Findings, Job, KilledRun
from tests.faults.kills import make_table
from tests.ray_nodes import RayNodes, ray_nodes


@dataclass(frozen=True)
class Kill:
    """What a kill did to a run."""

    hit: bool  # the run had not ended
    left: float  # seconds of its budget that were left
    noticed: float  # seconds until the run was interrupted; 0: it was not


def kill_node(nodes: RayNodes, run: KilledRun, share: float) -> Kill:
    """Kill the node that is not the head, when so large a share of the rest of the budget is over
    after the first trial."""
    run.begin()
    hit, left = _strike(nodes, run, share, 1)
    run.end()
    return Kill(hit, left, 0.0)


def kill_head(nodes: RayNodes, run: KilledRun, share: float) -> Kill:
    """Kill the head, at a moment as `kill_node`; resume the run on this machine."""
    run.begin()
    hit, left = _strike(nodes, run, share, 0)
    noticed = run.wait()
    interrupted = hit and not run.is_over
    if interrupted:  # else it had all that it needed
        run.begin(resume=True)
    run.end()
    return Kill(hit, left, noticed if interrupted else 0.0)


def _strike(nodes: RayNodes, run: KilledRun, share: float, which: int) -> tuple[bool, float]:
    if not run.await_trial():
        return False, 0.0
    hit = run.strike(share * run.seconds_left(), lambda: nodes.kill(nodes.processes[which]))
    return hit, run.seconds_left()


def main() -> int:
    """Kill, resume, count, print."""
    parser = argparse.ArgumentParser(description="Kill nodes of a cluster while a run trains.")
    parser.add_argument("--nodes", type=int, default=20, help="runs of which a node is killed")
    parser.add_argument("--heads", type=int, default=5, help="runs of which the head is killed")
    parser.add_argument("--seconds", type=float, default=30.0, help="budget of each run")
    parser.add_argument("--first", type=int, default=0, help="number of the first kill")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    every: list[tuple[str, Findings, Kill]] = []
    kinds = ["node"] * options.nodes + ["head"] * options.heads
    with tempfile.TemporaryDirectory(prefix="torchlight-nodes-") as name:
        folder = Path(name)
        table = make_table(folder / "table.csv")
        for number, kind in enumerate(kinds, options.first):
            share = random.Random(f"{options.seed}-{number}").uniform(0.0, 0.9)
            with ray_nodes(1, 1) as nodes:
                place, flags = folder / f"run-{number}", ("--cluster", nodes.address)
                job = Job(
                    place, folder / "workspace", table, "answer", options.seconds,
                    "command line", flags,
                )  # fmt: skip
                run = KilledRun(job)
                kill = (kill_node if kind == "node" else kill_head)(nodes, run, share)
            found = run.found
            every.append((kind, found, kill))
            print(
                f"{number:4}  {kind} with {kill.left:.1f} s left: {found.kept} trials before, "
                f"{found.trials} after, {found.spent:.1f} s spent, noticed after "
                f"{kill.noticed:.1f} s: {'; '.join(found.words) or 'all there'}",
                flush=True,
            )
    print_table(every, options.seconds)
    return int(any(found.failed for _, found, _ in every))


COUNTED = ("lost", "not_resumed", "no_model", "orphans", "over")


def print_table(every: list[tuple[str, Findings, Kill]], seconds: float) -> None:
    """One line a kind."""
    heads = ("runs", "hits", "lost trials", "not resumed", "no model", "orphans", "over budget")
    print("\nkilled" + "".join(f"{head:>14}" for head in heads) + f"{'most spent':>14}")
    for kind in ("node", "head"):
        mine = [(found, kill) for name, found, kill in every if name == kind]
        if mine:
            sums = [sum(getattr(f, name) for f, _ in mine) for name in COUNTED]
            numbers = [len(mine), sum(kill.hit for _, kill in mine), *sums]
            most = max(found.spent for found, _ in mine) / seconds
            print(f"{kind:<6}" + "".join(f"{n:>14}" for n in numbers) + f"{most:>14.1%}")


if __name__ == "__main__":
    sys.exit(main())
