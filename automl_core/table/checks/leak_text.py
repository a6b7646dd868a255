"""Texts that give the class away: a few words that stand in nearly all rows of it, and no others.

Judged on rows that had no part in choosing the words. An honest text speaks of a class in many
words; the outcome written down is said in one or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Finding, ParseRule, leave_out, listed, shown
from automl_core.table.checks.sample import CheckSample
from automl_core.table.parsing import parse_column

ROWS, LENGTH = 6_000, 100  # rows; words of a text
WORDS, LEAST_ROWS, PURE = 3, 5, 0.97  # words of a class; rows with each; of them of the class
TELLS = 0.985  # mean of the shares of rows of the class, and of others, that are recognised
LEAST_CLASS, ALL_BUT = 0.02, 0.05  # share of the rows
ROWS_A_VALUE = 20.0  # from which on words repeat often enough for the other checks
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Texts:
    """Words by row: entry i is word `words[token[i]]` in row `row[i]`."""

    row: Rows
    token: Rows
    words: tuple[str, ...]
    rows: int


def leaking_words(sample: CheckSample) -> list[Finding]:
    """Columns of texts that tell each class; nothing where the target is a number."""
    target = sample.target
    if target is None or sample.task == "regression":
        return []
    every = max(1, -(-len(sample.numbers) // ROWS))
    hot = sample.outcome()[::every]
    known = ~np.isnan(hot[:, 0])
    labels, hot = hot[known].argmax(axis=1), hot[known]
    if len(labels) < 50 or not 2 <= hot.shape[1] <= 20:
        return []
    findings = []
    for column in sample.features():
        if not is_written(sample, column):
            continue
        cells = sample.cells(column.name).take(np.arange(len(sample.numbers))[::every][known])
        words = _told(_texts(cells, column), labels, hot.shape[1])
        if words:
            findings.append(_finding(column.name, target, words))
    return findings


def _finding(name: str, target: str, words: tuple[str, ...]) -> Finding:
    message = (
        f"{shown(name)} gives the target away in words such as {listed(words, 3)}: they stand in "
        "nearly all rows of a class, and hardly in others."
    )
    return written_leak(name, target, message)


def written_leak(name: str, target: str, message: str) -> Finding:
    """The finding about a text that may have been written after the outcome."""
    fix = f"Unless {shown(name)} is written before the outcome is known, leave it out."
    action = leave_out(name)
    return Finding("leak", (name, target), "warning", message, fix, "to_review", action)


def is_written(sample: CheckSample, column: Column) -> bool:
    """True if the column's cells are texts, most of them different."""
    if column.role == "text":
        return True
    often = sample.schema.rows / max(1, column.distinct) >= ROWS_A_VALUE
    return column.role == "category" and column.parse.kind == "string" and not often


def _texts(cells: pa.ChunkedArray, column: Column) -> _Texts:
    """The words of each row, and its pairs of neighbours, each once."""
    typed = parse_column(cells, column.name, ParseRule("text", column.parse.missing))
    assert typed.codes is not None
    numbers: dict[str, int] = {}
    owned = []
    for text in typed.words:
        single = text.split()[:LENGTH]
        pairs = [" ".join(pair) for pair in pairwise(single)]
        owned.append([numbers.setdefault(w, len(numbers)) for w in {*single, *pairs}])
    sizes = np.array([len(tokens) for tokens in owned], np.int64)
    starts = np.cumsum(sizes) - sizes
    flat = np.array([t for tokens in owned for t in tokens], np.int64)
    filled = np.flatnonzero(typed.codes >= 0)
    codes = typed.codes[filled]
    row = np.repeat(filled, sizes[codes])
    place = np.arange(len(row)) - np.repeat(np.cumsum(sizes[codes]) - sizes[codes], sizes[codes])
    token = flat[np.repeat(starts[codes], sizes[codes]) + place]
    return _Texts(row, token, tuple(numbers), len(typed.codes))


def _told(texts: _Texts, labels: Rows, classes: int) -> tuple[str, ...]:
    """The words that predict the classes in nearly all rows."""
    half = np.random.default_rng(0).random(texts.rows) < 0.5
    words: tuple[str, ...] = ()
    left = []  # shares of the rows of classes that no words tell
    for k in range(classes):
        of_class = labels == k
        share = float(of_class.mean())
        found = _words_of(texts, of_class, half) if share >= LEAST_CLASS else ()
        words += found
        left += [] if found else [share]
    others = sum(left) - max(left, default=0.0)
    return words if words and others <= ALL_BUT else ()


def _words_of(
    texts: _Texts, of_class: NDArray[np.bool_], half: NDArray[np.bool_]
) -> tuple[str, ...]:
    """A few words, chosen in one half, that tell the class in the other; () where none do."""
    covered, chosen = np.zeros(texts.rows, np.bool_), []
    size = len(texts.words)
    for _ in range(WORDS):
        open_rows = (half & ~covered)[texts.row]
        inside = np.bincount(texts.token[open_rows & of_class[texts.row]], minlength=size)
        every = np.bincount(texts.token[open_rows], minlength=size)
        good = (inside >= LEAST_ROWS) & (inside >= PURE * every)
        if not good.any():
            break
        best = int(np.where(good, inside, 0).argmax())
        chosen.append(best)
        covered[texts.row[texts.token == best]] = True
    judged = ~half
    if not chosen or not (judged & of_class).any() or not (judged & ~of_class).any():
        return ()
    told = (covered[judged & of_class].mean() + (~covered[judged & ~of_class]).mean()) / 2
    return tuple(texts.words[i] for i in chosen) if told >= TELLS else ()
