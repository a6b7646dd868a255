"""training.json: what the model reads and answers, and what its training rows were like.

Holds names, ends, quantiles and frequencies, and no row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_core.onnx_export.scorer.checksums import read_checked
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.scoring import ColumnReference, ExpectedLoss, LossNode, UnlikeRule

FILE = "training.json"


@dataclass(frozen=True, eq=False)
class Training:
    """The file."""

    schema: dict[str, Any]  # as the service tells it
    labels: tuple[Any, ...]  # of a classification, in the type of the target column
    known: dict[str, frozenset[str]]  # values of each category that the model has seen
    plain_numbers: frozenset[str]  # columns whose cells were numbers and no texts
    rows: int  # that `columns` were made of; 0: nothing is known of them
    columns: tuple[ColumnReference, ...]
    unlike: UnlikeRule | None  # None: there were too few rows
    least: float | None  # probability from which on a label is in a prediction set
    loss: ExpectedLoss | None  # None: nothing is known of the model's errors on unseen rows
    metric: str  # the run's own
    target: dict[str, Any]  # how its cells are read: `columns`, `tables` and `labels`


def read_training(folder: Path) -> Training:
    """The file in this folder; ScoringError where it is missing or damaged."""
    try:
        plain = json.loads(read_checked(folder / FILE))
        return Training(
            plain["schema"],
            tuple(plain["labels"]),
            {name: frozenset(words) for name, words in plain["known"].items()},
            frozenset(plain["plain_numbers"]),
            int(plain["rows"]),
            tuple(_column(column) for column in plain["columns"]),
            UnlikeRule(**plain["unlike"]) if plain["unlike"] else None,
            plain["least"],
            _loss(plain["loss"]) if plain["loss"] else None,
            plain["metric"],
            plain["target"],
        )
    except (OSError, LookupError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ScoringError(f"{folder / FILE} cannot be read: {error}.") from error


def _column(plain: dict[str, Any]) -> ColumnReference:
    lists = {name: tuple(plain[name]) for name in ("points", "words", "shares")}
    return ColumnReference(**plain | lists)


def _loss(plain: dict[str, Any]) -> ExpectedLoss:
    nodes = (LossNode(**node | {"words": tuple(node["words"])}) for node in plain["nodes"])
    return ExpectedLoss(**plain | {"nodes": tuple(nodes)})
