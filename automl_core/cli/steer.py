"""`steer`: more time for a run that goes on, a pause, its end; `resume`: it goes on after that."""

from __future__ import annotations

import argparse

from automl_core.errors import RunError
from automl_core.files import workspace
from automl_core.runs import find_run
from automl_core.runs.record import Budget, RunReader, send_command, waits_to_go_on
from automl_core.types import CommandName


def run_steer(arguments: argparse.Namespace) -> int:
    """Send what was asked for to the run.

    Raises RunError where there is no such run or it is over, SpecError for a time out of range.
    """
    folder = find_run(arguments.run, workspace())
    state = RunReader(folder).refresh()
    if not (state.status.active or waits_to_go_on(folder.path)):
        raise RunError(f"This run is over: {state.status}.", "Only a run that goes on can change.")
    if arguments.add is None:
        send_command(folder.path, arguments.name)
    else:
        added = Budget(seconds=arguments.add).seconds
        send_command(folder.path, CommandName.ADD_TIME, f"{added:g}")
    print("The run has been asked; its log says what became of it.")
    return 0


def run_resume(arguments: argparse.Namespace) -> int:
    """Train on until the budget is used up; returns the exit status."""
    from automl_core.cli.foreground import resume

    folder = find_run(arguments.run, workspace())
    more = None if arguments.budget is None else Budget(seconds=arguments.budget).seconds
    return resume(folder, more)
