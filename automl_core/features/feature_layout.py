"""Features, the columns of the encoded matrix, and the encoding that a model family wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Feature:
    """One column of the float32 matrix."""

    name: str  # for people: "age", "colour = red", "note: refund"
    source: str  # the table's column that it was made from; of two: "a, b" or "a × b"
    kind: Literal["number", "code", "term"]  # term: one of a text's or list's many, mostly 0
    codes: int = 0  # for a code: how many there are; 0 is missing, 1 is unseen or rare


How = Literal["times", "over", "minus", "joined", "within"]
SIGNS: dict[How, str] = {
    "times": "×", "over": "÷", "minus": "−", "joined": "with", "within": "within"
}  # fmt: skip
"""What stands between the two columns of a pair, for people."""


@dataclass(frozen=True)
class Pair:
    """Two columns of the table that are one more feature together."""

    first: str
    second: str
    how: How  # joined: two categories; within: a number less the mean of its category

    @property
    def columns(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def name(self) -> str:
        """For people, "length × width"; the pair's own in importance."""
        return f"{self.first} {SIGNS[self.how]} {self.second}"


@dataclass(frozen=True)
class Encoding:
    """The encoding that a family wants; a field of its ModelSpec."""

    category: Literal["code", "onehot", "target"]
    # code: one integer column a category, for embeddings
    # onehot: one column a frequent value, for linear models
    # target: few values one-hot, many as out-of-fold target means and frequency, for trees
    missing: Literal["nan", "fill"]  # leave NaN (trees), or fill with 0 and add an indicator
    numeric: Literal["robust", "plain"]  # centre by median, scale by quantiles, clip smoothly; or
    # centred and scaled only (trees do not care, float32 does)
    text_words: int = 1000  # terms of texts that are columns, at most, over all text columns
    rows_a_term: int = 1  # no more terms than the training rows have for each of them so many
    text_themes: int = 0  # of each text column, at most: few numbers instead of many terms
    turned_places: bool = False  # pairs of latitude and longitude also along turned axes
    rich: bool = True  # False: no texts and lists, of a date its age, no means of the target
    pairs: tuple[Pair, ...] = ()  # of columns, that the run found worth a feature; needs `rich`
    sentences: bool = False  # of texts also what a sentence model makes of them; needs `rich`
    columns: bool = True  # False: the family uses no column, and none is encoded
