"""The quality of a run's model: all benchmark tables through `train` and `predict`, as of a user.

    python -m tests.benchmarks.quality --root ../shared/datasets --budget 120 --cores 2
        [--parallel 2] [--names adult,letter] [--families mlp] [--extra "--seed 1"] [--json FILE]

A line a table: the run's own model on the split's test rows, the best single model and the best
network on the same rows, and the bars to beat (reference.py). A table is ok when all commands
succeed, the score beats a constant prediction and the verdict is not "worse". The exit code is
the number of tables that are not ok.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_core.models.catalog import CATALOG
from tests.benchmarks import case as cases
from tests.benchmarks import figures, reference
from tests.benchmarks.case import Case, Trained
from tests.benchmarks.reference import Bar

NETWORKS = {model_spec.name for model_spec in CATALOG if model_spec.kind == "network"}


@dataclass(frozen=True)
class Job:
    """One table to measure."""

    name: str
    root: Path
    budget: float
    flags: tuple[object, ...]  # of `train`
    bars: bool = True  # also fit what there is to beat


@dataclass(frozen=True)
class Scored:
    """One model of the run on the test rows."""

    name: str = ""
    score: float = np.nan
    own: float = np.nan  # what the leaderboard says of it


@dataclass(frozen=True)
class Line:
    """One table's figures; NaN and empty where it did not get that far."""

    name: str
    metric: str = ""
    rows: int = 0  # to train on
    over: float = np.nan  # seconds: the run's clock at its end, minus the budget
    trials: int = 0
    model: Scored = Scored()  # the run's own choice
    single: Scored = Scored()
    network: Scored = Scored()
    constant: float = np.nan  # score of a constant prediction
    bars: tuple[Bar, ...] = ()  # the best first
    verdict: str = ""  # wins, second, worse
    ensemble: tuple[tuple[str, float], ...] = ()  # (family, its weight), the heaviest first
    seconds: float = np.nan  # of the whole train command
    problem: str = ""
    detail: dict[str, Any] = field(default_factory=dict)  # leaderboard and events, for JSON

    @property
    def ok(self) -> bool:
        """See the top of the file."""
        beats = figures.better(self.metric, self.model.score, self.constant)
        return not self.problem and beats and self.verdict != "worse"


def measure(job: Job) -> Line:
    """Train, predict, score, compare; a run that failed is a line that says so."""
    case = cases.load(job.name, job.root)
    constant = cases.constant_score(case)
    line = Line(job.name, case.metric, len(case.train), constant=constant)
    bars = tuple(reference.bars(case)) if job.bars else ()
    line = replace(line, bars=bars)
    with tempfile.TemporaryDirectory(prefix="torchlight-quality-") as folder:
        try:
            flags = ["--budget", f"{job.budget:g}s", *job.flags]
            line = _score(line, case, cases.train(case, Path(folder), flags), job.budget)
        except figures.CommandError as error:
            return replace(line, problem=str(error), verdict="worse")
    verdict = reference.verdict(case, line.model.score, list(bars)) if bars else ""
    return replace(line, verdict=verdict)


def _score(line: Line, case: Case, trained: Trained, budget: float) -> Line:
    board, events = cases.board(trained), figures.events(trained.run)
    scored = [row for row in board if row["score"] is not None]
    singles = [row for row in scored if row["family"] != "ensemble"]
    networks = [row for row in singles if row["family"] in NETWORKS]
    predictions = cases.predict(trained)
    model = Scored(final_model(events), cases.score(case, cases.values(case, predictions)))
    single = _single(case, trained, singles[0], model)
    network = _single(case, trained, networks[0], single) if networks else Scored()
    return replace(
        line,
        over=events[-1]["t"] - budget,
        trials=len(board),
        model=_with_own(model, board),
        single=_with_own(single, board),
        network=_with_own(network, board),
        ensemble=composition(events),
        seconds=trained.seconds,
        detail={
            "leaderboard": board,
            "events": _telling(events),
            "families": spent(board),
            "covered": cases.covered(case, predictions),  # by intervals that should hold 0.9
        },
    )


def _single(case: Case, trained: Trained, row: dict[str, Any], known: Scored) -> Scored:
    """The score of the leaderboard's row; not predicted again where it is the one known."""
    if row["name"] == known.name:
        return known
    try:
        return Scored(row["name"], cases.score_of(case, trained, row["name"]))
    except figures.CommandError:  # its files are gone; the line is about the run's own choice
        return Scored(row["name"])


def _with_own(scored: Scored, board: list[dict[str, Any]]) -> Scored:
    own = {row["name"]: row["score"] for row in board}
    return replace(scored, own=own.get(scored.name, np.nan))


def final_model(events: list[dict[str, Any]]) -> str:
    """The name of the model that the run ended with; an empty text where it has none."""
    names = {e["trial"]: e["name"] for e in events if e["kind"] == "trial_started"}
    best = next((e["best"] for e in events if e["kind"] == "run_finished"), None)
    return names.get(best, "" if best is None else "ensemble")


def composition(events: list[dict[str, Any]]) -> tuple[tuple[str, float], ...]:
    """Families of the last ensemble and the sum of their weights; empty where there is none."""
    families = {e["trial"]: e["family"] for e in events if e["kind"] == "trial_started"}
    solved = next((e for e in reversed(events) if e["kind"] == "ensemble"), None)
    weights: dict[str, float] = {}
    if solved is not None:
        for trial, weight in zip(solved["trials"], solved["weights"], strict=True):
            weights[families[trial]] = weights.get(families[trial], 0.0) + weight
    return tuple(sorted(weights.items(), key=lambda pair: -pair[1]))


def spent(board: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Where the seconds went: trials, finished ones and seconds of training by family."""
    frame = pd.DataFrame([row for row in board if row["family"] != "ensemble"])
    return {
        str(family): {
            "trials": len(rows),
            "finished": int((rows["status"] == "finished").sum()),
            "seconds": float(rows["train_seconds"].sum()),
        }
        for family, rows in frame.groupby("family")
    }


def _telling(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = ("run_started", "trial_started", "trial_finished", "trial_failed", "note")
    last = [e for e in events if e["kind"] == "ensemble"][-1:]
    return [e for e in events if e["kind"] in kinds] + last + events[-1:]


HEADER = (
    f"{'table':19}{'rows':>8}{'over s':>8}{'trials':>7} {'model':18}{'score':>11}{'single':>11}"
    f"{'network':>11}{'best bar':>11}{'second':>11}  {'verdict':8}{'took s':>7}  ensemble"
)


def text(line: Line) -> str:
    """The line for people."""
    bars = [bar.score for bar in line.bars] + [np.nan, np.nan]
    scores = (line.model.score, line.single.score, line.network.score, *bars[:2])
    parts = ", ".join(f"{family} {weight:.2f}" for family, weight in line.ensemble)
    return (
        f"{line.name:19}{line.rows:8,}{figures.number(line.over, '+.2f'):>8}{line.trials:7} "
        f"{line.model.name:18}{''.join(f'{figures.number(s):>11}' for s in scores)}  "
        f"{line.verdict:8}{figures.number(line.seconds, '.1f'):>7}  {line.problem or parts}"
    )


def summary(lines: list[Line]) -> str:
    """How many tables were won, and how well the clocks were kept."""
    found = []
    for title, against in (("four peers", True), ("boosting", False)):
        part = [line for line in lines if (line.name in reference.PEERS) == against]
        wins = sum(line.verdict == "wins" for line in part)
        found.append(f"better than {title} on {wins} of {len(part)}")
        if against:
            seconds = sum(line.verdict == "second" for line in part)
            found.append(f"at least second on {wins + seconds}")
    late = max((line.over for line in lines if np.isfinite(line.over)), default=np.nan)
    good = sum(line.ok for line in lines)
    found.append(f"{good} of {len(lines)} tables ok")
    return ", ".join(found) + f"; worst {figures.number(late, '+.2f')} s over budget"


def parser(description: str) -> argparse.ArgumentParser:
    """The options of benchmarks that train tables and score them."""
    found = figures.pinned(figures.arguments(description, budget=120), cores=2)
    found.add_argument("--names", default="", help="tables, separated by commas; default all")
    found.add_argument("--extra", default="", help="more flags of train, as one text")
    return found


def flags_of(options: argparse.Namespace) -> tuple[object, ...]:
    """What the options add to the train command."""
    workers = ("--workers", options.workers) if options.workers else ()
    return (*workers, *shlex.split(options.extra))


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    accepted = parser("How good a run's model is on rows that it has not seen.")
    accepted.add_argument("--families", default="", help="of train: only these")
    options = accepted.parse_args()
    flags = flags_of(options)
    flags += ("--families", options.families) if options.families else ()
    names = figures.names_of(options)
    jobs = [Job(name, options.root, options.budget, flags) for name in names]
    lines: list[Line] = []
    print(HEADER)
    for line in figures.in_parallel(measure, jobs, options):
        lines = sorted([*lines, line], key=lambda x: names.index(x.name))
        print(text(line), flush=True)
        plain = [asdict(x) | {"ok": x.ok} for x in lines]
        asked = {
            n: getattr(options, n) for n in ("budget", "cores", "parallel", "families", "extra")
        }
        figures.write_json(options.json, asked | {"tables": plain})
    print(summary(lines))
    return sum(not line.ok for line in lines)


if __name__ == "__main__":
    sys.exit(main())
