"""What a graph is given of columns that hold words: categories, lists and texts."""

from __future__ import annotations

from typing import Protocol


class WordInputs(Protocol):
    """Inputs of columns of words; nodes are written when they are first asked for.

    A column's vocabulary is `Vocabularies.cells`, of V words; its tokens are those of
    `Vocabularies.tokens`, T of them; its alphabet has A characters.
    """

    def declare(self, name: str, kind: str) -> str:
        """Take the column in; a value with as many rows as there are."""

    def missing(self, name: str) -> str:
        """True where a category or a list has no value, (rows, 1)."""

    def places(self, name: str) -> str:
        """For each row (rows, 1) its place in the vocabulary, int64: V where it is none, V + 1
        where a category or a list has no value."""

    def tokens(self, name: str) -> str:
        """The places (rows, m) of a row's words or items among the tokens, int64.

        T where unknown, and behind the last one. In a text each letter of a script without spaces
        is a word.
        """

    def characters(self, name: str) -> str:
        """The places (rows, c) of a text's characters in the alphabet, A where unknown, int64.

        Spaces stand before the text and, one at least, behind it.
        """

    def item_count(self, name: str) -> str:
        """How many items a list has, int64 (rows, 1)."""

    def word_count(self, name: str) -> str:
        """How many words a text has, as they stand between single spaces, int64 (rows, 1)."""
