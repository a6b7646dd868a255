"""answer.json: how a model's probabilities and values become its answer.

A threshold that a person chose decides between two classes; intervals stand around values. A
model without this file answers with the most probable class, or with the value alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.evaluation import PredictionIntervals, interval_ends
from automl_core.export.safe_reading import FORMAT_VERSION, read_record
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.types import Files

ANSWER_FILE = "answer.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """Rows whose probability of a class is above a number are called that class."""

    label: str
    above: float  # 0 to 1

    @property
    def words(self) -> str:
        """The rule as a sentence."""
        return f"A row is called “{self.label}” where its probability is above {self.above:g}."


@dataclass(frozen=True)
class Intervals:
    """Intervals around values: `level` of the actual values should lie inside."""

    level: float  # 0 to 1
    starts: tuple[float, ...]  # ascending predictions, one fewer than the widths
    half_widths: tuple[float, ...]  # below the first start, from it on, from the second on ...

    def around(self, values: Floats) -> tuple[Floats, Floats]:
        """Lower and upper ends (n,) of the intervals around values (n,)."""
        return interval_ends(self.starts, self.half_widths, values)

    @property
    def names(self) -> tuple[str, str]:
        """The columns of the lower and the upper ends: `low_90`, `high_90`."""
        percent = f"{100 * self.level:g}"
        return f"low_{percent}", f"high_{percent}"


@dataclass(frozen=True)
class AnswerRecord:
    """answer.json"""

    threshold: Threshold | None = None  # of two classes; None: the most probable one
    intervals: Intervals | None = None  # of a regression; None: there are none
    format_version: int = FORMAT_VERSION


NOTHING_SAID = AnswerRecord()


def measured_intervals(found: PredictionIntervals) -> Intervals:
    """The part of measured intervals that new rows need."""
    return Intervals(found.level, found.starts[1:], found.half_widths)  # the first start is -inf


def answer_files(answer: AnswerRecord) -> Files:
    """The answer as a file; {} where it says nothing."""
    return {} if answer == NOTHING_SAID else {ANSWER_FILE: dump_json(to_plain(answer))}


def read_answer(files: Files) -> AnswerRecord:
    """The answer of a model's files; ModelError where it is damaged, or of a newer version."""
    if ANSWER_FILE not in files:
        return NOTHING_SAID
    answer = read_record(AnswerRecord, files, ANSWER_FILE)
    threshold, intervals = answer.threshold, answer.intervals
    sound = threshold is None or 0 <= threshold.above <= 1
    if intervals is not None:
        sound = sound and 0 < intervals.level < 1
        sound = sound and len(intervals.half_widths) == len(intervals.starts) + 1
        sound = sound and all(low < high for low, high in pairwise(intervals.starts))
        sound = sound and all(math.isfinite(w) and w >= 0 for w in intervals.half_widths)
    if not sound:
        raise ModelError(f"The model cannot be read: {ANSWER_FILE} is damaged.")
    return answer
