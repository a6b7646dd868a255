"""Texts that have the target's number in them: the outcome written down, as "sold for $1,250".

A number of a text counts where it is the target's, rounded as far as the text writes it. What
is as often in the texts of other rows is chance, and is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from automl_core.table import Finding, shown
from automl_core.table.checks.leak_text import is_written, written_leak
from automl_core.table.checks.sample import CheckSample
from automl_core.words import percent

ROWS, LENGTH, NUMBERS = 3_000, 2_000, 40  # rows; characters, and numbers, of a text
FEWEST = 50  # rows with a text and a target
SHARE = 0.9  # of the rows whose text has the number, beyond chance
_READINGS = tuple(  # the decimal mark, and what a number looks like then
    (mark, re.compile(pattern))
    for mark, pattern in (
        (".", r"\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?"),
        (",", r"\d{1,3}(?:[. ]\d{3})+(?!\d)(?:,\d+)?"),
        (".", r"\d+(?:\.\d+)?"),
        (",", r"\d+,\d+"),
    )
)


def written_numbers(sample: CheckSample) -> list[Finding]:
    """Columns of texts with the target in them; nothing where the target has classes."""
    target = sample.target
    if target is None or sample.task != "regression":
        return []
    every = max(1, -(-len(sample.numbers) // ROWS))
    rows = np.arange(len(sample.numbers))[::every]
    y = np.abs(sample.outcome()[rows, 0])
    findings = []
    for column in sample.features():
        if is_written(sample, column):
            texts = sample.cells(column.name).take(rows).to_pylist()
            share = _share(texts, y)
            if share >= SHARE:
                findings.append(_finding(column.name, target, share))
    return findings


def _finding(name: str, target: str, share: float) -> Finding:
    message = (
        f"{shown(name)} has the number of {shown(target)} in its words, in {percent(share)} of the "
        "rows."
    )
    return written_leak(name, target, message)


def _share(texts: list[object], y: np.ndarray) -> float:
    """Rows whose text has their number, beyond what another row's number would be found in."""
    known = [i for i, text in enumerate(texts) if text is not None and np.isfinite(y[i])]
    if len(known) < FEWEST:
        return 0.0
    found = [list(_numbers(str(texts[i]))) for i in known]
    others = np.random.default_rng(0).permutation(y[known])
    own, chance = (
        float(np.mean([_has(numbers, value) for numbers, value in zip(found, of, strict=True)]))
        for of in (y[known], others)
    )
    return (own - chance) / (1.0 - chance) if chance < 1.0 else 0.0


def _has(numbers: list[tuple[float, float]], value: float) -> bool:
    return any(abs(number - value) <= slack for number, slack in numbers)


def _numbers(text: str) -> Iterator[tuple[float, float]]:
    """Each number of a text, as it may be read, and how far rounding may have moved it."""
    for mark, pattern in _READINGS:
        for found in pattern.findall(text[:LENGTH])[:NUMBERS]:
            whole, _, part = found.partition(mark)
            value = float(f"{re.sub(r'[^0-9]', '', whole)}.{part or 0}")
            yield value, 0.5 * 10.0 ** -len(part) + 1e-9 * value
