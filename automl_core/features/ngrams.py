"""Characters within words: runs of 3 to 5, or of 1 to 3 in scripts without spaces.

So a word that training did not have still has known parts. All is computed on distinct words,
of which there are far fewer than in the texts. Scripts by their Unicode blocks.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl_core.features.tokens import Ids, Tokens, document_frequency, top

MOST_CHARACTERS = 4_000
"""Distinct characters of the stored runs: five numbers of 12 bits fit into one of 64."""

BITS = 12
LONGEST, LONGEST_UNSPACED, SHORTEST = 5, 3, 3

UNSPACED: NDArray[np.int64] = np.array(
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF),  # Thai, Lao, Burmese, Khmer
        (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),  # Kana, Han
    ]
)  # fmt: skip


class Ngrams:
    """Stored runs of characters, and how often words and texts hold each."""

    def __init__(self, runs: tuple[str, ...]) -> None:
        """`runs` are distinct; a space in one is an end of a word."""
        self.runs = runs

    @cached_property
    def _alphabet(self) -> NDArray[np.int64]:
        return np.unique(_points("".join(self.runs)))

    @cached_property
    def _keys(self) -> tuple[Ids, Ids]:
        """Sorted keys of the runs, and the place of each in `runs`."""
        keys = np.zeros(len(self.runs), dtype=np.int64)
        for i, run in enumerate(self.runs):
            for number in np.searchsorted(self._alphabet, _points(run)).tolist():
                keys[i] = (keys[i] << BITS) | (number + 1)
        order = np.argsort(keys, kind="stable")
        return keys[order], order.astype(np.int64)

    def count(self, tokens: Tokens) -> sparse.csr_array:
        """Counts of each run in each document: (documents, runs), sorted within rows."""
        names, words = words_of(tokens)
        word, key = run_keys(names, self._alphabet)
        keys, places = self._keys
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        known = keys[at] == key
        shape = (len(names), len(self.runs))
        ones = np.ones(int(known.sum()))
        made = sparse.coo_array((ones, (word[known], places[at[known]])), shape=shape)
        counts = sparse.csr_array(words @ made.tocsr())
        counts.sort_indices()  # else a row's sums would depend on the other rows
        return counts


def words_of(tokens: Tokens) -> tuple[list[str], sparse.csr_array]:
    """The distinct words, and how often each document has each: (documents, words)."""
    encoded = tokens.words.dictionary_encode()
    ids = encoded.indices.to_numpy(zero_copy_only=False)
    shape = (len(tokens.lengths), len(encoded.dictionary))
    counts = sparse.coo_array((np.ones(len(ids)), (tokens.document, ids)), shape=shape)
    return encoded.dictionary.to_pylist(), counts.tocsr()


def run_keys(words: list[str], alphabet: NDArray[np.int64]) -> tuple[Ids, Ids]:
    """Word and key of every run of characters that are all in the sorted `alphabet`."""
    points = _points("".join(f" {word} " for word in words))
    lengths = np.array([len(word) + 2 for word in words], dtype=np.int64)
    word = np.repeat(np.arange(len(words)), lengths)
    at = np.minimum(np.searchsorted(alphabet, points), max(len(alphabet) - 1, 0))
    known = alphabet[at] == points if len(alphabet) else np.zeros(len(points), dtype=bool)
    code = np.where(known, at + 1, 0)
    unspaced = _unspaced(points)
    bad = np.r_[0, np.cumsum(~known)]
    special = np.r_[0, np.cumsum(unspaced)]
    found_words, found_keys = [], []
    key = code.copy()
    for n in range(1, min(LONGEST, len(points)) + 1):
        last = len(points) - n + 1
        if n > 1:
            key = (key[:last] << BITS) | code[n - 1 :]
        good = (word[:last] == word[n - 1 :]) & (bad[n:] == bad[:last])
        inside = special[n:] - special[:last]
        wanted = (inside == n) & (n <= LONGEST_UNSPACED) | (inside == 0) & (n >= SHORTEST)
        rows = np.flatnonzero(good & wanted)
        found_words.append(word[rows])
        found_keys.append(key[rows])
    if not found_keys:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(found_words), np.concatenate(found_keys)


def fit_grams(tokens: Tokens, weight: Ids, most: int) -> tuple[str, ...]:
    """The commonest `most` runs that at least two rows have, commonest first.

    Rows are counted by word: a text that has a run in two words counts twice.
    """
    names, words = words_of(tokens)
    if not names:
        return ()
    rows = np.asarray(sparse.csr_array(words > 0).T @ weight, dtype=np.int64)
    points, counts = np.unique(_points(" " + " ".join(names)), return_counts=True)
    alphabet = points
    if len(points) > MOST_CHARACTERS:
        alphabet = np.sort(points[np.argsort(-counts, kind="stable")[:MOST_CHARACTERS]])
    word, key = run_keys(names, alphabet)
    keys, frequency = document_frequency(word, key, rows)
    chosen = [(-count, _text(run, alphabet)) for run, count in top(keys, frequency, most)]
    return tuple(text for _, text in sorted(chosen)[:most])


def _text(key: int, alphabet: NDArray[np.int64]) -> str:
    letters = []
    while key:
        letters.append(chr(alphabet[(key & (2**BITS - 1)) - 1]))
        key >>= BITS
    return "".join(reversed(letters))


def _points(text: str) -> NDArray[np.int64]:
    """Code points (n,) of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.int64)


def _unspaced(points: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True if each character is of a script that puts no spaces between words."""
    block = np.searchsorted(UNSPACED[:, 0], points, side="right") - 1
    inside: NDArray[np.bool_] = (block >= 0) & (points <= UNSPACED[block, 1])
    return inside
