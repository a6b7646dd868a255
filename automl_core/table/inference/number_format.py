"""Recognises columns of numbers: marks, thousands, units, magnitudes, ranges, clocks.

A rule that would lose values is refused: a few cells at most become missing, and the reason
names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import ParseRule, is_number, is_text, shown
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.decimal_mark import marks_in_order
from automl_core.table.inference.missing_marks import may_be_missing
from automl_core.table.inference.number_flags import flags_among, has_words
from automl_core.table.inference.number_shapes import NumberShapes
from automl_core.table.inference.sentinels import find_sentinels
from automl_core.table.inference.units import Units, common_units, is_magnitude
from automl_core.table.inference.zero_words import zero_words
from automl_core.table.parsing import CLOCK, PERCENT, Amounts, amounts_of_text, without_flags

Numbers = NDArray[np.float64]

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
_MOST_WORDS = 3  # different words that may stand for a gap
_RARE = 0.02  # share of the rows in which any word may stand for a gap
_OFTEN = 0.35  # and one without a digit, such as "varies"
_MANY = 20  # different numbers that it takes for words to be gaps
_STRAY_FIRST, _STRAY_ROWS, _STRAY_DIFFERENT = 5, 10, 4  # numbers beside a word of one row
_MOST_MARKS = 20  # marks of missing cells that a rule keeps
_UNITS = 12
_SCORE = r"^\s*(2[4-9]|[3-9]\d|\d{3}):\d\d\s*$"  # no time of day: a score such as 25:19
_MIN_MIDDLES = 3
_USUAL = (0.02, 0.98)  # quantiles between which most numbers are
_DECIMALS, _LARGE = 0.2, 1_000  # share of amounts with decimals, or whole ones as large


@dataclass(frozen=True, eq=False)
class NumberReading:
    """A column recognised as numbers."""

    rule: ParseRule
    numbers: Numbers  # (k,) the distinct values read by the rule, NaN where missing
    reason: str  # in words for the user, without the marks of missing cells


def read_as_numbers(stats: ColumnStats) -> NumberReading | None:
    """The column as numbers, marks of missing cells in the rule; None where it holds none."""
    kind = stats.values.type
    if pa.types.is_boolean(kind):
        numbers = stats.values.cast(pa.uint8()).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return NumberReading(ParseRule("number"), numbers, "numbers")
    if is_number(kind):
        numbers = stats.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        rule, reason = ParseRule("number"), "numbers"
        if pa.types.is_integer(kind):
            reason = "whole numbers"
        else:
            rule = replace(rule, percent=_share_unit(numbers))
        if stats.decimal == ",":  # what the rule reads of a new file may come as text
            rule = replace(rule, decimal=",", thousands=".")
    else:
        found = _fitting(stats) if is_text(kind) and len(stats.values) else None
        if found is None:
            return None
        rule, numbers = found
        reason = _text_reason(stats, rule)
    if not (rule.ranges or rule.formats):
        sentinels = [s for s in find_sentinels(numbers, stats.counts) if s.sure]
        marks = (*rule.missing, *(s.mark for s in sentinels))
        rule = replace(rule, missing=tuple(dict.fromkeys(marks)))
        marked = [s.value for s in sentinels]
        numbers = np.where(np.isin(numbers, marked), np.nan, numbers)
    return NumberReading(rule, np.where(np.isfinite(numbers), numbers, np.nan), reason)


def no_common_unit_reason(stats: ColumnStats) -> str:
    """The reason in words why numbers with units or money stay words; "" where they are none."""
    if _several_currencies(stats):
        return "amounts in several currencies, which have no common unit"
    rows = _rows_of(stats.shapes.units, stats.counts)
    units = [u for u, n in rows.items() if n >= 0.05 * stats.present and len(u) > 1]
    few = 1 < len(units) <= 3 and not {"st", "nd", "rd", "th"} & set(units)
    if few and len(stats.values) >= _MANY and sum(rows.values()) >= 0.9 * stats.present:
        return f"numbers with units that have nothing in common: {', '.join(map(shown, units))}"
    return ""


def _fitting(stats: ColumnStats) -> tuple[ParseRule, Numbers] | None:
    """The first rule that fits the texts, and the numbers (k,) that it reads; or None."""
    unmarked = stats.written.filter(pc.invert(stats.marked))
    head = NumberShapes(unmarked.slice(0, _HEAD)).present()
    if _share(head.cells, r"\d") < 0.5 or _several_currencies(stats):
        return None
    zero = zero_words(stats)
    for candidate in _candidates(stats, head):
        rule = replace(candidate, zero=zero)
        amounts = amounts_of_text(stats.written, rule)
        words = _words_among(stats, amounts, rule.flags)
        if words is not None and _means_one_thing(stats, rule, amounts):
            rule = replace(rule, missing=words, percent=_percent(stats, amounts.numbers))
            return rule, amounts_of_text(stats.written, rule).numbers if rule.percent else (
                amounts.numbers
            )
    return None


def _text_reason(stats: ColumnStats, rule: ParseRule) -> str:
    """The reason in words why a text column is numeric, and the way it is read."""
    if CLOCK in rule.formats:
        reason = "times such as " + _example(stats) + ", read as hours"
    elif rule.ranges:
        reason = _range_reason(stats, rule)
    elif rule.units:
        reason = _unit_reason(rule)
    else:
        reason = "numbers written as text"
    if rule.thousands or rule.decimal != ".":
        marks = f"decimal {rule.decimal!r}"
        marks += f", thousands {rule.thousands!r}" if rule.thousands else ""
        reason += f" ({marks})"
    if rule.percent == "percent":
        reason += ", in percent"
    if rule.flags:
        named = ", ".join(map(shown, rule.flags[:4])) + (" ..." if len(rule.flags) > 4 else "")
        reason += f", some marked by {named}: the marks are dropped"
    if rule.zero:
        reason += f", 0 where it says {' or '.join(map(shown, rule.zero))}"
    return reason


def _range_reason(stats: ColumnStats, rule: ParseRule) -> str:
    units = f" ({_unit_reason(rule)})" if rule.units else ""
    if pc.any(pc.is_valid(stats.shapes.ends[1])).as_py():
        example = _example(stats, r"\d\s*\D+\s*\d|^\D+\d")
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


def _example(stats: ColumnStats, pattern: str = r"\d") -> str:
    fitting = stats.written.filter(pc.match_substring_regex(stats.written, pattern))
    return shown(str(fitting[0].as_py())) if len(fitting) else "these"


def _several_currencies(stats: ColumnStats) -> bool:
    """True if amounts are in more than one currency: they have no common unit."""
    rows = _rows_of(stats.shapes.money, stats.counts)
    return sum(count >= 0.01 * stats.present for count in rows.values()) > 1


def _candidates(stats: ColumnStats, head: NumberShapes) -> Iterator[ParseRule]:
    """Rules that may fit, the plainest first."""
    yield from _spellings(head, stats.shapes, stats.counts, stats.decimal)
    if _share(head.cells, r"^\s*\d{1,3}:[0-5]\d") > 0.9 and not _share(head.cells, _SCORE):
        yield ParseRule("number", formats=(CLOCK,))
    if _has_ranges(stats, head):
        yield from _ranges(stats, head)
    yield from _flagged(stats)


def _flagged(stats: ColumnStats) -> Iterator[ParseRule]:
    """Rules that drop marks beside some of the numbers."""
    flags = flags_among(stats)
    if not flags:
        return
    cells = without_flags(stats.written, flags)
    bare = NumberShapes(pc.if_else(may_be_missing(cells), None, cells))
    for decimal, thousands in marks_in_order(
        _styles_of(bare.present().plain.slice(0, _HEAD)), bare, stats.decimal
    ):
        yield ParseRule("number", decimal=decimal, thousands=thousands, flags=flags)


def _ranges(stats: ColumnStats, head: NumberShapes) -> Iterator[ParseRule]:
    counts = np.concatenate([stats.counts, stats.counts])
    for rule in _spellings(
        head.both_ends().present(), stats.shapes.both_ends(), counts, stats.decimal
    ):
        yield replace(rule, ranges=True)


def _spellings(
    head: NumberShapes, shapes: NumberShapes, counts: NDArray[np.int64], usual: str
) -> Iterator[ParseRule]:
    """Rules for the style of the first cells, without units and with those of all cells.

    `usual` is the file's decimal mark.
    """
    for decimal, thousands in marks_in_order(_styles_of(head.plain), shapes, usual):
        yield ParseRule("number", decimal=decimal, thousands=thousands)
    unit, bare = head.units, pc.drop_null(head.before_unit)
    with_unit = len(unit) - unit.null_count + len(head.compounds)
    if with_unit < 0.5 * len(unit) or _share(bare, r"^[+-]?0\d"):
        return
    units = _units_of(shapes, counts)
    for decimal, thousands in marks_in_order(_styles_of(bare), shapes, usual) or [(".", "")]:
        yield ParseRule("number", decimal=decimal, thousands=thousands, units=units)


def _has_ranges(stats: ColumnStats, head: NumberShapes) -> bool:
    """True if cells have two ends or an open one, repeat, and are no codes such as 010-020."""
    low, high = head.ends
    changed = pc.or_(pc.is_valid(high), pc.not_equal(low, head.cells))
    coded = max(_share(pc.drop_null(end), r"^0\d") for end in (low, high))
    return bool(pc.any(changed).as_py()) and not coded and stats.share <= 0.5


def _styles_of(bare: pa.Array) -> list[tuple[str, str]]:
    """Decimal and thousands marks that fit nearly all of these numbers, the plainest first."""
    shares = [_share(bare, pattern) for _, _, pattern in _STYLES]
    best = max(shares)
    return [
        (decimal, thousands)
        for (decimal, thousands, _), share in zip(_STYLES, shares, strict=True)
        if share == best and share > 0.5
    ]


def _units_of(shapes: NumberShapes, counts: NDArray[np.int64]) -> Units:
    """The suffixes of the cells that have one meaning together, and their factors."""
    rows_of_unit: dict[str, int] = {}
    capital: dict[str, int] = {}
    for i, parts in shapes.compounds.items():
        for _, lower in parts:
            rows_of_unit[lower] = rows_of_unit.get(lower, 0) + int(counts[i])
    for unit, rows in _rows_of(shapes.units, counts).items():
        lower = unit.lower()
        rows_of_unit[lower] = rows_of_unit.get(lower, 0) + rows
        capital[lower] = capital.get(lower, 0) + rows * (unit == unit.upper())
    ordered = sorted(rows_of_unit.items(), key=lambda item: (-item[1], item[0]))
    most = dict(ordered[:_UNITS])
    return common_units(most, frozenset(u for u in most if 2 * capital.get(u, 0) > most[u]))


def _rows_of(words: pa.Array, counts: NDArray[np.int64]) -> dict[str, int]:
    """Rows of each different word, null left out; `counts` (k,) are the rows of each cell."""
    encoded = words.dictionary_encode()
    valid = _flags(pc.is_valid(encoded.indices))
    codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
    rows = np.bincount(codes, counts[valid], len(encoded.dictionary))
    return {w: int(n) for w, n in zip(encoded.dictionary.to_pylist(), rows, strict=True)}


def _words_among(
    stats: ColumnStats, amounts: Amounts, flags: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The cells that are no numbers, in lower case: marks of missing ones. None: too many."""
    present = _flags(pc.is_valid(stats.written))
    words = np.flatnonzero(np.isnan(amounts.numbers) & present)
    if len(words) >= present.sum():
        return None
    marked = _flags(stats.marked)
    if not marked[words].all():  # "n/a (2)"
        bare = without_flags(stats.written, flags or ("*",))
        marked |= _flags(may_be_missing(bare))
    if not _may_be_gaps(stats, [int(i) for i in words if not marked[i]]):
        return None
    return tuple(str(stats.written[int(i)].as_py()).lower() for i in words[:_MOST_MARKS])


def _may_be_gaps(stats: ColumnStats, unknown: list[int]) -> bool:
    """True if these distinct values, none a known mark, are few enough to be missing cells."""
    if not unknown:
        return True
    if len(unknown) > _MOST_WORDS:
        return False
    if _is_stray(stats, unknown):
        return True
    # A column of few codes such as 1, 2, 3, S is one of words, not of numbers with gaps.
    if len(stats.values) < _MANY:
        return False
    share = stats.counts[unknown].sum() / max(1, stats.present)
    texts = stats.written.take(pa.array(unknown))
    digits = bool(pc.any(pc.match_substring_regex(texts, r"\d")).as_py())
    return bool(share <= (_RARE if digits else _OFTEN))


def _is_stray(stats: ColumnStats, unknown: list[int]) -> bool:
    """True if each of these values is in one row only, such as a row of units below the names.

    Above all other rows it takes a few numbers to tell; anywhere else, more and different ones.
    """
    if (stats.counts[unknown] > 1).any():
        return False
    rows, different = stats.present - len(unknown), len(stats.values) - len(unknown)
    first = sorted(unknown) == list(range(len(unknown)))
    if first and rows >= _STRAY_FIRST and different > 1:
        return True
    return rows >= _STRAY_ROWS * len(unknown) and different >= _STRAY_DIFFERENT


def _percent(stats: ColumnStats, numbers: Numbers) -> Literal["", "percent", "share"]:
    """The unit of numbers that are in percent, some perhaps without the sign: 45%, or 0.45.

    Without any sign, fractions up to 1 are shares, of which others may be written in percent.
    """
    signed = _flags(pc.match_substring_regex(stats.written, PERCENT)) & np.isfinite(numbers)
    plain = np.isfinite(numbers) & ~signed
    if not signed.any():
        return _share_unit(numbers)
    above = stats.counts[plain & (np.abs(numbers) > 1)].sum()
    return "" if 2 * above > stats.counts[plain].sum() else "percent"


def _share_unit(numbers: Numbers) -> Literal["", "percent", "share"]:
    """ "share" for numbers up to 1 of which some are no whole ones."""
    known = numbers[np.isfinite(numbers)]
    fractions = len(known) > 0 and np.abs(known).max() <= 1 and (known != np.trunc(known)).any()
    return "share" if fractions else ""


def _means_one_thing(stats: ColumnStats, rule: ParseRule, amounts: Amounts) -> bool:
    """True if ranges run upwards, and numbers without a unit among such with several are few."""
    if rule.ranges:
        low, high = amounts.low, amounts.high
        two = amounts.spread & ~np.isnan(low) & ~np.isnan(high)
        middles = np.unique(np.where(amounts.spread, (low + high) / 2, low))
        different = np.isfinite(middles).sum() >= _MIN_MIDDLES  # "<=50K" and ">50K" are labels
        if not different or not (low[two] < high[two]).all():
            return False
    if has_words(rule.flags) and not _of_one_size(stats, amounts.numbers):
        return False
    mixed = any(factor != 1.0 for _, factor in rule.units) and not is_magnitude(rule.units)
    if not mixed:
        return True
    without = stats.counts[amounts.unitless & (amounts.numbers != 0)].sum()
    return bool(without <= _RARE * stats.present)


def _of_one_size(stats: ColumnStats, numbers: Numbers) -> bool:
    """True if numbers with a word are as large as those without, and are amounts, no codes.

    A word that is a unit or a magnitude makes them smaller or larger; 12 bis is a house number.
    """
    known = np.isfinite(numbers)
    worded = known & _flags(pc.match_substring_regex(stats.written, r"\p{L}{3}"))
    plain = numbers[known & ~worded]
    if not worded.any() or not len(plain):
        return True
    low, high = np.quantile(plain, _USUAL)
    amounts = (plain != np.trunc(plain)).mean() >= _DECIMALS or np.median(plain) >= _LARGE
    return bool(amounts and low <= np.median(numbers[worded]) <= high)


def _share(text: pa.Array, pattern: str) -> float:
    return pc.mean(pc.match_substring_regex(text, pattern)).as_py() or 0.0


def _flags(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
