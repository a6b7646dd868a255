"""The priority of a worker among the processes of the machine: the page comes first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NICENESS = 10
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Lower the priority of this process and its session, where the system knows such a thing.

    Linux may divide the processor by sessions first ("autogroup"): the niceness of a process then
    counts within its session alone, and a worker, which has one of its own, would still take as
    much as the page.
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with contextlib.suppress(OSError):
        if _AUTOGROUP.exists():
            _AUTOGROUP.write_text(str(NICENESS))
