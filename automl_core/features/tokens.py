"""Texts as words, and which words and pairs of neighbours are common enough to be stored.

Knows nothing of weights, of characters within words, or of the matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from automl_core.features.encoded_columns import Numbers, word_codes
from automl_core.table import TypedColumn

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


@dataclass(frozen=True, eq=False)
class TermCounts:
    """Candidate terms of a text column, commonest first, and what they were counted on."""

    terms: tuple[str, ...]  # a word, or two with a space between
    rows: Ids  # (k,) how many of the documents have the term
    documents: int
    texts: list[str]  # the distinct documents
    weight: Ids  # (distinct documents,) rows of each


UNSPACED_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
UNSPACED = rf"([{UNSPACED_SCRIPTS}])"
"""Letters of scripts without spaces: each is a word of its own, and two are a pair."""


def letters_apart(texts: list[str]) -> list[str]:
    """The texts with spaces around every letter of a script without spaces."""
    cells = pa.array(texts, type=pa.string())
    if pc.all(pc.string_is_ascii(cells)).as_py() is not False:
        return texts
    apart: list[str] = pc.replace_substring_regex(cells, UNSPACED, r" \1 ").to_pylist()
    return apart


def split_words(texts: list[str], separator: str = " ") -> Tokens:
    """The words of each text; an empty text has none."""
    lists = pc.split_pattern(pa.array(texts, type=pa.string()), separator)
    document = np.repeat(np.arange(len(texts)), lists.value_lengths().to_numpy())
    words = lists.flatten()
    filled = pc.not_equal(words, "").to_numpy(zero_copy_only=False)
    document = document[filled].astype(np.int64)
    lengths = np.bincount(document, minlength=len(texts)).astype(np.float64)
    return Tokens(words.filter(pa.array(filled)), document, lengths)


def term_keys(tokens: Tokens, vocabulary: pa.StringArray) -> tuple[Ids, Ids]:
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
    texts = [column.words[code] for code in used.tolist()]
    tokens = split_words(letters_apart(texts))
    encoded = tokens.words.dictionary_encode()
    ids = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    names, v = encoded.dictionary, max(len(encoded.dictionary), 1)
    words, rows = document_frequency(tokens.document, ids, weight)
    common = np.isin(ids, words[rows >= 2])  # only such words make common pairs
    neighbours = common[:-1] & common[1:] & (tokens.document[:-1] == tokens.document[1:])
    pairs, pair_rows = document_frequency(
        tokens.document[:-1][neighbours], (ids[:-1] * v + ids[1:])[neighbours], weight
    )
    terms = [(-count, 0, names[word].as_py()) for word, count in top(words, rows, most)]
    terms += [
        (-count, 1, f"{names[pair // v].as_py()} {names[pair % v].as_py()}")
        for pair, count in top(pairs, pair_rows, most)
    ]
    best = sorted(terms)[:most]
    return TermCounts(
        tuple(term for _, _, term in best),
        np.array([-count for count, _, _ in best], dtype=np.int64),
        len(codes),
        texts,
        weight.astype(np.int64),
    )


def document_frequency(document: Ids, key: Ids, weight: Ids) -> tuple[Ids, Ids]:
    """Distinct keys, and for each the summed weight of the documents that have it."""
    keys, compact = np.unique(key, return_inverse=True)
    shape = (len(weight), len(keys))
    cells = sparse.coo_array((np.ones(len(key), dtype=np.int8), (document, compact)), shape=shape)
    there = cells.tocsr()  # which brings equal cells together
    found = np.repeat(np.arange(len(weight)), np.diff(there.indptr))
    rows = np.bincount(there.indices, weights=weight[found], minlength=len(keys))
    return keys, rows.astype(np.int64)


def top(keys: Ids, rows: Ids, most: int) -> list[tuple[int, int]]:
    """Keys of at least two rows and their rows: the commonest `most`, and those tied with
    the last of them."""
    least = 2
    if 0 < most < len(rows):
        least = max(least, int(np.partition(rows, len(rows) - most)[len(rows) - most]))
    kept = np.flatnonzero(rows >= least)
    return list(zip(keys[kept].tolist(), rows[kept].tolist(), strict=True))
