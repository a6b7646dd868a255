"""Months and weekdays of many European languages, from the locale data that Babel keeps.

Loaded when first asked for, as that takes half a second.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

_LANGUAGES = (
    *("bg", "ca", "cs", "cy", "da", "el", "et", "eu", "fi", "ga", "gl", "hu", "id", "is", "lt"),
    *("lv", "mk", "nb", "pl", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk"),
)  # without Croatian, whose "listopad" is another month than the Polish and the Czech one
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORTEST = 3  # letters: shorter words are too often others


@cache
def month_names() -> dict[str, str]:
    """English abbreviations of month names, by the names in lower case without a point."""
    found = defaultdict[str, set[int]](set)
    for names in _names("months"):
        for number, name in names.items():
            found[_plain(name)].add(number)
    return {
        name: _MONTHS[next(iter(numbers)) - 1]
        for name, numbers in found.items()
        if len(numbers) == 1 and len(name) >= _SHORTEST
    }


@cache
def day_names() -> frozenset[str]:
    """Names of weekdays in lower case without a point."""
    names = {_plain(name) for names in _names("days") for name in names.values()}
    return frozenset(name for name in names if len(name) >= _SHORTEST)


def _names(kind: str) -> list[dict[int, str]]:
    """The names by number, of each language, written out and short, alone and within a date."""
    from babel import Locale

    return [
        getattr(Locale(language), kind)[context][width]
        for language in _LANGUAGES
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
    ]


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
