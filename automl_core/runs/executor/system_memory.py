"""The memory of this machine, or of the container that this process runs in."""

from __future__ import annotations

from pathlib import Path

import psutil

GROUP = Path("/sys/fs/cgroup")
EVENTS = Path("/proc/vmstat")  # what the system counts
LEAST_SHARE = 0.03  # of all memory that has to be free, or the system slows down, or ends a process
LEAST_BYTES = 200 * 2**20


def total_memory() -> int:
    """Bytes that there are: the container's limit, where it has one."""
    total, limit = int(psutil.virtual_memory().total), _number("memory.max")
    return total if limit is None else min(total, limit)


def free_memory() -> int:
    """Bytes that processes may still take; files that the system can drop count as free."""
    free, limit, used = int(psutil.virtual_memory().available), *_group()
    return free if limit is None or used is None else max(0, min(free, limit - used))


def is_short(workers: int) -> bool:
    """True where memory runs short and the workers, with so many bytes, hold a good part of it.

    Where other programs hold it, ending a worker's task would hardly help.
    """
    total = total_memory()
    return free_memory() < max(LEAST_BYTES, LEAST_SHARE * total) and workers > total / 4


def ended_for_memory() -> int | None:
    """Processes of the whole machine that the system has ended for want of memory since it started.

    None where it does not count them.
    """
    try:
        lines = EVENTS.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _group() -> tuple[int | None, int | None]:
    """The limit of the container and what its processes hold; None where there is none."""
    limit, used = _number("memory.max"), _number("memory.current")
    if used is None:
        return limit, None
    try:
        lines = (GROUP / "memory.stat").read_text().splitlines()
        idle = next(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    except (OSError, ValueError, IndexError, StopIteration):
        idle = 0
    return limit, used - idle


def _number(name: str) -> int | None:
    try:
        return int((GROUP / name).read_text())
    except (OSError, ValueError):  # no such limit on this system, or "max"
        return None
