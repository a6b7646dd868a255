"""Inputs of encoders: their columns, and of columns of words the words and tokens they know.

Members of an ensemble know nearly the same words. A graph looks each cell up once, among the words
of all encoders; what an encoder makes of a word is then a place in a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from automl_core.features import (
    BETWEEN,
    AnyPart,
    CategoryCodeEncoder,
    DateGapEncoder,
    Encoder,
    GeographyEncoder,
    JoinedEncoder,
    ListEncoder,
    NumberPairEncoder,
    OneHotEncoder,
    RankEncoder,
    TargetMeanEncoder,
    TextEncoder,
    WithinEncoder,
)

CATEGORIES = (CategoryCodeEncoder, OneHotEncoder, TargetMeanEncoder, RankEncoder)

Words = dict[str, tuple[str, ...]]
"""Words of columns, each once, in a fixed order."""


@dataclass(frozen=True)
class Vocabularies:
    """What the encoders of a model know, by column, each once and in a fixed order."""

    cells: Mapping[str, tuple[str, ...]]  # whole; numbers as they are written
    tokens: Mapping[str, tuple[str, ...]]  # words of texts, items of lists
    characters: Mapping[str, tuple[str, ...]]  # of the runs in texts


def vocabularies(encoders: Sequence[Encoder]) -> Vocabularies:
    """Of columns that no encoder looks anything up in there is no entry."""
    return Vocabularies(known_words(encoders), known_tokens(encoders), known_characters(encoders))


def columns_of(part: AnyPart) -> tuple[str, ...]:
    """The columns of the table that a part of an encoder reads."""
    if isinstance(part, NumberPairEncoder | WithinEncoder | JoinedEncoder):
        return part.pair.columns
    if isinstance(part, GeographyEncoder):
        return part.latitude, part.longitude
    if isinstance(part, DateGapEncoder):
        return part.first, part.second
    return (part.name,)


def known_words(encoders: Sequence[Encoder]) -> Words:
    """Whole cells that the encoders know, by column."""
    return _collected((name, word) for part in _parts(encoders) for name, word in _cells(part))


def known_tokens(encoders: Sequence[Encoder]) -> Words:
    """Words within texts, and items of lists, that the encoders know, by column."""
    return _collected((name, word) for part in _parts(encoders) for name, word in _tokens(part))


def known_characters(encoders: Sequence[Encoder]) -> Words:
    """Characters of the runs that the encoders know, by column."""
    return _collected(
        (part.name, character)
        for part in _parts(encoders)
        if isinstance(part, TextEncoder)
        for run in part.runs
        for character in run
    )


def halves(word: str) -> list[tuple[str, str]]:
    """The two words that a joined word may be made of: more than one pair where they have signs
    of the joint themselves."""
    places = [i for i, character in enumerate(word) if character == BETWEEN]
    return [(word[:i], word[i + 1 :]) for i in places]


def _cells(part: AnyPart) -> Iterator[tuple[str, str]]:
    if isinstance(part, WithinEncoder):
        yield from ((part.pair.second, word) for word in part.words)
    elif isinstance(part, JoinedEncoder):
        for word in part.means.words:
            for first, second in halves(word):
                yield part.pair.first, first
                yield part.pair.second, second
    elif isinstance(part, CATEGORIES):
        yield from ((part.name, word) for word in part.words)


def _tokens(part: AnyPart) -> Iterator[tuple[str, str]]:
    if isinstance(part, ListEncoder):
        yield from ((part.name, item) for item in part.items)
    elif isinstance(part, TextEncoder):
        yield from ((part.name, word) for term in part.terms for word in term.split(" "))


def _parts(encoders: Sequence[Encoder]) -> Iterator[AnyPart]:
    return (part for encoder in encoders for part in encoder.parts)


def _collected(words: Iterator[tuple[str, str]]) -> Words:
    found: dict[str, dict[str, None]] = {}
    for name, word in words:
        found.setdefault(name, {})[word] = None
    return {name: tuple(own) for name, own in found.items()}
