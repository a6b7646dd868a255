"""Sentences on a model's doubt of labels, and on what corrected labels gained.

Takes the records of runs/doubted_labels.py and runs/correction_gain.py.
"""

from __future__ import annotations

from automl_core.charts.drawing import number
from automl_core.metrics import METRICS
from automl_core.runs import CorrectionGain, DoubtedLabels
from automl_core.table import shown
from automl_core.words import count


def gain_sentence(found: CorrectionGain) -> str:
    """This model against the run of the table before, on rows whose label nobody touched."""
    if found.compared is None:
        return (
            f"This table has {found.words}. No finished run of the table before it, with the same "
            "target and metric, can be compared."
        )
    before, after = found.compared.models
    metric = METRICS[found.compared.metric].title
    rows = count(found.compared.rows, "row")
    sentence = (
        f"This table has {found.words}. On {rows} whose label nobody touched, {metric} is "
        f"{number(before.score)} by the run “{found.before}” before and {number(after.score)} now."
    )
    if after.behind_low is None or after.behind_high is None:
        return f"{sentence} The rows are too few to say whether that is chance."
    if after.behind_high < 0:
        return f"{sentence} That is better by more than chance."
    if after.behind_low > 0:
        return f"{sentence} That is worse by more than chance."
    return f"{sentence} The difference may be chance."


def doubt_sentence(found: DoubtedLabels, target: str) -> str:
    """A sentence with the number of doubted rows, and of labels that may be wrong."""
    doubts, seen = found.doubts, count(found.doubts.rows, "unseen row")
    if not doubts.informed:
        return (
            f"On {seen} this model is no better than guessing by how frequent each class is: it "
            "cannot doubt a label. Choose a better one."
        )
    if not found.labels:
        if not len(found.rows):
            return (
                f"No value of {shown(target)} in {seen} is further from its prediction than "
                "the others let expect: nothing speaks for a slip."
            )
        return (
            f"{count(len(found.rows), 'value')} of {shown(target)} in {seen} "
            f"{'is' if len(found.rows) == 1 else 'are'} further from the prediction than the "
            "others let expect, even those in the tail."
        )
    if not len(found.rows):
        return f"No label of {seen} is doubted: the model has them all most probable."
    verb = "has" if len(found.rows) == 1 else "have"
    sentence = (
        f"Of {seen}, {len(found.rows):,} {verb} a label that the model takes for less probable "
        f"than another; of {doubts.confident:,} it is as sure as it usually is of that other class."
    )
    return f"{sentence} {_counted(found)}"


def _counted(found: DoubtedLabels) -> str:
    low, high, counted = found.doubts.low, found.doubts.high, found.doubts.counted
    if low is None or high is None:
        return "There are too few rows to say how many labels are wrong in all."
    surest = f"the {counted:,} rows of which it is surest"
    if low == 0:
        return (
            f"Among {surest} every label is the predicted one: nothing speaks for labels that are "
            "wrong at random."
        )
    return (
        f"Among {surest}, {100 * low:.2g} to {100 * high:.2g} of 100 labels differ: if wrong "
        f"labels are as frequent elsewhere, {round(low * found.doubts.rows):,} to "
        f"{round(high * found.doubts.rows):,} are wrong in all."
    )
