"""What a run takes by rows, columns and workers, and how far off forecasts of it are.

    python -m tests.benchmarks.planning --json points.json [--parts fits,runs] [--seconds 150]

`fits`: one fit of a family with its defaults on one core, by rows and columns of a made table
(big_rows.py); processor time, the least of some rounds. `runs`: whole runs of a number of trials.
`cluster`: the same on two Ray nodes of this machine. `real`: runs on a table of the index.

What FILE has is not measured again, and nothing new begins after `--seconds`, so that several
calls make a whole. Then powers are fitted to the fits of up to 16,000 rows, and what the chapter
docs/planning.md says is printed: each forecast, made from one run of few rows and two workers,
beside what was measured, with which nothing was fitted. The exit code is the number of forecasts
that are off by more than a factor of 1.5.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from automl_core.models import FitControl, catalog, model_spec
from automl_core.records import from_plain, parse_json
from automl_core.runs.machine_plan import (
    MEASURED_ROWS,
    Machines,
    Pace,
    estimate,
    growth,
    measured_pace,
    trials_within,
)
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.worker import preload
from tests.benchmarks import big_rows, case, figures
from tests.gpu.encoded_tables import encoded_frame
from tests.ray_nodes import ray_nodes

FAMILIES = ("lightgbm", "catboost", "extra_trees", "realmlp", "mlp", "linear")
ALL_FAMILIES = (*FAMILIES, "random_forest", "knn", "tabm", "resnet")
FIT_ROWS, FURTHER_ROWS = (1_000, 4_000, 16_000), 64_000  # that train; the further ones are forecast
COLUMNS, MORE_COLUMNS, COLUMN_ROWS = 19, (76,), 4_000  # beside the target
ROUNDS, ONCE = 3, 1.0  # a fit of more seconds is made once
MOST_OFF = 1.5  # times as long, or as short
EQUAL = "at its share of a core"
REAL, REAL_ROWS = "adult", 4_000


@dataclass(frozen=True)
class FitPoint:
    """One fit: family, rows that train, columns beside the target."""

    family: str
    rows: int
    columns: int
    seconds: float = 0.0  # of processor time


@dataclass(frozen=True)
class RunPoint:
    """One run, and what it took."""

    name: str
    rows: int
    workers: int
    trials: int = 12  # 0: a budget of `budget` seconds
    budget: float = 0.0
    families: str = ",".join(FAMILIES)
    nodes: int = 0  # of a Ray cluster; 0: this machine's workers
    table: str = ""  # of the index; "": a made one
    pace: Pace | None = None
    seconds: float = 0.0  # on the run's clock, at its end
    command: float = 0.0  # seconds of the whole command
    conducted: float = 0.0  # seconds of processor time of the process that conducts, a fit
    processor: float = 0.0  # seconds of processor time of its workers, from first fit to last

    @property
    def had(self) -> float:
        """Share of the seconds of its fits in which they had a processor: of a quiet machine, 1."""
        fitted = sum(f.seconds for f in self.pace.families) if self.pace else 0.0
        return self.processor / max(fitted, 1e-9)


RUNS = (
    RunPoint("base", 6_000, 2),
    RunPoint("one worker", 6_000, 1),
    RunPoint("4 times the rows", 24_000, 2),
    RunPoint("by the clock", 6_000, 2, trials=0, budget=60.0),
    RunPoint("short fits", 400, 2, trials=60, families="lightgbm,linear,knn"),
)
CLUSTER = (RunPoint("two nodes", 6_000, 2, nodes=2),)
OF_TABLE = (
    RunPoint(f"{REAL}, part", REAL_ROWS, 2, table=REAL),
    RunPoint(f"{REAL}, all", 0, 2, table=REAL),
)


def made(rows: int, columns: int) -> pd.DataFrame:
    """A made table: 19 columns of six kinds, and numbers that tell nothing beyond."""
    frame = big_rows.long_block(rows, 0).to_pandas()
    rng = np.random.default_rng(1)
    more = {f"n{i}": rng.normal(size=rows) for i in range(columns - COLUMNS)}
    return pd.concat([frame, pd.DataFrame(more, index=frame.index)], axis=1)


def fit_points() -> list[FitPoint]:
    """All fits that are measured; those of the further rows last."""
    found = [FitPoint(f, rows, COLUMNS) for rows in FIT_ROWS for f in ALL_FAMILIES]
    found += [FitPoint(f, COLUMN_ROWS, columns) for columns in MORE_COLUMNS for f in FAMILIES]
    found += [FitPoint(f, FURTHER_ROWS, COLUMNS) for f in FAMILIES]
    return [p for p in found if p.rows <= (model_spec(p.family).most_rows or p.rows)]


def measure_fit(point: FitPoint) -> FitPoint:
    """The fit's seconds of processor time, the least of its rounds."""
    import torch

    torch.set_num_threads(1)
    spec = model_spec(point.family)
    preload.for_family(spec)
    frame = made(point.rows * 4 // 3, point.columns)
    data = encoded_frame(frame, big_rows.TARGET, "binary", spec)
    seconds: list[float] = []
    for seed in range(ROUNDS):
        control = FitControl(lambda _: None, lambda: None, lambda: 0.0, seed)
        began = time.process_time()
        catalog.fit(spec, data, spec.defaults, control)
        seconds.append(time.process_time() - began)
        if seconds[0] > ONCE:
            break
    return FitPoint(point.family, point.rows, point.columns, min(seconds))


def measure_run(point: RunPoint, root: Path) -> RunPoint:
    """One run by the command line."""
    with tempfile.TemporaryDirectory(prefix="torchlight-planning-") as name:
        folder = Path(name)
        frame, target = _table(point, root)
        table = figures.write_table(frame, folder / "table.parquet")
        words: list[object] = ["train", table, "--target", target, "--out", folder / "run"]
        words += ["--folds", 2, "--families", point.families, "--workers", point.workers]
        words += ["--trials", point.trials] if point.trials else ["--budget", f"{point.budget:g}s"]
        if not point.nodes:
            return _watched(point, len(frame), words, folder)
        with ray_nodes(*[1] * point.nodes) as nodes:
            return _watched(point, len(frame), [*words, "--cluster", nodes.address], folder)


def _table(point: RunPoint, root: Path) -> tuple[pd.DataFrame, str]:
    if not point.table:
        return made(point.rows, COLUMNS), big_rows.TARGET
    found = case.load(point.table, root)
    rows = point.rows or len(found.train)
    return found.train.sample(rows, random_state=0), found.target


def _watched(point: RunPoint, rows: int, words: Sequence[object], folder: Path) -> RunPoint:
    began = time.perf_counter()
    with figures.start_torchlight(words, folder / "workspace") as process:
        looks = _Processor(process.pid)
        _, said = process.communicate()
        looks.end()
    command = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(said[-2000:])
    pace = measured_pace(RunFolder(folder / "run"))
    events = figures.events(folder / "run")
    ends = [e["wall"] for e in events if e["kind"] == "fold_finished"]
    start = min(e["wall"] for e in events if e["kind"] == "trial_started")
    conducted, processor = looks.between(start, max(ends))
    return RunPoint(
        point.name, rows, point.workers, point.trials, point.budget, point.families, point.nodes,
        point.table, pace, max(float(e["t"]) for e in events), command, conducted / pace.fits,
        processor,
    )  # fmt: skip


class _Processor:
    """The processor time of a process and of those below it, over time."""

    def __init__(self, process: int) -> None:
        self._looks: list[tuple[float, float, float]] = []  # wall, its own, of those below it
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(psutil.Process(process),))
        self._thread.start()

    def _watch(self, process: psutil.Process) -> None:
        below: dict[int, float] = {}  # also of those that have ended
        while not self._ended.wait(0.2):
            with contextlib.suppress(psutil.Error):
                for child in process.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        below[child.pid] = _spent(child)
                self._looks.append((time.time(), _spent(process), sum(below.values())))

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def between(self, start: float, end: float) -> tuple[float, float]:
        """Seconds of processor time between two moments: its own, of those below it."""
        times, own, below = zip(*self._looks, strict=True)
        first, second = (np.interp([start, end], times, spent) for spent in (own, below))
        return float(first[1] - first[0]), float(second[1] - second[0])


def _spent(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def powers(fits: Sequence[FitPoint]) -> dict[str, tuple[float, float]]:
    """By family the powers of rows and columns: least squares of logarithms, at least 0."""
    found = {}
    for family in ALL_FAMILIES:
        own = [p for p in fits if p.family == family and p.rows <= MEASURED_ROWS]
        if len({p.rows for p in own}) < 2:
            continue
        x = np.array([[1.0, np.log(p.rows), np.log(p.columns)] for p in own])
        if len({p.columns for p in own}) < 2:
            x = x[:, :2]
        y = np.log([max(p.seconds, 1e-3) for p in own])
        solved = np.linalg.lstsq(x, y, rcond=None)[0]
        by_columns = float(solved[2]) if len(solved) > 2 else float("nan")
        found[family] = (max(0.0, float(solved[1])), by_columns)
    return found


@dataclass(frozen=True)
class Compared:
    """A forecast beside what was measured."""

    what: str
    forecast: float
    measured: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Forecast over measured."""
        return self.forecast / max(self.measured, 1e-9)


def compare_fits(fits: Sequence[FitPoint], found: dict[str, tuple[float, float]]) -> list[Compared]:
    """Fits of the further rows, from those of the most rows that powers were fitted to."""
    known = {(p.family, p.rows): p.seconds for p in fits if p.columns == COLUMNS}
    times = FURTHER_ROWS / MEASURED_ROWS  # beyond what was measured in proportion, as the product
    return [
        Compared(f"{family}, {FURTHER_ROWS:,} rows", known[family, MEASURED_ROWS] * times, seconds)
        for (family, rows), seconds in known.items()
        if rows == FURTHER_ROWS and (family, MEASURED_ROWS) in known and family in found
    ]


def compare_runs(runs: dict[str, RunPoint]) -> Iterator[Compared]:
    """Each run that no forecast is made from, from the base of its kind."""
    for run in runs.values():
        base = runs.get(f"{REAL}, part" if run.table else "base")
        if base is None or base.pace is None or run.pace is None or run.name == base.name:
            continue
        there = Machines(max(1, run.nodes), run.workers // max(1, run.nodes))
        if run.trials and run.families == base.families:
            for words, pace in (
                (run.name, base.pace),
                (f"{run.name}: {EQUAL}", _at_share(base, run)),
            ):
                took = estimate(pace, there, run.rows, run.pace.trials)
                yield Compared(words, took.seconds, run.seconds)
            share = run.pace.trials / base.pace.trials * _work(base.pace, run.rows)
            yield Compared(f"{run.name}: processor time", base.processor * share, run.processor)
        elif not run.trials:
            expected = trials_within(base.pace, there, run.rows, run.budget)
            yield Compared(run.name, expected, run.pace.trials, "trials")


def _at_share(base: RunPoint, run: RunPoint) -> Pace:
    """What the base would have measured, had its fits had as much of a core as those of the run."""
    assert base.pace is not None
    times = base.had / max(run.had, 1e-9)
    slowed = (
        replace(f, seconds=times * f.seconds, longest=times * f.longest) for f in base.pace.families
    )
    return replace(base.pace, families=tuple(slowed))


def _work(pace: Pace, rows: int) -> float:
    """How many times the work of the run its fits are with so many rows."""
    now = sum(f.seconds * growth(pace, f.family, rows) for f in pace.families)
    return now / sum(f.seconds for f in pace.families)


def tell(fits: Sequence[FitPoint], runs: dict[str, RunPoint]) -> list[Compared]:
    """Print all that is known; the comparisons."""
    found = powers(fits)
    print(f"{'family':16}{'rows^':>7}{'product':>9}{'columns^':>9}   seconds by rows")
    for family, (by_rows, by_columns) in found.items():
        own = sorted(p.rows for p in fits if p.family == family and p.columns == COLUMNS)
        of = {(p.rows): p.seconds for p in fits if p.family == family and p.columns == COLUMNS}
        listed = ", ".join(f"{rows:,}: {of[rows]:.2f}" for rows in own)
        power = model_spec(family).row_power
        columns = figures.number(by_columns, ".2f")
        print(f"{family:16}{by_rows:7.2f}{power:9.2f}{columns:>9}   {listed}")
    print(
        f"\n{'run':20}{'rows':>8}{'workers':>8}{'trials':>7}{'fits':>6}{'before':>8}{'after':>7}"
        f"{'busy':>6}{'clock':>8}{'command':>9}{'conducted':>10}{'processor':>10}{'had':>6}"
    )
    for run in runs.values():
        if (pace := run.pace) is not None:
            print(
                f"{run.name:20}{run.rows:8,}{run.workers:8}{pace.trials:7}{pace.fits:6}"
                f"{pace.before:8.1f}{pace.after:7.1f}{pace.busy:6.2f}{run.seconds:8.1f}"
                f"{run.command:9.1f}{run.conducted:10.3f}{run.processor:10.1f}{run.had:6.2f}"
            )
    compared = [*compare_fits(fits, found), *compare_runs(runs)]
    print(f"\n{'forecast of':40}{'forecast':>9}{'measured':>9}{'ratio':>7}")
    for line in compared:
        print(
            f"{line.what:40}{line.forecast:9.1f}{line.measured:9.1f}{line.ratio:7.2f}  {line.unit}"
        )
    if compared:
        off = [max(line.ratio, 1 / max(line.ratio, 1e-9)) for line in compared]
        print(f"off by a factor of {statistics.median(off):.2f} (median), {max(off):.2f} (most)")
    return compared


def main() -> int:
    """Measure what is missing, and print."""
    parser = figures.arguments("What a run takes, and how far off forecasts of it are.")
    parser.add_argument("--parts", default="fits,runs", help="of fits, runs, cluster, real")
    parser.add_argument("--seconds", type=float, default=1e9, help="after which nothing begins")
    parser.add_argument(
        "--again",
        default="",
        help="runs to measure once more: the one counts that had more of the processor",
    )
    options = parser.parse_args()
    again = options.again.split(",")
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    fits, runs = _load(options.json)
    end = time.monotonic() + options.seconds

    def keep() -> None:
        figures.write_json(
            options.json, {"fits": [*map(asdict, fits)], "runs": [*map(asdict, runs.values())]}
        )

    parts = options.parts.split(",")
    done = {(p.family, p.rows, p.columns) for p in fits}
    for point in fit_points() if "fits" in parts else []:
        if (point.family, point.rows, point.columns) not in done and time.monotonic() < end:
            fits.append(measure_fit(point))
            print(fits[-1], flush=True)
            keep()
    wanted = {"runs": RUNS, "cluster": CLUSTER, "real": OF_TABLE}
    for run in (run for part, of in wanted.items() if part in parts for run in of):
        if (run.name not in runs or run.name in again) and time.monotonic() < end:
            found = measure_run(run, options.root)
            if run.name not in runs or found.had > runs[run.name].had:
                runs[run.name] = found
            keep()
    compared = tell(fits, runs)
    return sum(not 1 / MOST_OFF <= line.ratio <= MOST_OFF for line in compared)


def _load(path: Path | None) -> tuple[list[FitPoint], dict[str, RunPoint]]:
    if path is None or not path.is_file():
        return [], {}
    plain: dict[str, Any] = parse_json(path.read_bytes())
    runs = [from_plain(RunPoint, run) for run in plain["runs"]]
    return [from_plain(FitPoint, fit) for fit in plain["fits"]], {run.name: run for run in runs}


if __name__ == "__main__":
    sys.exit(main())
