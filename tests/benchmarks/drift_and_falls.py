"""Planted drift and planted causes of a fall: how many are found, and named first.

    python -m tests.benchmarks.drift_and_falls [--part drift|falls] [--seed 0] [--json FILE]

Each table is generated, with its own formula, noise that differs between regions, and a model of
three LightGBM fits whose out-of-fold predictions make the reference. `drift`: 20 files with one
column moved, and 20 controls of the same kind of rows; found is a file whose column is named, a
false alarm a control in which any is. `falls`: 40 files, ten each with another mix of rows, a
changed relation, a fault in the data, and nothing but the chance of few rows. The exit code is 1
below 95 % found, above 5 % false alarms, or below 80 % named first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.export.predictor import Member, Predictor
from automl_core.features.encode import fit_encoder
from automl_core.features.target import fit_target
from automl_core.models import catalog
from automl_core.models.base import FitControl, FitData
from automl_core.scoring.file_check import check_file
from automl_core.scoring.learn_reference import UnseenPredictions, learn_reference
from automl_core.scoring.scorer import Scorer
from automl_core.table import Column, ParseRule
from automl_core.table.parsing.parse import parse_table
from automl_core.types import Task

TRAIN, FILE, FOLDS = 3000, 1500, 3
METRICS = {"binary": "log_loss", "regression": "mae"}
WORDS = ("north", "south", "east", "west", "centre")

Floats = NDArray[np.float64]
Cells = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class World:
    """A generated kind of table: columns, the formula of the target, its noise."""

    task: Task
    scales: Floats  # of the number columns
    weights: Floats
    hard: str  # the column that decides how hard a row is

    @property
    def numbers(self) -> list[str]:
        return [f"n{i}" for i in range(len(self.scales))]

    def cells(self, rows: int, rng: np.random.Generator) -> Cells:
        """Rows of the kind that the model learns from."""
        found: Cells = {}
        for i, name in enumerate(self.numbers):
            drawn = rng.normal(4, 1, rows) if i % 2 else rng.gamma(3, 1, rows)
            found[name] = (self.scales[i] * drawn).round(4)
        found["place"] = rng.choice(np.array(WORDS), rows, p=[0.35, 0.25, 0.2, 0.15, 0.05])
        found["kind"] = rng.choice(np.array(["a", "b", "c"]), rows, p=[0.6, 0.3, 0.1])
        return found

    def strength(self, cells: Cells, flip: str = "") -> Floats:
        """The formula; with `flip`, that column takes part with the other sign."""
        total = np.zeros(len(cells["place"]))
        for i, name in enumerate(self.numbers):
            part = self.weights[i] * (cells[name].astype(float) / self.scales[i] - 3.5)
            total += -part if name == flip else part
        of_place = dict(zip(WORDS, (1.2, -1.2, 0.6, -0.6, 0.0), strict=True))
        placed = np.array([of_place.get(str(word), 0.0) for word in cells["place"]])
        return total + (-placed if flip == "place" else placed)

    def hardness(self, cells: Cells) -> NDArray[np.bool_]:
        """(n,) the rows with much noise: a fifth or so."""
        if self.hard == "kind":
            return np.asarray(cells["kind"] == "b")
        place = self.numbers.index(self.hard)
        return np.asarray(cells[self.hard].astype(float) / self.scales[place] > 4.5)

    def target(self, cells: Cells, rng: np.random.Generator, flip: str = "") -> NDArray[np.generic]:
        """The answers."""
        strength, hard = self.strength(cells, flip), self.hardness(cells)
        if self.task == "regression":
            return 10 * strength + np.where(hard, 20.0, 3.0) * rng.normal(size=len(strength))
        sure = np.where(hard, 0.4, 3.0)
        yes = rng.random(len(strength)) < 1 / (1 + np.exp(-sure * strength))
        return np.where(yes, "yes", "no")


def world_of(seed: int) -> World:
    """The kind of table of this seed."""
    rng = np.random.default_rng(seed)
    numbers = 4 + seed % 3
    weights = rng.uniform(0.5, 1.2, numbers) * rng.choice([-1, 1], numbers)
    hard = "kind" if seed % 2 else f"n{numbers - 1}"
    scales = 10.0 ** rng.integers(-2, 4, numbers)
    return World("binary" if seed % 4 < 2 else "regression", scales, weights, hard)


def table_of(cells: Cells, y: NDArray[np.generic]) -> pa.Table:
    """The rows as a file would give them."""
    return pa.table(
        {name: pa.array(values.tolist()) for name, values in (cells | {"y": y}).items()}
    )


def trained(world: World, seed: int) -> Scorer:
    """A model of FOLDS fits, with its reference."""
    rng = np.random.default_rng(seed)
    cells = world.cells(TRAIN, rng)
    table = table_of(cells, world.target(cells, rng))
    columns = tuple(
        Column(
            name,
            "numeric",
            "",
            ParseRule("string" if name in ("place", "kind") else "number"),
            0,
            5,
        )
        for name in cells
    )
    typed = parse_table(table, columns)
    regression = world.task == "regression"
    coder = fit_target(
        table.column("y"), world.task, None if regression else "yes",
        ParseRule("number") if regression else None,
    )  # fmt: skip
    y, _ = coder.encode(table.column("y"))
    members, part = [], rng.permutation(TRAIN) % FOLDS
    unseen = np.zeros(TRAIN if regression else (TRAIN, 2))
    spec = catalog.model_spec("lightgbm")
    for fold in range(FOLDS):
        train, valid = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        encoder, x = fit_encoder(
            typed.take(train), columns, y[train], world.task, coder.classes, spec.encoding, seed=0
        )
        data = FitData(
            world.task, coder.classes, encoder.features, x, y[train], None,
            encoder.encode(typed.take(valid)), y[valid], None, METRICS[world.task],
        )  # fmt: skip
        control = FitControl(lambda _: None, lambda: None, lambda: 0.0, fold)
        model = catalog.fit(spec, data, {"max_iterations": 60}, control).model
        members.append(Member("lightgbm", encoder, model))
        unseen[valid] = members[-1].predict(typed.take(valid))
    metric = METRICS[world.task]
    predictor = Predictor(
        "model", "lightgbm", world.task, metric, columns, "y", coder, tuple(members)
    )
    known = UnseenPredictions(y, unseen, world.task, metric)
    return Scorer(predictor, columns, learn_reference(typed, columns, known))


Plant = Callable[[World, Cells, np.random.Generator], str]
"""Changes the cells in place; gives the name of the column that was changed."""


def _moved(world: World, cells: Cells, rng: np.random.Generator) -> str:
    name = str(rng.choice(world.numbers))
    values = cells[name].astype(float)
    cells[name] = values + rng.choice([-1, 1]) * 0.4 * values.std()
    return name


def _wider(world: World, cells: Cells, rng: np.random.Generator) -> str:
    name = str(rng.choice(world.numbers))
    values = cells[name].astype(float)
    cells[name] = values.mean() + 1.7 * (values - values.mean())
    return name


def _other_words(_: World, cells: Cells, rng: np.random.Generator) -> str:
    chosen = rng.random(len(cells["place"])) < 0.2
    cells["place"] = np.where(chosen, "west", cells["place"])
    return "place"


def _new_word(_: World, cells: Cells, rng: np.random.Generator) -> str:
    chosen = rng.random(len(cells["kind"])) < 0.15
    cells["kind"] = np.where(chosen, "d", cells["kind"])
    return "kind"


def _more_gaps(world: World, cells: Cells, rng: np.random.Generator) -> str:
    name = str(rng.choice(world.numbers))
    cells[name] = np.where(rng.random(len(cells[name])) < 0.12, np.nan, cells[name].astype(float))
    return name


DRIFTS: tuple[Plant, ...] = (_moved, _wider, _other_words, _new_word, _more_gaps)


def _file(cells: Cells, y: NDArray[np.generic]) -> pa.Table:
    table = table_of(cells, y)
    for place, name in enumerate(table.column_names):
        if pa.types.is_floating(table.column(name).type):  # NaN stands for no value
            values = pa.array(table.column(name).to_numpy(), from_pandas=True)
            table = table.set_column(place, name, values)
    return table


def drift_part(seed: int, files: int = 20) -> tuple[int, int, list[str]]:
    """Planted files that were found, controls with a false alarm, and what went wrong."""
    found, alarms, wrong = 0, 0, []
    for number in range(files):
        world = world_of(seed + number)
        scorer = trained(world, seed + number)
        for planted in (True, False):
            rng = np.random.default_rng([seed, number, planted])
            cells = world.cells(FILE, rng)
            y = world.target(cells, rng)
            plant = DRIFTS[number % len(DRIFTS)]
            name = plant(world, cells, rng) if planted else ""
            check = check_file(scorer, _file(cells, y))
            assert check.drift is not None
            named = {column.column for column in check.drift.moved}
            found += planted and name in named
            alarms += not planted and bool(named)
            if (planted and name not in named) or named - {name}:
                wrong.append(f"{number} {plant.__name__ if planted else 'control'} {name}: {named}")
    return found, alarms, wrong


def _mixed(world: World, _: int, rng: np.random.Generator) -> pa.Table:
    cells = world.cells(4 * FILE, rng)
    keep = world.hardness(cells) | (rng.random(4 * FILE) < 0.15)
    kept = {name: values[keep][:FILE] for name, values in cells.items()}
    return _file(kept, world.target(kept, rng))


def _changed(world: World, number: int, rng: np.random.Generator) -> pa.Table:
    cells = world.cells(FILE, rng)
    flip = "place" if number % 2 else world.numbers[int(np.argmax(np.abs(world.weights)))]
    return _file(cells, world.target(cells, rng, flip))


def _faulty(world: World, number: int, rng: np.random.Generator) -> pa.Table:
    cells = world.cells(FILE, rng)
    y = world.target(cells, rng)
    name = world.numbers[int(np.argmax(np.abs(world.weights)))]
    values = cells[name].astype(float)
    match number % 5:
        case 0:
            cells[name] = values * (100.0 if number % 2 else 0.001)
        case 1:
            cells[name] = values * 2.54 if number % 2 else values * 1.8 + 32
        case 2:
            cells[name] = np.where(rng.random(FILE) < 0.5, np.nan, values)
        case 3:
            cells["place"] = np.char.upper(cells["place"].astype(str))
        case _:
            table = _file(cells, y)
            words = [
                "see note" if lost else str(v)
                for v, lost in zip(values, rng.random(FILE) < 0.6, strict=True)
            ]
            return table.set_column(table.column_names.index(name), name, pa.array(words))
    return _file(cells, y)


def _small(world: World, number: int, rng: np.random.Generator) -> pa.Table:
    cells = world.cells(80 + 10 * number, rng)
    return _file(cells, world.target(cells, rng))


CAUSES = {"mix": _mixed, "relation": _changed, "fault": _faulty, "chance": _small}


def falls_part(seed: int, each: int = 10) -> tuple[Counter[str], list[str]]:
    """Planted causes that were named first, by kind, and what was named instead."""
    first, wrong = Counter[str](), []
    for number in range(each):
        world = world_of(seed + 100 + number)
        scorer = trained(world, seed + 100 + number)
        for kind, plant in CAUSES.items():
            for attempt in range(20):  # a file by chance alone may do better: then another one
                rng = np.random.default_rng([seed, number, attempt, len(kind)])
                fall = check_file(scorer, plant(world, number, rng)).fall
                assert fall is not None
                if fall.causes:
                    break
            named = fall.causes[0].kind if fall.causes else "no fall"
            first[kind] += named == kind
            if named != kind:
                shares = {cause.kind: round(cause.share, 2) for cause in fall.causes}
                wrong.append(f"{number} {world.task} {kind}: {shares or named}")
    return first, wrong


def main() -> int:
    """Both parts, or one."""
    parser = argparse.ArgumentParser(description="Planted drift and planted causes of a fall.")
    parser.add_argument("--part", choices=("drift", "falls"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    bad, written = False, {}
    if options.part != "falls":
        found, alarms, wrong = drift_part(options.seed)
        print(f"drift: {found} of 20 planted found, {alarms} of 20 controls with a false alarm")
        print("\n".join(f"  {line}" for line in wrong))
        bad |= found < 19 or alarms > 1
        written["drift"] = {"found": found, "alarms": alarms, "wrong": wrong}
    if options.part != "drift":
        first, wrong = falls_part(options.seed)
        print(f"falls: {sum(first.values())} of 40 causes named first ({dict(first)})")
        print("\n".join(f"  {line}" for line in wrong))
        bad |= sum(first.values()) < 32
        written["falls"] = {"first": first, "wrong": wrong}
    if options.json is not None:
        options.json.write_text(json.dumps(written, indent=1))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
