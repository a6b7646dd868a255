"""The target column to class numbers or values, and back to labels of the original type.

Knows nothing of the other columns, of folds or of metrics.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from automl_core.errors import ModelError, SpecError, TableError, did_you_mean
from automl_core.features.encoded_columns import positions, value_index
from automl_core.table import ParseRule, plain_array
from automl_core.table.parsing import label_spellings, parse_column

LabelType = Literal["string", "int", "float", "bool"]
Task = Literal["binary", "multiclass", "regression"]
Target = NDArray[np.float64] | NDArray[np.int64]

NAME = "target"
AS_TEXT = ParseRule("string")


@dataclass(frozen=True)
class TargetCoder:
    """Codes target cells as class numbers (or values), and class numbers as labels.

    Labels are canonical text, so that 1, 1.0 and "1" are the same class wherever a cell
    comes from. Numeric labels are in numeric order, others by alphabet; of two classes the
    positive one is last: class 1.
    """

    task: Task
    labels: tuple[str, ...]  # one a class, class 0 first; none for regression
    label_type: LabelType  # what `decode` gives
    positive: str | None  # binary only: equals labels[1]
    rule: ParseRule = AS_TEXT  # how target cells are read
    spellings: tuple[str, ...] = ()  # each label as most rows write it; (): as the label

    def __post_init__(self) -> None:
        least = {"binary": 2, "multiclass": 2, "regression": 0}[self.task]
        fits = len(set(self.labels)) == len(self.labels) >= least
        fits &= self.task == "multiclass" or len(self.labels) == least
        fits &= self.positive == (self.labels[1] if self.task == "binary" and fits else None)
        fits &= len(set(self.spellings)) in (0, len(self.labels))
        if not fits:
            raise ModelError("The model's target is damaged: labels and task disagree.")
        try:
            _typed_labels(self.labels, self.label_type)
        except ValueError as error:
            raise ModelError(f"The model's target is damaged: {error}.") from error

    @property
    def classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as the training table writes them, for people and files of predictions.

        Floats and Booleans as Python writes them, also those of models that keep no spellings.
        """
        if self.spellings or self.label_type == "string":
            return self.spellings or self.labels
        return tuple(map(str, _typed_labels(self.labels, self.label_type).to_pylist()))

    @cached_property
    def _index(self) -> dict[str, int]:
        return value_index(self.labels)

    def encode(self, values: pa.ChunkedArray | pa.Array) -> tuple[Target, NDArray[np.bool_]]:
        """Class numbers int64 (n,) or values float64 (n,), and which rows have one (n,).

        Where there is none (missing, a label that training never saw, no number) the class
        is 0 and the value NaN.
        """
        column = parse_column(values, NAME, self.rule)
        if self.task == "regression":
            assert column.numbers is not None
            return column.numbers, np.isfinite(column.numbers)
        place = positions(column, self._index, missing=-1, unseen=-1)
        return np.maximum(place, 0), place >= 0

    def decode(self, classes: ArrayLike) -> pa.Array:
        """Labels of class numbers (n,), in the type of the original column; text as spelled there.

        Values of regression come back as they are, as doubles.
        """
        if self.task == "regression":
            return pa.array(np.asarray(classes, dtype=np.float64))
        words = self.names if self.label_type == "string" else self.labels
        return _typed_labels(words, self.label_type).take(
            pa.array(np.asarray(classes, dtype=np.int64))
        )

    def spell(self, classes: ArrayLike) -> pa.Array:
        """The same as files have them: floats and Booleans as text, `names`; others as `decode`."""
        if self.label_type in ("string", "int") or self.task == "regression":
            return self.decode(classes)
        places = pa.array(np.asarray(classes, dtype=np.int64))
        return pa.array(self.names, pa.string()).take(places)


def fit_target(
    values: pa.ChunkedArray | pa.Array,
    task: Task,
    positive: str | None = None,
    rule: ParseRule | None = None,
) -> TargetCoder:
    """The coder of a target column; `rule` is the column's own, for its missing marks.

    `positive` is a label, in any spelling of the same value; None takes the last one.
    Raises TableError where the column has no values (or a single class), SpecError where
    the task or the positive class does not fit it.
    """
    given = rule or AS_TEXT
    if task == "regression":
        numeric = replace(given, kind="number")
        numbers = parse_column(values, NAME, numeric).numbers
        if numbers is None or not np.isfinite(numbers).any():
            raise TableError(
                "The target holds no numbers.", "Choose classification, or another target."
            )
        return TargetCoder(task, (), "float", None, numeric)
    textual = replace(given, kind="string")
    column = parse_column(values, NAME, textual)
    assert column.codes is not None
    used = np.unique(column.codes)
    labels = sorted_labels(column.words[code] for code in used.tolist() if code >= 0)
    if len(labels) < 2:
        what = f"a single value, {labels[0]!r}" if labels else "no values"
        raise TableError(f"The target has {what}.", "A model needs a target that varies.")
    if task == "multiclass":
        spelled = label_spellings(values, textual, labels)
        return TargetCoder(task, labels, _label_type(values, labels), None, textual, spelled)
    if len(labels) > 2:
        raise SpecError(
            f"The target has {len(labels)} classes, which is not binary.",
            "Choose the multiclass task.",
        )
    last = labels[1] if positive is None else _known_label(positive, labels, textual)
    labels = tuple(sorted(labels, key=lambda label: label == last))
    spelled = label_spellings(values, textual, labels)
    return TargetCoder(task, labels, _label_type(values, labels), last, textual, spelled)


def sorted_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in numeric order where all are numbers, by alphabet otherwise."""
    names = sorted(labels)
    numbers = [_number(name) for name in names]
    if all(map(math.isfinite, numbers)):
        names = [name for _, name in sorted(zip(numbers, names, strict=True))]
    return tuple(names)


def _known_label(positive: str, labels: tuple[str, ...], rule: ParseRule) -> str:
    same = parse_column(pa.array([str(positive)]), NAME, rule).words
    for label in (positive, *same):
        if label in labels:
            return label
    raise SpecError(f"The target has no class {positive!r}.", did_you_mean(positive, labels))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _label_type(values: pa.ChunkedArray | pa.Array, labels: tuple[str, ...]) -> LabelType:
    kind = plain_array(values).type
    wanted: LabelType = "string"
    if pa.types.is_boolean(kind):
        wanted = "bool"
    elif pa.types.is_integer(kind):
        wanted = "int"
    elif pa.types.is_floating(kind):
        wanted = "float"
    try:
        _typed_labels(labels, wanted)
    except ValueError:  # a whole number beyond 64 bits with sign
        return "string"
    return wanted


def _typed_labels(labels: tuple[str, ...], kind: LabelType) -> Any:
    """The labels as an Arrow array; ValueError where they are not of that type."""
    if kind == "int":
        numbers = [int(label) for label in labels]
        if any(abs(number) >= 2**63 for number in numbers):
            raise ValueError("a label is beyond 64 bits")
        return pa.array(numbers, pa.int64())
    if kind == "float":
        return pa.array([float(label) for label in labels], pa.float64())
    if kind == "bool":
        if not set(labels) <= {"true", "false"}:
            raise ValueError("a label is neither true nor false")
        return pa.array([label == "true" for label in labels], pa.bool_())
    return pa.array(labels, pa.string())
