"""The cost of a selection of columns, without a clock: the chosen columns against all of them.

    python -m tests.benchmarks.selection_cost [--names tells,noise] [--seeds 2] [--json FILE]

Columns are chosen on the training rows; then the same three families (boosting, linear, a
network) are fitted on what was chosen and on all columns, and their mean is scored on rows that
neither saw. So the figures do not depend on the speed of the machine. `tells`: every column
tells a little; `noise`: 20 columns tell, many do not; `wide`: more columns than rows;
`part`: half of few columns are noise; `none`: nothing tells; `tables`: 500 rows of each table of
the index. Costs are shares of the loss with all columns, below 0 where the selection gains.
The exit code is the number of kinds whose cost is above 0 by more than two standard errors.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from automl_core.feature_selection.choose_columns import choose
from automl_core.feature_selection.pair_search import combine
from automl_core.feature_selection.sample import Question, Sample
from automl_core.features import Pair, fit_encoder
from automl_core.models import FitControl, FitData, catalog, model_spec
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_table
from tests.benchmarks import case, figures
from tests.benchmarks.noise_columns import with_noise

FAMILIES = ("lightgbm", "linear", "mlp")
TEST_ROWS = 4_000
TABLE_ROWS = 500  # of each table of the index
FITS = 2  # of each family, with other seeds and other rows held back
VALID_SHARE = 0.2  # of the training rows, for early stopping


@dataclass(frozen=True, eq=False)
class Split:
    """A table to choose and to fit on, and rows to score."""

    kind: str
    name: str
    question: Question
    train: Sample
    test: Sample
    noise: frozenset[str]  # columns that tell nothing, where that is known


@dataclass(frozen=True)
class Cost:
    """What one selection came to."""

    kind: str
    name: str
    rows: int
    columns: int
    kept: int
    noise: int
    noise_left: int
    pairs: int
    chosen: float  # share of the loss with all columns: models that see what was chosen
    turns: float  # the same for the mean of these models and of those that see all
    error: float  # standard error of `chosen`, paired over the rows that are scored


def tells(number: int, seed: int) -> tuple[pd.DataFrame, str, int]:
    """300 to 1,000 rows of 10 to 28 columns, each of which tells a little; 2 to 5 classes."""
    rng = np.random.default_rng((1, number, seed))
    rows, columns, classes = 300 + 75 * number, 10 + 2 * number, (2, 5, 0, 3, 2)[number % 5]
    x = rng.normal(size=(rows + TEST_ROWS, columns))
    if number % 2:  # columns that share something
        x = 0.7 * x + 0.7 * rng.normal(size=(len(x), 3)) @ rng.normal(size=(3, columns))
    for place in range(0, columns, 4):
        x[:, place] = np.digitize(x[:, place], [-1.0, -0.3, 0.3, 1.0])
    weights = rng.choice([-1, 1], (columns, max(1, classes))) * rng.uniform(
        0.3, 1.0, (columns, max(1, classes))
    )
    signal = x / x.std(axis=0) @ weights / np.sqrt(columns)
    if number % 3 == 0:  # not only sums
        signal = np.sin(1.5 * signal) + signal
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(columns)])
    for place in range(0, columns, 8):
        frame[f"x{place}"] = np.array(list("cabed"))[x[:, place].astype(int)]
    frame["y"] = _answers(1.5 * signal, classes, rng)
    return frame, "tells", rows


def noise(number: int, seed: int) -> tuple[pd.DataFrame, str, int]:
    """20 columns that tell, more or less, and 200 to 1,000 of four kinds that do not."""
    rng = np.random.default_rng((2, number, seed))
    rows, useless = (600, 1_500, 3_000, 1_000)[number], (200, 400, 200, 1_000)[number]
    classes = (2, 0, 5, 2)[number]
    x = rng.normal(size=(rows + TEST_ROWS, 20))
    weights = rng.normal(size=(20, max(1, classes))) / np.sqrt(20)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(20)])
    frame = with_noise(frame, useless, rng)
    frame["y"] = _answers(3.0 * x @ weights, classes, rng)
    return frame, "noise", rows


def part(number: int, seed: int) -> tuple[pd.DataFrame, str, int]:
    """10 columns that tell and 10 that do not."""
    rng = np.random.default_rng((3, number, seed))
    rows, classes = (400, 1_500, 4_000)[number], (2, 0, 3)[number]
    x = rng.normal(size=(rows + TEST_ROWS, 10))
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(10)])
    weights = rng.normal(size=(10, max(1, classes))) / np.sqrt(10)
    frame = with_noise(frame, 10, rng)
    frame["y"] = _answers(3.0 * x @ weights, classes, rng)
    return frame, "part", rows


def wide(number: int, seed: int) -> tuple[pd.DataFrame, str, int]:
    """Fewer rows than columns: few that tell, counts that all tell a little, many alike."""
    rng = np.random.default_rng((4, number, seed))
    rows, columns = (250, 500, 200)[number], (1_000, 600, 400)[number]
    n = rows + TEST_ROWS
    if number == 0:
        x = rng.normal(size=(n, columns))
        frame = pd.DataFrame(x, columns=[f"noise {i}" for i in range(columns)])
        frame = frame.rename(columns={f"noise {i}": f"x{i}" for i in range(8)})
        answer = _answers(1.5 * x[:, :8] @ np.linspace(1.5, 0.6, 8), 2, rng)
    elif number == 1:  # rare words
        topic = rng.integers(0, 5, n)
        rates = rng.gamma(0.3, 0.05, (5, columns)) + rng.gamma(0.5, 0.05, columns)
        frame = pd.DataFrame(rng.poisson(rates[topic]), columns=[f"x{i}" for i in range(columns)])
        answer = np.array([f"topic {t}" for t in topic])
    else:  # five things, each measured many times
        hidden = rng.normal(size=(n, 5))
        x = hidden @ rng.normal(size=(5, columns)) + 2.0 * rng.normal(size=(n, columns))
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(columns)])
        answer = _answers(2.0 * hidden @ np.ones((5, 1)), 0, rng)
    return frame.assign(y=answer), "wide", rows


def none(number: int, seed: int) -> tuple[pd.DataFrame, str, int]:
    """Nothing tells."""
    rng = np.random.default_rng((5, number, seed))
    rows, columns = (400, 1_000)[number], (19, 100)[number]
    frame = with_noise(pd.DataFrame(index=range(rows + TEST_ROWS)), columns, rng)
    return frame.assign(y=_answers(np.zeros((len(frame), 1)), 2, rng)), "none", rows


KINDS = {tells: 10, noise: 4, part: 3, wide: 3, none: 2}


def _answers(signal: np.ndarray, classes: int, rng: np.random.Generator) -> np.ndarray:
    """Values, or labels of so many classes, by a signal (n, outputs) and chance."""
    signal = signal.reshape(len(signal), -1)
    if classes == 0:
        return signal.ravel() + rng.normal(size=len(signal))
    if signal.shape[1] == 1 or classes == 2:
        return np.where(signal[:, 0] + rng.logistic(size=len(signal)) > 0, "yes", "no")
    return np.array(list("vwxyz"))[(signal + rng.gumbel(size=signal.shape)).argmax(axis=1)]


def splits(names: Sequence[str], root: Path, seed: int) -> Iterator[Split]:
    """The tables of these kinds, each made anew by the seed."""
    for make, count in KINDS.items():
        if make.__name__ in names:
            for number in range(count):
                frame, kind, rows = make(number, seed)
                train, test = frame[:rows], frame[rows:]
                task = "regression" if frame["y"].dtype.kind == "f" else "classes"
                yield _split(f"{kind} {number}", kind, train, test, "y", task)
    known = figures.splits(root).names(root) if {"tables", *names} & set(names) else []
    for name in known:
        if "tables" in names or name in names:
            table = case.load(name, root)
            rng = np.random.default_rng((zlib.crc32(name.encode()), seed))
            train = table.train.iloc[_some(rng, len(table.train), TABLE_ROWS)]
            test = table.test.iloc[_some(rng, len(table.test), TEST_ROWS)]
            yield _split(name, "tables", train, test, table.target, table.task)


def _some(rng: np.random.Generator, rows: int, most: int) -> np.ndarray:
    return np.sort(rng.permutation(rows)[:most])


def _split(
    name: str, kind: str, train: pd.DataFrame, test: pd.DataFrame, target: str, task: str
) -> Split:
    if task != "regression":
        known = train[target].astype(str)
        test = test[test[target].astype(str).isin(known.unique())]
    table = pa.Table.from_pandas(train, preserve_index=False)
    schema = infer_schema(table)
    columns = schema.features(without=(target,))
    samples = []
    labels = {label: i for i, label in enumerate(sorted(train[target].astype(str).unique()))}
    for rows in (train, test):
        own = pa.Table.from_pandas(rows, preserve_index=False)
        if task == "regression":
            y = rows[target].to_numpy(float)
        else:
            y = rows[target].astype(str).map(labels).to_numpy(np.int64)
        samples.append(Sample(parse_table(own, columns), y, None))
    if task == "regression":
        question = Question(columns, "regression", 0, "rmse")
    else:
        kind_of = "binary" if len(labels) == 2 else "multiclass"
        question = Question(columns, kind_of, len(labels), "log_loss")
    useless = frozenset(c.name for c in columns if c.name.startswith("noise "))
    return Split(kind, name, question, *samples, useless)


def predicted(split: Split, kept: Sequence[str], pairs: tuple[Pair, ...]) -> np.ndarray:
    """The mean of the families' predictions of the test rows, once for each of FITS fits.

    Fitted on these columns and pairs.
    """
    return np.array([
        np.mean([_predicted(split, family, kept, pairs, fit) for family in FAMILIES], axis=0)
        for fit in range(FITS)
    ])  # fmt: skip


def _predicted(
    split: Split, family: str, kept: Sequence[str], pairs: tuple[Pair, ...], seed: int
) -> np.ndarray:
    question, entry = split.question.only(kept), model_spec(family)
    held = np.zeros(len(split.train), bool)
    held[_some(np.random.default_rng(seed), len(held), int(VALID_SHARE * len(held)))] = True
    train, valid = (split.train.take(np.flatnonzero(rows)) for rows in (~held, held))
    encoder, x = fit_encoder(
        train.typed, question.columns, train.y, question.task, question.classes,
        replace(entry.encoding, pairs=pairs), seed=0,
    )  # fmt: skip
    metric = "rmse" if question.task == "regression" else "log_loss"
    data = FitData(question.task, question.classes, encoder.features, x, train.y, None,
                   encoder.encode(valid.typed), valid.y, None, metric)  # fmt: skip
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, seed)
    return catalog.fit(entry, data, {}, control).model.predict(encoder.encode(split.test.typed))


def losses(split: Split, prediction: np.ndarray) -> np.ndarray:
    """Log loss, or squared error, of each test row."""
    y = split.test.y
    if split.question.task == "regression":
        return (y - prediction) ** 2
    return -np.log(np.clip(prediction[np.arange(len(y)), y], 1e-9, 1.0))


def measure(split: Split, seed: int, whole: np.ndarray) -> Cost:
    """What choosing costs where all columns give the predictions `whole`."""
    chosen = choose(split.question, split.train, seed, lambda: None)
    combined = combine(split.question.only(chosen.kept), split.train, seed, lambda: None)
    kept = {c.name for c in split.question.columns if c.name in chosen.kept}
    same = len(kept) == len(split.question.columns) and not combined.pairs
    own = whole if same else predicted(split, list(chosen.kept), combined.pairs)
    base = losses(split, whole.mean(axis=0))
    worse = losses(split, own.mean(axis=0)) - base
    turns = losses(split, np.mean([*own[::2], *whole[1::2]], axis=0)) - base
    mean = float(base.mean())
    return Cost(
        kind=split.kind, name=split.name, rows=len(split.train),
        columns=len(split.question.columns), kept=len(kept), noise=len(split.noise),
        noise_left=len(split.noise & kept), pairs=len(combined.pairs),
        chosen=float(worse.mean()) / mean, turns=float(turns.mean()) / mean,
        error=float(worse.std() / np.sqrt(len(worse))) / mean,
    )  # fmt: skip


def main() -> int:
    """A line a table and seed, then one a kind."""
    parser = figures.arguments("What a selection of columns costs, without a clock.")
    parser.add_argument("--names", default="", help="kinds or tables of the index; default: all")
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    names = options.names.split(",") if options.names else [*(k.__name__ for k in KINDS), "tables"]
    costs = []
    for seed in range(options.seeds):
        for split in splits(names, options.root, seed):
            every = [c.name for c in split.question.columns]
            one = measure(split, seed, predicted(split, every, ()))
            costs.append(one)
            print(f"{one.name:19}{one.rows:>6} rows{one.columns:>6} columns{one.kept:>6} kept"
                  f"{one.noise_left:>5} of{one.noise:>5} noise{one.pairs:>3} pairs"
                  f"{one.chosen:>+9.4f}{one.turns:>+9.4f} ± {one.error:.4f}",
                  flush=True)  # fmt: skip
            figures.write_json(options.json, [asdict(c) for c in costs])
    worse = 0
    for kind in dict.fromkeys(c.kind for c in costs):
        mean, turns, error = _mean([c for c in costs if c.kind == kind])
        print(f"{kind:10} chosen {mean:+.4f}  by turns {turns:+.4f}  ± {error:.4f}")
        worse += mean > 2 * error
    return worse


def _mean(costs: Sequence[Cost]) -> tuple[float, float, float]:
    """Mean costs of the chosen columns and of turns, with the standard error of the first."""
    chosen, turns = np.mean([(c.chosen, c.turns) for c in costs], axis=0).tolist()
    return chosen, turns, float(np.sqrt(np.sum([c.error**2 for c in costs])) / len(costs))


if __name__ == "__main__":
    sys.exit(main())
