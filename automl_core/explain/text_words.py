"""Effects of single words of a text on a prediction: rows with the word against the same without.

A word is taken out of each text that has it; all else stays. The model reads the texts anew.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl_core.explain.effects import Lines, as_lines, outputs_of, predicted
from automl_core.explain.sample import Sample
from automl_core.table import TypedColumn

WORDS = 12  # the most frequent
LEAST_ROWS, MOST_SHARE = 5, 0.9  # of the rows that have a word
T = 2.0  # standard errors of a 95 % interval
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True)
class WordEffects:
    """The effect of words of a text column, the strongest first."""

    column: str
    outputs: tuple[str, ...]
    words: tuple[str, ...]
    shares: tuple[float, ...]  # of the rows that have the word
    mean: Lines  # by output and word: the prediction with it minus that without it
    low: Lines  # 95 % interval of the mean over rows
    high: Lines
    rows: int  # that were looked at


def word_effects_of(sample: Sample, name: str) -> WordEffects | None:
    """The effects on these rows; None for other columns, and texts read by a sentence model."""
    column = sample.typed.columns[name]
    if sample.kinds[name] != "text" or column.codes is None or column.vectors is not None:
        return None
    used = {int(code): set(_WORD.findall(column.words[code].lower())) for code in column.codes
            if code >= 0}  # fmt: skip
    counts = Counter(word for code in column.codes.tolist() if code >= 0 for word in used[code])
    most = MOST_SHARE * sample.rows
    ranked = sorted((-rows, w) for w, rows in counts.items() if LEAST_ROWS <= rows <= most)
    words = [word for _, word in ranked[:WORDS]]
    if not words:
        return None
    longer, changes = _without(column, used, words)
    columns = {**sample.typed.columns, name: longer}
    sample = replace(sample, typed=replace(sample.typed, columns=columns))
    said = predicted(sample, [{}, *({name: change} for change in changes)])
    names, _ = outputs_of(sample)
    found = []
    for place, word in enumerate(words):
        has = np.array([code >= 0 and word in used[code] for code in column.codes.tolist()])
        moved = (said[0] - said[place + 1])[has]  # (m, outputs)
        half = T * moved.std(axis=0, ddof=1) / np.sqrt(len(moved))
        found.append((word, float(has.mean()), moved.mean(axis=0), half))
    found.sort(key=lambda one: -float(np.abs(one[2]).max()))
    mean, half = (np.array([one[i] for one in found]).T for i in (2, 3))
    return WordEffects(
        column=name,
        outputs=names,
        words=tuple(one[0] for one in found),
        shares=tuple(one[1] for one in found),
        mean=as_lines(mean),
        low=as_lines(mean - half),
        high=as_lines(mean + half),
        rows=sample.rows,
    )


def _without(
    column: TypedColumn, used: dict[int, set[str]], words: Sequence[str]
) -> tuple[TypedColumn, list[TypedColumn]]:
    """The column with more texts to point to; for each word one that points to those without it."""
    assert column.codes is not None
    added: dict[tuple[str, int], int] = {}  # by text, and the one that it was made of
    changed = []
    for word in words:
        pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
        codes = column.codes.copy()
        for code, held in used.items():
            if word in held:
                text = " ".join(pattern.sub(" ", column.words[code]).split())
                place = added.setdefault((text, code), len(column.words) + len(added))
                codes[column.codes == code] = place
        changed.append(codes)
    signals = column.signals  # the length and the like are left as they were
    if signals is not None:
        signals = np.concatenate([signals, signals[[code for _, code in added]]])
    longer = replace(column, words=(*column.words, *(t for t, _ in added)), signals=signals)
    return longer, [replace(longer, codes=codes) for codes in changed]
