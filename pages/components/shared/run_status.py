"""The status of a run: headline, progress against the budget, numbers, troubles.

Draws a RunView; knows nothing about how the run is trained or where it lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from automl_core.charts import metric_short
from automl_core.evaluation import gain_words
from automl_core.metrics import METRICS
from automl_core.runs import QueuePlace
from automl_core.runs.record import (
    LeaderRow,
    RunFolder,
    RunSpec,
    RunState,
    baseline_score,
    best_model,
    clock_of,
    count_models,
)
from automl_core.types import RunStatus, Severity, TrialStatus
from pages.components.shared.text import code, count, escape_markdown, score, seconds, size

BADGES = {  # word, icon, colour
    RunStatus.WAITING: ("Waiting", ":material/hourglass_empty:", "gray"),
    RunStatus.RUNNING: ("Running", ":material/play_circle:", "blue"),
    RunStatus.PAUSED: ("Paused", ":material/pause_circle:", "gray"),
    RunStatus.STOPPING: ("Stopping", ":material/stop_circle:", "orange"),
    RunStatus.FINISHED: ("Finished", ":material/check_circle:", "green"),
    RunStatus.STOPPED: ("Stopped", ":material/stop_circle:", "green"),
    RunStatus.FAILED: ("Failed", ":material/error:", "red"),
    RunStatus.INTERRUPTED: ("Interrupted", ":material/power_off:", "orange"),
}
MOST_TROUBLES = 8
TASK_WORDS = {"binary": "Binary", "multiclass": "Multiclass", "regression": "Regression"}


@dataclass(frozen=True, eq=False)
class RunView:
    """All that the live page draws, taken at one moment."""

    run_id: str  # as in the address: an id of the workspace, or a folder's path
    folder: RunFolder
    spec: RunSpec
    state: RunState
    rows: tuple[LeaderRow, ...]  # best first
    now: float  # that moment, in seconds since 1970
    place: QueuePlace | None = None  # of a waiting one
    name: str = ""  # that a person gave the run
    waits: bool = False  # it is over, and goes on as soon as a run before it has ended

    @property
    def status(self) -> RunStatus:
        return RunStatus.WAITING if self.waits else self.state.status

    @property
    def active(self) -> bool:
        return self.status.active

    @property
    def clock(self) -> float:
        """Seconds since the run's start, with its pauses."""
        since = self.now - self.state.wall_started if self.state.status.active else 0.0
        return max(self.state.clock, since)

    @property
    def worked(self) -> float:
        """Seconds that the run was at work: its clock without the pauses."""
        return clock_of(self.state).worked(self.now)

    @property
    def left(self) -> float | None:
        """Seconds of its budget; None where that is a number of trials."""
        return clock_of(self.state).left(self.now)

    @property
    def best(self) -> LeaderRow | None:
        """The run's model, or what leads so far; None as long as there is but the constant."""
        real = [r for r in self.rows if r.usable and r.family != "constant"]
        best = best_model(self.state, self.spec.metric)
        same = (r for r in real if best is not None and r.trial == best.number)
        return next(same, next(iter(real), None))


def draw_title(view: RunView) -> None:
    """Target, table and metric, and the status as icon and word."""
    word, icon, colour = BADGES.get(view.status, (view.status, ":material/help:", "gray"))
    named = f"**{escape_markdown(view.name)}** · " if view.name else ""
    with st.container(horizontal=True, vertical_alignment="center", key="live_title"):
        st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
        st.markdown(
            f"{named}Predicting {code(view.spec.target)} in {code(view.spec.table.name)} · "
            f"Task: {TASK_WORDS[view.spec.task]} · Metric: {METRICS[view.spec.metric].title}",
            width="content",
        )


def opening_note(state: RunState) -> str:
    """The run's note on its validation, from before its first trial; "" where there is none."""
    first = min((t.started for t in state.trials.values()), default=math.inf)
    opening = [note for t, note in state.notes[:1] if t <= first and note.severity == Severity.INFO]
    return opening[0].message if opening else ""


def draw_validation(state: RunState, more: str = "") -> None:
    """How models are compared, in a few words; the plan with its reasons, and `more`, as help."""
    if state.started is None:
        return
    note = " ".join(escape_markdown(words) for words in (opening_note(state), more) if words)
    st.caption(validation_words(state), help=note or None)


def validation_words(state: RunState) -> str:
    """The rows that models are compared on, in a few words."""
    started = state.started
    if started is None:
        return ""
    parts = started.parts or started.folds
    rows = "rows" if started.rows_valid is None else f"{started.rows_valid:,} rows"
    if 1 < started.folds == parts:
        return f"Models are compared by {started.folds}-fold cross-validation."
    words = f"Models are compared on {rows} that they do not train on"
    return f"{words}; those that lead, on further ones." if started.folds < parts else f"{words}."


def draw_progress(view: RunView) -> None:
    """The used and the remaining part of the budget."""
    budget, total = view.spec.options.budget, view.state.budget_seconds
    if total is not None:
        spent, left = view.worked, view.left or 0.0
        done = min(1.0, spent / total)
        text = f"{seconds(int(min(spent, total)))} of {seconds(total)}"
        text += f" · **{seconds(int(left))} left**" if left >= 1 else " · finishing"
    else:
        ended = min(view.state.ended_trials, budget.trials or 0)
        done = ended / (budget.trials or 1)
        text = f"{ended} of {count(budget.trials or 0, 'trial')} · {seconds(int(view.worked))}"
    if view.status == RunStatus.STOPPING:
        text += " · stopping, the best so far is kept"
    elif view.status == RunStatus.PAUSED:
        busy = view.state.workers.busy if view.state.workers is not None else 0
        text += f" · paused, {count(busy, 'worker')} still at work" if busy else " · paused"
    st.progress(done, text=text)


def draw_numbers(view: RunView) -> None:
    """Best score against the baseline, models, workers, memory."""
    best, baseline = view.best, baseline_score(view.state)
    short = metric_short(view.spec.metric)
    with st.grid(columns=4, min_column_width=190, key="live_numbers"):
        st.metric(
            f"{short} in validation so far" if view.active else f"{short} in validation",
            score(best.score if best else None),
            delta=None if best is None else _gain(best, baseline),
            delta_color="green" if best and best.delta and best.delta > 1e-9 else "off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="On rows held out of training. The baseline gives every row the same answer"
            + (f"; its score is {score(baseline)}." if baseline is not None else "."),
        )
        st.metric(
            "Leading model" if view.active else "Recommended model",
            best.name if best else "–",
            delta=_since(view, best),
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        _trials_metric(view)
        _workers_metric(view)


def _gain(best: LeaderRow, baseline: float | None) -> str | None:
    if best.score is None or baseline is None:
        return None
    return gain_words(best.metric, best.score, baseline)


def _since(view: RunView, best: LeaderRow | None) -> str | None:
    if best is None:
        return None
    ended = view.state.models[best.trial].ended
    return None if ended is None else f"since {seconds(int(ended))}"


def _trials_metric(view: RunView) -> None:
    rows = [r for r in view.rows if r.family not in ("constant", "ensemble")]
    statuses = [r.status for r in rows]
    parts = [
        f"{statuses.count(s)} {s}"
        for s in (TrialStatus.RUNNING, TrialStatus.PRUNED, TrialStatus.FAILED)
        if s in statuses
    ]
    further = sum(t.extending is not None for t in view.state.trials.values())
    if further:
        parts.insert(0, f"{further} on further folds")
    st.metric(
        "Models trained",
        f"{count_models(view.rows):,}",
        delta=", ".join(parts) or None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )


def device_words(device: str) -> str:
    """`CPU`, or the accelerator's own name."""
    return "CPU" if device.lower().startswith("cpu") else device.removeprefix("cuda: ")


def _workers_metric(view: RunView) -> None:
    workers = view.state.workers
    value, below = "–", None
    if workers is not None:
        value = f"{workers.busy} of {workers.count}" if view.active else str(workers.count)
        device = device_words(workers.device)
        below = f"{device}, {size(workers.memory_bytes)}" + (" in use" if view.active else "")
    st.metric(
        "Workers busy" if view.active else "Workers",
        value,
        delta=below,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help="Where the models are trained, and the memory that all workers hold together.",
    )


def draw_troubles(view: RunView) -> None:
    """Failed trials with their reason, newest first, and the run's warnings."""
    failed = [t for t in view.state.trials.values() if t.status == TrialStatus.FAILED]
    failed.sort(key=lambda t: -(t.ended or 0.0))
    notes = view.state.notes[1 if opening_note(view.state) else 0 :][::-1]
    if not failed and not notes:
        return
    with st.container(border=True, key="live_troubles"):
        st.markdown("**Run log**")
        for t, note in notes[:MOST_TROUBLES]:
            icon = ":material/warning:" if note.severity == Severity.WARNING else ":material/info:"
            st.markdown(f"{icon} {escape_markdown(note.message)} · after {seconds(int(t))}")
        for trial in failed[:MOST_TROUBLES]:
            st.markdown(
                f":material/error: {code(trial.name)} failed after "
                f"{seconds((trial.ended or 0) - trial.started)}: "
                f"{escape_markdown(trial.message)}"
            )
        hidden = max(0, len(failed) - MOST_TROUBLES) + max(0, len(notes) - MOST_TROUBLES)
        if hidden:
            st.caption(f"and {hidden} more; the leaderboard lists every failed trial")
