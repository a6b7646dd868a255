"""Names and cells in sentences: in quotes, and cut where they are long."""

from __future__ import annotations


def shown(name: str, limit: int = 40) -> str:
    """A name or cell in quotes, cut where it is long."""
    return repr(name if len(name) <= limit else name[: limit - 1] + "…")
