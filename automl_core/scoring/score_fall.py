"""Why did the score fall? The fall of a file with known answers, split into its causes.

Data faults: what is gained by undoing them, or by leaving out the rows that have them. The mix of
rows: what the errors would be if the model erred in each kind of row as it did on the rows that it
had not seen in training. A changed relation: what it errs more in rows of the same kind. Chance:
what the number of rows leaves in doubt. Names and values come from files: show them as plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import ErrorMeasure, row_errors
from automl_core.scoring.compared_column import compared
from automl_core.scoring.data_faults import DataFault, repaired
from automl_core.scoring.expected_loss import PREDICTION, ExpectedLoss, LossNode
from automl_core.scoring.training_rows import TrainingRows
from automl_core.table import TypedColumn, TypedTable, shown
from automl_core.words import percent, score_text

LEAST_ROWS = 30  # of the file with a known answer
LEAST_CLEAN = 30  # rows without a fault, to tell what the faults cost
MANY_UNLIKE = 0.05  # share of the rows that is worth a word
CERTAIN = 1.96  # standard errors; of a fall of so many chance counts half

Floats = NDArray[np.float64]
CauseKind = Literal["fault", "mix", "relation", "chance"]
Predict = Callable[[TypedTable], Floats]
CAUSE_TITLES: dict[CauseKind, str] = {
    "fault": "faults in the data",
    "mix": "another mix of rows",
    "relation": "a changed relation between columns and target",
    "chance": "chance",
}


@dataclass(frozen=True)
class Cause:
    """One cause of the fall, and its share of it."""

    kind: CauseKind
    share: float  # 0 to 1; those of all causes sum to 1
    words: str  # what is behind it

    @property
    def title(self) -> str:
        """The kind of cause in words."""
        return CAUSE_TITLES[self.kind]


@dataclass(frozen=True)
class ScoreFall:
    """The error on a file against that on unseen training rows; smaller is better."""

    title: str  # of the error
    before: float
    now: float
    error: float  # standard error of the difference
    rows: int  # of the file, with a known answer
    causes: tuple[Cause, ...]  # the largest first; none: it did not fall

    @property
    def sentence(self) -> str:
        """What happened, and the first cause."""
        both = f"{self.title} {score_text(self.now)}, {score_text(self.before)} on rows of training"
        if not self.causes:
            return f"The score did not fall: {both} that the model had not seen."
        first = self.causes[0]
        return (
            f"The score fell ({both} that the model had not seen), above all by "
            f"{first.title}, {percent(first.share)} of it."
        )


@dataclass(frozen=True, eq=False)
class Answered:
    """Rows with known answers, and what predicts them."""

    typed: TypedTable
    y: NDArray[Any]  # (n,) class numbers or values
    predict: Predict
    measure: ErrorMeasure
    faults: Sequence[DataFault]
    moved: Sequence[str] = ()  # columns that drifted, the most first
    unlike: NDArray[np.bool_] | None = None  # (n,) rows unlike those of training

    @property
    def said(self) -> str:
        """What PREDICTION is, in words."""
        if self.measure.in_target_units:
            return "the predicted value"
        return "the probability of the predicted class"


def score_fall(answered: Answered, reference: TrainingRows) -> ScoreFall | None:
    """The fall and its causes; None where nothing is known of the errors, or rows are too few."""
    expected, rows = reference.loss, answered.typed.rows
    if expected is None or rows < LEAST_ROWS:
        return None
    losses = row_errors(answered.measure, answered.y, answered.predict(answered.typed))
    before, now = expected.mean, float(losses.mean())
    error = float(np.sqrt(losses.var() / rows + expected.spread**2 / expected.rows))
    fall = now - before
    causes: tuple[Cause, ...] = ()
    if fall > 0:
        causes = _causes(answered, expected, losses, fall / error if error > 0 else np.inf)
    return ScoreFall(answered.measure.title, before, now, error, rows, causes)


def _causes(
    answered: Answered, expected: ExpectedLoss, losses: Floats, certain: float
) -> tuple[Cause, ...]:
    faults, typed, mended = _costly_faults(answered, losses)
    clean = ~np.any([f.rows for f in faults if f.unit is None] or [np.zeros(len(losses), bool)], 0)
    every_row = int(clean.sum()) < max(LEAST_CLEAN, len(losses) // 20)
    kept = np.ones(len(losses), bool) if every_row else clean
    places = np.flatnonzero(kept)
    part = typed.take(places)
    unlike = np.zeros(len(places), bool)
    if answered.unlike is not None and not every_row:  # faults make rows unlike, too
        unlike = answered.unlike[kept]
    mix, relation, where, changed = _mix_and_relation(
        answered, part, mended[kept], unlike, expected
    )
    fault = float(losses.mean() - mended[kept].mean())
    if every_row:  # what the column would have told cannot be known
        fault, relation = fault + max(0.0, relation), 0.0
    amounts: dict[CauseKind, float] = {"fault": fault, "mix": mix, "relation": relation}
    words: dict[CauseKind, str] = {
        "fault": " ".join(f.words for f in faults), "mix": where, "relation": changed,
    }  # fmt: skip
    total = sum(amount for amount in amounts.values() if amount > 0)
    chance = min(1.0, 0.5 * (CERTAIN / certain) ** 2) if total > 0 else 1.0
    found = [Cause("chance", chance, _chance_words(len(losses), certain))]
    for kind, amount in amounts.items():
        if amount > 0 and chance < 1:
            found.append(Cause(kind, (1 - chance) * amount / total, words[kind]))
    return tuple(sorted(found, key=lambda cause: -cause.share))


def _costly_faults(
    answered: Answered, losses: Floats
) -> tuple[list[DataFault], TypedTable, Floats]:
    """The faults that cost something, the rows without those of units, and their errors."""
    kept: list[DataFault] = []
    typed, best = answered.typed, losses
    for fault in answered.faults:
        if fault.unit is None:
            kept.append(fault)
            continue
        tried = repaired(typed, [fault])
        found = row_errors(answered.measure, answered.y, answered.predict(tried))
        if found.mean() < best.mean():
            kept, typed, best = [*kept, fault], tried, found
    return kept, typed, best


def compared_columns(
    typed: TypedTable, kinds: Mapping[str, str], prediction: Floats
) -> dict[tuple[str, str], TypedColumn]:
    """The columns over which errors are expected: those of the table, and the prediction itself."""
    columns = {
        (name, kind): compared(typed.columns[name], kind)
        for name, kind in kinds.items()
        if name in typed.columns
    }
    top = prediction if prediction.ndim == 1 else prediction.max(axis=1)
    return columns | {("", PREDICTION): TypedColumn("", numbers=np.asarray(top, np.float64))}


def _mix_and_relation(
    answered: Answered,
    typed: TypedTable,
    losses: Floats,
    unlike: NDArray[np.bool_],
    expected: ExpectedLoss,
) -> tuple[float, float, str, str]:
    """How much the mix of rows and the relation add to the mean error, and where, in words.

    What the model errs more in rows unlike those of training counts to the mix: it had none.
    """
    kinds = {n.column: n.kind for n in expected.nodes if n.low and n.kind != PREDICTION}
    leaf = expected.leaf_of(compared_columns(typed, kinds, answered.predict(typed)))
    count = len(expected.nodes)
    shares = np.bincount(leaf, minlength=count) / len(leaf)
    sums = np.bincount(leaf, losses, minlength=count) / len(leaf)  # share x mean error of a leaf
    known = np.array([node.loss for node in expected.nodes])
    then = np.array([0.0 if node.low else node.share for node in expected.nodes])
    beyond = np.where(unlike, losses - known[leaf], 0.0)
    sums -= np.bincount(leaf, beyond, minlength=count) / len(leaf)
    by_mix, by_relation = (shares - then) * (known - expected.mean), sums - shares * known
    more = np.where(shares > then, by_mix, -np.inf)  # hard rows that are more are easier to see
    most, worst = int(np.argmax(more)), int(np.argmax(by_relation))
    where = (
        f"Rows where {_path(expected.nodes, most, answered.said)} were always harder: they are "
        f"{percent(shares[most])} now, {percent(then[most])} in training."
    )
    if answered.moved:
        listed = ", ".join(shown(name) for name in answered.moved[:3])
        where += f" Columns that moved most: {listed}."
    if unlike.mean() > MANY_UNLIKE:
        where += f" {percent(unlike.mean())} of the rows are unlike the training data."
    now = sums[worst] / shares[worst] if shares[worst] else 0.0
    changed = (
        f"Most in rows where {_path(expected.nodes, worst, answered.said)}: their mean error is "
        f"{score_text(float(now))} now, {score_text(float(known[worst]))} in training."
    )
    if len(expected.nodes) == 1:
        where, changed = "", "The model errs more in all kinds of rows."
    return float(by_mix.sum() + beyond.mean()), float(by_relation.sum()), where, changed


def _path(nodes: Sequence[LossNode], leaf: int, said: str) -> str:
    """The conditions of a part of the rows, those of the first cut first."""
    parts: dict[tuple[str, str], dict[bool, str]] = {}
    place = leaf
    while place:
        number, parent = next(
            (i, n) for i, n in enumerate(nodes) if n.low and place in (n.low, n.high)
        )
        low = place == parent.low  # of two such cuts of a column the later one says more
        conditions = parts.setdefault((parent.column, parent.kind), {})
        conditions.setdefault(low, _condition(parent, low))
        place = number
    found = [
        f"{said if kind == PREDICTION else shown(column)} is {' and '.join(conditions.values())}"
        for (column, kind), conditions in reversed(parts.items())
    ]
    return " and ".join(found) or "anything holds"


def _condition(node: LossNode, low: bool) -> str:
    if node.words:
        listed = ", ".join(shown(word) for word in node.words[:3])
        more = ", ..." if len(node.words) > 3 else ""
        return f"{'' if low else 'none of '}{listed}{more}"
    return f"{'at most' if low else 'above'} {node.at:.4g}"


def _chance_words(rows: int, certain: float) -> str:
    return f"With {rows:,} rows the fall is {certain:.1f} times its standard error."
