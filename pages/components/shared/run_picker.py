"""The run and the model that a page is about: named in the address, or picked.

Knows nothing of what is shown of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.metrics import METRICS
from automl_core.runs import RunSummary, take_snapshot
from automl_core.runs.record import (
    ENSEMBLE,
    LeaderRow,
    RunFolder,
    RunSpec,
    RunState,
    best_model,
    build_leaderboard,
    load_name,
    status_words,
)
from pages.components.shared import activity, frame, session
from pages.components.shared.access import visible_run, workspace
from pages.components.shared.text import distinct_labels, escape_markdown, one_line, score

_TURN, _ORDER, _CHOICE = "leaderboard_turn", "leaderboard_order", "chosen_model"


@dataclass(frozen=True, eq=False)
class OpenRun:
    """A run as it stands now."""

    id: str  # as in the address: the id in the workspace, or a folder's path
    folder: RunFolder
    spec: RunSpec
    state: RunState
    rows: tuple[LeaderRow, ...]  # the leaderboard

    @property
    def name(self) -> str:
        """The folder's name: short, and safe in keys and file names."""
        return re.sub(r"[^\w-]+", "-", self.folder.path.name)

    @property
    def models(self) -> tuple[LeaderRow, ...]:
        """The rows that have a model, best first."""
        return tuple(row for row in self.rows if row.usable)

    @property
    def best(self) -> str:
        """Name of the run's model, or of what leads so far; "" where there is none."""
        best = best_model(self.state, self.spec.metric)
        return best.name if best else ""

    def version(self, trial: int) -> str:
        """Changes with the model: the ensemble's does while the run goes on, the final one's once
        more at the end."""
        solved, end = self.state.ensemble, self.state.finished
        refitted = end.refitted if end is not None and end.best == trial else ()
        if trial != ENSEMBLE or solved is None:
            return repr(refitted) if refitted else ""
        return repr((solved.trials, solved.weights, solved.temperature, refitted))


def open_run(run: str) -> OpenRun:
    """The run of this id, or in this folder of the server; RunError where there is none."""
    return open_folder(visible_run(run), run)


def open_folder(folder: RunFolder, run: str) -> OpenRun:
    """The run in this folder, named `run` in the address; RunError where it cannot be read."""
    taken = take_snapshot(folder.path)
    rows = build_leaderboard(taken.state, taken.spec.metric)
    return OpenRun(run, taken.folder, taken.spec, taken.state, rows)


def run_label(run: RunSummary) -> str:
    """A run on one line, for a list to choose from. Says nothing that changes by the minute."""
    when = time.strftime("%d %b %H:%M", time.localtime(run.created))
    metric = metric_short(run.metric) if run.metric in METRICS else run.metric
    name, target = one_line(run.title, 40), one_line(run.target, 30)
    return f"{name} → {target} · {metric} {score(run.score)} · {when}"


def run_labels(runs: Sequence[RunSummary]) -> dict[str, str]:
    """The ids of the runs, newest first, with labels of which no two are alike."""
    summaries = {run.id: run for run in runs}
    # The oldest is numbered first: a run that comes later changes no label.
    oldest = sorted(summaries, key=lambda run: (summaries[run].created, run))
    labels = distinct_labels(oldest, lambda run: run_label(summaries[run]))
    return {run: labels[run] for run in summaries}


def _runs() -> tuple[RunSummary, ...]:
    return activity.recent_runs(str(workspace()))


def any_models() -> bool:
    """True where a run has a model, or the address names a run."""
    return bool(session.current_run()) or any(run.best for run in _runs())


def pick_run(key: str) -> OpenRun | None:
    """A list of the runs that have models, the current one chosen; None: there is none."""
    labels = run_labels([run for run in _runs() if run.best])
    asked = session.current_run()
    if asked and asked not in labels:
        try:
            labels = {asked: _label_of(open_run(asked))} | labels
        except AutoMLError as error:
            frame.show_error(error)
            asked = None
            if not labels:
                return None
            picked = st.selectbox(
                "Run", list(labels), None, labels.__getitem__, key=key, placeholder="Choose a run"
            )
            return _chosen(picked)
    if not labels:
        return None
    ids = list(labels)
    start = ids.index(asked) if asked in labels else 0
    return _chosen(st.selectbox("Run", ids, start, labels.__getitem__, key=key))


def _label_of(run: OpenRun) -> str:
    name = one_line(load_name(run.folder.path) or run.spec.table.name, 40)
    target = one_line(run.spec.target, 30)
    return f"{name} → {target} · {run.state.status} · {one_line(run.folder.path.name, 40)}"


def _chosen(run: str | None) -> OpenRun | None:
    if run is None:
        return None
    opened = open_run(run)
    session.set_run(run)
    if (damage := opened.state.damage) is not None:
        st.warning(escape_markdown(damage.message), icon=":material/warning:")
    return opened


def model_label(row: LeaderRow) -> str:
    """A model on one line: its place, name, family and score."""
    place = "" if row.rank is None else f"{row.rank}. "
    mark = f" · {status_words(row)}" if row.best or row.rank is None else ""
    return f"{place}{row.name} · {row.title} · {score(row.score)}{mark}"


def pick_model(run: OpenRun, key: str) -> LeaderRow | None:
    """A list of the run's models, the one named in the address or the best chosen."""
    models = run.models
    if not models:
        return None
    start = _asked_model(run, models)
    names = [row.name for row in models]
    rows = dict(zip(names, models, strict=True))
    labels = distinct_labels(names, lambda name: model_label(rows[name]))
    picked = st.selectbox("Model", names, start, labels.__getitem__, key=f"{key}_{run.name}")
    _remember_choice(run, picked)
    return models[names.index(picked)]


Table = Callable[[str, int], LeaderRow | None]
"""Draws a table of the rows: its key, and the place of the row that is chosen at first."""


def pick_row(run: OpenRun, rows: Sequence[LeaderRow], key: str, draw: Table) -> LeaderRow | None:
    """A table with a row to choose, the one named in the address or the best chosen."""
    if not rows:
        return None
    _forget_selection_of_another_order(run, tuple(row.name for row in rows))
    with st.container(key=key):  # the table's own key names the run: a choice stays with its run
        row = draw(f"{key}_{run.name}{turn_words()}", _asked_model(run, rows))
    if row is not None:
        _remember_choice(run, row.name)
    return row


def _forget_selection_of_another_order(run: OpenRun, names: tuple[str, ...]) -> None:
    """A table keeps the place of its row, which is another model's once the order has changed."""
    before = session.remembered(_ORDER, tuple)
    if before is not None and before[0] == run.id and before[1] != names:
        _turn()
    session.remember(_ORDER, (run.id, names))


def _turn() -> None:
    session.remember(_TURN, (session.remembered(_TURN, int) or 0) + 1)


def turn_words() -> str:
    """Ends the key of a table or chart that forgets its selection when `choose_row` is called."""
    turn = session.remembered(_TURN, int) or 0
    return f"_{turn}" if turn else ""


def choose_row(model: str) -> None:
    """Choose this model in the table that `pick_row` draws next."""
    _name_in_address(model)
    _turn()  # a table keeps its selection as long as it keeps its key


def _asked_model(run: OpenRun, rows: Sequence[LeaderRow]) -> int:
    """The index of the model in the address, else of the one chosen before, else of the best.

    A warning where the address names one that is in no row.
    """
    asked = st.query_params.get("model", "") or _choice_before(run)
    names = [row.name for row in rows]
    if asked and asked not in names:
        st.warning(
            "This run has no model of the name in the address. This is its best one.",
            icon=":material/search_off:",
        )
        st.query_params.pop("model", None)
    wanted = asked if asked in names else run.best
    return names.index(wanted) if wanted in names else 0


def _remember_choice(run: OpenRun, model: str) -> None:
    """Name the model in the address, and keep it for other pages where it is not the best."""
    _name_in_address(model)
    session.remember(_CHOICE, None if model == run.best else (run.id, model))


def _choice_before(run: OpenRun) -> str:
    """The model of this run that was chosen on another page; "" where none was."""
    known = session.remembered(_CHOICE, tuple)
    return known[1] if known is not None and known[0] == run.id else ""


def _name_in_address(model: str) -> None:
    if st.query_params.get("model") != model:
        st.query_params["model"] = model
