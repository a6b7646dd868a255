"""What the training form remembers: over reruns, page switches, and from an earlier run.

Streamlit forgets a widget once another page is shown; the form therefore keeps a copy of its
values. A value that no longer is among its widget's options falls back to the default.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st

from automl_core.runs.record import Budget, RunSpec
from pages.components.train.test_table import refill

_COPY, _TOKEN, _ERROR = "_train_form", "_train_token", "_train_error"
PRESETS: dict[str, float] = {
    "30 s": 30.0, "1 min": 60.0, "5 min": 300.0, "15 min": 900.0, "1 h": 3600.0,
}  # fmt: skip
CUSTOM, TRIALS = "Other time", "Number of trials"


def remember(key: str, default: Any, options: Sequence[Any] | None = None) -> None:
    """Before the widget `key` is drawn: set it to what it was, if that still is an option."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    value = st.session_state.get(key, copy.get(key, default))
    if options is not None:
        several = isinstance(value, list)
        if several:
            value = [v for v in value if v in options]
        elif value not in options:
            value = default
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    copy[key] = value


def forget(keys: Sequence[str]) -> None:
    """Let these widgets start from their defaults again."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    for key in keys:
        copy.pop(key, None)
        st.session_state.pop(key, None)


def chosen(key: str) -> Any:
    """The value of a widget that `remember` was called for."""
    return st.session_state.get(key)


def setting(name: str, default: str) -> str:
    """What the form will ask of the run's setting `name`, also before it was ever drawn."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    value = st.session_state.get(f"train_{name}", copy.get(f"train_{name}", default))
    return value if isinstance(value, str) else default


def set_setting(name: str, value: str) -> None:
    """Let the form start from this value of the run's setting `name`."""
    st.session_state.setdefault(_COPY, {})[f"train_{name}"] = value
    st.session_state.pop(f"train_{name}", None)


def leave_out(columns: Sequence[str]) -> None:
    """Add columns to those that the models may not see."""
    dropped = list(st.session_state.get("train_drop", []))
    st.session_state["train_drop"] = dropped + [c for c in columns if c not in dropped]


def prefill(spec: RunSpec) -> None:
    """Fill the form as this run was asked for; takes effect when the form is drawn next."""
    values: dict[str, Any] = {
        "train_target": spec.target,
        "train_task": spec.task,
        "train_metric": spec.metric,
        "train_positive": spec.positive,
        "train_class_weight": spec.options.class_weight,
        "train_weight": spec.options.weight,
        "train_families": list(spec.options.families),
        "train_drop": list(spec.options.drop),
        "train_workers": spec.options.workers,
        "train_folds": spec.options.folds,
        "train_test": refill(spec.test) or spec.options.test_fraction,
        "train_seed": spec.options.seed,
        "train_columns": spec.options.columns,
        "train_features": spec.options.features,
        "train_group": spec.options.group,
        "train_time": spec.options.time,
        "train_copies": spec.options.copies,
        "train_max_ms": spec.options.max_predict_ms,
        "train_max_mb": spec.options.max_size_mb,
    } | _budget_values(spec.options.budget)
    forget(tuple(values))
    st.session_state[_COPY] = values


def _budget_values(budget: Budget) -> dict[str, Any]:
    if budget.seconds is None:
        return {"train_budget": TRIALS, "train_trials": budget.trials}
    preset = next((name for name, s in PRESETS.items() if s == budget.seconds), CUSTOM)
    return {"train_budget": preset, "train_minutes": budget.seconds / 60}


def start_token() -> str:
    """Handed to the Start button; good for one start, so that a double click starts one run."""
    token: str = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    return token


def use_token(token: str) -> bool:
    """Whether this token was still good; it no longer is."""
    if st.session_state.get(_TOKEN) != token:
        return False
    del st.session_state[_TOKEN]
    return True


def set_error(error: Exception | None) -> None:
    """Keep what kept a run from starting, to be shown beside the button."""
    st.session_state[_ERROR] = error


def take_error() -> Exception | None:
    """What kept the last Start from working; shown once."""
    error: Exception | None = st.session_state.pop(_ERROR, None)
    return error
