"""Gradient boosting by CatBoost (Prokhorenkova et al. 2018): oblivious trees, ordered boosting.

The only file that imports the library. It runs its own rounds; a callback takes the raw scores
after each, reports them as those of any other family, and stops it. Its trees become plain
arrays, read from its JSON format, and are predicted without it.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import catboost
import numpy as np
from numpy.typing import NDArray

from automl_core.models.base import FitControl, FitData, FitResult
from automl_core.models.boosting import (
    CONVERGED,
    FASTEST,
    BoostedTrees,
    Floats,
    Rounds,
    baseline_of,
    boosted,
    load_boosted,
)
from automl_core.models.class_priors import mean_and_scale
from automl_core.models.oblivious import ObliviousTrees, unpack_oblivious
from automl_core.types import Config, Files, StopReason

PROBE_ROUNDS = 4
FEW_ROWS = 50
"""Below so many rows, none is left out of a tree."""

MOST_CELLS = 12_000_000
"""A longer table is sampled: nothing can interrupt the library while it bins."""

BORDERS, FEWEST_BORDERS = 254, 32  # of a column: the library's, and where columns are very many
STATISTICS, RECORD = 1_000_000_000, 16
"""Bytes of the statistics that a tree is grown by, at most, and of one of their records, as
measured: there is one for each leaf, border and column."""

LOSSES = {"regression": "RMSE", "binary": "Logloss", "multiclass": "MultiClass"}


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Boost until validation loss stops improving, the rounds are used up, or time is.

    Whenever it ends, the model holds the rounds up to the best one. The clock is looked at
    after every round.
    """
    boosting = _Boosting(_sample(data, control.seed), config, control)
    reason = boosting.run()
    rounds = boosting.rounds
    return FitResult(boosting.model(), reason, rounds.best, rounds.early_stopped)


def load(files: Files) -> BoostedTrees:
    """The model from its files; ModelError where they are damaged."""
    return load_boosted(files, unpack_oblivious)


class _Watcher:
    """Metric and callback in one, as the library calls them: takes the scores of each round."""

    def __init__(self, boosting: _Boosting, probing: bool = False) -> None:
        self._boosting, self._probing = boosting, probing
        self._scores: list[NDArray[Any]] = []
        self.reason: StopReason | None = None
        self.ends: list[float] = []  # of the rounds of a probe, as shares of the time limit

    def __deepcopy__(self, _: object) -> _Watcher:
        return self  # the library copies its parameters, and would report to the copy

    def is_max_optimal(self) -> bool:
        """Asked for by the library; nothing depends on it."""
        return False

    def get_final_error(self, error: float, _: float) -> float:
        """Asked for by the library; nothing depends on it."""
        return error

    def evaluate(self, scores: tuple[Any, ...], _: Any, __: Any) -> tuple[float, float]:
        """Called after each round with raw scores: of the training rows, then of the others."""
        if not self._probing:
            self._scores.append(np.stack(scores, axis=1))
        return 0.0, 1.0

    def after_iteration(self, _: Any) -> bool:
        """True: the library grows another round."""
        if self._probing:
            self.ends.append(self._boosting.control.elapsed())
            return True
        self.reason = self._boosting.after_round(self._scores)
        self._scores = []
        return self.reason is None


class _Boosting:
    """One fit in progress."""

    def __init__(self, data: FitData, config: Config, control: FitControl) -> None:
        self.data, self.config, self.control = data, config, control
        self.rounds = Rounds(data, config, control)
        self.baseline, self.growing = baseline_of(data)
        # the library keeps targets in float32: numbers near 1 lose the least
        self.scale = mean_and_scale(data)[1] if data.task == "regression" else 1.0
        self.valid = np.tile(self.baseline, (len(data.y_valid), 1))  # raw scores without trees
        self.grown: Any = None

    def run(self) -> StopReason:
        """Grow all rounds; returns why it ended."""
        without = np.tile(self.baseline, (len(self.data.y), 1))
        reason = self.control.interrupted()
        if reason is not None:
            return reason
        if not self.growing or not _varies(self.data):
            return self.rounds.without(without, self.valid)
        train, valid = self._pool(True), self._pool(False)
        if self.control.elapsed() > 0:
            self.rounds.learning_rate = self._affordable_rate(train)
        self.rounds.begin(self.valid)
        watcher = _Watcher(self)
        self.grown = self._grow(self.rounds.planned, watcher, train, valid)
        return watcher.reason or StopReason.COMPLETED

    def after_round(self, scores: list[NDArray[Any]]) -> StopReason | None:
        """Measure one round's scores, of the training rows and, if there are any, the others."""
        reason = self.control.interrupted()
        if reason is not None:
            return reason
        train, valid = scores[0], scores[1] if len(scores) > 1 else None
        raw_valid = self.valid if valid is None else self._with_baseline(valid)
        return self.rounds.after(lambda: self._with_baseline(train), raw_valid)

    def model(self) -> BoostedTrees:
        """The rounds up to the best one, as plain arrays."""
        trees: list[dict[str, Any]] = []
        if self.rounds.best:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.json"
                self.grown.save_model(str(path), format="json")
                # cut here: the library's `shrink` fails where the last trees ask nothing
                trees = json.loads(path.read_bytes())["oblivious_trees"][: self.rounds.best]
        return boosted(self.data, self.baseline, self._as_arrays(trees))

    def _as_arrays(self, trees: list[dict[str, Any]]) -> ObliviousTrees:
        splits = [tree.get("splits") or [] for tree in trees]
        flat = [split for tree in splits for split in tree]
        values = [value for tree in trees for value in tree["leaf_values"]]
        grown = np.array(values, dtype=np.float64).reshape(-1, max(1, len(self.growing)))
        leaf = np.zeros((len(grown), len(self.baseline)))
        leaf[:, self.growing] = grown[:, : len(self.growing)] * self.scale
        return ObliviousTrees(
            depth=np.array([len(tree) for tree in splits], dtype=np.int32),
            feature=np.array([s["float_feature_index"] for s in flat], dtype=np.int32),
            border=np.array([s["border"] for s in flat], dtype=np.float32),
            leaf=leaf,
        )

    def _with_baseline(self, scores: NDArray[Any]) -> Floats:
        """Raw scores (n, outputs) of the library's (n, growing), which begin at the baseline."""
        if self.data.task == "regression":
            return self.baseline + self.scale * scores
        raw = np.tile(self.baseline, (len(scores), 1))
        raw[:, self.growing] = scores
        return raw

    def _pool(self, training: bool) -> Any:
        """The rows as the library wants them; it never sees the targets of the others."""
        data = self.data
        x = data.x if training else data.x_valid
        if not len(x):
            return None
        y = np.zeros(len(x))
        if training and data.task == "regression":
            y = (data.y - self.baseline[0]) / self.scale
        elif training:
            several = len(self.growing) > 1
            y = (np.searchsorted(self.growing, data.y) if several else data.y).astype(np.float64)
        baseline = None
        if data.task != "regression":
            baseline = np.tile(self.baseline[self.growing], (len(x), 1))
        weight = data.weight if training else None
        return catboost.Pool(np.ascontiguousarray(x), y, weight=weight, baseline=baseline)

    def _affordable_rate(self, train: Any) -> float:
        """A larger learning rate where time will not last for enough small steps."""
        watcher = _Watcher(self, probing=True)
        self._grow(PROBE_ROUNDS, watcher, train, None)
        first, last = watcher.ends[0], watcher.ends[-1]  # binning comes before the first
        a_round = (last - first) / max(1, len(watcher.ends) - 1)
        affordable = (1.0 - self.control.elapsed()) / max(a_round, 1e-9)
        return max(self.rounds.learning_rate, min(FASTEST, CONVERGED / max(affordable, 1.0)))

    def _grow(self, rounds: int, watcher: _Watcher, train: Any, valid: Any) -> Any:
        grown = catboost.CatBoost(self._parameters(rounds, watcher))
        with warnings.catch_warnings():  # that it could not compile our metric
            warnings.simplefilter("ignore", UserWarning)
            return grown.fit(train, eval_set=valid, callbacks=[watcher])

    def _parameters(self, rounds: int, watcher: _Watcher) -> dict[str, Any]:
        config = self.config
        depth, borders = within_memory(int(config["depth"]), self.data.x.shape[1])
        task = "binary" if self.data.classes == 2 else self.data.task
        sampled = {"bootstrap_type": "MVS", "subsample": float(config["row_share"])}
        if len(self.data.y) < FEW_ROWS:
            sampled = {"bootstrap_type": "No"}
        return {
            "loss_function": LOSSES[task],
            "eval_metric": watcher,
            "metric_period": 1,
            "iterations": rounds,
            "learning_rate": self.rounds.learning_rate,
            "depth": depth,
            "l2_leaf_reg": float(config["l2"]),
            "random_strength": float(config["random_strength"]),
            "rsm": float(config["max_features"]),
            "boosting_type": "Ordered" if config["ordered"] else "Plain",
            **({"bootstrap_type": "Bayesian"} if task == "multiclass" else sampled),
            "boost_from_average": False,
            "border_count": borders,
            "use_best_model": False,
            "random_seed": self.control.seed % 2**31,
            "thread_count": 1,
            "logging_level": "Silent",
            "allow_writing_files": False,
        }


def within_memory(depth: int, columns: int) -> tuple[int, int]:
    """The depth of a tree, and borders a column, whose statistics have room: of very many columns
    first with fewer borders, then with less depth."""
    while depth > 1 and RECORD * columns * 2**depth * FEWEST_BORDERS > STATISTICS:
        depth -= 1
    return depth, min(BORDERS, STATISTICS // (RECORD * columns * 2**depth))


def _sample(data: FitData, seed: int) -> FitData:
    most = max(1, MOST_CELLS // data.x.shape[1])
    if len(data.y) <= most:
        return data
    rows = np.sort(np.random.default_rng(seed).choice(len(data.y), most, replace=False))
    weight = None if data.weight is None else data.weight[rows]
    return replace(data, x=data.x[rows], y=data.y[rows], weight=weight)


def _varies(data: FitData) -> bool:
    """True where any column has two values; the library refuses a matrix of constants."""
    first = data.x[0]
    return any(
        ((data.x[:, j] != first[j]) & ~np.isnan(data.x[:, j])).any() for j in range(len(first))
    )
