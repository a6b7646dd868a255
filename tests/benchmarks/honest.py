"""Made-up tables with nothing wrong in them: what problems are planted in, and what is left alone.

Sizes, kinds of columns, tasks and noise all vary with the seed. Knows nothing of the checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

Rng = np.random.Generator
Cells = np.ndarray[Any, Any]

NAMES = (
    *("size", "rate", "level", "score", "depth", "tone", "speed", "shape", "place", "brand"),
    *("grade", "angle", "colour", "weight_kg", "income", "visits", "length", "height", "load"),
    *("age", "room", "type", "area", "flow", "heat", "share", "rank", "season", "plan", "usage"),
)
WORDS = (
    *("north", "south", "east", "west", "red", "blue", "green", "amber", "oak", "pine", "birch"),
    *("small", "medium", "large", "basic", "plus", "gold", "silver", "daily", "weekly", "never"),
    *("rome", "oslo", "bonn", "lima", "kyiv", "quito", "paris", "turin", "graz", "perth", "cork"),
)


@dataclass
class Honest:
    """Columns by name, all of the same length, with the target last; planters change them."""

    columns: dict[str, Cells]
    target: str
    task: str
    signal: Cells  # (n,) what the target follows, noise included: mean 0, deviation 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.signal)

    @property
    def features(self) -> list[str]:
        """The columns beside the target."""
        return [name for name in self.columns if name != self.target]

    def add(self, name: str, cells: Cells) -> tuple[str, ...]:
        """Put a column somewhere among the others; its name."""
        names = [*self.columns]
        at = int(cells.size * 7919 + len(name)) % (len(names) + 1)
        names.insert(at, name)
        self.columns = {n: cells if n == name else self.columns[n] for n in names}
        return (name,)

    def take(self, rows: Cells) -> None:
        """Keep these rows, in this order; a row may come again."""
        self.columns = {name: cells[rows] for name, cells in self.columns.items()}
        self.signal = self.signal[rows]

    def follow(self, rng: Rng, signal: Cells) -> None:
        """Let the target follow another signal."""
        spread = signal.std()
        self.signal = (signal - signal.mean()) / (spread if spread else 1.0)
        self.columns[self.target] = _target(rng, self.task, self.signal)

    def table(self) -> pa.Table:
        """The columns as an Arrow table; None and NaN are gaps."""
        return pa.table({name: _arrow(cells) for name, cells in self.columns.items()})


def honest(rng: Rng, rows: tuple[int, int] = (200, 5_000), tasks: tuple[str, ...] = ()) -> Honest:
    """A table without problems; rows between the two, one of the tasks (all three where none)."""
    n = int(np.exp(rng.uniform(np.log(rows[0]), np.log(rows[1]))))
    task = str(rng.choice(tasks or ("binary", "multiclass", "regression")))
    names = [str(name) for name in rng.permutation(NAMES)[: rng.integers(4, 13)]]
    columns, latent = {}, np.zeros(n)
    for place, name in enumerate(names):
        cells, effect = KINDS[int(rng.integers(len(KINDS)))](rng, n)
        if place < 5:
            spread = effect.std()
            latent += rng.uniform(0.3, 1.0) * (effect - effect.mean()) / (spread or 1.0)
        columns[name] = _with_gaps(rng, cells) if rng.random() < 0.2 else cells
    noise = rng.uniform(0.4, 2.0) * latent.std() * rng.normal(size=n)
    made = Honest(columns, str(rng.choice(("outcome", "y", "result", "answer"))), task, latent)
    made.columns[made.target] = latent
    made.follow(rng, latent + noise)
    return made


def free_name(rng: Rng, table: Honest) -> str:
    """A name that the table does not have yet."""
    return str(rng.choice([n for n in NAMES if n not in table.columns]))


def words_of(rng: Rng, n: int, levels: int) -> Cells:
    """Words, some more frequent than others."""
    share = rng.dirichlet(np.full(levels, 3.0)) + 0.3 / levels
    return rng.choice(np.array(WORDS[:levels], object), n, p=share / share.sum())


def _arrow(cells: Cells) -> pa.Array:
    if cells.dtype.kind == "f":
        return pa.array(cells, from_pandas=True)
    return pa.array(cells.tolist() if cells.dtype == object else cells)


def _with_gaps(rng: Rng, cells: Cells) -> Cells:
    gaps = rng.random(len(cells)) < rng.uniform(0.005, 0.15)
    if cells.dtype.kind in "iu":
        cells = cells.astype(float)
    if cells.dtype.kind == "f":
        return np.where(gaps, np.nan, cells)
    if cells.dtype.kind == "M":
        return np.where(gaps, np.datetime64("NaT"), cells)
    return np.where(gaps, None, cells)


def _target(rng: Rng, task: str, signal: Cells) -> Cells:
    if task == "regression":
        scale, digits = 10 ** rng.uniform(0, 3), int(rng.integers(1, 4))
        return np.round((signal + rng.uniform(-1, 8)) * scale, digits)
    classes = 2 if task == "binary" else int(rng.integers(3, 6))
    shares = rng.dirichlet(np.full(classes, 30.0))
    cuts = np.quantile(signal, np.cumsum(shares)[:-1])
    labels = np.array(("no", "yes", "maybe", "later", "other")[:classes], object)
    numbers = np.searchsorted(cuts, signal)
    return numbers if rng.random() < 0.5 else labels[numbers]


def _normal(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.normal(size=n)
    return np.round(x * 10 ** rng.uniform(0, 2) + rng.uniform(-50, 500), int(rng.integers(1, 5))), x


def _skewed(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.normal(size=n)
    return np.round(np.exp(x * rng.uniform(0.3, 1.2) + rng.uniform(0, 6)), 2), x


def _heavy(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.standard_t(rng.uniform(3.5, 6), n)
    return np.round(x * 10, 3), x


def _count(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.poisson(rng.uniform(0.7, 30), n)
    return x, x.astype(float)


def _uniform(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.random(n)
    return np.round(x * 100, 1), x


def _word(rng: Rng, n: int) -> tuple[Cells, Cells]:
    words = words_of(rng, n, int(rng.integers(2, 13)))
    effects = dict(zip(WORDS, rng.normal(size=len(WORDS)), strict=True))
    return words, np.array([effects[w] for w in words])


def _yes_no(rng: Rng, n: int) -> tuple[Cells, Cells]:
    x = rng.random(n) < rng.uniform(0.15, 0.85)
    return np.array(["no", "yes"], object)[x.astype(int)], x.astype(float)


def _date(rng: Rng, n: int) -> tuple[Cells, Cells]:
    days = rng.integers(0, 1_500, n)
    return np.datetime64("2018-01-01") + days.astype("timedelta64[D]"), rng.normal(size=n)


def _sentence(rng: Rng, n: int) -> tuple[Cells, Cells]:
    picks = rng.integers(0, len(WORDS), (n, 7))
    return np.array([" ".join(WORDS[i] for i in row) for row in picks], object), rng.normal(size=n)


KINDS: tuple[Callable[[Rng, int], tuple[Cells, Cells]], ...] = (
    *(_normal, _normal, _skewed, _heavy, _count, _count, _uniform),
    *(_word, _word, _word, _yes_no, _date, _sentence),
)
