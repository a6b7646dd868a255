"""The worker process: `python -m automl_core.runs.worker`, started by `process.py`.

Takes one task after the other until its parent's pipe closes. Knows no run folder.
"""

from __future__ import annotations

from automl_core.runs.link import Link, take_pipes


def main() -> None:
    """Set the process up, warm the libraries, then serve tasks for ever."""
    incoming, outgoing = take_pipes()  # before any import can print
    import os

    if hasattr(os, "nice"):
        os.nice(10)  # the page comes first
    link = Link(incoming, outgoing)
    link.start()
    device, title = _warm_up(os.environ.get("TORCHLIGHT_DEVICE", "auto"))
    link.send_ready(device, title)
    while True:
        _serve(link)


def _warm_up(wanted: str) -> tuple[str, str]:
    """Import what training needs, so that no task pays for it; the device and its title."""
    import importlib
    import logging
    import warnings

    from automl_core.errors import SpecError
    from automl_core.models.catalog import CATALOG
    from automl_core.training.device import describe_device, pick_device, warm_up

    warnings.simplefilter("ignore")  # what libraries warn of would fill the log
    for card in CATALOG:
        try:
            importlib.import_module(card.module)
        except (ImportError, OSError):  # a library that lacks its own: its trials will say so
            logging.getLogger(__name__).exception("%s cannot be used", card.title)
    for module in ("fitting", "duties", "selecting"):
        importlib.import_module(f"automl_core.runs.{module}")
    warm_up()
    try:
        device = pick_device(wanted)
    except SpecError:  # each task will say so, in words
        device = "cpu"
    return device, describe_device(device)


def _serve(link: Link) -> None:
    import logging
    import traceback

    from automl_core.errors import AutoMLError
    from automl_core.runs import tasks
    from automl_core.runs.duties import find_importance, predict_table, score_rows
    from automl_core.runs.fitting import probe, train
    from automl_core.runs.selecting import select

    work, blobs = link.next_task()
    try:
        match work:
            case tasks.TrainTask():
                train(work, blobs, link)
            case tasks.ProbeTask():
                probe(work, blobs, link)
            case tasks.SelectTask():
                select(work, blobs, link)
            case tasks.ImportanceTask():
                find_importance(work, blobs, link)
            case tasks.ScoreTask():
                score_rows(work, blobs, link)
            case tasks.PredictTask():
                predict_table(work, blobs, link)
        link.send("done", {})
    except AutoMLError as error:
        link.send("failed", {"message": str(error)})
    except MemoryError:
        logging.getLogger(__name__).exception("out of memory")
        link.send("failed", {"message": "Memory ran out."})
    except Exception as error:  # the trial's edge: the task fails, the worker goes on
        traceback.print_exc()
        words = (str(error).splitlines() or [""])[0][:200]
        message = f"Training failed ({type(error).__name__}: {words})."
        link.send("failed", {"message": message})


if __name__ == "__main__":
    main()
