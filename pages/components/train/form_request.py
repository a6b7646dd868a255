"""The request that the form's values make, and the values for the request of an earlier run."""

from __future__ import annotations

from typing import Any

from automl_core.runs.record import (
    Budget,
    Option,
    RunOptions,
    RunSpec,
    TrainRequest,
    options_of,
)
from automl_core.table import Schema
from automl_core.table.inference import TargetSummary
from pages.components.train import form_state
from pages.components.train.form_state import chosen
from pages.components.train.leak_question import kept_key
from pages.components.train.test_table import OWN_TABLE, refill, test_table

OPTIONS: dict[str, Option] = {o.name: o for o in options_of(RunOptions)}
TARGET_OPTIONS: dict[str, Option] = {o.name: o for o in options_of(TrainRequest)}

PRESETS: dict[str, float] = {
    "30 s": 30.0, "1 min": 60.0, "5 min": 300.0, "15 min": 900.0, "1 h": 3600.0,
}  # fmt: skip
CUSTOM, TRIALS = "Other time", "Number of trials"
PRESET, MINUTES, NUMBER_OF_TRIALS = "1 min", 10.0, 20  # where nothing was chosen
OWN_KEYS = {"budget", "test_fraction"}  # several widgets, and one that a test table shares
TEST = "train_test"  # the share of the rows, or OWN_TABLE


def key_of(name: str) -> str:
    """The key of the widget for the option."""
    return f"train_{name}"


def request_of(summary: TargetSummary) -> TrainRequest:
    """The request that the form's values make for this target."""
    share = chosen(TEST)
    own = share == OWN_TABLE
    options = {name: _value(o) for name, o in OPTIONS.items() if name not in OWN_KEYS}
    options["budget"] = _budget()
    options["test_fraction"] = OPTIONS["test_fraction"].default if own or share is None else share
    if summary.task == "regression":
        options["class_weight"] = OPTIONS["class_weight"].default
    return TrainRequest(
        target=summary.target,
        options=RunOptions(**options),
        task=summary.task,
        positive=chosen("train_positive") if summary.task == "binary" else None,
        metric=chosen("train_metric") or "auto",
        test=test_table() if own else None,
    )


def _value(option: Option) -> Any:
    value = chosen(key_of(option.name))
    if not value:  # an empty field, or 0, which is the default of each number that may be 0
        return option.default
    return tuple(value) if option.type is tuple else option.type(value)


def _budget() -> Budget:
    pick = chosen("train_budget") or PRESET
    if pick == TRIALS:
        return Budget(trials=int(chosen("train_trials") or NUMBER_OF_TRIALS))
    if pick == CUSTOM:
        return Budget(seconds=round(60 * float(chosen("train_minutes") or MINUTES), 1))
    return Budget(seconds=PRESETS[pick])


def prefill(spec: RunSpec, schema: Schema | None = None) -> None:
    """Fill the form as this run was asked for; takes effect when the form is drawn next.

    With the run's `schema`, no column that its models saw is asked about as a leak again.
    """
    values: dict[str, Any] = {
        "train_target": spec.target,
        "train_task": spec.task,
        "train_metric": spec.metric,
        "train_positive": spec.positive,
    }
    for name in OPTIONS.keys() - OWN_KEYS:
        value = getattr(spec.options, name)
        values[key_of(name)] = list(value) if isinstance(value, tuple) else value
    if schema is not None:
        hidden = {*spec.options.drop, *(c.name for c in schema.columns if c.role == "ignored")}
        seen = [name for name in schema.names if name not in hidden]
        values[kept_key(spec.given.hash, spec.target)] = seen
    values[TEST] = refill(spec.test) or spec.options.test_fraction
    form_state.refill(values | _budget_values(spec.options.budget))


def _budget_values(budget: Budget) -> dict[str, Any]:
    if budget.seconds is None:
        return {"train_budget": TRIALS, "train_trials": budget.trials}
    preset = next((name for name, s in PRESETS.items() if s == budget.seconds), CUSTOM)
    return {"train_budget": preset, "train_minutes": budget.seconds / 60}
