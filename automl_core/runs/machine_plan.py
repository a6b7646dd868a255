"""Forecasts time and cost of a run with more rows, or on more and other machines.

A run's log has the seconds of each of its fits. A core makes one fit at a time, so that many make
many; of more rows a fit takes longer, by a power that was measured for each family. The model, its
constants and how far its forecasts were off are in docs/planning.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from automl_core.errors import RunError
from automl_core.models import model_spec
from automl_core.runs.executor import DevicePlacement, is_accelerator, place_devices
from automl_core.runs.record import Entry, LogReader, RunFolder
from automl_core.runs.record import events as e
from automl_core.types import Origin, StopReason
from automl_core.words import count, percent

MEASURED_ROWS = 16_000
"""Rows that train in a fit, up to which the powers of the families were measured. Beyond it is
taken to grow in proportion to the rows."""

CONDUCTED = 0.02
"""Seconds that the process that conducts a run works for each fit, on one core."""

LEAST_BUSY = 0.01
"""Share of their time in which workers are taken to have fitted, at least: clocks are coarse."""

HOUR = 3600.0


@dataclass(frozen=True)
class FamilyFits:
    """The fits of one family in a run."""

    family: str
    fits: int
    seconds: float  # of all of them, one core each
    longest: float  # seconds of one


@dataclass(frozen=True)
class Pace:
    """What a run has measured."""

    rows: int  # of the table
    trained: int  # of them, that train in a fit
    trials: int  # without the baseline
    workers: int
    families: tuple[FamilyFits, ...]
    before: float  # seconds from Start to the first fit
    after: float  # seconds from the last fit to the end
    busy: float  # share of the workers' time between the two in which they fitted
    cut: int  # fits that the clock ended

    @property
    def fits(self) -> int:
        """All fits."""
        return sum(family.fits for family in self.families)


@dataclass(frozen=True)
class Machines:
    """Machines of one kind, on which a run is to train."""

    nodes: int
    cores: int  # of a node: each is a worker
    gpus: int = 0  # of a node
    gpu_gain: float = 1.0  # times as fast as a core that a GPU trains networks
    price: float | None = None  # of a node for an hour; None: nobody said


@dataclass(frozen=True)
class Estimate:
    """What so many trials would take there."""

    workers: int
    seconds: float  # from Start until the final model is on disk
    trial: float  # seconds that each further trial adds
    bound: str  # what sets the time: workers, GPUs, the longest fit, the conducting process
    cost: float | None  # None: the price is not known


def measured_pace(folder: RunFolder) -> Pace:
    """What the fits of a run that has ended took.

    RunError where it goes on, has no fit, or trained on a GPU: what a core takes is not known then.
    """
    entries = LogReader(folder.log_path).read()
    began = [n.event for n in entries if isinstance(n.event, e.RunStarted)]
    ends = [n for n in entries if isinstance(n.event, e.RunFinished | e.RunResumed)]
    if not began or not ends or not isinstance(ends[-1].event, e.RunFinished):
        raise RunError(
            "The run has not ended.", "A plan is made from one that has: wait, or name another."
        )
    shown = [n.event for n in entries if isinstance(n.event, e.Workers)]
    if any(is_accelerator(event.device) for event in shown):
        raise RunError(
            "The run trained on a GPU, so that it does not tell what a core takes.",
            "Plan from a run with `--device cpu`.",
        )
    started, fits = _fits(entries)
    if not fits:
        raise RunError(
            "The run has no fit beside the baseline.", "Plan from one with a longer budget."
        )
    spec, begin = folder.spec(), began[0]
    workers = max((event.count for event in shown), default=1)
    validate = (begin.rows_valid or begin.rows_train / 2) / begin.folds
    last = max(fit.t for fit in fits)
    spent = sum(fit.seconds for fit in fits)
    return Pace(
        rows=spec.table.rows,
        trained=max(1, round(begin.rows_train - validate)),
        trials=len({fit.trial for fit in fits}),
        workers=workers,
        families=_by_family(fits),
        before=started,
        after=max(0.0, ends[-1].t - last),
        busy=min(1.0, max(LEAST_BUSY, spent / max(1e-9, workers * (last - started)))),
        cut=sum(fit.cut for fit in fits),
    )


class _Fit(NamedTuple):
    """A fit that has ended."""

    t: float  # on the run's clock
    trial: int
    family: str
    seconds: float
    cut: bool  # by the clock


def _fits(entries: Sequence[Entry]) -> tuple[float, list[_Fit]]:
    """When the first trial beside the baseline was started, and the fits of all of them."""
    families: dict[int, str] = {}
    first, fits = math.inf, []
    for _, t, _, event in entries:
        if isinstance(event, e.TrialStarted) and event.origin != Origin.BASELINE:
            families[event.trial] = event.family
            first = min(first, t)
        elif isinstance(event, e.FoldFinished) and event.trial in families:
            cut = event.reason == StopReason.TIME
            fits.append(_Fit(t, event.trial, families[event.trial], event.train_seconds, cut))
    return first, fits


def _by_family(fits: Sequence[_Fit]) -> tuple[FamilyFits, ...]:
    found = []
    for family in sorted({fit.family for fit in fits}):
        seconds = [fit.seconds for fit in fits if fit.family == family]
        found.append(FamilyFits(family, len(seconds), sum(seconds), max(seconds)))
    return tuple(found)


def estimate(pace: Pace, machines: Machines, rows: int, trials: int) -> Estimate:
    """What `trials` like those of the run would take of a table of `rows`, on these machines.

    Of a table from which a run draws rows (`--most-rows`) `rows` are those that are drawn.
    """
    workers = machines.nodes * machines.cores
    placement = place_devices("auto", workers, machines.nodes * machines.gpus, ordered=False)
    share = trials / pace.trials
    work: dict[bool, float] = {True: 0.0, False: 0.0}  # core seconds by: a GPU trains it
    longest = 0.0
    for family in pace.families:
        on_gpu = placement.gpus > 0 and model_spec(family.family).kind == "network"
        factor = growth(pace, family.family, rows) / (machines.gpu_gain if on_gpu else 1.0)
        work[on_gpu] += share * factor * family.seconds
        longest = max(longest, factor * family.longest)
    bounds = _pools(work, placement, pace.busy)
    bounds["the conducting process"] = share * pace.fits * CONDUCTED
    training = max(bounds.values())
    trial = training / max(1, trials)
    bounds["the longest fit"] = longest
    bound = max(bounds, key=lambda name: bounds[name])
    seconds = pace.before + max(training, longest) + pace.after
    cost = None if machines.price is None else machines.nodes * machines.price * seconds / HOUR
    return Estimate(workers, seconds, trial, bound, cost)


def _pools(work: dict[bool, float], placement: DevicePlacement, busy: float) -> dict[str, float]:
    """Seconds of the workers, or where only some have a GPU, of these and of the others."""
    if not placement.is_split:
        return {"workers": sum(work.values()) / placement.workers / busy}
    others = placement.workers - placement.gpus
    return {"GPUs": work[True] / placement.gpus / busy, "workers": work[False] / others / busy}


def trials_within(pace: Pace, machines: Machines, rows: int, seconds: float) -> int:
    """How many trials like those of the run end within `seconds` from Start."""
    known = estimate(pace, machines, rows, pace.trials)
    return max(0, int((seconds - pace.before - pace.after) / known.trial))


def growth(pace: Pace, family: str, rows: int) -> float:
    """How many times as long a fit of the family takes where the table has `rows`."""
    trained = pace.trained * rows / pace.rows

    def units(at: float) -> float:
        """Seconds, but for a factor: a power of the rows, then in proportion to them."""
        powered: float = min(at, MEASURED_ROWS) ** model_spec(family).row_power
        return powered * max(1.0, at / MEASURED_ROWS)

    return units(trained) / units(pace.trained)


def beyond_measured(pace: Pace, machines: Machines, rows: int) -> list[str]:
    """What in an estimate was not measured by the run, in sentences."""
    words = []
    if rows != pace.rows:
        words.append(
            f"{count(rows, 'row')}: {rows / pace.rows:.3g} times those of the run, by powers that "
            f"were measured up to {count(MEASURED_ROWS, 'row')} a fit; beyond, in proportion."
        )
    workers = machines.nodes * machines.cores
    if workers != pace.workers:
        words.append(
            f"{count(workers, 'worker')}: the run had {pace.workers}, and fitted in "
            f"{percent(pace.busy)} of their time. More are taken to be as busy."
        )
    if machines.gpus:
        words.append(
            f"A GPU trains networks {machines.gpu_gain:g} times as fast as a core: as you said."
        )
    if pace.cut:
        words.append(
            f"{pace.cut} of {count(pace.fits, 'fit')} were ended by the clock, and would have "
            "taken longer: a run with more time measures them."
        )
    words.append("Time to rent and start machines, and to read the table, comes on top.")
    return words
