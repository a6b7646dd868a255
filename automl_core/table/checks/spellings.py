"""Values of one column that differ only in capitals, blanks or Unicode normal form.

"Cat", "cat" and "CAT" are three values to a model. Short codes, in which a capital may mean
another thing, and codes with capitals inside are left alone.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import DONE, Column, Finding, FixAction, shown
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats, Spelling, spelling_variants

KIND = "spellings"
LEAST_LETTERS = 3  # of a word in which a capital is only a capital
ODD_CASE = 0.3  # share of the values with capitals inside, from which on they are codes
MOST_SHOWN = 3
_CASED_INSIDE = r"\p{Ll}\p{Lu}"


def spellings(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """The finding about words that are one word in several spellings."""
    if column.parse.kind != "string" or column.role in ("id", "ignored"):
        return None
    found = [
        s
        for s in spelling_variants(stats, replace(column.parse, spellings=()))
        if _one_word({s.word, *s.others})
    ]
    inside = pc.mean(pc.match_substring_regex(stats.words, _CASED_INSIDE)).as_py() if found else 1.0
    if inside >= ODD_CASE:
        return None
    many = "one value" if len(found) == 1 else f"{len(found):,} values"
    some = "; ".join(_listed(s) for s in found[:MOST_SHOWN])
    message = (
        f"{shown(column.name)} has {many} in several spellings, in "
        f"{sum(s.rows + s.other_rows for s in found):,} rows: {some}"
        f"{' ...' if len(found) > MOST_SHOWN else ''}. They differ in capitals, blanks or Unicode "
        "form only"
    )
    others = pc.is_in(stats.words, value_set=pa.array([o for s in found for o in s.others]))
    rows, name = rows_with(cells, stats.values.filter(others)), (column.name,)
    if column.parse.spellings:
        fix = f"{DONE} each is read as one value, in the spelling of most rows."
        back = FixAction("spellings", "Undo", name, ("own",))
        return Finding(KIND, name, "info", f"{message}.", fix, "fixed", back, rows, applied=True)
    fix = "Read them as one value each, unless the difference means something."
    action = FixAction("spellings", "Merge spellings", name, ("merged",))
    message += ": to a model they are different values."
    return Finding(KIND, name, "warning", message, fix, "to_review", action, rows)


def _listed(spelling: Spelling) -> str:
    """The spellings of a word, letters beyond ASCII by their numbers where they look alike."""
    words = (spelling.word, *spelling.others)[:MOST_SHOWN]
    alike = len({unicodedata.normalize("NFC", word) for word in words}) < len(words)
    return ", ".join(ascii(word) if alike else shown(word) for word in words)


def _one_word(spelled: set[str]) -> bool:
    """True unless capitals tell short codes apart, as mW and MW."""
    bare = {"".join(word.split()) for word in spelled}
    if len(bare) < len(spelled):  # they differ in blanks
        return True
    letters = max(sum(c.isalpha() for c in word) for word in bare)
    return letters >= LEAST_LETTERS or len({word.lower() for word in bare}) > 1
