"""`steer`: changes a run that goes on; `resume`: it goes on after its end."""

from __future__ import annotations

import argparse

from automl_core.cli.arguments import STEERED
from automl_core.errors import RunError, did_you_mean
from automl_core.files import workspace
from automl_core.models import model_spec
from automl_core.runs import find_run
from automl_core.runs.record import (
    Budget,
    RunReader,
    RunState,
    TrainAgain,
    Trial,
    seconds_asked,
    send_command,
    waits_to_go_on,
)
from automl_core.types import CommandName


def run_steer(arguments: argparse.Namespace) -> int:
    """Send what was asked for to the run.

    Raises RunError where there is no such run or it is over, SpecError for a time out of range.
    """
    folder = find_run(arguments.run, workspace())
    state = RunReader(folder).refresh()
    if not (state.status.active or waits_to_go_on(folder.path)):
        raise RunError(f"This run is over: {state.status}.", "Only a run that goes on can change.")
    send_command(folder.path, *_command(arguments, state))
    print("The run has been asked; its log says what became of it.")
    return 0


def _command(arguments: argparse.Namespace, state: RunState) -> tuple[str, str]:
    """The command's name and argument."""
    if arguments.add is not None:
        return CommandName.ADD_TIME, f"{Budget(seconds=arguments.add).seconds:g}"
    for name, what, _ in STEERED:
        value = getattr(arguments, name)
        if value is not None and what == "FAMILY":
            return name, model_spec(value).name
        if value is not None:
            return name, _of_trial(name, _named(state, value), arguments.seconds)
    return arguments.name, ""


def _named(state: RunState, name: str) -> Trial:
    """The trial of this name, in whatever state; RunError where there is none."""
    found = {trial.name: trial for trial in state.trials.values()}
    if name not in found:
        raise RunError(f"The run has no model {name!r}.", did_you_mean(name, found))
    return found[name]


def _of_trial(name: CommandName, trial: Trial, seconds: float | None) -> str:
    if name != CommandName.TRAIN_AGAIN:
        return str(trial.number)
    wanted = max(1.0, 2 * trial.train_seconds) if seconds is None else seconds
    return TrainAgain(trial.number, wanted).as_text()


def run_resume(arguments: argparse.Namespace) -> int:
    """Train on until the budget is used up; returns the exit status."""
    from automl_core.cli.foreground import resume

    folder, asked = find_run(arguments.run, workspace()), arguments.budget
    more = None if asked is None else seconds_asked(asked, RunReader(folder).refresh())
    return resume(folder, more, arguments.cluster)
