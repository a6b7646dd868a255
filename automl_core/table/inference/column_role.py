"""The role of one column, the reason for it, and the rule that reads its cells.

One column at a time, without the target. Recognisers are asked in the order of their evidence:
first those of formats that nothing else has, at last those of words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl_core.table import Column, DecidedBy, ParseRule, Role, is_text, shown
from automl_core.table.inference.boolean_format import boolean_rule
from automl_core.table.inference.codes import code_reason
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats, count_cells
from automl_core.table.inference.date_format import mixed_order_reason, read_as_dates
from automl_core.table.inference.free_text import is_prose
from automl_core.table.inference.identifiers import near_unique, number_key, pattern_key, text_key
from automl_core.table.inference.list_format import read_as_lists
from automl_core.table.inference.long_numbers import is_long, long_reason
from automl_core.table.inference.number_format import no_common_unit_reason, read_as_numbers
from automl_core.table.inference.versions import version_reason
from automl_core.words import count


@dataclass(frozen=True)
class _Guess:
    role: Role
    reason: str  # without the marks of missing cells
    rule: ParseRule


def infer_column(values: Any, name: str, decimal: str = ".") -> Column:
    """Role, reason and parse rule of one column, with its counts after the rule.

    `decimal` is the usual decimal mark of the file that it is from.
    """
    stats = compute_column_stats(values, name, decimal=decimal)
    guess = _of_text(stats) if is_text(stats.values.type) else _of_values(stats)
    missing, distinct = count_cells(stats, guess.rule)
    role, reason = guess.role, guess.reason
    if distinct == 0:
        role, reason = "ignored", "every cell is missing"
    elif distinct == 1 and missing == 0:
        role, reason = "ignored", "every row has the same value"
    elif role == "category":
        reason = (reason or count(distinct, "different value")) + _missing_words(guess.rule)
        reason += _kept_words(stats, guess.rule)
    else:
        reason += _missing_words(guess.rule)
    return Column(name, role, reason, guess.rule, missing, distinct, DecidedBy.CELLS)


def _of_values(stats: ColumnStats) -> _Guess:
    """Booleans, numbers, dates and what else is not text."""
    boolean = boolean_rule(stats)
    if boolean:
        return _Guess("boolean", "two values: true and false", boolean)
    key = number_key(stats)
    if key:
        return _Guess("id", key, ParseRule("string"))
    dates = read_as_dates(stats)
    if dates:
        return _Guess("datetime", dates.reason, dates.rule)
    if is_long(stats):
        return _of_long(stats, ParseRule("string"))
    return _of_numbers(stats) or _Guess("category", "", ParseRule("string"))


def _of_text(stats: ColumnStats) -> _Guess:
    boolean = boolean_rule(stats)
    if boolean:
        reason = f"two values: {boolean.true[0]} and {boolean.false[0]}"
        return _Guess("boolean", reason, boolean)
    key = pattern_key(stats)
    if key:
        return _Guess("id", key, ParseRule("string"))
    versions = version_reason(stats)
    if versions:
        return _Guess("category", versions, ParseRule("string", stats.marks, exact=True))
    dates = read_as_dates(stats)
    if dates:
        return _Guess("datetime", dates.reason, dates.rule)
    words = ParseRule("string", stats.word_marks)
    mixed = mixed_order_reason(stats)
    if mixed:
        return _Guess("category", mixed, words)
    if is_long(stats):
        return _of_long(stats, words)
    if not stats.leading_zeros:
        numbers = _of_numbers(stats)
        if numbers:
            return numbers
        lists = read_as_lists(stats)
        if lists:
            return _Guess("list", lists.reason, lists.rule)
    return _of_words(stats, words)


def _of_long(stats: ColumnStats, rule: ParseRule) -> _Guess:
    """Whole numbers that no float holds: a key where each row has its own, else a category."""
    reason = long_reason(stats)
    if near_unique(stats):
        return _Guess("id", f"{reason}, and nearly every row has its own", rule)
    return _Guess("category", reason, rule)


def _of_words(stats: ColumnStats, rule: ParseRule) -> _Guess:
    key = text_key(stats)
    if key:
        return _Guess("id", key, ParseRule("string"))
    if stats.leading_zeros:
        return _Guess("category", "codes with leading zeros", rule)
    if is_prose(stats):
        reason = "free text: several words, rarely the same twice"
        return _Guess("text", reason, ParseRule("text", rule.missing))
    return _Guess("category", no_common_unit_reason(stats), rule)


def _of_numbers(stats: ColumnStats) -> _Guess | None:
    found = read_as_numbers(stats)
    if found is None:
        return None
    rule = found.rule
    marks = is_text(stats.values.type) and rule.decimal != "."
    if not (rule.units or rule.ranges or rule.formats or marks):
        code = code_reason(stats, found.numbers)
        if code:
            return _Guess("category", code, ParseRule("string", rule.missing))
    return _Guess("numeric", found.reason, rule)


def _missing_words(rule: ParseRule) -> str:
    """ ", missing where it says ..." for the marks of a rule; "" without any."""
    if not rule.missing:
        return ""
    named = ", ".join(shown(mark) for mark in rule.missing[:3])
    return f", missing where it says {named}" + (" ..." if len(rule.missing) > 3 else "")


def _kept_words(stats: ColumnStats, rule: ParseRule) -> str:
    """Words that may stand for a missing value and were kept: a level in one table or another."""
    kept = [mark for mark in stats.marks if mark not in rule.missing]
    if not kept:
        return ""
    return f"; {' and '.join(shown(mark) for mark in kept[:2])} kept as a value of its own"
