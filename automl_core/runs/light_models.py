"""Lighter models of a run: what each is made of, what it costs, and how far behind it is.

They are kept in the run's folder: their list in light/models.json, a student's files below
light/student. All others are averages of the run's trials and need no files of their own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, Literal

from automl_core.errors import AutoMLError, RunError
from automl_core.evaluation import ComparedScore
from automl_core.export import combine_files, write_bundle
from automl_core.files import dump_json
from automl_core.metrics import loss_of
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.bundle import bundle_info, taken_away
from automl_core.runs.delivered import delivered_files
from automl_core.runs.record import RunFolder, Trial, held, model_version
from automl_core.runs.reference import PredictRows, predict_here, with_self_test
from automl_core.types import Files
from automl_core.words import percent, score_text, size

FILE, STUDENT_FOLDER = "light/models.json", "light/student"
STUDENT = "student"
NO_TRIAL = -(10**6)  # the number of what is no trial of the run

Kind = Literal["final", "average", "trial", "student"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasuredCosts:
    """What a model costs on the machine where it was measured."""

    row_ms: float  # milliseconds for one row by itself, the median
    ms_per_row: float  # of many rows together
    size_bytes: int  # of its files


@dataclass(frozen=True)
class LightModel:
    """One point between accuracy and weight."""

    name: str  # "ensemble", "light-2", "catboost-4", "student"
    kind: Kind
    family: str  # "ensemble" of an average, "student"; else that of its trial
    trials: tuple[int, ...]  # that are averaged; () of a student
    weights: tuple[float, ...]  # one a trial, sum 1
    temperature: float
    compared: ComparedScore  # with the run's model, on the same rows
    costs: MeasuredCosts


@dataclass(frozen=True)
class LightModels:
    """The lighter models of a run, the run's own model first, as it was when they were made."""

    version: str  # see `model_version`
    metric: str
    rows: int  # that they are compared on
    models: tuple[LightModel, ...]
    done: bool  # nothing more is tried


@dataclass(frozen=True)
class LightLimits:
    """What a model may cost; None: anything."""

    most_ms: float | None = None  # for one row by itself
    most_bytes: int | None = None

    def allow(self, costs: MeasuredCosts) -> bool:
        """The model keeps within them."""
        quick = self.most_ms is None or costs.row_ms <= self.most_ms
        return quick and (self.most_bytes is None or costs.size_bytes <= self.most_bytes)


def best_within(found: LightModels, limits: LightLimits) -> LightModel | None:
    """The best model that keeps within the limits, the smallest of equals; None: there is none."""
    fitting = [model for model in found.models if limits.allow(model.costs)]
    return min(
        fitting,
        key=lambda m: (loss_of(found.metric, m.compared.score), m.costs.size_bytes),
        default=None,
    )


def light_words(found: LightModels, model: LightModel) -> str:
    """What choosing the model instead of the run's own one means, in a sentence or two."""
    own = found.models[0]
    if model == own:
        return f"{own.name} is the run's own model."
    parts = []
    if model.costs.size_bytes < own.costs.size_bytes:
        share = percent(model.costs.size_bytes / own.costs.size_bytes)
        parts.append(f"{size(model.costs.size_bytes)}, {share} of the size of {own.name}")
    if model.costs.row_ms < own.costs.row_ms:
        share = percent(model.costs.row_ms / own.costs.row_ms)
        parts.append(f"{model.costs.row_ms:.2g} ms a row, {share} of its time")
    cheaper = f"{model.name}: {' and '.join(parts)}." if parts else f"{model.name} is not lighter."
    behind = model.compared.behind
    if behind <= 0:
        return f"{cheaper} Its score is no worse."
    much = f"{score_text(behind)} worse on {found.rows:,} rows"
    tied = "which may be chance" if model.compared.tied else "which is more than chance"
    return f"{cheaper} Its score is {much}, {tied}."


def load_light_models(folder: RunFolder, final: int) -> LightModels | None:
    """The lighter models of the run's model as it is now; None: none were made, or not of it."""
    try:
        found: LightModels = from_plain(LightModels, parse_json(folder.read(FILE)))
    except (FileNotFoundError, RecordError):
        return None
    except AutoMLError:  # damaged: they can be made anew
        logger.warning("%s of %s cannot be read", FILE, folder.path)
        return None
    return found if found.models and found.version == model_version(folder, final) else None


def save_light_models(folder: RunFolder, found: LightModels, student: Files) -> None:
    """Keep them, and the files of a student where there is one."""
    files = {f"{STUDENT_FOLDER}/{name}": data for name, data in student.items()}
    with held(folder.path, "Another process writes into this run now."):
        folder.write(files | {FILE: dump_json(to_plain(found))})


def find_light_model(folder: RunFolder, final: int, name: str) -> LightModel:
    """The light model of this name; RunError where the run has none."""
    found = load_light_models(folder, final)
    known = [] if found is None else [model for model in found.models if model.name == name]
    if not known:
        raise RunError(
            f"The run has no light model called {name!r}.",
            "`torchlight light RUN` makes them and lists their names.",
        )
    return known[0]


def light_files(folder: RunFolder, final: int, model: LightModel) -> Files:
    """The files of the model's predictor; RunError where it is damaged or gone.

    The run's own model comes with its threshold or its intervals, one trial with its own. What is
    said of an average or a student of the run's model would not be true of it.
    """
    match model.kind:
        case "final":
            return delivered_files(folder, final)
        case "trial":
            return delivered_files(folder, model.trials[0])
        case "student":
            files = folder.read_below(STUDENT_FOLDER)
            if not files:
                raise RunError("The files of the student are gone.", "Make it again.")
            return files
        case _:
            parts = [folder.model_files(trial) for trial in model.trials]
            return combine_files(
                list(zip(parts, model.weights, strict=True)), model.name, model.temperature
            )


def light_parts(
    folder: RunFolder, final: Trial, model: LightModel, predict: PredictRows = predict_here
) -> tuple[Files, dict[str, Any]]:
    """The files of a light model, with its self-test, and their description.

    `final` is the run's own model, `predict` as in `bundle_of`. RunError as `light_files`.
    """
    if model.kind == "final":
        files = taken_away(folder, final, predict)
        return files, bundle_info(folder, final, files)
    files = with_self_test(folder, light_files(folder, final.number, model), predict)
    number = model.trials[0] if model.kind == "trial" else NO_TRIAL
    shown = replace(
        final, number=number, name=model.name, family=model.family, score=model.compared.score
    )
    return files, bundle_info(folder, shown, files)


def light_bundle(
    folder: RunFolder, final: Trial, model: LightModel, predict: PredictRows = predict_here
) -> bytes:
    """The zip of a light model; see `light_parts`."""
    return write_bundle(*light_parts(folder, final, model, predict))
