"""Months and weekdays of other languages in English, as strptime reads them.

Those of the most frequent languages are listed here; babel_words.py is asked for others, where
a cell has a year.
Knows words only: which cells are dates is for others to say.
"""

from __future__ import annotations

import re
from typing import Literal

import pyarrow as pa

from automl_core.table.parsing.babel_words import day_names, month_names

_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES = (
    "januar jänner jan janvier janv enero ene gennaio gen januari janeiro",
    "februar feber feb février fevrier févr fevr febrero febbraio februari fevereiro",
    "märz maerz mär mrz mars marzo mar maart março marco",
    "april avril avr abril abr aprile apr",
    "mai mayo maggio mag mei maio",
    "juni juin junio jun giugno giu junho",
    "juli juillet juil julio jul luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sept sep septembre septiembre settembre setembro",
    "oktober okt octobre octubre ottobre ott outubro oct",
    "november nov novembre noviembre novembro",
    "dezember dez décembre decembre déc diciembre dic dicembre december dec dezembro",
)
MONTHS = {
    word: english for english, names in zip(_ENGLISH, _NAMES, strict=True) for word in names.split()
}
"""English abbreviations of month names in other languages, and of "Sept"."""

_DAYS = frozenset(
    (
        *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend"),
        *("sonntag", "mo", "di", "mi", "do", "fr", "sa", "so", "lundi", "mardi", "mercredi"),
        *("jeudi", "vendredi", "samedi", "dimanche", "lunes", "martes", "miércoles", "miercoles"),
        *("jueves", "viernes", "sábado", "sabado", "domingo"),
    )
)
_ENGLISH_DAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+(?=\d)", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_HALF_DAY = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+\.?")
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th|er|º|\.)(?=[\s,])", re.IGNORECASE)
_OF = frozenset(("de", "del", "of", "the", "den", "der", "le", "г", "р"))
_YEAR = re.compile(r"(?<!\d)(?:1[789]|2[012])\d\d(?!\d)")
_LEAST_LETTERS = 3  # of a name that is looked for in all languages

ENGLISH_PATTERNS = {
    "half_day": _HALF_DAY,
    "english_day": _ENGLISH_DAY,
    "ordinal": _ORDINAL,
    "year": _YEAR,
    "word": _WORD,
    "empty_brackets": _EMPTY_BRACKETS,
}
"""The patterns by which dates become English, for readers elsewhere."""


_FULL = frozenset(
    (
        *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
        *("october", "november", "december"),
    )
)
_OTHERS = frozenset(
    (
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("mon", "tue", "wed", "thu", "fri", "sat", "sun", "t", "z", "am", "pm", "a", "p", "m"),
        *("h", "st", "nd", "rd", "th", "er", "utc", "gmt", "est", "edt", "cet", "cest"),
        *("at", "on", "um", "uhr", "à", "kl", "klo", "alle", "ore", "o", "clock", "hrs", "hr"),
        *("min", "s", "sec", "年", "月", "日", "時", "时", "点", "分", "秒", "년", "월", "일"),
        *("시", "분", "초"),
    )
)


def is_date_word(word: str, cell: str = "") -> Literal["month", "other", ""]:
    """Whether the word names a month, is another word of dates and times, or is none of them.

    In a `cell` that has a year, words of many languages are known.
    """
    word = word.lower()
    if word in MONTHS or word in _FULL or word.capitalize() in _ENGLISH:
        return "month"
    if word in _DAYS or word in _OF or word in _OTHERS:
        return "other"
    if len(word) < _LEAST_LETTERS or not _YEAR.search(cell):
        return ""
    return "month" if word in month_names() else "other" if word in day_names() else ""


def words_in_english() -> tuple[dict[str, str], dict[str, str]]:
    """What stands for words of dates in lower case, "" where nothing does: English months.

    First those that are always read so, then those of a cell that has a year.
    """
    always = dict.fromkeys((*_DAYS, *_OF), "")
    always |= {word: month for word, month in MONTHS.items() if word not in always}
    years = month_names() | dict.fromkeys(day_names(), "")
    with_year = {
        word: english
        for word, english in years.items()
        if len(word) >= _LEAST_LETTERS and not is_date_word(word)
    }
    return always, with_year


def in_english(cells: pa.Array) -> pa.Array:
    """Dates with English months and without weekdays in front: "7. März 2018" is "7 Mar 2018"."""
    return pa.array([_translated(cell) for cell in cells.to_pylist()], pa.string())


def _translated(cell: str | None) -> str | None:
    if cell is None or len(cell) > 60:
        return cell
    cell = _HALF_DAY.sub(r"\1m", cell)
    bare = _ORDINAL.sub(r"\1", _ENGLISH_DAY.sub("", cell))
    year = bool(_YEAR.search(bare))
    bare = _WORD.sub(lambda found: _word(found.group(), year), bare).strip(" ,.")
    bare = _EMPTY_BRACKETS.sub(" ", bare)
    return re.sub(r"\s+", " ", bare).strip(" ,.")


def _word(written: str, year: bool) -> str:
    word = written.rstrip(".").lower()
    if word in _DAYS or word in _OF:
        return ""
    known = len(word) < _LEAST_LETTERS or bool(is_date_word(word))
    if known or not year:
        return MONTHS.get(word, written.rstrip("."))
    return "" if word in day_names() else month_names().get(word, written.rstrip("."))
