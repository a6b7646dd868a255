"""The worker process: `python -m automl_core.runs.worker.main`, started by WorkerProcess.

Loads the libraries, says that it is ready, and does one task after the other in the main thread
until its parent closes the pipe. An error ends the task, not the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_core.runs.executor import take_pipes
from automl_core.runs.worker.connection import Connection

if TYPE_CHECKING:
    from automl_core.runs.executor import Blobs, Work, WorkerReady

IDLE_SECONDS = 1.0  # without a first task, after which a new worker loads what networks need, too


def main() -> None:
    """Set the process up, load the libraries, then do tasks for ever."""
    incoming, outgoing = take_pipes()  # before any import can print
    import os

    from automl_core.runs.worker import preload

    if hasattr(os, "nice"):
        os.nice(10)  # the page comes first
    connection = Connection(incoming, outgoing)
    connection.start()
    connection.send(_load_libraries(os.environ.get("TORCHLIGHT_DEVICE", "auto")))
    if (first := connection.next_task(IDLE_SECONDS)) is None:
        preload.in_advance()
    else:
        _serve(*first, connection)
    while True:
        if (following := connection.next_task()) is not None:
            _serve(*following, connection)


def _load_libraries(wanted: str) -> WorkerReady:
    """Import all that tasks need except PyTorch, and find the device that `wanted` means.

    PyTorch takes as long as everything else: it is imported for the first network, or beside the
    tasks when none has come for a second; at once only where there may be a GPU.
    """
    import importlib
    import logging
    import warnings

    from automl_core import logs
    from automl_core.errors import SpecError
    from automl_core.models import CATALOG
    from automl_core.runs.executor import WorkerReady
    from automl_core.runs.worker import preload
    from automl_core.training import describe_device, find_gpus, may_have_gpu, pick_device

    logs.install()
    warnings.simplefilter("ignore")  # warnings of libraries would fill the log
    for model_spec in CATALOG:
        if model_spec.kind == "network":
            continue
        try:
            importlib.import_module(model_spec.module)
        except (ImportError, OSError):  # a library does not load: its trials will say so
            logging.getLogger(__name__).exception("%s cannot be used", model_spec.title)
    for module in (
        "fit",
        "probe",
        "importance",
        "explain",
        "predict",
        "select_columns",
        "embed_text",
    ):
        importlib.import_module(f"automl_core.runs.worker.{module}")
    if may_have_gpu(wanted):
        preload.for_networks()
    try:
        device = pick_device(wanted)
    except SpecError:  # there is no such device: each task will say so
        device = "cpu"
    return WorkerReady(device, describe_device(device), find_gpus(wanted))


def _serve(work: Work, blobs: Blobs, connection: Connection) -> None:
    """Do one task; its last result is TaskDone or TaskFailed."""
    import logging
    import os

    from automl_core.errors import AutoMLError
    from automl_core.runs.executor import TaskDone, TaskFailed
    from automl_core.runs.worker.failure import fail_reason
    from automl_core.types import FailReason

    try:
        do_task(work, blobs, connection)
        connection.send(TaskDone())
    except AutoMLError as error:
        connection.send(TaskFailed(str(error), fail_reason(error)))
    except Exception as error:  # the task fails, the worker goes on
        logging.getLogger(__name__).exception("a %s failed", type(work).__name__)
        if fail_reason(error) == FailReason.MEMORY:
            connection.send(TaskFailed("Memory ran out.", FailReason.MEMORY))
            return
        words = (str(error).splitlines() or [""])[0][:200]
        connection.send(TaskFailed(f"Training failed ({type(error).__name__}: {words})."))
        if type(error).__name__ == "AcceleratorError":  # after one, a GPU refuses all else
            os._exit(1)


def do_task(work: Work, blobs: Blobs, connection: Connection) -> None:
    """Do the task and send its results, TaskDone apart. Raises whatever goes wrong."""
    from automl_core.runs.executor import tasks
    from automl_core.runs.worker.column_sets import measure_columns
    from automl_core.runs.worker.compare_splits import compare
    from automl_core.runs.worker.embed_text import embed_texts
    from automl_core.runs.worker.explain import explain_model
    from automl_core.runs.worker.explain_row import change_row, explain_row
    from automl_core.runs.worker.fit import refit, train
    from automl_core.runs.worker.importance import measure_importance
    from automl_core.runs.worker.predict import predict_one, predict_table, score_rows, score_table
    from automl_core.runs.worker.probe import probe
    from automl_core.runs.worker.row_curve import measure_rows
    from automl_core.runs.worker.select_columns import select_columns
    from automl_core.runs.worker.time_model import time_model

    match work:
        case tasks.TrainTask():
            train(work, blobs, connection)
        case tasks.RefitTask():
            refit(work, blobs, connection)
        case tasks.ProbeTask():
            probe(work, blobs, connection)
        case tasks.SelectTask():
            select_columns(work, blobs, connection)
        case tasks.EmbedTask():
            embed_texts(work, connection)
        case tasks.ImportanceTask():
            measure_importance(work, blobs, connection)
        case tasks.ExplainTask():
            explain_model(work, blobs, connection)
        case tasks.ScoreTask():
            score_rows(work, blobs, connection)
        case tasks.PredictTask():
            predict_table(work, blobs, connection)
        case tasks.ScoreTableTask():
            score_table(work, blobs, connection)
        case tasks.PackageTask():
            from automl_core.runs.worker.write_package import write_package  # with all of PyTorch

            write_package(blobs, connection)
        case tasks.CertifiedTask():
            from automl_core.runs.worker.write_certified import write_certified  # with all it runs

            write_certified(work, blobs, connection)
        case tasks.PredictRowTask():
            predict_one(work, blobs, connection)
        case tasks.ExplainRowTask():
            explain_row(work, blobs, connection)
        case tasks.ChangeRowTask():
            change_row(work, blobs, connection)
        case tasks.RowCurveTask():
            measure_rows(work, blobs, connection)
        case tasks.TimeModelTask():
            time_model(work, blobs, connection)
        case tasks.ScoreMembersTask() | tasks.LightFileTask():
            from automl_core.runs.worker import light_file  # with all that runs a file

            light_file.do(work, blobs, connection)
        case tasks.DistillTask():
            from automl_core.runs.worker.distill import distill  # with ONNX Runtime

            distill(work, blobs, connection)
        case tasks.ColumnSetsTask():
            measure_columns(work, blobs, connection)
        case tasks.CompareTask():
            compare(work, connection)


if __name__ == "__main__":
    main()
