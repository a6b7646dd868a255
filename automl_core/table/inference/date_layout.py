"""The formats in which a cell may be a date, told from its numbers and words.

A format is one of strptime's. A cell is taken apart into numbers, a month and what stands
between; each order of year, month and day, with a time or without, that its numbers allow is a
format. Which of them a column is in is for date_format.py to say.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from automl_core.table.parsing import is_date_word

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w]+|_+")
_DATES = (  # of orders that all fit, the first is preferred: the month first, as ever
    ("Y", "m", "d"), ("m", "d", "Y"), ("d", "m", "Y"), ("d", "b", "Y"), ("b", "d", "Y"),
    ("Y", "b", "d"), ("Ymd",), ("Y", "m"), ("m", "Y"), ("b", "Y"), ("Y", "b"),
    ("d", "b", "y"), ("b", "d", "y"), ("m", "d", "y"), ("d", "m", "y"), ("y", "m", "d"),
    ("dmY",), ("mdY",), ("b", "y"),
)  # fmt: skip
_TIMES = ((), ("H", "M", "S"), ("H", "M"), ("HMS",), ("HM",), ("H",))
_DIRECTIVES = {
    "Ymd": "%Y%m%d", "dmY": "%d%m%Y", "mdY": "%m%d%Y", "HMS": "%H%M%S", "HM": "%H%M",
}  # fmt: skip
_SIZES = {"Ymd": (8,), "dmY": (8,), "mdY": (8,), "HMS": (6,), "HM": (4,), "Y": (4,), "y": (2,)}
_LIMITS = {
    "Y": (1700, 2239), "m": (1, 12), "d": (1, 31), "H": (0, 24), "M": (0, 59), "S": (0, 60),
}  # fmt: skip
_MOST_TOKENS = 20


def layouts(cell: str) -> list[str]:
    """The formats that the cell may be in, the most usual first; zone and fraction cut before.

    Whether a column of three numbers of two digits is one of dates is for all of its cells to say.
    """
    tokens = _TOKEN.findall(cell)
    halves = [i for i, t in enumerate(tokens) if t.lower() in ("am", "pm")]
    slots = [i for i, t in enumerate(tokens) if t.isdecimal() or is_date_word(t, cell) == "month"]
    others = [t for i, t in enumerate(tokens) if t.isalpha() and i not in slots]
    if not all(is_date_word(t, cell) for t in others):  # an unknown word may be a zone
        return []
    if not 1 <= len(slots) <= 6 or len(tokens) > _MOST_TOKENS or len(halves) > 1:
        return []
    found: dict[str, None] = {}
    for order in _orders(len(slots)):
        if halves and "H" not in order:
            continue
        if all(_fits(tokens[i], part) for i, part in zip(slots, order, strict=True)):
            found[_written(tokens, dict(zip(slots, order, strict=True)), halves)] = None
    return list(found)


def _orders(many: int) -> Iterator[tuple[str, ...]]:
    """Orders of so many parts: date and time, time and date, and the year behind the time."""
    for date, time in itertools.product(_DATES, _TIMES):
        if len(date) + len(time) != many:
            continue
        if "y" in date and "b" not in date and not time and date[0] != "y":  # common formats
            continue
        if time == ("H",) and len(date) < 3:
            continue
        yield (*date, *time)
        if time:
            yield (*time, *date)
            if date[-1] == "Y" and len(date) > 1:
                yield (*date[:-1], *time, "Y")


def _fits(token: str, part: str) -> bool:
    if part == "b" or not token.isdecimal():
        return part == "b" and not token.isdecimal()
    if part in _SIZES:
        if len(token) not in _SIZES[part]:
            return False
    elif len(token) > 2:
        return False
    low, high = _LIMITS.get(part, (0, 10**9))
    return low <= int(token) <= high


def _written(tokens: list[str], parts: dict[int, str], halves: list[int]) -> str:
    """The tokens as a format: parts as their directives, all else as it stands."""
    out = []
    for i, token in enumerate(tokens):
        part = parts.get(i, "")
        if i in halves:
            out.append("%p")
        elif part == "H" and halves:
            out.append("%I")
        elif part:
            out.append(_DIRECTIVES.get(part, f"%{part}"))
        else:
            out.append(token.replace("%", "%%"))
    return "".join(out)
