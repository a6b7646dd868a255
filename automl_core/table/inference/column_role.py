"""One column's role, why it has it, and how its cells are read, found without help.

Looks at one column at a time and never at the target. The order of the questions is the
order of the evidence: what has a form of its own comes first, words come last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl_core.table import Column, ParseRule, Role, is_text, shown
from automl_core.table.inference.codes import code_reason
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats, count_cells
from automl_core.table.inference.date_format import date_reason, datetime_rule, mixed_order_reason
from automl_core.table.inference.free_text import is_prose
from automl_core.table.inference.identifiers import number_key, pattern_key, text_key
from automl_core.table.inference.list_format import list_reason, list_rule
from automl_core.table.inference.missing_and_boolean import (
    MARKS,
    boolean_rule,
    leading_zeros,
    marks_in,
    word_marks,
)
from automl_core.table.inference.number_format import (
    apart_reason,
    missing_words,
    number_reason,
    number_rule,
)


@dataclass(frozen=True)
class _Guess:
    role: Role
    reason: str
    rule: ParseRule


def infer_column(values: Any, name: str, decimal: str = ".") -> Column:
    """Role, reason and parse rule of one column, with its counts after the rule.

    `decimal` is the usual decimal mark of the file that it is from.
    """
    facts = compute_column_stats(values, name, decimal=decimal)
    guess = _guess(facts)
    missing, distinct = count_cells(facts, guess.rule, values)
    if distinct == 0:
        guess = _Guess("ignored", "every cell is missing", guess.rule)
    elif distinct == 1 and missing == 0:
        guess = _Guess("ignored", "every row has the same value", guess.rule)
    elif guess.role == "category":
        reason = guess.reason or f"{distinct:,} different values"
        guess = _Guess("category", reason + _kept_words(facts, guess.rule), guess.rule)
    return Column(name, guess.role, guess.reason, guess.rule, missing, distinct)


def _guess(facts: ColumnStats) -> _Guess:
    rule = boolean_rule(facts)
    if rule:
        words = f"{rule.true[0]} and {rule.false[0]}" if rule.true else "true and false"
        return _Guess("boolean", f"two values: {words}" + missing_words(rule), rule)
    return _of_text(facts) if is_text(facts.values.type) else _of_values(facts)


def _of_values(facts: ColumnStats) -> _Guess:
    """Numbers, dates and what else is not text."""
    key = number_key(facts)
    if key:
        return _Guess("id", key, ParseRule("string"))
    dates = datetime_rule(facts)
    if dates:
        return _Guess("datetime", date_reason(facts, dates), dates)
    return _number(facts) or _Guess("category", "", ParseRule("string"))


def _of_text(facts: ColumnStats) -> _Guess:
    key = pattern_key(facts)
    if key:
        return _Guess("id", key, ParseRule("string"))
    dates = datetime_rule(facts)
    if dates:
        return _Guess("datetime", date_reason(facts, dates) + missing_words(dates), dates)
    marks = ParseRule("string", word_marks(facts))
    mixed = mixed_order_reason(facts)
    if mixed:
        return _Guess("category", mixed, marks)
    zeros = leading_zeros(facts)
    if not zeros:
        number = _number(facts)
        if number:
            return number
        lists = list_rule(facts)
        if lists:
            return _Guess("list", list_reason(facts, lists) + missing_words(lists), lists)
    key = text_key(facts)
    if key:
        return _Guess("id", key, ParseRule("string"))
    if zeros:
        return _Guess("category", "codes with leading zeros", marks)
    if is_prose(facts):
        reason = "free text: several words, rarely the same twice" + missing_words(marks)
        return _Guess("text", reason, ParseRule("text", marks.missing))
    return _Guess("category", apart_reason(facts), marks)


def _number(facts: ColumnStats) -> _Guess | None:
    rule = number_rule(facts)
    if rule is None:
        return None
    marks = is_text(facts.values.type) and rule.decimal != "."
    if not (rule.units or rule.ranges or rule.formats or marks):
        code = code_reason(facts, rule)
        if code:
            return _Guess("category", code, ParseRule("string", rule.missing))
    return _Guess("numeric", number_reason(facts, rule), rule)


def _kept_words(facts: ColumnStats, rule: ParseRule) -> str:
    """What was done with words that may stand for a gap: a level in one table, a gap in another."""
    kept = [mark for mark in marks_in(facts, MARKS) if mark not in rule.missing]
    words = missing_words(rule)
    if kept:
        named = " and ".join(shown(mark) for mark in kept[:2])
        words += f"; {named} kept as a value of its own"
    return words
