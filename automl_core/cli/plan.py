"""`plan`: what a run would take, and cost, on more machines or with more rows."""

from __future__ import annotations

import argparse
from dataclasses import replace

from automl_core.cli.text import printable, text_table
from automl_core.errors import SpecError
from automl_core.files import dump_json, workspace
from automl_core.records import to_plain
from automl_core.runs import (
    Estimate,
    Machines,
    beyond_measured,
    estimate,
    find_run,
    measured_pace,
    trials_within,
)
from automl_core.runs.record import length_words
from automl_core.words import count, percent


def run_plan(arguments: argparse.Namespace) -> int:
    """Print a line for 1, 2, 4 ... machines up to those asked for.

    RunError where the run cannot tell, SpecError for GPUs whose gain nobody named.
    """
    if arguments.gpus and arguments.gpu_gain is None:
        raise SpecError(
            "How fast these GPUs are is not known.",
            "Name --gpu-gain, times as fast as a core trains networks; docs/planning.md says how "
            "to measure it.",
        )
    folder = find_run(arguments.run, workspace())
    pace = measured_pace(folder)
    rows, trials = arguments.rows or pace.rows, arguments.trials or pace.trials
    drawn = min(rows, arguments.most_rows)
    most = Machines(
        arguments.nodes, arguments.cores or pace.workers, arguments.gpus,
        arguments.gpu_gain or 1.0, arguments.price,
    )  # fmt: skip
    machines = [replace(most, nodes=nodes) for nodes in _up_to(arguments.nodes)]
    found = [
        (m.nodes, estimate(pace, m, drawn, trials), trials_within(pace, m, drawn, arguments.within))
        for m in machines
    ]
    notes = beyond_measured(pace, most, drawn)
    if drawn < rows:
        notes.insert(0, f"Of {count(rows, 'row')} {drawn:,} are drawn, as by --most-rows of a run.")
    if arguments.json:
        lines = [to_plain(e) | {"nodes": n, "within": w} for n, e, w in found]
        told = {"measured": to_plain(pace), "rows": rows, "trials": trials, "plans": lines}
        print(dump_json(told | {"notes": notes}).decode())
        return 0
    print(
        f"Measured: {count(pace.trials, 'trial')} of {count(pace.rows, 'row')} with "
        f"{count(pace.fits, 'fit')} by {count(pace.workers, 'worker')}, which fitted in "
        f"{percent(pace.busy)} of their time.\n"
    )
    header = (
        "machines", "workers", f"{count(trials, 'trial')} take", "cost", "it waits for",
        f"trials in {length_words(arguments.within)}",
    )  # fmt: skip
    print(text_table(header, [_line(*line) for line in found], right=(0, 1, 2, 3, 5)))
    print(printable("\n" + "\n".join(notes)))
    return 0


def _up_to(nodes: int) -> list[int]:
    """1, 2, 4 ... and the number itself."""
    return [*(2**i for i in range((nodes - 1).bit_length())), nodes]


def _line(nodes: int, found: Estimate, within: int) -> tuple[str, ...]:
    return (
        f"{nodes:,}",
        f"{found.workers:,}",
        _time(found.seconds),
        "" if found.cost is None else f"{found.cost:,.2f}",
        found.bound,
        f"{within:,}",
    )


def _time(seconds: float) -> str:
    """Two digits are all that an estimate has: "90 s", "12 min", "3.4 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
