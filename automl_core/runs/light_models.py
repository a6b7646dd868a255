"""Lighter models of a run: what each is made of, what it costs, and how far behind it is.

They are kept in the run's folder: their list in light/models.json, a student's files below
light/student, ONNX files as they are downloaded in light/onnx. All others are made of the run's
trials and need no files of their own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, Literal

from automl_core.errors import AutoMLError, ModelError, RunError
from automl_core.evaluation import ComparedScore
from automl_core.export import combine_files, with_members, write_bundle
from automl_core.files import dump_json
from automl_core.metrics import loss_of
from automl_core.models import with_fewer_members
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.runs.bundle import bundle_info, taken_away
from automl_core.runs.delivered import delivered_files
from automl_core.runs.record import RunFolder, Trial, held, model_version
from automl_core.runs.reference import PredictRows, predict_here, with_reference, with_self_test
from automl_core.types import Files
from automl_core.words import percent, score_text, size

FILE, STUDENT_FOLDER, ONNX_FOLDER = "light/models.json", "light/student", "light/onnx"
STUDENT = "student"
NO_TRIAL = -(10**6)  # the number of what is no trial of the run

Kind = Literal["final", "average", "trial", "student", "version"]

Form = Literal["onnx", "float16", "int8", "members"]
"""What a version is: an ONNX file, exact or rounded, or a TabM with fewer members."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasuredCosts:
    """What a model costs on the machine where it was measured."""

    row_ms: float  # milliseconds for one row by itself, the median
    ms_per_row: float  # of many rows together
    size_bytes: int  # of its files


@dataclass(frozen=True)
class Version:
    """What a version is one of, and what was found when the two were compared."""

    of: str  # name of the light model
    form: Form
    members: int = 0  # of a TabM that are left
    certificate: str = ""  # of an ONNX file: how it was compared with the model, in words

    @property
    def is_onnx(self) -> bool:
        """It is a file for ONNX Runtime, not one that Torchlight loads."""
        return self.form != "members"


@dataclass(frozen=True)
class LightModel:
    """One point between accuracy and weight."""

    name: str  # "ensemble", "light-2", "catboost-4", "student", "ensemble-int8"
    kind: Kind
    family: str  # "ensemble" of an average, "student"; else that of its trial
    trials: tuple[int, ...]  # that are averaged; () of a student
    weights: tuple[float, ...]  # one a trial, sum 1
    temperature: float
    compared: ComparedScore  # with the run's model, on the same rows
    costs: MeasuredCosts
    version: Version | None = None  # of another light model

    @property
    def is_onnx(self) -> bool:
        """It is a file for ONNX Runtime, not one that Torchlight loads."""
        return self.version is not None and self.version.is_onnx


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
    onnx: bool = True  # files for ONNX Runtime, too, not only what Torchlight loads

    def allow(self, model: LightModel) -> bool:
        """The model keeps within them."""
        costs = model.costs
        quick = self.most_ms is None or costs.row_ms <= self.most_ms
        small = self.most_bytes is None or costs.size_bytes <= self.most_bytes
        return quick and small and (self.onnx or not model.is_onnx)


def best_within(found: LightModels, limits: LightLimits) -> LightModel | None:
    """The best model that keeps within the limits; None: there is none.

    Of equals the run's own, then the smallest. A version is never better than what it is made of:
    where its score is, that is chance.
    """
    by_name = {model.name: model for model in found.models}

    def loss(model: LightModel) -> float:
        own = loss_of(found.metric, model.compared.score)
        source = by_name.get(model.version.of) if model.version is not None else None
        return own if source is None else max(own, loss(source))

    fitting = [model for model in found.models if limits.allow(model)]
    return min(
        fitting, key=lambda m: (loss(m), m.kind != "final", m.costs.size_bytes), default=None
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
        return f"{cheaper} Its score is no worse.{_what_it_is(model)}"
    much = f"{score_text(behind)} worse on {found.rows:,} rows"
    tied = "which may be chance" if model.compared.tied else "which is more than chance"
    return f"{cheaper} Its score is {much}, {tied}.{_what_it_is(model)}"


def _what_it_is(model: LightModel) -> str:
    """Words about an ONNX file; "" of all others."""
    if model.version is None or not model.is_onnx:
        return ""
    return f" It is a file for ONNX Runtime, with its scorer. {model.version.certificate}"


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


def save_light_models(
    folder: RunFolder, found: LightModels, student: Files, downloads: Files | None = None
) -> None:
    """Keep them, the files of a student where there is one, and ONNX downloads by their names."""
    files = {f"{STUDENT_FOLDER}/{name}": data for name, data in student.items()}
    files |= {_download(name): data for name, data in (downloads or {}).items()}
    with held(folder.path, "Another process writes into this run now."):
        folder.write(files | {FILE: dump_json(to_plain(found))})


def _download(name: str) -> str:
    return f"{ONNX_FOLDER}/{name}.zip"


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
    said of an average or a student of the run's model would not be true of it. ModelError where
    the model is an ONNX file, which is no predictor.
    """
    if model.is_onnx:
        raise ModelError(
            f"{model.name} is a file for ONNX Runtime, which Torchlight does not load.",
            "Write it with `torchlight light RUN --model NAME --out FILE.zip`.",
        )
    if model.version is not None:
        members = model.version.members
        files = folder.model_files(model.trials[0])
        return with_members(files, model.name, lambda part: with_fewer_members(part, members))
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
    """The files of a light model, with its self-test and its reference, and their description.

    `final` is the run's own model, `predict` as in `bundle_of`. RunError as `light_files`.
    """
    if model.kind == "final":
        files = taken_away(folder, final, predict)
        return files, bundle_info(folder, final, files)
    number = model.trials[0] if model.kind == "trial" else NO_TRIAL
    files = with_self_test(folder, light_files(folder, final.number, model), predict)
    files = with_reference(folder, number, files)
    shown = replace(
        final, number=number, name=model.name, family=model.family, score=model.compared.score
    )
    return files, bundle_info(folder, shown, files)


def light_bundle(
    folder: RunFolder, final: Trial, model: LightModel, predict: PredictRows = predict_here
) -> bytes:
    """The zip of a light model; see `light_parts`. Of an ONNX file the file with its scorer."""
    if model.is_onnx:
        try:
            return folder.read(_download(model.name))
        except FileNotFoundError:
            raise RunError(f"The file of {model.name} is gone.", "Make it again.") from None
    return write_bundle(*light_parts(folder, final, model, predict))
