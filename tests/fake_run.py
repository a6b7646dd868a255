"""A run that looks real without any training: events of four workers, as a coordinator writes them.

Run as a program it appends to a run's log in real time, to look at the live page:
    python -m tests.fake_run WORKSPACE RUN_ID [SECONDS]
"""

from __future__ import annotations

import heapq
import math
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, take_commands
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.state import RunState
from automl_core.table.schema import Column, ParseRule, Schema
from automl_core.types import Origin, RunStatus, Severity, StopReason, TrialStatus

FAMILIES = {  # score of the family at its best, spread of its configurations
    "lightgbm": (0.927, 0.004),
    "mlp": (0.914, 0.008),
    "resnet": (0.917, 0.010),
    "linear": (0.903, 0.004),
    "extra_trees": (0.910, 0.006),
}
NETWORKS = ("mlp", "resnet", "linear")
VALIDATION = "One part of 20 % of the rows is held out: 29,305 rows are enough for that."
FEATURES = (
    "capital-gain", "age", "relationship", "education-num", "occupation", "hours-per-week",
    "marital-status", "capital-loss", "workclass", "sex", "native-country", "race", "fnlwgt",
    "a <b>bold</b> column with a name that is far too long",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """How large the run is."""

    trials: int = 30
    epochs: int = 40  # a fold
    folds: int = 1
    workers: int = 4
    budget_seconds: float = 60.0
    seed: int = 0


@dataclass
class _Work:
    """One worker and the trial it is at."""

    worker: int
    trial: int = -1
    family: str = ""
    target: float = 0.0  # the score this trial is heading for
    pace: float = 0.1  # seconds an epoch
    fold: int = 0
    epoch: int = 0
    began: float = 0.0
    scores: list[float] = field(default_factory=list)


def run_events(shape: Shape = Shape()) -> Iterator[tuple[float, e.Event]]:
    """(seconds on the clock, event), in order of time; the last is RunFinished."""
    chance = random.Random(shape.seed)
    yield 0.0, e.RunStarted(shape.budget_seconds, None, shape.folds, 29305, 9769, 12, 0)
    yield 0.05, e.Note(Severity.INFO, VALIDATION)
    yield 0.1, e.Workers("cpu", shape.workers, 0, 300_000_000)
    yield 0.2, e.TrialStarted(0, "constant-0", "constant", {}, Origin.BASELINE)
    yield 0.5, e.TrialFinished(0, TrialStatus.FINISHED, 0.5, 0.02, 0.0001, 210, shape.folds)
    queue: list[tuple[float, int]] = [(0.6 + 0.05 * w, w) for w in range(shape.workers)]
    works = [_Work(w) for w in range(shape.workers)]
    begun, best, clock = 0, (0.5, 0), 0.0
    ended: list[e.TrialFinished] = []
    while queue:
        clock, number = heapq.heappop(queue)
        work = works[number]
        if work.trial < 0:
            if begun >= shape.trials:
                continue
            begun += 1
            yield clock, _start(work, begun, clock, chance)
            memory = 300_000_000 * (1 + begun % 5)
            yield clock, e.Workers("cpu", shape.workers, shape.workers, memory)
        elif begun > 4 and work.trial % 11 == 5 and work.epoch:
            yield clock, e.TrialFailed(work.trial, "The loss was not a number after 3 epochs, "
                                       "also with a tenth of the learning rate.")  # fmt: skip
            work.trial = -1
        else:
            batch = _epochs(work, shape, chance, clock)
            yield clock, batch
            for event in _fold_ends(work, shape, clock):
                yield clock, event
                if not isinstance(event, e.TrialFinished):
                    continue
                ended.append(event)
                best = max(best, (event.score or 0.0, event.trial))
                yield clock + 0.005, ensemble(ended)
                if event.trial % 3 == 1:
                    yield clock + 0.01, importance(best[1], 1 + event.trial // 3, False)
        heapq.heappush(queue, (clock + 4 * work.pace, number))
    yield clock + 0.5, importance(best[1], 30, True)
    yield clock + 1.0, _run_finished(ended)


def _run_finished(ended: list[e.TrialFinished]) -> e.RunFinished:
    score = ensemble(ended).score
    network = max((t for t in ended if _family(t.trial) in NETWORKS), key=lambda t: t.score or 0.0)
    smallest = min(sorted(ended, key=lambda t: -(t.score or 0.0))[:4], key=lambda t: _size(t.trial))
    return e.RunFinished(
        RunStatus.FINISHED, "The time budget is used up.", e.ENSEMBLE, score - 0.001, score - 0.008,
        score + 0.006, network.trial, smallest.trial,
    )  # fmt: skip


def ensemble(ended: list[e.TrialFinished]) -> e.EnsembleSolved:
    """The best of three families and two more that have ended, weighted by their place."""
    best = sorted(
        (t for t in ended if t.status == TrialStatus.FINISHED), key=lambda t: -(t.score or 0.0)
    )
    families = dict.fromkeys(_family(t.trial) for t in best)
    first = [next(t for t in best if _family(t.trial) == family) for family in families][:3]
    chosen = [*first, *(t for t in best if t not in first)][:5] or ended[:1]
    chosen.sort(key=lambda t: -(t.score or 0.0))
    parts = [len(chosen) + 1 - place for place in range(len(chosen))]
    return e.EnsembleSolved(
        (chosen[0].score or 0.0) + 0.0012 * (len(chosen) - 1),
        tuple(t.trial for t in chosen),
        tuple(part / sum(parts) for part in parts),
        1.12,
        sum(t.folds for t in chosen),
        sum(t.predict_ms_per_row or 0.0 for t in chosen),
        sum(t.size_bytes or 0 for t in chosen),
    )


def _family(trial: int) -> str:
    return list(FAMILIES)[(trial - 1) % len(FAMILIES)]


def _size(trial: int) -> int:
    return {"linear": 38_000, "extra_trees": 9_400_000}.get(_family(trial), 412_000 + 7000 * trial)


def _start(work: _Work, trial: int, clock: float, chance: random.Random) -> e.TrialStarted:
    family = _family(trial)
    centre, spread = FAMILIES[family]
    work.trial, work.family, work.fold, work.epoch = trial, family, 0, 0
    work.began, work.scores = clock, []
    first = trial <= len(FAMILIES)
    work.target = centre - (0.0 if first else abs(chance.gauss(0, spread)) - 0.003)
    work.pace = chance.uniform(0.05, 0.16)
    config = {"learning_rate": chance.uniform(1e-3, 1e-2), "width": 256}
    later = Origin.REPEAT if trial % 10 == 0 else Origin.SEARCH
    origin = Origin.PORTFOLIO if first else later
    return e.TrialStarted(
        trial, f"{family}-{trial}", family, config, origin, int(origin == Origin.REPEAT)
    )


def _epochs(work: _Work, shape: Shape, chance: random.Random, clock: float) -> e.Epochs:
    numbers = tuple(range(work.epoch + 1, min(work.epoch + 4, shape.epochs) + 1))
    rate = 3.5 / shape.epochs
    gap = 0.62 * (1 - work.target) * 4
    train, valid, score = [], [], []
    for n in numbers:
        falling = math.exp(-rate * n)
        over = max(0.0, n / shape.epochs - 0.6) * 0.05
        valid.append(gap + 0.35 * falling + over + chance.gauss(0, 0.004))
        train.append(gap * 0.92 + 0.37 * math.exp(-1.15 * rate * n) + chance.gauss(0, 0.002))
        score.append(work.target - 0.12 * falling - over * 0.1 + chance.gauss(0, 0.001))
    work.epoch = numbers[-1]
    return e.Epochs(
        work.trial, work.fold, numbers, tuple(n / shape.epochs for n in numbers), tuple(train),
        tuple(valid), tuple(score), tuple(1e-3 for _ in numbers),
        tuple(clock - work.began for _ in numbers),
    )  # fmt: skip


def _fold_ends(work: _Work, shape: Shape, clock: float) -> list[e.Event]:
    pruned = work.trial > 5 and work.trial % 4 == 3 and work.epoch >= shape.epochs // 3
    if work.epoch < shape.epochs and not pruned:
        return []
    score = work.target - (0.01 if pruned else 0.0)
    work.scores.append(score)
    seconds = clock - work.began
    reason = StopReason.PRUNED if pruned else StopReason.COMPLETED
    events: list[e.Event] = [e.FoldFinished(work.trial, work.fold, score, reason, seconds)]
    if pruned or work.fold + 1 == shape.folds:
        mean = sum(work.scores) / len(work.scores)
        status = TrialStatus.PRUNED if pruned else TrialStatus.FINISHED
        speed, size = 0.002 + 0.0005 * (work.trial % 7), _size(work.trial)
        events.append(
            e.TrialFinished(work.trial, status, mean, seconds, speed, size, len(work.scores))
        )
        work.trial = -1
    work.fold, work.epoch = work.fold + 1, 0
    return events


def importance(trial: int, repeats: int, final: bool) -> e.Importance:
    """Importance whose intervals shrink with the repeats."""
    chance = random.Random(repeats)
    half = [0.03 / math.sqrt(repeats) * (0.3 + 0.7 / (i + 1)) for i in range(len(FEATURES))]
    mean = [0.09 * 0.68**i + chance.gauss(0, half[i] / 3) for i in range(len(FEATURES))]
    low = tuple(m - h for m, h in zip(mean, half, strict=True))
    high = tuple(m + h for m, h in zip(mean, half, strict=True))
    return e.Importance(trial, repeats, FEATURES, tuple(mean), low, high, final)


def run_state(shape: Shape = Shape(), until: float = math.inf) -> RunState:
    """The state after all events up to `until` seconds."""
    state = RunState()
    for t, event in run_events(shape):
        if t > until:
            break
        state.apply(event, t, 1_700_000_000 + t)
    return state


def spec(seconds: float = 60.0, table_hash: str = "0" * 32, target: str = "income") -> RunSpec:
    """What the run was asked for."""
    link = TableLink(table_hash, "adult.csv", 48842, {"delimiter": ","})
    return RunSpec(
        link, target, "binary", "roc_auc", RunOptions(Budget(seconds=seconds)), positive=">50K"
    )


def schema() -> Schema:
    """A schema with the run's columns."""
    rule = ParseRule("number")
    columns = tuple(Column(name, "numeric", "numbers", rule, 0, 10) for name in FEATURES)
    target = Column("income", "category", "two words", ParseRule("string"), 0, 2)
    return Schema((*columns, target), 48842)


def make_folder(workspace: Path, run_id: str, seconds: float = 60.0) -> RunFolder:
    """A run's folder without a log yet: it waits."""
    folder = RunFolder(workspace / "runs" / run_id)
    folder.create(spec(seconds), schema())
    return folder


def write_log(
    folder: RunFolder, shape: Shape = Shape(), until: float = math.inf, since: float = -1.0
) -> None:
    """Append all events after `since` and up to `until` seconds, at once."""
    writer = LogWriter(folder.log_path)
    for t, event in run_events(shape):
        if since < t <= until:
            writer.append(event, t)
    writer.close()


def play(folder: RunFolder, shape: Shape) -> None:
    """Append the events in real time, holding the run's lock; a stop command ends it."""
    with hold(folder.path):
        writer, start = LogWriter(folder.log_path), time.monotonic()
        for t, event in run_events(shape):
            while time.monotonic() - start < t:
                time.sleep(0.1)
            if ("stop", "") in take_commands(folder.path):
                writer.append(e.Command("stop"), t)
                time.sleep(1.5)
                end = e.RunFinished(
                    RunStatus.STOPPED, "You stopped the run.", e.ENSEMBLE, 0.92, 0.91, 0.93, 2
                )
                writer.append(end, t + 1.5, durable=True)
                break
            writer.append(event, t)
        writer.close()


if __name__ == "__main__":
    duration = float(sys.argv[3]) if len(sys.argv) > 3 else 60.0
    made = make_folder(Path(sys.argv[1]), sys.argv[2], duration)
    play(made, Shape(trials=int(duration), budget_seconds=duration))
