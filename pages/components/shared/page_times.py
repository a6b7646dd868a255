"""How long the scripts of pages take: a histogram a page, for the server's metrics."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PAGE_TIME_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Upper ends of the histogram's classes, seconds; the last class has none."""


@dataclass(frozen=True)
class PageTime:
    """The scripts of one page so far."""

    page: str
    counts: tuple[int, ...]  # in each class; one more than PAGE_TIME_BOUNDS
    seconds: float  # of all together


_lock = threading.Lock()
_counts: dict[str, list[int]] = {}
_seconds: dict[str, float] = {}


@contextmanager
def measured(page: str) -> Iterator[None]:
    """Count what happens within as one script of the page, however it ends."""
    began = time.perf_counter()
    try:
        yield
    finally:
        taken = time.perf_counter() - began
        with _lock:
            counts = _counts.setdefault(page, [0] * (len(PAGE_TIME_BOUNDS) + 1))
            counts[bisect.bisect_left(PAGE_TIME_BOUNDS, taken)] += 1
            _seconds[page] = _seconds.get(page, 0.0) + taken


def times_by_page() -> tuple[PageTime, ...]:
    """All pages that were drawn since the process began, by name."""
    with _lock:
        return tuple(PageTime(p, tuple(_counts[p]), _seconds[p]) for p in sorted(_counts))
