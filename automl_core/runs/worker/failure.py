"""The reason for a task's failure: what a run can learn from, told by the kind of the error."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator

import numpy as np

from automl_core.errors import AutoMLError, LibraryError, OutOfMemoryError, TimeOverError
from automl_core.types import FailReason

BAD_ALLOC = "bad_alloc"  # C++ has no memory; LightGBM and CatBoost say so in errors of their own
ROOM = 48 * 2**20  # bytes that a process gets where memory was not the reason


def fail_reason(error: BaseException) -> FailReason:
    """MEMORY where memory ran out, LIBRARY where a library does not load, TIME where the time was
    over before anything was learned; else OTHER.

    Some libraries say in words of their own that there was no memory, such as for a thread's
    stack: memory that the process does not get now is taken for the reason, too.
    """
    if any(_lacks_memory(e) for e in _chain(error)):
        return FailReason.MEMORY
    if isinstance(error, LibraryError):
        return FailReason.LIBRARY
    if isinstance(error, TimeOverError):
        return FailReason.TIME
    known = isinstance(error, AutoMLError)  # it says what is wrong
    return FailReason.OTHER if known or _has_room() else FailReason.MEMORY


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _lacks_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | OutOfMemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    if BAD_ALLOC in str(error):
        return True
    if "torch" in sys.modules and isinstance(error, RuntimeError):
        from automl_core.models import is_out_of_memory

        return is_out_of_memory(error)
    return False


def _has_room() -> bool:
    try:
        np.empty(ROOM, np.uint8)  # not written to: it costs nothing
    except MemoryError:
        return False
    return True
