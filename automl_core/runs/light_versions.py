"""Versions of light models: ONNX files, exact or rounded, and TabM with fewer of its members.

A rounded file is another model, so it gets a score of its own: each fit of a trial, rounded, says
what it makes of the rows that it did not see, and these answers are averaged as the exact ones
were. What is written and timed is the model as it is delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError
from automl_core.evaluation import ComparedScore, apply_temperature
from automl_core.export import split_members, with_members
from automl_core.models import TABM, member_count, model_spec, with_fewer_members
from automl_core.onnx_export import Precision
from automl_core.runs.executor import ScoreMembersTask
from automl_core.runs.light_models import Form, LightModel, LightModels, Version
from automl_core.runs.record import RunFolder, RunState, trial_files
from automl_core.runs.setup import RunData
from automl_core.splitting import Folds
from automl_core.types import Files

Values = NDArray[np.float64]
Rows = NDArray[np.int64]

PRECISIONS: Mapping[Form, Precision] = {"onnx": "exact", "float16": "float16", "int8": "int8"}
PARTS_OF_MEMBERS = (2, 4)  # of the members of a TabM one in so many is left


@dataclass(frozen=True)
class WantedVersion:
    """A version that is to be made."""

    source: LightModel
    form: Form
    members: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        if self.form == "members":
            return f"{self.source.name}-{self.members}-members"
        return f"{self.source.name}-{self.form}"

    def draft(self, compared: ComparedScore) -> LightModel:
        """The version with this score, not yet timed."""
        version = Version(self.source.name, self.form, self.members)
        return replace(
            self.source, name=self.name, kind="version", compared=compared, version=version
        )


def wanted_versions(folder: RunFolder, state: RunState, found: LightModels) -> list[WantedVersion]:
    """ONNX files of the run's model, of its best network and of the student; smaller TabMs.

    int8 only of what has matrices, which networks do.
    """
    networks = [model for model in found.models if _is_network(model)]
    best = min(networks, key=lambda m: m.compared.behind, default=None)
    students = [model for model in found.models if model.kind == "student"]
    sources = {m.name: m for m in (found.models[0], best, *students) if m is not None}
    wanted = []
    for source in sources.values():
        families = {state.trials[trial].family for trial in source.trials}
        matrices = not families or any(model_spec(f).kind == "network" for f in families)
        forms: tuple[Form, ...] = ("onnx", "float16", "int8") if matrices else ("onnx", "float16")
        wanted += [WantedVersion(source, form) for form in forms]
    tabms = [model for model in networks if model.family == TABM]
    if tabms:
        wanted += _smaller(folder, min(tabms, key=lambda m: m.compared.behind))
    return wanted


def _smaller(folder: RunFolder, tabm: LightModel) -> list[WantedVersion]:
    count = member_count(split_members(trial_files(folder, tabm.trials[0]))[0])
    left = [count // part for part in PARTS_OF_MEMBERS if count // part]
    return [WantedVersion(tabm, "members", members) for members in dict.fromkeys(left)]


def _is_network(model: LightModel) -> bool:
    return model.kind == "trial" and model_spec(model.family).kind == "network"


class UnseenAnswers:
    """What versions of trials say of rows that none of their fits saw."""

    def __init__(
        self,
        folder: RunFolder,
        data: RunData,
        rows: Rows,
        ask: Callable[[ScoreMembersTask, Files, Sequence[Rows]], Values],
    ) -> None:
        """`rows`: those that all trials have predicted; `ask` has a worker do a task."""
        self._folder, self._data, self._rows, self._ask = folder, data, rows, ask
        self._known: dict[tuple[int, Form, int], Values] = {}

    def of(self, wanted: WantedVersion) -> Values:
        """Probabilities (rows, classes) or values (rows,), averaged as those of the source are.

        Raises RunError where it is not known which fit saw which row.
        """
        source = wanted.source
        total = sum(
            weight * self._of_trial(trial, wanted)
            for trial, weight in zip(source.trials, source.weights, strict=True)
        )
        answers = np.asarray(total)
        return apply_temperature(answers, source.temperature) if answers.ndim == 2 else answers

    def _of_trial(self, trial: int, wanted: WantedVersion) -> Values:
        key = (trial, wanted.form, wanted.members)
        if key not in self._known:
            self._known[key] = self._asked(trial, wanted)
        return self._known[key]

    def _asked(self, trial: int, wanted: WantedVersion) -> Values:
        files = trial_files(self._folder, trial)
        parts = rows_by_fit(self._folder, trial, self._data.folds, len(split_members(files)))
        if wanted.form == "members":
            files = with_members(
                files, wanted.name, lambda part: with_fewer_members(part, wanted.members)
            )
        kept = [part[np.isin(part, self._rows)] for part in parts]
        task = ScoreMembersTask(self._data.link, PRECISIONS.get(wanted.form, "exact"))
        said, every = self._ask(task, files, kept), np.concatenate(kept)
        order = np.argsort(every, kind="stable")
        return said[order[np.searchsorted(every, self._rows, sorter=order)]]


def rows_by_fit(folder: RunFolder, trial: int, folds: Folds, fits: int) -> list[Rows]:
    """The rows that each fit of a trial has predicted unseen, in the order of its fits.

    Raises RunError where the predictions are not those of whole folds.
    """
    rows, parts = folder.out_of_fold(trial).rows, []
    while len(rows):
        fold = next((v for v in folds.valid if np.array_equal(rows[: len(v)], v)), None)
        if fold is None:
            break
        parts.append(fold)
        rows = rows[len(fold) :]
    if len(rows) or len(parts) != fits:
        raise RunError(f"It is not known which rows each fit of trial {trial} has not seen.")
    return parts
