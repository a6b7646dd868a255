"""Short names of families and metrics for where there is little room."""

from __future__ import annotations

from automl_core.metrics import METRICS

_SHORT = {"roc_auc": "AUC", "rmse": "RMSE", "mae": "MAE"}


def family_title(family: str) -> str:
    """The family as in the names of its trials, for a legend: "hist boosting"."""
    return family.replace("_", " ")


def metric_short(metric: str) -> str:
    """The metric's usual abbreviation, or its title where it has none."""
    return _SHORT.get(metric) or METRICS[metric].title
