"""Free text as TF-IDF over stored single words and pairs of neighbours, and its length.

Expects text as parsing leaves it: lower case, words separated by single spaces. Nothing is
stemmed, nothing hashed. idf = ln((1 + n) / (1 + df)) + 1, rows of Euclidean length 1
(Salton & Buckley 1988, smoothed as in scikit-learn).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.features.columns import (
    Matrix,
    Numbers,
    has_missing,
    missing_feature,
    number,
    word_codes,
)
from automl_core.features.layout import Feature
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.table.typed import TypedColumn

CHUNK = 4_096
"""Rows that are taken apart at a time, at most, to bound memory."""

FIT_ROWS = 50_000
"""Rows that the vocabulary is counted on, at most, evenly spread."""

CHARACTERS = 20_000_000
"""What such rows may hold together, at most: long texts mean fewer rows."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words of m documents, in order."""

    words: pa.StringArray  # (t,)
    document: Ids  # (t,) ascending
    lengths: Numbers  # (m,) words a document


@dataclass(frozen=True)
class TextEncoder:
    """One column a stored term, then the length, then 1 where there is no text."""

    name: str
    terms: tuple[str, ...]  # a word, or two with a space between
    idf: tuple[float, ...]  # one a term
    length: Scaling | None  # of log(1 + words); None: all texts are of one length
    indicator: bool
    kind: Literal["text"] = "text"

    def __post_init__(self) -> None:
        fits = len(self.idf) == len(set(self.terms)) == len(self.terms)
        fits = fits and bool(np.isfinite(self.idf).all())
        require(fits, f"the weights of {self.name!r} do not fit its terms")
        some = bool(self.terms) or self.length is not None or self.indicator
        require(some, f"{self.name!r} has no feature")

    @property
    def features(self) -> tuple[Feature, ...]:
        names = [f"{self.name}: {term}" for term in self.terms]
        names += [f"{self.name}: number of words"] if self.length else []
        values = tuple(number(name, self.name) for name in names)
        return values + ((missing_feature(self.name),) if self.indicator else ())

    @cached_property
    def _vocabulary(self) -> pa.StringArray:
        """All words that a term is made of."""
        words = {word for term in self.terms for word in term.split(" ")}
        return pa.array(sorted(words), type=pa.string())

    @cached_property
    def _keys(self) -> tuple[Ids, Ids]:
        """Sorted keys of the terms (see `_term_keys`), and the place of each in `terms`."""
        words = {word: i for i, word in enumerate(self._vocabulary.to_pylist())}
        pairs = [[words[word] for word in term.split(" ")] for term in self.terms]
        v = len(words)
        keys = [p[0] if len(p) == 1 else v + p[0] * v + p[1] for p in pairs]
        order = np.argsort(np.array(keys, dtype=np.int64), kind="stable")
        return np.array(keys, dtype=np.int64)[order], order.astype(np.int64)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        codes = word_codes(column)
        longest = max(map(len, column.words), default=0)
        step = max(1, min(CHUNK, CHARACTERS // max(longest, 1)))
        for start in range(0, len(codes), step):
            rows = slice(start, start + step)
            self._write_rows(codes[rows], column.words, out[rows])

    def _write_rows(self, codes: NDArray[np.int32], words: tuple[str, ...], out: Matrix) -> None:
        used, place = np.unique(codes, return_inverse=True)
        tokens = split_words([words[code] if code >= 0 else "" for code in used.tolist()])
        k = len(self.terms)
        out[:, :k] = self._weights(tokens, len(used))[place]
        if self.length is not None:
            out[:, k] = self.length.apply(np.log1p(tokens.lengths))[place]
            out[codes < 0, k] = 0.0
        if self.indicator:
            out[:, -1] = codes < 0

    def _weights(self, tokens: Tokens, documents: int) -> Matrix:
        """TF-IDF (documents, terms)."""
        k = len(self.terms)
        dense = np.zeros((documents, k), dtype=np.float32)
        if k == 0:
            return dense
        keys, places = self._keys
        document, key = _term_keys(tokens, self._vocabulary)
        at = np.minimum(np.searchsorted(keys, key), k - 1)
        known = keys[at] == key
        # One number a cell, so that equal terms of a document can be counted by sorting.
        cell, count = np.unique(document[known] * k + places[at[known]], return_counts=True)
        document, term = np.divmod(cell, k)
        weight = count * np.asarray(self.idf)[term]
        norm = np.sqrt(np.bincount(document, weights=weight**2, minlength=documents))
        dense[document, term] = weight / norm[document]
        return dense


def split_words(texts: list[str]) -> Tokens:
    """The words of each text; an empty text has none."""
    lists = pc.split_pattern(pa.array(texts, type=pa.string()), " ")
    document = np.repeat(np.arange(len(texts)), lists.value_lengths().to_numpy())
    words = lists.flatten()
    filled = pc.not_equal(words, "").to_numpy(zero_copy_only=False)
    document = document[filled].astype(np.int64)
    lengths = np.bincount(document, minlength=len(texts)).astype(np.float64)
    return Tokens(words.filter(pa.array(filled)), document, lengths)


def _term_keys(tokens: Tokens, vocabulary: pa.StringArray) -> tuple[Ids, Ids]:
    """Document and key of every known word, then of every pair of known neighbours.

    The key of a word is its number in the vocabulary of v words, that of a pair (a, b) is
    v + a v + b.
    """
    v = len(vocabulary)
    ids = pc.fill_null(pc.index_in(tokens.words, value_set=vocabulary), -1)
    word = ids.to_numpy(zero_copy_only=False).astype(np.int64)
    known = word >= 0
    neighbours = known[:-1] & known[1:] & (tokens.document[:-1] == tokens.document[1:])
    pairs = v + word[:-1][neighbours] * v + word[1:][neighbours]
    documents = (tokens.document[known], tokens.document[:-1][neighbours])
    return np.concatenate(documents), np.concatenate((word[known], pairs))


@dataclass(frozen=True, eq=False)
class TermCounts:
    """Candidate terms of a text column, commonest first."""

    terms: tuple[str, ...]
    rows: NDArray[np.int64]  # (k,) how many of the documents have the term
    documents: int


def count_terms(column: TypedColumn, most: int) -> TermCounts:
    """Terms that at least two rows have, the commonest `most` of them.

    Equally common terms: single words first, then by alphabet.
    """
    codes = word_codes(column)
    codes = codes[codes >= 0]
    typical = sum(map(len, column.words)) // max(len(column.words), 1)
    documents = max(1, min(len(codes), FIT_ROWS, CHARACTERS // max(typical, 1)))
    if documents < len(codes):
        codes = codes[np.linspace(0, len(codes) - 1, documents).astype(np.int64)]
    used, weight = np.unique(codes, return_counts=True)
    tokens = split_words([column.words[code] for code in used.tolist()])
    encoded = tokens.words.dictionary_encode()
    ids = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    names, v = encoded.dictionary, max(len(encoded.dictionary), 1)
    words, rows = _document_frequency(tokens.document, ids, weight)
    common = np.isin(ids, words[rows >= 2])  # only such words make common pairs
    neighbours = common[:-1] & common[1:] & (tokens.document[:-1] == tokens.document[1:])
    pairs, pair_rows = _document_frequency(
        tokens.document[:-1][neighbours], (ids[:-1] * v + ids[1:])[neighbours], weight
    )
    terms = [(-count, 0, names[word].as_py()) for word, count in _top(words, rows, most)]
    terms += [
        (-count, 1, f"{names[pair // v].as_py()} {names[pair % v].as_py()}")
        for pair, count in _top(pairs, pair_rows, most)
    ]
    best = sorted(terms)[:most]
    return TermCounts(
        tuple(term for _, _, term in best),
        np.array([-count for count, _, _ in best], dtype=np.int64),
        len(codes),
    )


def _document_frequency(document: Ids, key: Ids, weight: Ids) -> tuple[Ids, Ids]:
    """Distinct keys, and for each the summed weight of the documents that have it."""
    keys, compact = np.unique(key, return_inverse=True)
    cells = np.unique(document * max(len(keys), 1) + compact)
    found, which = np.divmod(cells, max(len(keys), 1))
    rows = np.bincount(which, weights=weight[found], minlength=len(keys))
    return keys, rows.astype(np.int64)


def _top(keys: Ids, rows: Ids, most: int) -> list[tuple[int, int]]:
    """Keys of at least two rows and their rows: the commonest `most`, and those tied with
    the last of them."""
    least = 2
    if 0 < most < len(rows):
        least = max(least, int(np.partition(rows, len(rows) - most)[len(rows) - most]))
    kept = np.flatnonzero(rows >= least)
    return list(zip(keys[kept].tolist(), rows[kept].tolist(), strict=True))


def fit_text(column: TypedColumn, counts: TermCounts, most: int) -> TextEncoder | None:
    """The encoder with the commonest `most` terms, or None where there is nothing to tell.

    A term that every row has is kept: its share of the row still tells.
    """
    codes = word_codes(column)
    if not (codes >= 0).any():
        return None
    terms, rows = counts.terms[:most], counts.rows[:most]
    idf = np.log((1 + counts.documents) / (1 + rows)) + 1
    used, weight = np.unique(codes[codes >= 0], return_counts=True)
    texts = [column.words[code] for code in used.tolist()]
    lengths = np.array([text.count(" ") + 1 if text else 0 for text in texts], dtype=np.float64)
    length = fit_scaling(np.repeat(np.log1p(lengths), weight), smooth=True)
    indicator = has_missing(column)
    if not terms and length is None and not indicator:
        return None
    return TextEncoder(column.name, terms, tuple(idf.tolist()), length, indicator)
