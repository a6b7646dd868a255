"""A target that is hard to learn: rare classes, a long tail, too few rows."""

from __future__ import annotations

import numpy as np

from automl_core.table import Finding, FixAction, shown
from automl_core.table.checks.sample import CheckSample
from automl_core.table.inference import TargetSummary
from automl_core.words import percent

RARE = 0.05
LEAST_ROWS, ROWS_A_CLASS = 50, 20
SKEWED, HALVED = 2.0, 0.5


def imbalance(summary: TargetSummary) -> list[Finding]:
    """The rarest class, where it is far below its share."""
    labels, counts = summary.names, summary.counts
    share = counts[-1] / sum(counts)
    if share >= RARE / max(1, len(labels) - 1):
        return []
    rarest = f"The class {shown(labels[-1])} of {shown(summary.target)}"
    of_all = f"{counts[-1]:,} of {sum(counts):,} rows"
    message = f"{rarest} has only {of_all} ({percent(share)})."
    fix = "Judge by AUC or balanced accuracy, and consider balanced class weights."
    action = FixAction("setting", "Balance the classes", (), ("class_weight", "balanced"))
    return [Finding("imbalance", (summary.target,), "info", message, fix, action=action)]


def skewed(sample: CheckSample, summary: TargetSummary) -> list[Finding]:
    """A number whose largest values are far above most."""
    y = sample.outcome()[:, 0]
    y = y[~np.isnan(y)]
    if len(y) < LEAST_ROWS or y.min() < 0:
        return []
    before, after = _skewness(y), _skewness(np.log1p(y / max(float(np.median(y)), 1e-12)))
    if before < SKEWED or abs(after) > HALVED * before:
        return []
    top = np.quantile(y, 0.99) / max(float(np.median(y)), 1e-12)
    message = (
        f"{shown(summary.target)} has a long tail: one row in a hundred is {top:,.0f} times the "
        "usual value or more, and squared errors would be all about these."
    )
    fix = "Models are tried on the target and on its logarithm; what validates better counts."
    return [Finding("skewed_target", (summary.target,), "info", message, fix, "fixed")]


def too_few(sample: CheckSample, summary: TargetSummary) -> list[Finding]:
    """Fewer rows than the classes or the columns ask for."""
    rows, classes = summary.rows, len(summary.labels)
    columns = len(sample.features())
    if rows < max(LEAST_ROWS, ROWS_A_CLASS * classes):
        what = f"{rows:,} rows have a target"
        if classes:
            what += f", {rows / classes:.0f} for each of {classes} classes"
    elif columns > rows:
        what = f"There are more columns ({columns:,}) than rows with a target ({rows:,})"
    else:
        return []
    message = f"{what}: scores will be uncertain, and patterns may be chance."
    fix = "Collect more rows if you can; look at the interval of each score, not at its digits."
    return [Finding("too_few", (summary.target,), "warning", message, fix)]


def _skewness(values: np.ndarray) -> float:
    spread = values.std()
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
