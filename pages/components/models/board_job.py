"""The comparison of a run's models, computed beside the page, once for all who look.

A page waits for it a moment and draws the board without it where it takes longer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.runs import BoardComparison, SharedRows, comparable, compare_models, shared_rows
from automl_core.runs.record import LeaderRow, RunFolder
from pages.components.shared import OpenRun

logger = logging.getLogger("torchlight.pages")

WAIT = 0.4  # seconds that a page waits


@dataclass(frozen=True)
class Models:
    """The models of a run that are compared; `versions` change with what they predict."""

    run: str
    numbers: tuple[int, ...]
    versions: tuple[str, ...]

    @property
    def folder(self) -> RunFolder:
        """The run's folder."""
        return RunFolder(Path(self.run))


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="board")


@lru_cache(maxsize=2)  # of 40 models and 50,000 rows one takes 34 MB
def _shared(models: Models) -> SharedRows | None:
    return shared_rows(models.folder, models.numbers)


def _compare(
    models: Models, rows: Sequence[LeaderRow], metric: str, own: str
) -> BoardComparison | None:
    shared = _shared(models)
    return None if shared is None else compare_models(shared, rows, metric, own)


@st.cache_resource(max_entries=128, show_spinner=False)
def _asked(
    models: Models, scores: tuple[float | None, ...], metric: str, own: str,
    _rows: Sequence[LeaderRow],
) -> Future[BoardComparison | None]:  # fmt: skip
    del scores  # only a key
    return _pool().submit(_compare, models, _rows, metric, own)


def models_of(run: OpenRun, numbers: tuple[int, ...]) -> Models:
    """These models of a run as they are now."""
    return Models(str(run.folder.path), numbers, tuple(run.version(n) for n in numbers))


def comparison_job(
    run: OpenRun, rows: Sequence[LeaderRow], metric: str
) -> Future[BoardComparison | None]:
    """The comparison of the models of a board by a metric: None where no rows are shared."""
    models = models_of(run, comparable(rows))
    of = {row.trial: row for row in rows}
    scores = tuple(of[number].score for number in models.numbers)
    return _asked(models, scores, metric, run.spec.metric, rows)


def result_soon(job: Future[BoardComparison | None]) -> BoardComparison | None:
    """Its result, where it is there within a moment; None as long as it is not, or never will."""
    try:
        return job.result(WAIT)
    except TimeoutError:
        return None
    except AutoMLError:  # its models are shown without
        return None
    except Exception:
        logger.exception("the models of a run could not be compared")
        return None


def wait_here(job: Future[BoardComparison | None]) -> None:
    """Words while it goes on, and the page again once it is over."""
    if not job.done():
        st.fragment(_look_again, run_every=0.5)(job, time.monotonic())


def _look_again(job: Future[BoardComparison | None], began: float) -> None:
    if job.done():
        st.rerun()
    st.caption(
        f":material/hourglass_empty: Comparing the models on the same rows: "
        f"{time.monotonic() - began:.0f} s."
    )
