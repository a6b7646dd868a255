"""Planted truth: are the columns found that matter, and those called useless that are?

Each generated table has columns of known effects, a pair that goes together, words, and useless
columns. A boosted model is fitted on its rows and explained on others. Its importances are compared
with those of the formula that made the table, on many more rows; the intervals of useless columns
should have 0 in them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from automl_core.explain.column_groups import column_groups
from automl_core.explain.column_importance import importance
from automl_core.explain.sample import Part, Sample, rows_of
from automl_core.features.encode import fit_encoder
from automl_core.models import catalog
from automl_core.models.base import FitControl, FitData
from automl_core.table import Column, ParseRule, TypedColumn, TypedTable

WORDS = ("a", "b", "c", "d", "e")
NUMBERS, USELESS = 5, 4
SPEARMAN, WITH_ZERO = 0.9, 0.95  # targets
METRIC = {"regression": "rmse", "binary": "log_loss"}


@dataclass(frozen=True, eq=False)
class Planted:
    """A table, and the formula that made it."""

    typed: TypedTable
    signal: NDArray[np.float64]
    y: NDArray[np.float64] | NDArray[np.int64]
    slopes: NDArray[np.float64]
    of_words: NDArray[np.float64]
    task: str

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """What the formula says of rows."""
        value = np.zeros(typed.rows)
        for i, slope in enumerate(self.slopes):
            x = typed.columns[f"x{i}"].numbers
            assert x is not None
            value += slope * (x if i % 2 == 0 else np.sin(2 * x))
        codes = typed.columns["word"].codes
        assert codes is not None
        value += self.of_words[codes]
        if self.task == "regression":
            return value
        yes = 1 / (1 + np.exp(-value))
        return np.stack([1 - yes, yes], axis=1)


@dataclass(frozen=True)
class Found:
    """One table: how well its truth was found."""

    seed: int
    task: str
    spearman: float
    useless: int
    with_zero: int  # of the useless ones
    seconds: float


def planted(seed: int, rows: int, task: str) -> Planted:
    """Slopes fall by steps, in random order; x0 has a twin that the formula does not read."""
    made = np.random.default_rng(seed)
    slopes = made.permutation(np.array([2.5, 1.6, 1.0, 0.6, 0.35])) * made.choice([-1, 1], NUMBERS)
    of_words = made.normal(0, 0.8, len(WORDS))
    x = made.normal(size=(NUMBERS, rows))
    columns = {f"x{i}": TypedColumn(f"x{i}", x[i]) for i in range(NUMBERS)}
    columns["twin"] = TypedColumn("twin", x[0] + 0.1 * made.normal(size=rows))
    codes = made.integers(0, len(WORDS), rows).astype(np.int32)
    columns["word"] = TypedColumn("word", None, codes, WORDS)
    for i in range(USELESS):
        columns[f"useless{i}"] = TypedColumn(f"useless{i}", made.normal(size=rows))
    typed = TypedTable(columns, rows)
    table = Planted(typed, x[0], x[0], slopes, of_words, task)
    said = table.predict(typed)
    if task == "regression":
        y = said + made.normal(0, 1.0, rows)
        return Planted(typed, said, y, slopes, of_words, task)
    classes = (made.random(rows) < said[:, 1]).astype(np.int64)
    return Planted(typed, said[:, 1], classes, slopes, of_words, task)


def sample_of(table: Planted, rows: NDArray[np.int64], part: Part) -> Sample:
    """Some rows of the table, with what predicts them."""
    kinds = {
        n: "number" if c.numbers is not None else "string" for n, c in table.typed.columns.items()
    }
    labels = () if table.task == "regression" else ("no", "yes")
    return Sample(table.typed.take(rows), kinds, table.y[rows], None, (part,), labels)


def fitted(table: Planted, train: NDArray[np.int64], valid: NDArray[np.int64], seed: int) -> Part:
    """Boosted trees on the training rows, as a part that predicts the validation rows."""
    columns = [
        Column(n, "numeric" if c.numbers is not None else "category", "",
               ParseRule("number" if c.numbers is not None else "string"), 0, 5)
        for n, c in table.typed.columns.items()
    ]  # fmt: skip
    family = catalog.model_spec("lightgbm")
    classes = 0 if table.task == "regression" else 2
    typed, y = table.typed, table.y
    encoder, x = fit_encoder(
        typed.take(train), columns, y[train], table.task, classes, family.encoding, seed=0
    )
    data = FitData(
        table.task, classes, encoder.features, x, y[train], None,
        encoder.encode(typed.take(valid)), y[valid], None, METRIC[table.task],
    )  # fmt: skip
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, seed)
    model = catalog.fit(family, data, {"max_iterations": 200}, control).model
    rows = np.arange(len(valid), dtype=np.int64)
    return Part(rows_of(lambda t: model.predict(encoder.encode(t))), rows)


def measure(seed: int, rows: int, unseen: int, task: str) -> Found:
    """One table: a model of `rows` rows, explained on `unseen` others."""
    began = time.monotonic()
    table = planted(seed, rows + unseen, task)
    order = np.arange(rows + unseen, dtype=np.int64)
    train, valid = order[:rows], order[rows:]
    sample = sample_of(table, valid, fitted(table, train, valid, seed))
    groups = column_groups(sample)
    *_, found = importance(sample, groups, METRIC[task], shuffles=4, seed=seed)
    many = planted(seed, 20_000, task)
    whole = np.arange(20_000, dtype=np.int64)
    truth = sample_of(many, whole, Part(rows_of(many.predict), whole))
    *_, true = importance(truth, groups, METRIC[task], shuffles=1, seed=seed)
    by_group = {group.columns: group.mean for group in true.groups}
    pairs = [(group.mean, by_group[group.columns]) for group in found.groups]
    idle = [g for g in found.groups if g.columns[0].startswith("useless")]
    return Found(
        seed=seed,
        task=task,
        spearman=float(spearmanr(*zip(*pairs, strict=True)).statistic),
        useless=len(idle),
        with_zero=sum(group.low <= 0 <= group.high for group in idle),
        seconds=time.monotonic() - began,
    )


def main() -> int:
    """Print a line a table, and the means; 1 where one is below its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=30)
    parser.add_argument("--rows", type=int, default=1_500, help="that the model is fitted on")
    parser.add_argument("--unseen", type=int, default=1_000, help="that it is explained on")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = []
    for seed in range(arguments.tables):
        task = "regression" if seed % 2 == 0 else "binary"
        one = measure(seed, arguments.rows, arguments.unseen, task)
        found.append(one)
        print(f"{one.seed:3d} {one.task:10s} Spearman {one.spearman:.3f}, useless with 0 "
              f"{one.with_zero}/{one.useless}, {one.seconds:.1f} s", flush=True)  # fmt: skip
    useless = sum(one.useless for one in found)
    share = sum(one.with_zero for one in found) / useless
    mean = np.mean([one.spearman for one in found])
    print(f"mean Spearman {mean:.3f} (target {SPEARMAN})")
    print(f"0 is in {100 * share:.1f} % of {useless} intervals of useless columns ")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=1))
    return int(mean < SPEARMAN or share < WITH_ZERO)


if __name__ == "__main__":
    sys.exit(main())
