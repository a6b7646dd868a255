"""The context of one run: what every phase works with, built once, at the run's start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from automl_core.export import ModelRecord, SchemaRecord, assemble_files
from automl_core.runs.coordinator.dispatcher import Dispatcher
from automl_core.runs.record import RunFolder, RunLog, RunSpec, RunState
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup import MemoryPlan, RunData
from automl_core.table import options_of_words
from automl_core.types import Files, RunStatus


@dataclass(frozen=True, eq=False)
class RunContext:
    """The specification, the folder, the data, the log, the time and the workers of a run."""

    spec: RunSpec
    folder: RunFolder
    data: RunData
    log: RunLog
    budget: TimeBudget
    dispatcher: Dispatcher
    memory: MemoryPlan

    @property
    def state(self) -> RunState:
        """The state that follows from the log."""
        return self.log.state

    @property
    def is_stopping(self) -> bool:
        """True where a command has asked the run to stop."""
        return self.state.status == RunStatus.STOPPING

    @property
    def is_paused(self) -> bool:
        """True where a command has asked the run to start nothing new."""
        return self.state.status == RunStatus.PAUSED

    def predictor_files(self, trial: int, members: list[Files]) -> Files:
        """The files of a trial's predictor, made of the files of its members."""
        t, spec = self.state.trials[trial], self.spec
        model = ModelRecord(t.name, t.family, spec.task, spec.metric, len(members))
        return assemble_files(model, self._schema, members)

    @cached_property
    def _schema(self) -> SchemaRecord:
        """The columns, the target and the options of reading that all models of the run share."""
        link, read = self.data.link, self.spec.table.settings
        usual = options_of_words(read)
        return SchemaRecord(
            link.columns, self.spec.target, link.coder, read.get("encoding", ""), usual
        )
