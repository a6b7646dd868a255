"""What the process does now, in Prometheus' text format. No name of a person, a file or a run."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import psutil

import automl_core
from automl_core.errors import AutoMLError
from automl_core.files import workspace
from automl_core.people import all_workspaces
from automl_core.runs import get_manager, list_runs
from automl_core.types import RunStatus
from pages.components.shared import PAGE_TIME_BOUNDS, times_by_page

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """One metric and its values."""

    name: str  # without the prefix
    kind: str  # gauge or histogram
    help: str
    samples: tuple[tuple[str, Labels, float], ...]  # suffix of the name, labels, value


def metrics_text() -> str:
    """All metrics, as a scraper reads them."""
    return "".join(line + "\n" for family in _families() for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    name = f"torchlight_{family.name}"
    yield f"# HELP {name} {family.help}"
    yield f"# TYPE {name} {family.kind}"
    for suffix, labels, value in family.samples:
        inside = ",".join(f'{key}="{text}"' for key, text in labels)
        yield (
            f"{name}{suffix}{{{inside}}} {value:.10g}" if inside else f"{name}{suffix} {value:.10g}"
        )


def _families() -> Iterator[Family]:
    manager = get_manager()
    workers, state = manager.workers(), manager.state()
    yield _gauge("info", "Version of the program.", {automl_core.__version__: 1}, "version")
    yield _gauge("runs", "Runs of all workspaces by status.", _runs(), "status")
    yield _gauge("queue_length", "Runs that wait in this process.", {"": state.waiting})
    counts = {"wanted": workers.count, "ready": workers.ready}
    yield _gauge("workers", "Training workers of this process.", counts, "state")
    app = psutil.Process()
    children = app.children(recursive=True)
    memory = {"app": _resident([app]), "workers": _resident(children)}
    yield _gauge("memory_bytes", "Resident memory.", memory, "process")
    yield _gauge("worker_processes", "Processes that the app has started.", {"": len(children)})
    yield _gauge("threads", "Threads of the app's process.", {"": threading.active_count()})
    with contextlib.suppress(AttributeError, psutil.Error):  # Windows counts otherwise
        yield _gauge("open_files", "Descriptors of the app's process.", {"": app.num_fds()})
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(workspace()).free
        yield _gauge("workspace_free_bytes", "Room that the workspace's disk has.", {"": free})
    yield _page_seconds()


def _gauge(name: str, words: str, values: dict[str, int], label: str = "") -> Family:
    samples = [("", ((label, text),) if label else (), float(n)) for text, n in values.items()]
    return Family(name, "gauge", words, tuple(samples))


def _runs() -> dict[str, int]:
    """Runs by status, all statuses; none where the folder of the runs cannot be read."""
    try:
        found = Counter(run.status for root in all_workspaces() for run in list_runs(root))
    except AutoMLError:  # /healthz says what is wrong
        return {}
    return {status.value: found[status] for status in RunStatus}


def _resident(processes: Sequence[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):  # it may just have ended
            total += process.memory_info().rss
    return total


def _page_seconds() -> Family:
    samples: list[tuple[str, Labels, float]] = []
    for known in times_by_page():
        page = ("page", known.page.lower())
        ends = [*(f"{bound:g}" for bound in PAGE_TIME_BOUNDS), "+Inf"]
        sums = list(accumulate(known.counts))
        samples += [
            ("_bucket", (page, ("le", end)), float(n)) for end, n in zip(ends, sums, strict=True)
        ]
        samples += [("_sum", (page,), known.seconds), ("_count", (page,), float(sums[-1]))]
    words = "Seconds that the script of a page takes."
    return Family("page_seconds", "histogram", words, tuple(samples))
