"""Finding the model that a command line names: of a run, or in a bundle."""

from __future__ import annotations

from pathlib import Path

from automl_core.cli.text import say_damage
from automl_core.errors import RunError, SpecError, did_you_mean
from automl_core.export import Manifest, open_bundle
from automl_core.files import workspace
from automl_core.runs import delivered_files, find_run, with_reference
from automl_core.runs.record import RunReader, Trial, best_model
from automl_core.types import Files


def model_files(source: str, name: str | None) -> Files:
    """Files of the predictor in a bundle, or of a run's model (default: its best)."""
    if (opened := opened_bundle(source, name)) is not None:
        return opened[0]
    reader, trial = find_model(source, name)
    return delivered_files(reader.folder, trial.number)


def model_with_reference(source: str, name: str | None) -> Files:
    """The same with what the model's training rows were like, as far as that is known."""
    path = Path(source)
    if path.is_file() or path.suffix.lower() == ".zip":
        return model_files(source, name)
    reader, trial = find_model(source, name)
    files = delivered_files(reader.folder, trial.number)
    return with_reference(reader.folder, trial.number, files)


def opened_bundle(source: str, name: str | None) -> tuple[Files, Manifest] | None:
    """Files and manifest where `source` is a bundle; None: it names a run.

    SpecError where the bundle holds another model than the one called `name`.
    """
    path = Path(source)
    if not path.is_file() and path.suffix.lower() != ".zip":
        return None
    files, manifest = open_bundle(path)
    held = manifest.info.get("model")
    if name is not None and name != held:
        raise SpecError(f"{source!r} holds the model {held!r}.", "Leave --model out.")
    return files, manifest


def find_model(run: str, name: str | None) -> tuple[RunReader, Trial]:
    """A run and its model called `name`, or its best; RunError where there is none.

    What is damaged in the run is said on stderr.
    """
    reader = RunReader(find_run(run, workspace()))
    state = reader.refresh()
    say_damage(state)
    usable = {t.name: t for t in state.models.values()}
    trial = best_model(state, reader.spec.metric) if name is None else usable.get(name)
    if trial is None and name is not None:
        raise RunError(f"The run has no finished model {name!r}.", did_you_mean(name, usable))
    if trial is None:
        raise RunError("The run has no finished model yet.", "Wait for it, or train longer.")
    return reader, trial
