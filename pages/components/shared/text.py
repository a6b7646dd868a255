"""Texts that came from a file or a person, made safe to show; numbers with their units.

Streamlit renders labels, messages and captions as Markdown with its own directives, so a
column called `:red[x]` or `<b>` must be escaped before it is put into one. This module draws
nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from automl_core.errors import AutoMLError
from automl_core.words import count, percent, size
from automl_core.words import score_text as score

__all__ = [
    "ago",
    "code",
    "count",
    "distinct_labels",
    "error_text",
    "escape_markdown",
    "one_line",
    "percent",
    "score",
    "seconds",
    "size",
]

_Option = TypeVar("_Option", bound=Hashable)

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>&:=^\"'@/])")
# Directives, icons, emoji codes and bare links are found after Markdown has removed its
# backslashes, so an invisible word joiner has to part them as well.
_JOINER = "\u2060"
_AFTER_PARSING = re.compile(
    r"(?<=:)(?=[\w/])|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=-)(?=[->])|(?<=<)(?=-)"
)


def one_line(text: str, limit: int = 200) -> str:
    """`text` on one line, control characters replaced, at most `limit` characters."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip():
        return text  # nearly always: choices may have tens of thousands of names
    flat = "".join(c if c.isprintable() else " " for c in text)
    flat = re.sub(r"\s+", " ", flat).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def escape_markdown(text: str, limit: int = 1000) -> str:
    """`text` so that Markdown shows exactly these characters."""
    parted = _AFTER_PARSING.sub(_JOINER, one_line(text, limit))
    return _SPECIAL.sub(r"\\\1", parted)


def distinct_labels(
    options: Iterable[_Option], label: Callable[[_Option], str] = str
) -> dict[_Option, str]:
    """The options with their labels, on one line each; those that come again have a number.

    A field that offers a choice is answered with a label, and Streamlit takes the last option of
    that name: of two runs of one table in one minute only one could be opened.
    """
    labels: dict[_Option, str] = {}
    taken: set[str] = set()
    for option in options:
        first = name = one_line(label(option))
        number = 1
        while name in taken:
            number += 1
            name = f"{first} ({number})"
        taken.add(name)
        labels[option] = name
    return labels


def code(text: str, limit: int = 80) -> str:
    """`text` as a Markdown code span, whatever backticks it has: for names of columns."""
    flat = one_line(text, limit) or " "
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def error_text(error: AutoMLError) -> str:
    """An error for `st.error`: what happened, then what to do, both escaped."""
    hint = f"  \n{escape_markdown(error.hint)}" if error.hint else ""
    return f"**{escape_markdown(error.message)}**{hint}"


def seconds(duration: float) -> str:
    """`0.8 s`, `42 s`, `3 min 20 s`, `1 h 5 min`."""
    if duration < 10 and duration != int(duration):
        return f"{duration:.1f} s"
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    big, small = ("h", "min") if whole >= 3600 else ("min", "s")
    first, rest = divmod(whole if big == "min" else whole // 60, 60)
    return f"{first} {big} {rest} {small}" if rest else f"{first} {big}"


def ago(moment: float) -> str:
    """The time since `moment` (seconds since 1970): `just now`, `5 min ago`, `3 days ago`."""
    passed = max(0.0, time.time() - moment)
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{passed // 60:.0f} min ago"
    if passed < 86400:
        return f"{passed // 3600:.0f} h ago"
    return f"{count(int(passed // 86400), 'day')} ago"
