"""Runs and models for Python programs: the same core and the same folders as the app's.

run = automl_core.start("adult.csv", "income", budget="60s")
for event in run.follow(): ...
run.model().predict("new.csv")
"""

from __future__ import annotations

import inspect
import textwrap
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from automl_core.errors import RunError, did_you_mean
from automl_core.evaluation import ColumnFrontier, RowForecast, forecast, price_sets
from automl_core.export import open_bundle
from automl_core.files import make_folder, workspace, write_atomic
from automl_core.limits import table_limits
from automl_core.model import Model, read_given
from automl_core.models import model_spec
from automl_core.runs import (
    ColumnPrices,
    DoubtedLabels,
    ExplainRequest,
    FairGroups,
    LightModels,
    answered,
    asked_of,
    bundle_info,
    doubted_labels,
    file_of,
    find_light_model,
    find_run,
    get_manager,
    keep_asked,
    keep_row_scores,
    known_explanation,
    light_parts,
    load_column_sets,
    load_light_models,
    load_prices,
    load_row_scores,
    model_file,
    save_prices,
    taken_away,
    written_bytes,
)
from automl_core.runs.exchange import TRIAL_FORMATS, trial_file
from automl_core.runs.record import (
    Budget,
    Event,
    LeaderRow,
    LogReader,
    RunFolder,
    RunOptions,
    RunReader,
    RunResult,
    RunState,
    StoredExplanation,
    TrainAgain,
    TrainRequest,
    Trial,
    best_model,
    build_leaderboard,
    options_of,
    parse_seconds,
    result_of,
    seconds_asked,
    send_command,
)
from automl_core.runs.setup import build_from_table, store_source
from automl_core.table import (
    NOTHING_SET,
    ReadOptions,
    SourceFormat,
    TableInfo,
    put_table,
    save_info,
)
from automl_core.table.reading import Query
from automl_core.types import CommandName

if TYPE_CHECKING:
    from automl_core.model import Table

    Source: TypeAlias = Table | Sequence[str | Path] | Query

POLL_SECONDS = 0.2


class Run:
    """A run, seen from its folder; it may go on in this process, another, or be over."""

    def __init__(self, folder: RunFolder) -> None:
        self.path = folder.path
        self._folder = folder
        self._reader = RunReader(folder)

    def state(self) -> RunState:
        """The state of the run now."""
        return self._reader.refresh()

    def follow(self) -> Iterator[Event]:
        """All events from the first to the last, waiting for those to come."""
        log = LogReader(self._folder.log_path)
        while True:
            active = self.state().status.active
            yield from (entry.event for entry in log.read())
            if not active:
                return
            time.sleep(POLL_SECONDS)

    def wait(self) -> RunState:
        """Wait for the end of the run."""
        while (state := self.state()).status.active:
            time.sleep(POLL_SECONDS)
        return state

    def stop(self) -> None:
        """Ask the run to end and keep its best model."""
        send_command(self.path, CommandName.STOP)

    def add_time(self, time: str | float) -> None:
        """Add to the budget of a run that goes on: seconds, or words such as "90s", "5m".

        A note in the run's log says whether it could be added. Raises SpecError for no such time.
        """
        added = Budget(seconds=parse_seconds(str(time)))
        send_command(self.path, CommandName.ADD_TIME, f"{added.seconds:g}")

    def leave_out(self, family: str) -> None:
        """Start no more models of a family; raises SpecError where there is none of this name."""
        send_command(self.path, CommandName.LEAVE_OUT, model_spec(family).name)

    def take_back(self, family: str) -> None:
        """Let a family that was left out be trained again."""
        send_command(self.path, CommandName.TAKE_BACK, model_spec(family).name)

    def drop(self, trial: int) -> None:
        """End a trial, or take it out of the model where it has ended; trials have numbers."""
        send_command(self.path, CommandName.DROP, str(trial))

    def more_folds(self, trial: int) -> None:
        """Train a trial on all parts of the rows; a note in the log says if it cannot be."""
        send_command(self.path, CommandName.MORE_FOLDS, str(trial))

    def train_again(self, trial: int, time: str | float) -> None:
        """Train a trial's configuration once more, its folds for `time`: seconds, or "5m"."""
        wanted = TrainAgain(trial, parse_seconds(str(time)))
        send_command(self.path, CommandName.TRAIN_AGAIN, wanted.as_text())

    def pause(self) -> None:
        """Start nothing new, with the clock standing still, until `unpause`.

        What trains goes on to its end.
        """
        send_command(self.path, CommandName.PAUSE)

    def unpause(self) -> None:
        """Go on after a pause."""
        send_command(self.path, CommandName.CONTINUE)

    def resume(self, budget: str | float | None = None) -> None:
        """Go on with a run that is over or was interrupted, in the background of this process.

        For `budget` seconds, or words such as "90s", "5m", or "+60s" on top of what is left of its
        budget; without it, with what is left, also of a number of trials. Nothing that it has
        trained is lost. Raises RunError where it cannot go on.
        """
        more = None if budget is None else seconds_asked(budget, self.state())
        manager = get_manager()
        manager.resume(self._folder, more)
        while not self.state().status.active and manager.is_active(self.path):  # others come first
            time.sleep(POLL_SECONDS)

    def leaderboard(self) -> tuple[LeaderRow, ...]:
        """All trials, best first. Warns (UserWarning) of what the run's folder lacks."""
        return build_leaderboard(self._state_with_warning(), self._reader.spec.metric)

    def result(self) -> RunResult | None:
        """The score of the best model, on test rows where there are any, and the verdict on it.

        None as long as there is no model. Warns (UserWarning) of what the run's folder lacks.
        """
        return result_of(self._reader.spec, self._state_with_warning())

    def _state_with_warning(self) -> RunState:
        """The state, with a warning to the caller's caller where something of it is lost."""
        state = self.state()
        if state.damage is not None:
            warnings.warn(state.damage.message, stacklevel=3)
        return state

    def model(self, name: str | None = None) -> Model:
        """The model of this name, the best one where none is given.

        Warns (UserWarning) of what the run's folder lacks. Raises RunError where there is none.
        """
        chosen = self._chosen(self._state_with_warning(), name)
        files = taken_away(self._folder, chosen)
        return Model(files, bundle_info(self._folder, chosen, files))

    def explain(
        self,
        model: str | None = None,
        seconds: str | float = 40.0,
        columns: Sequence[str] = (),
        seed: int = 0,
    ) -> StoredExplanation:
        """The explanation of a model of an ended run, computed on rows that it did not train on.

        Its `explanation` has the importance of the columns, the effects of the most important
        ones, and of each two of them together; with `columns`, the effects of those alone. It is
        kept in the run's folder: what is there already is not computed again.

        Raises RunError where the run goes on or has no such model, TableError for a column that
        the table does not have.
        """
        chosen = self._chosen(self._state_with_warning(), model)
        request = ExplainRequest(parse_seconds(str(seconds)), tuple(columns), seed)
        known = known_explanation(self._folder, chosen.number, request)
        if known is not None:
            return known
        return get_manager().jobs.explain(self._folder, chosen.number, request).done.result()

    def lighten(self) -> LightModels:
        """Lighter models of an ended run: what each costs, and how far it is behind the run's own.

        The first one is the run's own. They are kept in the run's folder: what is there already
        is not made again. Raises RunError where the run goes on or left no model.
        """
        final = self._chosen(self._state_with_warning(), None)
        known = load_light_models(self._folder, final.number)
        if known is not None and known.done:
            return known
        return get_manager().jobs.lighten(self._folder).done.result()

    def light_model(self, name: str) -> Model:
        """The lighter model of this name; RunError where `lighten` made none."""
        final = self._chosen(self._state_with_warning(), None)
        light = find_light_model(self._folder, final.number, name)
        return Model(*light_parts(self._folder, final, light))

    def labels(self, model: str | None = None) -> DoubtedLabels:
        """The rows whose label a model doubts, most doubtful first, with what it says instead.

        Of rows that it did not see in training; `rows` are their numbers in the table, from 0 on.
        Raises RunError where there is no such model, or its predictions are gone.
        """
        chosen = self._chosen(self._state_with_warning(), model)
        return doubted_labels(self._folder, chosen.number)

    def fairness(
        self, column: str, model: str | None = None, outcome: str | None = None
    ) -> FairGroups:
        """Scores, rates, errors and calibration of a model by the groups of a column, with gaps.

        Any column of the table, seen by the model or not. `outcome` is the class that matters, by
        default the last one. The question is kept: the report has its answer. Raises RunError
        where there is no such model, TableError for a column that the table does not have,
        SpecError for a class that it has not.
        """
        chosen = self._chosen(self._state_with_warning(), model)
        asked = asked_of(self._folder, chosen.number, column, outcome)
        found = answered(self._folder, chosen.number, workspace(), asked)
        keep_asked(self._folder, asked)
        return found

    def more_rows(self) -> RowForecast | None:
        """Forecast what twice the rows would bring a quick model, with its 80 % band.

        Measured once, in about 20 seconds, and kept in the run's folder. None where the rows are
        too few to say. Raises TableError where the table is gone.
        """
        found = load_row_scores(self._folder)
        if found is None:
            found = get_manager().jobs.measure_rows(self._folder).done.result()
            keep_row_scores(self._folder, found)
        return forecast(found)

    def column_costs(
        self, prices: Mapping[str, float] | None = None, unit: str = "", again: bool = False
    ) -> ColumnFrontier:
        """The score with fewer columns against their price, and the cheapest set that ties.

        `prices` are kept with the run, in the `unit` that they are in; a column without one costs
        1. Sets are measured once, in up to 40 seconds, unless `again`: other prices need no
        further fit. Raises RunError where the run goes on, SpecError for a price below 0 or of an
        unknown column.
        """
        if prices is not None:
            save_prices(self._folder, ColumnPrices(dict(prices), unit))
        found = None if again else load_column_sets(self._folder)
        if found is None:
            found = get_manager().jobs.measure_columns(self._folder, None).done.result()
        kept = load_prices(self._folder)
        return price_sets(found, kept.prices, kept.unit)

    def _chosen(self, state: RunState, name: str | None) -> Trial:
        """The model of this name, or the best one; RunError where there is none."""
        usable = list(state.models.values())
        best = best_model(state, self._reader.spec.metric)
        chosen = best if name is None else next((t for t in usable if t.name == name), None)
        if chosen is None:
            hint = did_you_mean(name, [t.name for t in usable]) if name and usable else ""
            raise RunError(f"The run has no model {name or ''}".strip() + ".", hint)
        return chosen

    def report(self, path: str | Path, model: str | None = None) -> None:
        """Write an HTML report on the model of this name, by default on the best one.

        One file that needs nothing else. Raises RunError where there is no such model,
        StorageError where it cannot be written.
        """
        from automl_core.report import build_report, report_page

        page = report_page(build_report(self._folder, workspace(), model))
        make_folder(Path(path).parent)
        write_atomic(Path(path), page.encode())

    def export(self, path: str | Path, form: str, model: str | None = None) -> None:
        """Write a model of the run, by default the best one, or all of its trials, as one file.

        `form` is a name of the command line's `export --format`, such as "pytorch" or "study". An
        ONNX file whose path ends in .zip comes with its scorer and its service.
        Raises SpecError where there is no such form, RunError where there is no such model.
        """
        if form in [entry.name for entry in TRIAL_FORMATS]:
            data = trial_file(self._folder, form)
        else:
            trial = self._chosen(self._state_with_warning(), model)
            if form == "onnx":
                written = file_of("onnx", self._folder, trial.number)
                data = written_bytes("onnx", written, Path(path))
            else:
                data = model_file(self._folder, trial, form)
        make_folder(Path(path).parent)
        write_atomic(Path(path), data)


def start(
    table: Source,
    target: str,
    budget: str | float | None = None,
    *,
    out: str | Path | None = None,
    test: Source | None = None,
    request: TrainRequest | None = None,
    reading: ReadOptions = NOTHING_SET,
) -> Run:
    """Start a run in the background of this process and return at once.

    `table` is a file, several files of the same columns, a data frame, an Arrow table, or a
    `Query` to a database. `budget` is seconds, or words such as "90s", "5m", "1h"; where it is
    not given, that of the request, by default a minute. `out` is the run's folder, by default in
    the workspace. `test` is a table that is the test set, instead of a share of the rows.
    `request` is a TrainRequest with all else, as the flags of the command line are; its options
    are RunOptions:

        start("adult.csv", "income", request=TrainRequest("income", RunOptions(folds=5)))

    `reading` says how a file is read; what it leaves open is found in the file:

        start("adult.csv", "income", reading=ReadOptions(delimiter="tab", header=False))

    Raises AutoMLError where a table or the request cannot be used.
    """
    request = replace(request or TrainRequest(target), target=target)
    if budget is not None:
        wanted = Budget(seconds=parse_seconds(str(budget)))
        request = replace(request, options=replace(request.options, budget=wanted))
    root = workspace()
    source_format = SourceFormat("", asked=reading)
    get_manager().warm_up()  # while the table is read
    store_test = None if test is None else partial(_store, test, root)
    spec, schema = build_from_table(_store(table, root, source_format), request, root, store_test)
    return Run(get_manager().start(spec, schema, None if out is None else Path(out).resolve()))


def _described(record: type) -> str:
    """The options that a record declares, one a line, with default, help and values."""
    lines = [f"{record.__name__}:"]
    for option in options_of(record):
        values = f"; {option.values()}" if option.closed or option.within else ""
        text = f"{option.name}: {option.explained()} Default: {option.default!r}{values}."
        lines += textwrap.wrap(text, 92, initial_indent="    ", subsequent_indent="        ")
    return "\n".join(lines)


start.__doc__ = "\n\n".join(
    [inspect.cleandoc(start.__doc__ or ""), _described(TrainRequest), _described(RunOptions)]
)


def open_run(path: str | Path) -> Run:
    """The run in this folder, or with this id in the workspace; RunError where there is none."""
    return Run(find_run(str(path), workspace()))


def load(path: str | Path) -> Model:
    """The model in a zip bundle; ModelError where it is damaged or of a newer version."""
    files, manifest = open_bundle(Path(path))
    return Model(files, manifest.info)


def _store(table: Source, root: Path, source_format: SourceFormat | None = None) -> TableInfo:
    """The table in the workspace; files go there without all of them being in memory."""
    if isinstance(table, (list, tuple)):
        return store_source(tuple(map(Path, table)), root, source_format=source_format)
    if isinstance(table, (str, Path, Query)):
        source = Path(table) if isinstance(table, str) else table
        return store_source(source, root, source_format=source_format)
    arrow, name = read_given(table, source_format)
    stored = put_table(arrow, root, table_limits(root))
    info = TableInfo(stored, name, arrow.num_rows, arrow.num_columns, {})
    save_info(info, root)
    return info
