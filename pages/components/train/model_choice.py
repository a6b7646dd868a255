"""Which models a run that goes on trains: families left out, a trial dropped or trained on.

Each choice is a command to the run's inbox, and a note in its log that every viewer sees.
"""

from __future__ import annotations

import streamlit as st

from automl_core.models import CATALOG, model_spec
from automl_core.runs.record import TrainAgain, Trial
from automl_core.types import CommandName, Origin, RunStatus, TrialStatus
from pages.components.shared import RunView
from pages.components.train.steering import command_button

LEAVE_OUT_HELP = "No new model of it starts; what trains goes on to its end."
DROP_HELP = "It ends if it is training, and is no part of the final model."
FOLDS_HELP = "Fit it on the parts of the rows that it has not seen; its predictions get steadier."
AGAIN_HELP = (
    "The same settings with another seed, and twice the time that this one took: of use where the "
    "time was short."
)


def draw_model_choice(view: RunView) -> None:
    """A button that opens the choices; nothing once the run stops."""
    if view.status not in (RunStatus.RUNNING, RunStatus.PAUSED):
        return
    with st.popover("Models", icon=":material/tune:", key="model_choice"):
        _draw_families(view)
        _draw_trial(view)


def _draw_families(view: RunView) -> None:
    wanted = view.spec.options.families
    names = [
        entry.name
        for entry in CATALOG
        if entry.kind != "baseline" and (not wanted or entry.name in wanted)
    ]
    out = view.state.left_out
    name = st.selectbox(
        "Family",
        names,
        format_func=lambda n: model_spec(n).title + (" (left out)" if n in out else ""),
        key="steer_family",
    )
    if name in out:
        command_button("Train it again", view.folder, CommandName.TAKE_BACK, name)
    elif name:
        words = "Leave it out from now on"
        command_button(words, view.folder, CommandName.LEAVE_OUT, name, LEAVE_OUT_HELP)


def _draw_trial(view: RunView) -> None:
    gone = (TrialStatus.DROPPED, TrialStatus.FAILED)
    trials = {
        t.number: t
        for t in sorted(view.state.trials.values(), key=lambda t: -t.number)
        if t.origin != Origin.BASELINE and t.status not in gone
    }
    number = st.selectbox(
        "Model",
        list(trials),
        format_func=lambda n: f"{trials[n].name} · {trials[n].status}" if n in trials else "",
        key="steer_trial",
        placeholder="No model yet",
    )
    trial = trials.get(number) if number is not None else None
    if trial is None:
        return
    with st.container(horizontal=True):
        command_button("Drop", view.folder, CommandName.DROP, str(trial.number), DROP_HELP)
        if _can_have_more(view, trial):
            name, argument = CommandName.MORE_FOLDS, str(trial.number)
            command_button("Train on all parts", view.folder, name, argument, FOLDS_HELP)
        if trial.status != TrialStatus.RUNNING:
            again = TrainAgain(trial.number, max(1.0, 2 * trial.train_seconds))
            name, argument = CommandName.TRAIN_AGAIN, again.as_text()
            command_button("Train once more", view.folder, name, argument, AGAIN_HELP)


def _can_have_more(view: RunView, trial: Trial) -> bool:
    started, state = view.state.started, view.state
    parts = (started.parts if started is not None else None) or 0
    fits = trial.status == TrialStatus.FINISHED and not trial.repeat and trial.folds < parts
    return fits and trial.number not in state.more_folds and state.budget_seconds is not None
