"""Numbers in sentences: a number and its noun, in the singular where there is one."""

from __future__ import annotations


def count(number: int, noun: str, plural: str = "") -> str:
    """`12,345 rows`, `1 row`; `plural` where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
