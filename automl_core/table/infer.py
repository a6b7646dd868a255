"""The schema of a table: for each column its role, why, and how its cells are read.

Looks at one column at a time and never at the target; findings across columns are in
quality.py. Nothing here is final: a user may choose another role (`with_role`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.errors import TableError
from automl_core.table.facts import Facts, count_cells, facts_of
from automl_core.table.plain import is_number, is_text
from automl_core.table.rules import (
    boolean_rule,
    datetime_rule,
    leading_zeros,
    number_rule,
    word_marks,
)
from automl_core.table.schema import Column, ParseRule, Role, Schema

_ID_NAME = re.compile(
    r"(^|[\s_.\-])(id|ids|uuid|guid|key|index|idx|rownames?)$|^(id|unnamed)[\s_:.\-]"
)
_ID_TAIL = re.compile(r"(?<=[a-z])I[dD]$|^P?ID$")
_MIN_ROWS = 20  # fewer rows say nothing about uniqueness
_MIN_SHUFFLED = 50  # from so many rows on, 1 to n in any order is no accident


@dataclass(frozen=True)
class _Guess:
    role: Role
    reason: str
    rule: ParseRule


def infer_schema(table: pa.Table) -> Schema:
    """Roles with reasons for every column of the table."""
    names = table.column_names
    columns = (_column(table.column(i), name) for i, name in enumerate(names))
    return Schema(tuple(columns), table.num_rows)


def with_role(schema: Schema, table: pa.Table, name: str, role: Role) -> Schema:
    """The schema with a role chosen by the user, its parse rule and counts derived anew.

    Raises TableError where not one cell of the column can be read that way.
    """
    old = schema.column(name)
    values = table.column(table.column_names.index(name))
    facts = facts_of(values, name)
    rule = old.parse if role == "ignored" else _rule_for(facts, role)
    missing, distinct = count_cells(facts, rule, values)
    if not distinct and facts.present and role != "ignored":
        example = str(facts.values[0].as_py())[:40]
        raise TableError(
            f"The column {name!r} cannot be {role}: no cell reads that way, such as {example!r}.",
            "Choose category or text instead.",
        )
    return schema.with_column(Column(name, role, "chosen by you", rule, missing, distinct))


def natural_rule(facts: Facts) -> ParseRule:
    """How the cells read best, whatever role the column has."""
    return (
        boolean_rule(facts)
        or (None if leading_zeros(facts) else number_rule(facts))
        or datetime_rule(facts)
        or ParseRule("string", word_marks(facts))
    )


def _column(values: Any, name: str) -> Column:
    facts = facts_of(values, name)
    guess = _guess(facts)
    missing, distinct = count_cells(facts, guess.rule, values)
    if distinct == 0:
        guess = _Guess("ignored", "every cell is missing", guess.rule)
    elif distinct == 1 and missing == 0:
        guess = _Guess("ignored", "every row has the same value", guess.rule)
    elif guess.role == "category" and not guess.reason:
        guess = _Guess("category", f"{distinct} different values", guess.rule)
    return Column(name, guess.role, guess.reason, guess.rule, missing, distinct)


def _guess(facts: Facts) -> _Guess:
    kind = facts.values.type
    key = _key_reason(facts)
    if key:
        return _Guess("id", key, ParseRule("string"))
    rule = boolean_rule(facts)
    if rule:
        words = f"{rule.true[0]} and {rule.false[0]}" if rule.true else "true and false"
        return _Guess("boolean", f"two values: {words}", rule)
    dates = datetime_rule(facts)
    if dates and not is_number(kind):
        return _Guess("datetime", _date_reason(dates, kind), dates)
    if dates:
        return _Guess("datetime", "whole numbers that read as dates", dates)
    if is_text(kind) and leading_zeros(facts):
        return _Guess(
            "category", "codes with leading zeros", ParseRule("string", word_marks(facts))
        )
    rule = number_rule(facts)
    if rule:
        return _Guess("numeric", _number_reason(rule, kind), rule)
    return _words(facts)


def _number_reason(rule: ParseRule, kind: pa.DataType) -> str:
    if not is_text(kind):
        return "whole numbers" if pa.types.is_integer(kind) else "numbers"
    reason = "numbers written as text"
    if rule.thousands or rule.decimal != ".":
        reason += f" (decimal {rule.decimal!r}" + (
            f", thousands {rule.thousands!r})" if rule.thousands else ")"
        )
    if rule.missing:
        reason += ", missing where it says " + ", ".join(repr(m) for m in rule.missing[:3])
    return reason


def _date_reason(rule: ParseRule, kind: pa.DataType) -> str:
    return f"dates such as {rule.formats[0]}" if is_text(kind) else "dates"


def _words(facts: Facts) -> _Guess:
    marks = word_marks(facts)
    if is_text(facts.values.type) and _is_prose(facts):
        return _Guess(
            "text", "free text: several words, rarely the same twice", ParseRule("text", marks)
        )
    return _Guess("category", "", ParseRule("string", marks))


def _is_prose(facts: Facts) -> bool:
    """Several words a cell and mostly different ones, or very long cells."""
    head = pc.drop_null(facts.text.slice(0, 5_000))
    if len(head) < 2:
        return False
    words = pc.mean(pc.count_substring_regex(head, r"[\p{L}\p{N}]+")).as_py()
    alphabetic = pc.mean(pc.count_substring_regex(head, r"\p{L}{2,}")).as_py()
    length = pc.mean(pc.utf8_length(head)).as_py()
    if length > 60 and len(head) > 20 and facts.share > 0.05:
        return True
    return bool(
        words >= 2.5 and alphabetic >= 2 and facts.share > 0.4 and facts.present >= _MIN_ROWS
    )


def _key_reason(facts: Facts) -> str:
    """Why the column identifies rows rather than describing them; "" where it does not."""
    kind, name = facts.values.type, facts.name
    if facts.rows < _MIN_ROWS or facts.share < 0.95 or facts.nulls > 0.05 * facts.rows:
        return ""
    named = bool(_ID_NAME.search(name.lower()) or _ID_TAIL.search(name))
    if pa.types.is_integer(kind) or (pa.types.is_floating(kind) and named):
        return _integer_key(facts, named)
    if not is_text(kind) or (not named and facts.share < 0.99):
        return ""
    return "" if _prose_or_value(facts) else "a key: nearly every row has its own"


def _integer_key(facts: Facts, named: bool) -> str:
    numbers = facts.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if (numbers != np.trunc(numbers)).any():
        return ""
    start = numbers.min() in (0, 1)
    if facts.counting and (start or named):
        return "counts the rows"
    if facts.share == 1 and not facts.nulls and not facts.sampled:
        span = numbers.max() - numbers.min() + 1
        if span == len(numbers) >= _MIN_SHUFFLED and (start or named):
            return "counts the rows"
    return "a key: named like one, and nearly every row has its own" if named else ""


def _prose_or_value(facts: Facts) -> bool:
    """Whether text that hardly repeats is a sentence, a number or a date, and so no key."""
    head = pc.drop_null(facts.text.slice(0, 2_000))
    if not len(head):
        return True
    spaced = pc.mean(pc.match_substring_regex(head, r"\s")).as_py()
    return bool(spaced > 0.5 or number_rule(facts) is not None or datetime_rule(facts) is not None)


def _rule_for(facts: Facts, role: Role) -> ParseRule:
    if role in ("numeric", "weight"):
        return number_rule(facts) or ParseRule("number")
    if role == "text":
        return ParseRule("text", word_marks(facts))
    if role in ("datetime", "time"):
        found = datetime_rule(facts)
        if found is None and role == "time":
            found = number_rule(facts)  # an order need not be a date
        return found or ParseRule("datetime")
    if role == "boolean":
        return boolean_rule(facts) or _two_words(facts)
    return ParseRule("string", word_marks(facts))


def _two_words(facts: Facts) -> ParseRule:
    marks = word_marks(facts)
    words = sorted(set(facts.lower) - set(marks))
    if len(words) != 2:
        raise TableError(
            f"The column {facts.name!r} cannot be boolean: it has {len(words)} different values.",
            "Choose category instead.",
        )
    return ParseRule("boolean", marks, true=(words[1],), false=(words[0],))
