"""How a column's cells read as numbers: marks, thousands, units, magnitudes, ranges, clocks.

Says None rather than a rule that would lose values: a few strays at most become missing,
and the reason names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import ParseRule, is_marked, is_number, is_text, shown
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.decimal_mark import in_order
from automl_core.table.inference.missing_and_boolean import MARKS
from automl_core.table.inference.sentinels import sentinel_marks
from automl_core.table.inference.units import Units, common_units, is_magnitude
from automl_core.table.inference.zero_words import free_words
from automl_core.table.parsing import (
    CLOCK,
    compounds,
    money_signs,
    numbers_of_text,
    plain_signs,
    range_ends,
    split_ranges,
    split_units,
)

_STYLES = (  # decimal mark, thousands mark, what a cell must look like
    (".", "", r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"),
    (".", ",", r"^[+-]?(\d+|[1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d\d)+,\d{3})(\.\d*)?$"),
    (",", "", r"^[+-]?\d+,\d+$|^[+-]?\d+$"),
    (",", ".", r"^[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d*)?$"),
    (".", " ", r"^[+-]?(\d+|[1-9]\d{0,2}([\s\x{A0}\x{202F}\x{2009}]\d{3})+)(\.\d*)?$"),
    (",", " ", r"^[+-]?(\d+|[1-9]\d{0,2}([\s\x{A0}\x{202F}\x{2009}]\d{3})+)(,\d*)?$"),
    (".", "'", r"^[+-]?(\d+|[1-9]\d{0,2}(['’]\d{3})+)(\.\d*)?$"),
)
_HEAD = 2_000  # distinct values on which the spelling is decided; the rule is tried on all
_MAX_STRAYS = 3  # different words that may stand for a gap
_RARE = 0.02  # share of the rows in which any stray may stand for a gap
_OFTEN = 0.35  # and one without a digit, such as "varies"
_MANY = 20  # different numbers that it takes for strays to be gaps
_UNITS = 12
_SCORE = r"^\s*(2[4-9]|[3-9]\d|\d{3}):\d\d\s*$"  # no time of day: a score such as 25:19
_MIN_MIDDLES = 3


def number_rule(facts: ColumnStats) -> ParseRule | None:
    """How the column reads as numbers, marks of gaps included; None where it does not."""
    kind = facts.values.type
    if is_number(kind):
        numbers = facts.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _of_file(ParseRule("number", sentinel_marks(numbers, facts.counts)), facts)
    if pa.types.is_boolean(kind):
        return ParseRule("number")
    if not is_text(kind) or not len(facts.values):
        return None
    marked = _flags(is_marked(facts.written, tuple(MARKS)))
    head = pc.drop_null(facts.written.filter(pa.array(~marked)).slice(0, _HEAD))
    digits = pc.mean(pc.match_substring_regex(head, r"\d")).as_py() or 0.0
    if digits < 0.5 or _several_currencies(facts):
        return None
    zero = free_words(facts)
    for rule in _candidates(facts, head):
        found = _accepted(facts, marked, replace(rule, zero=zero))
        if found is not None:
            return found
    return None


def _of_file(rule: ParseRule, facts: ColumnStats) -> ParseRule:
    """The rule with the marks of the file: what it reads of a new file may come as text."""
    return replace(rule, decimal=",", thousands=".") if facts.decimal == "," else rule


def number_reason(facts: ColumnStats, rule: ParseRule) -> str:
    """Why the column is numeric and how it is read, in words for the user."""
    kind = facts.values.type
    if not is_text(kind):
        reason = "whole numbers" if pa.types.is_integer(kind) else "numbers"
    elif CLOCK in rule.formats:
        reason = "times such as " + _example(facts) + ", read as hours"
    elif rule.ranges:
        reason = _range_reason(facts, rule)
    elif rule.units:
        reason = _unit_reason(rule)
    else:
        reason = "numbers written as text"
    if is_text(kind) and (rule.thousands or rule.decimal != "."):
        marks = f"decimal {rule.decimal!r}"
        marks += f", thousands {rule.thousands!r}" if rule.thousands else ""
        reason += f" ({marks})"
    if rule.zero:
        reason += f", 0 where it says {' or '.join(map(shown, rule.zero))}"
    return reason + missing_words(rule)


def apart_reason(facts: ColumnStats) -> str:
    """Why numbers with units or money stay words, for the user; "" where they are no numbers."""
    if _several_currencies(facts):
        return "amounts in several currencies, which have no common unit"
    rows = _rows_of(split_units(plain_signs(facts.written))[1], facts.counts)
    units = [u for u, n in rows.items() if n >= 0.05 * facts.present and len(u) > 1]
    few = 1 < len(units) <= 3 and not {"st", "nd", "rd", "th"} & set(units)
    if few and len(facts.values) >= _MANY and sum(rows.values()) >= 0.9 * facts.present:
        return f"numbers with units that have nothing in common: {', '.join(map(shown, units))}"
    return ""


def missing_words(rule: ParseRule) -> str:
    """ ", missing where it says ..." for the marks of a rule; "" without any."""
    if not rule.missing:
        return ""
    named = ", ".join(shown(mark) for mark in rule.missing[:3])
    return f", missing where it says {named}" + (" ..." if len(rule.missing) > 3 else "")


def numbers_in(cells: pa.Array) -> pa.Array:
    """The numbers as written, without signs of money and units; other cells as they are."""
    plain = plain_signs(cells)
    return pc.coalesce(split_units(plain)[0], plain)


def _range_reason(facts: ColumnStats, rule: ParseRule) -> str:
    units = f" ({_unit_reason(rule)})" if rule.units else ""
    if pc.any(pc.is_valid(range_ends(facts.written)[1])).as_py():
        example = _example(facts, r"\d\s*\D+\s*\d|^\D+\d")
        return f"ranges such as {example}, read as their middle{units}"
    return f"numbers, some with an open end, read as that end{units}"


def _unit_reason(rule: ParseRule) -> str:
    named = ", ".join(f"{unit!r}" for unit, _ in rule.units[:4])
    if is_magnitude(rule.units):
        worth = ", ".join(f"{unit!r} is {factor:,.0f}" for unit, factor in rule.units[:4])
        return f"numbers with magnitudes: {worth}"
    if all(factor == 1.0 for _, factor in rule.units):
        return f"numbers with the unit {named}"
    base = next(unit for unit, factor in rule.units if factor == 1.0)
    return f"numbers with units ({named}), all of them in {base!r}"


def _example(facts: ColumnStats, pattern: str = r"\d") -> str:
    fitting = facts.written.filter(pc.match_substring_regex(facts.written, pattern))
    return shown(str(fitting[0].as_py())) if len(fitting) else "these"


def _several_currencies(facts: ColumnStats) -> bool:
    """Whether amounts are in more than one currency: they have no common unit."""
    rows = _rows_of(money_signs(facts.written), facts.counts)
    return sum(count >= 0.01 * facts.present for count in rows.values()) > 1


def _candidates(facts: ColumnStats, head: pa.Array) -> Iterator[ParseRule]:
    """Rules that may fit, the plainest first."""
    yield from _spellings(head, facts.written, facts.counts, facts.decimal)
    if _share(head, r"^\s*\d{1,3}:[0-5]\d") > 0.9 and not _share(head, _SCORE):
        yield ParseRule("number", formats=(CLOCK,))
    if not _has_ranges(facts, head):
        return
    counts = np.concatenate([facts.counts, facts.counts])
    for rule in _spellings(_ends(head), _ends(facts.written), counts, facts.decimal):
        yield replace(rule, ranges=True)


def _spellings(
    head: pa.Array, cells: pa.Array, counts: NDArray[np.int64], usual: str
) -> Iterator[ParseRule]:
    """Rules for the style of the first cells, without units and with those of all cells.

    `usual` is the file's decimal mark.
    """
    plain = pc.drop_null(plain_signs(head))
    for decimal, thousands in in_order(_styles_of(plain), numbers_in(cells), usual):
        yield ParseRule("number", decimal=decimal, thousands=thousands)
    bare, unit = split_units(plain)
    with_unit = len(unit) - unit.null_count + len(compounds(plain))
    if with_unit < 0.5 * len(unit) or _share(pc.drop_null(bare), r"^[+-]?0\d"):
        return
    units = _units_of(plain_signs(cells), counts)
    styles = in_order(_styles_of(pc.drop_null(bare)), numbers_in(cells), usual)
    for decimal, thousands in styles or [(".", "")]:
        yield ParseRule("number", decimal=decimal, thousands=thousands, units=units)


def _ends(text: pa.Array) -> pa.Array:
    """Both ends of each cell, first all lower ones, null where a cell has one end."""
    return pa.concat_arrays([pc.cast(end, pa.string()) for end in range_ends(text)])


def _has_ranges(facts: ColumnStats, head: pa.Array) -> bool:
    """Whether cells have two ends or an open one, repeat, and are no codes such as 010-020."""
    low, high = range_ends(head)
    turned = pc.or_(pc.is_valid(high), pc.not_equal(low, pc.utf8_trim_whitespace(head)))
    coded = max(_share(pc.drop_null(end), r"^0\d") for end in (low, high))
    return bool(pc.any(turned).as_py()) and not coded and facts.share <= 0.5


def _styles_of(bare: pa.Array) -> list[tuple[str, str]]:
    """Decimal and thousands marks that fit nearly all of these numbers, the plainest first."""
    shares = [_share(bare, pattern) for _, _, pattern in _STYLES]
    best = max(shares)
    return [
        (decimal, thousands)
        for (decimal, thousands, _), share in zip(_STYLES, shares, strict=True)
        if share == best and share > 0.5
    ]


def _units_of(plain: pa.Array, counts: NDArray[np.int64]) -> Units:
    """The suffixes of the cells that have one meaning together, and their factors."""
    seen: dict[str, int] = {}
    capital: dict[str, int] = {}
    for i, parts in compounds(plain).items():
        for _, lower in parts:
            seen[lower] = seen.get(lower, 0) + int(counts[i])
    for unit, rows in _rows_of(split_units(plain)[1], counts).items():
        lower = unit.lower()
        seen[lower] = seen.get(lower, 0) + rows
        capital[lower] = capital.get(lower, 0) + rows * (unit == unit.upper())
    most = dict(sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:_UNITS])
    return common_units(most, frozenset(u for u in most if 2 * capital.get(u, 0) > most[u]))


def _rows_of(words: pa.Array, counts: NDArray[np.int64]) -> dict[str, int]:
    """Rows of each different word, null left out; `counts` (k,) are the rows of each cell."""
    encoded = words.dictionary_encode()
    there = _flags(pc.is_valid(encoded.indices))
    codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
    rows = np.bincount(codes, counts[there], len(encoded.dictionary))
    return {w: int(n) for w, n in zip(encoded.dictionary.to_pylist(), rows, strict=True)}


def _accepted(facts: ColumnStats, marked: NDArray[np.bool_], rule: ParseRule) -> ParseRule | None:
    """The rule with its marks of gaps; None where more than a few cells are no numbers."""
    numbers = numbers_of_text(facts.values, rule)
    blank = _flags(pc.is_null(facts.written))
    strays = np.flatnonzero(np.isnan(numbers) & ~blank)
    unknown = [int(i) for i in strays if not marked[i]]
    fits = len(strays) < len(numbers) - blank.sum() and _few_strays(facts, unknown)
    if not fits or not _means_one_thing(facts, rule):
        return None
    marks = tuple(str(facts.written[int(i)].as_py()).lower() for i in strays[:20])
    if not (rule.ranges or rule.formats):
        marks = (*marks, *sentinel_marks(numbers, facts.counts))
    return replace(rule, missing=tuple(dict.fromkeys(marks)))


def _few_strays(facts: ColumnStats, unknown: list[int]) -> bool:
    if not unknown:
        return True
    # A column of few codes such as 1, 2, 3, S is one of words, not of numbers with gaps.
    if len(facts.values) < _MANY or len(unknown) > _MAX_STRAYS:
        return False
    share = facts.counts[unknown].sum() / max(1, facts.present)
    texts = facts.written.take(pa.array(unknown))
    digits = bool(pc.any(pc.match_substring_regex(texts, r"\d")).as_py())
    return bool(share <= (_RARE if digits else _OFTEN))


def _means_one_thing(facts: ColumnStats, rule: ParseRule) -> bool:
    """Whether ranges run upwards, and numbers without a unit among such with several are few."""
    if rule.ranges:
        low, high, spread = split_ranges(facts.written, rule)
        two = spread & ~np.isnan(low) & ~np.isnan(high)
        middles = np.unique(np.where(spread, (low + high) / 2, low))
        different = np.isfinite(middles).sum() >= _MIN_MIDDLES  # "<=50K" and ">50K" are labels
        if not different or not (low[two] < high[two]).all():
            return False
    mixed = any(factor != 1.0 for _, factor in rule.units) and not is_magnitude(rule.units)
    if not mixed:
        return True
    bare = numbers_of_text(facts.written, replace(rule, units=()))
    without = facts.counts[~np.isnan(bare) & (bare != 0)].sum()
    return bool(without <= _RARE * facts.present)


def _share(text: pa.Array, pattern: str) -> float:
    return pc.mean(pc.match_substring_regex(text, pattern)).as_py() or 0.0


def _flags(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
