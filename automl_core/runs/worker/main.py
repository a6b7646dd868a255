"""The worker process: `python -m automl_core.runs.worker.main`, started by `process.py`.

Takes one task after the other until its parent's pipe closes. Knows no run folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_core.runs.worker.connection import Link, take_pipes

if TYPE_CHECKING:
    from automl_core.runs.executor import Blobs, Work, WorkerReady

IDLE_SECONDS = 1.0  # without a task, after which a new worker gets ready for networks


def main() -> None:
    """Set the process up, warm the libraries, then serve tasks for ever."""
    incoming, outgoing = take_pipes()  # before any import can print
    import os

    from automl_core.runs.worker import preload

    if hasattr(os, "nice"):
        os.nice(10)  # the page comes first
    link = Link(incoming, outgoing)
    link.start()
    link.send(_warm_up(os.environ.get("TORCHLIGHT_DEVICE", "auto")))
    if (first := link.next_task(IDLE_SECONDS)) is None:
        preload.for_networks()
    else:
        _serve(*first, link)
    while True:
        if (following := link.next_task()) is not None:
            _serve(*following, link)


def _warm_up(wanted: str) -> WorkerReady:
    """Import what trees need, so that no task pays for it.

    PyTorch, which takes as long as all else, is left to the first network, or to a moment when
    nothing is to be done; unless there may be a GPU.
    """
    import importlib
    import logging
    import warnings

    from automl_core.errors import SpecError
    from automl_core.models import CATALOG
    from automl_core.runs.executor import WorkerReady
    from automl_core.runs.worker import preload
    from automl_core.training import describe_device, find_gpus, may_have_gpu, pick_device

    warnings.simplefilter("ignore")  # what libraries warn of would fill the log
    for model_spec in CATALOG:
        if model_spec.kind == "network":
            continue
        try:
            importlib.import_module(model_spec.module)
        except (ImportError, OSError):  # a library that lacks its own: its trials will say so
            logging.getLogger(__name__).exception("%s cannot be used", model_spec.title)
    for module in ("fit", "predict", "select_columns", "embed_text"):
        importlib.import_module(f"automl_core.runs.worker.{module}")
    if may_have_gpu(wanted):
        preload.for_networks()
    try:
        device = pick_device(wanted)
    except SpecError:  # each task will say so, in words
        device = "cpu"
    return WorkerReady(device, describe_device(device), find_gpus(wanted))


def _serve(work: Work, blobs: Blobs, link: Link) -> None:
    import logging
    import os
    import traceback

    from automl_core.errors import AutoMLError
    from automl_core.runs.executor import TaskDone, TaskFailed

    try:
        _do(work, blobs, link)
        link.send(TaskDone())
    except AutoMLError as error:
        link.send(TaskFailed(str(error)))
    except MemoryError:
        logging.getLogger(__name__).exception("out of memory")
        link.send(TaskFailed("Memory ran out."))
    except Exception as error:  # the trial's edge: the task fails, the worker goes on
        traceback.print_exc()
        words = (str(error).splitlines() or [""])[0][:200]
        link.send(TaskFailed(f"Training failed ({type(error).__name__}: {words})."))
        if type(error).__name__ == "AcceleratorError":  # after one, a GPU refuses all else
            os._exit(1)


def _do(work: Work, blobs: Blobs, link: Link) -> None:
    from automl_core.runs.executor import tasks
    from automl_core.runs.worker import fit, predict
    from automl_core.runs.worker.embed_text import embed_texts
    from automl_core.runs.worker.select_columns import select

    match work:
        case tasks.TrainTask():
            fit.train(work, blobs, link)
        case tasks.RefitTask():
            fit.refit(work, blobs, link)
        case tasks.ProbeTask():
            fit.probe(work, blobs, link)
        case tasks.SelectTask():
            select(work, blobs, link)
        case tasks.EmbedTask():
            embed_texts(work, link)
        case tasks.ImportanceTask():
            predict.find_importance(work, blobs, link)
        case tasks.ScoreTask():
            predict.score_rows(work, blobs, link)
        case tasks.PredictTask():
            predict.predict_table(work, blobs, link)


if __name__ == "__main__":
    main()
