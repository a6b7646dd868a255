"""The reason for a task's failure: what a run can learn from, told by the kind of the error."""

from __future__ import annotations

import errno
import sys

from automl_core.errors import LibraryError, OutOfMemoryError
from automl_core.types import FailReason

BAD_ALLOC = "bad_alloc"  # C++ has no memory; LightGBM and CatBoost say so in errors of their own


def fail_reason(error: BaseException) -> FailReason:
    """MEMORY where memory ran out, LIBRARY where a library does not load; else OTHER."""
    if isinstance(error, LibraryError):
        return FailReason.LIBRARY
    if isinstance(error, MemoryError | OutOfMemoryError):
        return FailReason.MEMORY
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return FailReason.MEMORY
    if BAD_ALLOC in str(error):
        return FailReason.MEMORY
    if "torch" in sys.modules and isinstance(error, RuntimeError):
        from automl_core.models import is_out_of_memory

        return FailReason.MEMORY if is_out_of_memory(error) else FailReason.OTHER
    return FailReason.OTHER
