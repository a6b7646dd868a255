"""Words that differ in case, blanks or Unicode normal form only, and one spelling for them.

"Yes", "yes" and "YES " may be one class or three: words for yes and no are always one
(boolean_format.py), others are kept apart until a user merges them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.errors import TableError
from automl_core.table import CHOSEN, Column, ParseRule, Schema, folded, is_marked, is_text
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats, count_cells

Spellings = tuple[tuple[str, str], ...]
"""As `ParseRule.spellings` keeps them."""

MOST_WORDS = 5_000
"""Different cells; a column with more of them is no category whose words one would merge."""

_MERGED = "; spellings of one word are read alike, " + CHOSEN


@dataclass(frozen=True)
class Spelling:
    """A word, the spelling of it that most rows have, and the other ones."""

    word: str
    others: tuple[str, ...]  # spellings of fewer rows, the most frequent first
    rows: int  # of the most frequent spelling
    other_rows: int


def spelling_variants(stats: ColumnStats, rule: ParseRule) -> tuple[Spelling, ...]:
    """The words of a text column that are spelled in several ways, those of most rows first.

    None where the rule reads no words, or reads all spellings as one already.
    """
    if rule.kind != "string" or rule.spellings or not is_text(stats.values.type):
        return ()
    found = spellings_of(stats, _words(stats, rule)) if _few(stats) else {}
    return tuple(
        sorted((s for s in found.values() if s.others), key=lambda s: -s.rows - s.other_rows)
    )


def spellings_of(stats: ColumnStats, written: pa.Array) -> dict[str, Spelling]:
    """The spellings of each word in `written` (k,), which belong to the rows of `stats`."""
    rows: dict[str, dict[str, int]] = {}
    for word, spelling, count in zip(
        folded(written).to_pylist(), written.to_pylist(), stats.counts.tolist(), strict=True
    ):
        if word is not None:
            of_word = rows.setdefault(word, {})
            of_word[spelling] = of_word.get(spelling, 0) + count
    found = {}
    for word, of_word in rows.items():
        first, *others = sorted(of_word, key=lambda s: (-of_word[s], s))
        most = of_word[first]
        found[word] = Spelling(first, tuple(others), most, sum(of_word.values()) - most)
    return found


def with_merged_spellings(schema: Schema, table: pa.Table, name: str) -> Schema:
    """The schema with each word of a column in the spelling that most of its rows have.

    The rule keeps the words, so that a prediction reads new spellings of them alike. Raises
    TableError where the column is no category.
    """
    column, stats = _read(schema, table, name)
    if column.parse.kind != "string" or not _few(stats):
        raise TableError(f"The column {name!r} is no category.", "Make it a category first.")
    found = spellings_of(stats, _words(stats, column.parse))
    pairs = tuple((word, spelling.word) for word, spelling in found.items())
    rule = replace(column.parse, spellings=pairs)
    return _with_rule(schema, column, stats, rule, column.reason.split(_MERGED)[0] + _MERGED)


def with_own_spellings(schema: Schema, table: pa.Table, name: str) -> Schema:
    """The schema with the spellings of a column's words kept apart again."""
    column, stats = _read(schema, table, name)
    rule = replace(column.parse, spellings=())
    return _with_rule(schema, column, stats, rule, column.reason.split(_MERGED)[0])


def _few(stats: ColumnStats) -> bool:
    return len(stats.values) <= MOST_WORDS


def _read(schema: Schema, table: pa.Table, name: str) -> tuple[Column, ColumnStats]:
    column = schema.column(name)
    values = table.column(table.column_names.index(name))
    return column, compute_column_stats(values, name, whole=True)


def _words(stats: ColumnStats, rule: ParseRule) -> pa.Array:
    """(k,) the canonical texts, null where one stands for a missing value."""
    marked = is_marked(stats.words, rule.missing)
    return pc.if_else(marked, pa.scalar(None, pa.string()), stats.words)


def _with_rule(
    schema: Schema, column: Column, stats: ColumnStats, rule: ParseRule, reason: str
) -> Schema:
    missing, distinct = count_cells(stats, rule)
    return schema.with_column(
        replace(column, parse=rule, reason=reason, missing=missing, distinct=distinct)
    )
