"""The gain of the decision desk's threshold on test rows, against the best threshold in hindsight.

    python -m tests.benchmarks.decision_desk --workspace FOLDER [--names adult] [--json FILE]

Ten generated sets of values, the same for every table with two classes: a true positive is worth 1
to 20, a false alarm costs 0.2 to 10, a miss 0 to 5; all, three or one tenth of the rows can be
handled, in turn. The desk chooses on the rows that the model did not see in training. The possible
gain is what the best of all thresholds earns on the test rows, chosen by looking at them, above
the better of acting on all and on none of them. `lost` is how far the desk stays below that best
one, as a share of the possible gain, both summed over the values in one unit. It acts as it says:
most probable rows first, until no more can be handled or no more pay. `threshold` is the same for
its threshold alone, with a limit and without; where more rows lie above it than can be handled, as
many are picked at random, as for the other ways. `worst` is the greatest share that a single set
of values loses, `at 0.5` what the model's own threshold loses, `claimed` how far the expected gain
that the desk states is above what was earned.
The exit code is 0 where at most 2 % are lost on average over the tables.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import numpy as np

from automl_core.evaluation import Decision, Worth, decide, rank_rows
from automl_core.runs.record import RunFolder, load_outcome
from tests.benchmarks import case as cases
from tests.benchmarks import figures, kept_runs

SETS = 10
CAPACITIES = (1.0, 0.3, 0.1)
TARGET = 0.02
EVERYTHING, NOTHING = -1.0, 2.0  # thresholds below and above all probabilities


@dataclass(frozen=True)
class Earned:
    """One set of values on one table's test rows: gains a row, in one unit for all sets."""

    best: float  # of all thresholds, in hindsight
    without: float  # the better of acting on all and on none
    desk: float
    threshold: float  # its threshold alone
    is_limited: bool  # whether not all rows can be handled
    half: float  # the model at 0.5
    claimed: float  # by the desk

    @property
    def possible(self) -> float:
        """The possible gain."""
        return self.best - self.without


@dataclass(frozen=True)
class Line:
    """One table; shares of the possible gain."""

    name: str
    rows: int  # that the desk chose on
    test_rows: int
    lost: float
    worst: float
    lost_limited: float  # by the threshold alone, where not all rows can be handled
    lost_unlimited: float  # and where they can
    lost_at_half: float
    claimed: float
    sets: tuple[Earned, ...]


def values() -> list[tuple[Worth, float]]:
    """The generated values, each with the share of the rows that can be handled."""
    drawn = []
    for number in range(SETS):
        rng = np.random.default_rng(number)
        hit, alarm, miss = rng.uniform(1, 20), -rng.uniform(0.2, 10), -rng.uniform(0, 5)
        drawn.append((Worth(hit, alarm, miss), CAPACITIES[number % len(CAPACITIES)]))
    return drawn


def gain(y: np.ndarray, flagged: np.ndarray, worth: Worth, capacity: float) -> float:
    """Mean over the rows; of more flagged rows than can be handled, as many at random."""
    nothing = np.where(y, worth.miss, worth.rest).mean()
    added = np.where(y, worth.hit - worth.miss, worth.alarm - worth.rest)
    part = min(1.0, capacity / max(flagged.mean(), 1e-12))
    return float(nothing + part * (added * flagged).mean())


def best_gain(y: np.ndarray, probability: np.ndarray, worth: Worth, capacity: float) -> float:
    """Of all thresholds that flag no more than can be handled, chosen on these rows."""
    order = np.argsort(-probability, kind="stable")
    added = np.where(y, worth.hit - worth.miss, worth.alarm - worth.rest)[order]
    last = np.append(np.diff(probability[order]) != 0, True)  # equal ones are flagged together
    last &= np.arange(1, len(y) + 1) <= capacity * len(y) + 1e-9
    most = max(0.0, float(np.cumsum(added)[last].max(initial=0.0)))
    return gain(y, np.zeros(len(y)), worth, capacity) + most / len(y)


def measure(name: str, case: cases.Case, trained: cases.Trained) -> Line:
    """Decide on the run's unseen rows, earn on the test rows."""
    folder = RunFolder(trained.run)
    outcome = load_outcome(folder)
    if outcome is None:
        raise SystemExit(f"The run in {trained.run} ended without a model.")
    seen = folder.out_of_fold(outcome.trial)
    labels = cases.classes(case)
    ranking = rank_rows(seen.y.astype(np.int64), seen.prediction[:, 1], seen.weight, labels)
    if isinstance(ranking, str):
        raise SystemExit(f"{name}: {ranking}")
    y = cases.label_text(case.y_test) == labels[-1]
    probability = cases.values(case, cases.predict(trained))[:, -1]
    sets = []
    for worth, capacity in values():
        decision = decide(ranking, worth, capacity)
        if isinstance(decision, str):
            raise SystemExit(f"{name}: {decision}")
        sets.append(_earned(y, probability, worth, capacity, decision))
    return Line(
        name,
        len(seen.y),
        len(y),
        lost(sets, [s.desk for s in sets]),
        max(lost([s], [s.desk]) for s in sets),
        lost(part := [s for s in sets if s.is_limited], [s.threshold for s in part]),
        lost(part := [s for s in sets if not s.is_limited], [s.threshold for s in part]),
        lost(sets, [s.half for s in sets]),
        lost(sets, [s.desk for s in sets]) - lost(sets, [s.claimed for s in sets]),
        tuple(sets),
    )


def lost(sets: list[Earned], earned: list[float]) -> float:
    """What was not earned, as a share of the possible gain."""
    possible = sum(s.possible for s in sets)
    missed = sum(s.best - one for s, one in zip(sets, earned, strict=True))
    return missed / possible if possible > 0 else 0.0


def first_rows(probability: np.ndarray, threshold: float, capacity: float) -> np.ndarray:
    """Rows (n,) above the threshold, the most probable of them where more cannot be handled."""
    most = int(capacity * len(probability) + 1e-9)
    flagged = np.zeros(len(probability), bool)
    flagged[np.argsort(-probability, kind="stable")[:most]] = True
    return flagged & (probability > threshold)


def _earned(
    y: np.ndarray, probability: np.ndarray, worth: Worth, capacity: float, decision: Decision
) -> Earned:
    chosen, pays = (
        EVERYTHING if t is None else t for t in (decision.threshold, decision.pays_above)
    )
    desk = gain(y, first_rows(probability, pays, capacity), worth, capacity)
    at = [gain(y, probability > t, worth, capacity) for t in (chosen, 0.5, EVERYTHING, NOTHING)]
    unit = worth.hit - worth.miss + worth.rest - worth.alarm
    return Earned(
        best=best_gain(y, probability, worth, capacity) / unit,
        without=max(at[2:]) / unit,
        desk=desk / unit,
        threshold=at[0] / unit,
        is_limited=capacity < 1,
        half=at[1] / unit,
        claimed=decision.gain.value / 1000 / unit,
    )


def main() -> int:
    """Measures the tables asked for and prints as it goes."""
    options = kept_runs.parser("Gain at the desk's threshold, on test rows.").parse_args()
    lines = []
    head = f"{'table':19}{'unseen':>8}{'test rows':>10}{'lost':>8}{'worst':>8}"
    print(f"{head}{'threshold, limit':>18}{'none':>7}{'at 0.5':>8}{'claimed':>9}")
    for name in kept_runs.tables(options, ("binary",)):
        line = measure(name, *kept_runs.kept(name, options))
        lines.append(line)
        shares = f"{line.lost:8.1%}{line.worst:8.1%}{line.lost_limited:18.1%}"
        shares += f"{line.lost_unlimited:7.1%}{line.lost_at_half:8.1%}{line.claimed:+9.1%}"
        print(f"{name:19}{line.rows:8,}{line.test_rows:10,}{shares}", flush=True)
        figures.write_json(options.json, {"tables": [asdict(x) for x in lines]})
    if not lines:
        raise SystemExit("None of these tables has two classes to predict.")
    mean = float(np.mean([line.lost for line in lines]))
    print(f"lost on average {mean:.1%}")
    return int(mean > TARGET)


if __name__ == "__main__":
    sys.exit(main())
