"""Text: TF-IDF over stored words, pairs of words and runs of characters; themes; plain signals.

The commonest terms are columns of their own; all of them together become a few themes by a
stored matrix. What lower-case words lose, such as capitals and signs, comes from
table/parsing/text_statistics.py.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy import sparse

from automl_core.errors import ModelError
from automl_core.features.encoded_columns import (
    Matrix,
    has_missing,
    missing_feature,
    number,
    word_codes,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.ngrams import Ngrams, fit_grams
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.features.text_components import TextComponents, fit_themes
from automl_core.features.tokens import (
    CHARACTERS,
    Ids,
    TermCounts,
    Tokens,
    letters_apart,
    split_words,
    term_keys,
)
from automl_core.table import TypedColumn
from automl_core.table.parsing import SIGNALS

CHUNK = 4_096
"""Rows that are taken apart at a time, at most, to bound memory."""

MOST_TERMS, MOST_RUNS = 3_000, 2_000
"""What the themes of all text columns are made of, at most."""

THEME_TEXTS = 8_000
"""What runs and themes are learned from, at most, evenly spread."""

SMALLEST = 1e-6
"""A signal that varies less is constant but for rounding."""

NAMED = 3
"""Terms that a theme is called by."""


class TextEncoder(EncoderRecord, frozen=True, tag="text"):
    """A column each of the first terms, of the themes, the length, the signals that vary, and
    1 where there is no text."""

    name: str
    terms: tuple[str, ...]  # a word, or two with a space between
    idf: tuple[float, ...]  # one a term
    shown: int  # so many terms are columns of their own
    runs: tuple[str, ...]  # of characters; a space is an end of a word
    run_idf: tuple[float, ...]
    themes: TextComponents | None  # of terms and runs
    length: Scaling | None  # of log(1 + words); None: all texts are of one length
    signals: tuple[Scaling | None, ...]  # one a statistic of the text, or none at all
    indicator: bool

    def __post_init__(self) -> None:
        weights = (*self.idf, *self.run_idf)
        fits = len(self.idf) == len(set(self.terms)) == len(self.terms)
        fits = fits and len(self.run_idf) == len(set(self.runs)) == len(self.runs)
        fits = fits and bool(np.isfinite(weights).all()) and 0 <= self.shown <= len(self.terms)
        require(fits, f"the weights of {self.name!r} do not fit its terms")
        rows = None if self.themes is None else self.themes.rows
        require(rows in (None, len(weights)), f"the themes of {self.name!r} do not fit its terms")
        require(len(self.signals) in (0, len(SIGNALS)), f"{self.name!r} has other signals")
        some = bool(self.shown or self.themes or self.length or any(self.signals))
        require(some or self.indicator, f"{self.name!r} has no feature")

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """First the terms, then themes, length, signals and the indicator."""
        shown = (f"{self.name}: {term}" for term in self.terms[: self.shown])
        terms = tuple(Feature(name, self.name, "term") for name in shown)
        names = self._theme_names()
        names += ["number of words"] if self.length else []
        names += [title for title, scaling in zip(SIGNALS, self.signals, strict=False) if scaling]
        values = tuple(number(f"{self.name}: {name}", self.name) for name in names)
        return terms + values + ((missing_feature(self.name),) if self.indicator else ())

    def _theme_names(self) -> list[str]:
        """Each theme's number, and the terms that it is most about."""
        if self.themes is None:
            return []
        words = self.themes.matrix[: len(self.terms)]
        best = np.argsort(-np.abs(words), axis=0, kind="stable")[:NAMED].T.tolist()
        named = [", ".join(self.terms[i] for i in places) for places in best]
        return [f"theme {n} ({terms})" for n, terms in enumerate(named, 1)]

    @cached_property
    def _vocabulary(self) -> pa.StringArray:
        """All words that a term is made of."""
        words = {word for term in self.terms for word in term.split(" ")}
        return pa.array(sorted(words), type=pa.string())

    @cached_property
    def _keys(self) -> tuple[Ids, Ids]:
        """Sorted keys of the terms (see `term_keys`), and the place of each in `terms`."""
        words = {word: i for i, word in enumerate(self._vocabulary.to_pylist())}
        pairs = [[words[word] for word in term.split(" ")] for term in self.terms]
        v = len(words)
        keys = [p[0] if len(p) == 1 else v + p[0] * v + p[1] for p in pairs]
        order = np.argsort(np.array(keys, dtype=np.int64), kind="stable")
        return np.array(keys, dtype=np.int64)[order], order.astype(np.int64)

    @cached_property
    def _grams(self) -> Ngrams:
        return Ngrams(self.runs)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        if self.signals and column.signals is None:
            raise ModelError(f"Column {column.name!r} is no text, which the model expects.")
        codes = word_codes(column)
        longest = max(map(len, column.words), default=0)
        step = max(1, min(CHUNK, CHARACTERS // max(longest, 1)))
        for start in range(0, len(codes), step):
            rows = slice(start, start + step)
            self._write_rows(codes[rows], column, out[rows])

    def _write_rows(self, codes: NDArray[np.int32], column: TypedColumn, out: Matrix) -> None:
        used, place = np.unique(codes, return_inverse=True)
        texts = [column.words[code] if code >= 0 else "" for code in used.tolist()]
        terms, at = self.weights(texts), self.shown
        out[:, :at] = terms[:, :at].toarray()[place]
        if self.themes is not None:
            values = self.themes.apply(terms)
            out[:, at : at + values.shape[1]] = values[place]
            at += values.shape[1]
        if self.length is not None:
            words = np.array([_words(text) for text in texts], dtype=np.float64)
            out[:, at] = self.length.apply(np.log1p(words))[place]
            at += 1
        present = used >= 0
        for signal, scaling in enumerate(self.signals):
            if scaling is not None and column.signals is not None:
                values = np.zeros(len(used))
                values[present] = column.signals[used[present], signal]
                out[:, at] = scaling.apply(values)[place]
                at += 1
        out[codes < 0] = 0.0
        if self.indicator:
            out[:, at] = codes < 0

    def weights(self, texts: list[str]) -> sparse.csr_array:
        """TF-IDF (texts, terms and runs), both parts of a row of length 1."""
        apart = letters_apart(texts)
        parts = [_weighted(self._term_counts(split_words(apart)), self.idf)]
        if self.runs:
            parts.append(_weighted(self._grams.count(split_words(texts)), self.run_idf))
        return sparse.csr_array(sparse.hstack(parts, format="csr"))

    def _term_counts(self, tokens: Tokens) -> sparse.csr_array:
        shape = (len(tokens.lengths), len(self.terms))
        if not self.terms:
            return sparse.csr_array(shape)
        keys, places = self._keys
        document, key = term_keys(tokens, self._vocabulary)
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        known = keys[at] == key
        cells = (document[known], places[at[known]])
        counts = sparse.csr_array(sparse.coo_array((np.ones(int(known.sum())), cells), shape))
        counts.sort_indices()
        return counts


def _weighted(counts: sparse.csr_array, idf: tuple[float, ...]) -> sparse.csr_array:
    """Counts (n, k) times `idf`, each row scaled to length 1."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    values = counts.data * np.asarray(idf)[counts.indices]
    norm = np.sqrt(np.bincount(rows, weights=values**2, minlength=counts.shape[0]))
    return sparse.csr_array((values / norm[rows], counts.indices, counts.indptr), counts.shape)


def fit_text(
    column: TypedColumn, counts: TermCounts, shown: int, themes: int = 0, share: float = 1.0
) -> TextEncoder | None:
    """The encoder with the commonest `shown` terms, or None where there is nothing to tell.

    A term that every row has is kept: its share of the row still varies. `themes` is how many
    there are at most, made of `share` of what all text columns may store.
    """
    codes = word_codes(column)
    if not (codes >= 0).any():
        return None
    stored = max(shown, round(share * MOST_TERMS)) if themes else shown
    terms = counts.terms[:stored]
    used, weight = np.unique(codes[codes >= 0], return_counts=True)
    lengths = np.array([_words(column.words[code]) for code in used.tolist()], dtype=np.float64)
    length = fit_scaling(np.repeat(np.log1p(lengths), weight), smooth=True)
    signals = _fit_signals(column, used, weight)
    indicator = has_missing(column)
    if not terms and length is None and not any(signals) and not indicator:
        return None
    plain = TextEncoder(
        column.name, terms, _idf(counts.rows[:stored], counts.documents), min(shown, len(terms)),
        (), (), None, length, signals, indicator,
    )  # fmt: skip
    return _with_themes(plain, counts, themes, round(share * MOST_RUNS)) if themes else plain


def _with_themes(plain: TextEncoder, counts: TermCounts, most: int, most_runs: int) -> TextEncoder:
    """The encoder with runs of characters, and themes of these and its terms."""
    size = len(counts.texts)
    some = np.linspace(0, size - 1, min(size, THEME_TEXTS)).astype(np.int64)
    texts, weight = [counts.texts[i] for i in some.tolist()], counts.weight[some]
    tokens = split_words(texts)
    runs = fit_grams(tokens, weight, most_runs)
    found = sparse.csr_array(Ngrams(runs).count(tokens) > 0) if runs else None
    rows = np.zeros(0) if found is None else np.asarray(found.T @ weight)
    whole = replace(plain, runs=runs, run_idf=_idf(rows, int(weight.sum())))
    themes = fit_themes(whole.weights(texts), most)
    if themes is None:
        few = plain.terms[: plain.shown]
        return replace(plain, terms=few, idf=plain.idf[: plain.shown])
    return replace(whole, themes=themes)


def _idf(rows: NDArray[Any], documents: int) -> tuple[float, ...]:
    weights: list[float] = (np.log((1 + documents) / (1 + rows)) + 1).tolist()
    return tuple(weights)


def _words(text: str) -> int:
    return text.count(" ") + 1 if text else 0


def _fit_signals(
    column: TypedColumn, used: NDArray[Any], weight: NDArray[Any]
) -> tuple[Scaling | None, ...]:
    """By mean and deviation: most signals are 0 in most rows, and their extremes tell most."""
    if column.signals is None:
        return ()
    values = column.signals[used].astype(np.float64)
    mean = np.average(values, axis=0, weights=weight)
    deviation = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weight))
    return tuple(
        Scaling(m, d, smooth=True) if d > SMALLEST * max(1.0, abs(m)) else None
        for m, d in zip(mean.tolist(), deviation.tolist(), strict=True)
    )
