"""Column names as they may be shown and addressed: never empty, unique, on one line; their words.

Knows nothing of HTML or Markdown: names are untrusted text and stay so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_LENGTH = 200
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")


def clean_names(names: Sequence[str]) -> list[str]:
    """One name a column, in order: "" becomes "column_3", a second "x" becomes "x_2"."""
    cleaned = [_clean(str(name)) for name in names]
    taken = {name for name in cleaned if name}
    used: set[str] = set()
    result = []
    for position, wanted in enumerate(cleaned, start=1):
        name = wanted
        if not wanted:
            name = _free(f"column_{position}", taken)
        elif wanted in used:
            name = _free(wanted, taken, first=2)
        used.add(name)
        taken.add(name)
        result.append(name)
    return result


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: "monthIndex" and "month_index" have two."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def _clean(name: str) -> str:
    name = " ".join(_CONTROL.sub(" ", name).split(" ")).strip()
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 1] + "…"


def _free(base: str, taken: set[str], first: int = 1) -> str:
    name = base if first == 1 else f"{base}_{first}"
    number = max(first, 1)
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
