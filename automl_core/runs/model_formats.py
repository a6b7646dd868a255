"""The formats that a model of a run can be taken away in, one file each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automl_core.errors import SpecError, did_you_mean
from automl_core.export import load_predictor, zip_files
from automl_core.models import model_spec
from automl_core.runs.bundle import bundle_of
from automl_core.runs.delivered import delivered_files
from automl_core.runs.executor import CertifiedForm
from automl_core.runs.record import ENSEMBLE, RunFolder, RunState, Trial


def _for_pytorch(folder: RunFolder, trial: Trial) -> bytes:
    from automl_core.torch_export import torch_package

    return zip_files(torch_package(load_predictor(delivered_files(folder, trial.number))))


def _certified(form: CertifiedForm) -> Callable[[RunFolder, Trial], bytes]:
    def written(folder: RunFolder, trial: Trial) -> bytes:
        from automl_core.runs.file_of_model import file_of

        found = file_of(form, folder, trial.number)
        return found.data if form == "onnx" else zip_files(found.package)

    return written


MODEL_FORMATS: Mapping[str, Callable[[RunFolder, Trial], bytes]] = {
    "bundle": bundle_of,
    "pytorch": _for_pytorch,
    "keras": _certified("keras"),
    "onnx": _certified("onnx"),
}


def model_file(folder: RunFolder, trial: Trial, name: str) -> bytes:
    """The model in the format of this name; RunError where the run left none.

    Raises SpecError where there is no such format, ModelError where it cannot hold the model.
    """
    if name not in MODEL_FORMATS:
        raise SpecError(
            f"There is no format {name!r} of models.", did_you_mean(name, MODEL_FORMATS)
        )
    return MODEL_FORMATS[name](folder, trial)


def is_of_networks(state: RunState, trial: int) -> bool:
    """True where the model, or every member of the ensemble, is a network."""
    solved = state.ensemble
    parts = solved.trials if trial == ENSEMBLE and solved is not None else (trial,)
    return all(model_spec(state.trials[number].family).kind == "network" for number in parts)
