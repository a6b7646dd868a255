"""Detects the older encoding of text that is no UTF-8, by the text that each would give.

A judgement, not a proof: the setting is shown and can be changed. Knows nothing of files.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from automl_core.table.reading.alphabets import HANZI, KANJI, LATIN, OFTEN, TRADITIONAL, WESTERN

DEFAULT = "cp1252"  # Windows, western Europe
FALLBACK = "latin-1"  # gives every byte a character

_LATIN = (
    DEFAULT, "cp1250", "iso-8859-2", "cp1254", "cp850", "mac_roman", "cp1257", "cp852",
)  # fmt: skip
_ALPHABETS = {
    "cp1251": "Cyrillic", "koi8-r": "Cyrillic", "cp866": "Cyrillic", "koi8-u": "Cyrillic",
    "iso-8859-5": "Cyrillic", "mac_cyrillic": "Cyrillic", "cp1253": "Greek",
    "iso-8859-7": "Greek", "cp1255": "Hebrew", "cp1256": "Arabic", "iso-8859-6": "Arabic",
    "cp874": "Thai",
}  # fmt: skip
_RARE = {
    "koi8-u": 0.01,
    "iso-8859-7": 0.001,
    "iso-8859-5": 0.04,
    "mac_cyrillic": 0.005,
    "cp932": 0.01,
}
_EAST_ASIAN = {  # with the first bytes of the characters that are common
    "gb18030": (0xB0, 0xD7), "shift_jis": (0x88, 0x98), "euc_kr": (0, 0), "big5": (0xA4, 0xC6),
    "euc_jp": (0xB0, 0xCF), "cp932": (0x88, 0x98),
}  # fmt: skip

_HIGH_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_DENSE = 0.7  # share of bytes beyond ASCII in the words that have any: no Latin letters then
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f’·](?=[^\W\d_])")
_BEFORE = re.compile(r"[\x80-ª¬-¿’](?=[^\W\d_])")
_SIGNS = frozenset("€“”„‘’‚–—…«»°§©®™£½¼¾²³µ·•±×º¿¡ \xad")
_MARGIN, _GOOD = 0.02, 0.8  # below either, another encoding may be the right one
_TORN = 0.001  # share of characters
_LITTLE = 6  # bytes beyond ASCII: too few to go by
_PREFERRED = 0.04  # what a more usual encoding is ahead of the next


@dataclass(frozen=True)
class Found:
    """The likeliest encoding, and whether another one may well be the right one."""

    encoding: str
    unsure: bool = False
    strays: str = ""  # encoding of the few lines that are not in the first
    lines: tuple[int, ...] = ()  # their numbers, from 1 on
    second: str = ""  # another encoding that may be the right one
    nuls: int = 0  # NUL bytes, which are no text


def guess_encoding(sample: bytes, decodes: Callable[[str], bool]) -> Found:
    """The likeliest encoding of lines that have bytes beyond ASCII.

    `decodes` says whether the whole text can be read in an encoding; only such a one is
    chosen, latin-1 where nothing else fits.
    """
    dense = _density(sample) > _DENSE
    texts = {name: _decoded(sample, name) for name in (_EAST_ASIAN if dense else ())}
    scores = {name: _east_asian(text, name) for name, text in texts.items() if text is not None}
    if max(scores.values(), default=0.0) < _GOOD:
        texts = {name: _decoded(sample, name) for name in (_ALPHABETS if dense else _LATIN)}
        judge = _alphabetic if dense else _latin
        scores = {name: judge(text, name) for name, text in texts.items() if text is not None}
    ranked = [n for n in sorted(scores, key=lambda n: -scores[n]) if decodes(n)]
    if not ranked:
        return Found(DEFAULT if decodes(DEFAULT) else FALLBACK, True)
    if DEFAULT in ranked and scores[ranked[0]] < _GOOD:  # no language fits: the usual one
        ranked = [DEFAULT, *(n for n in ranked if n != DEFAULT)]
    best, beyond = ranked[0], sum(byte > 0x7F for byte in sample)
    others = [n for n in ranked[1:] if texts[n] != texts[best]]
    near = any(
        scores[best] - scores[n] < _MARGIN
        and _odd(texts[n] or "") <= _odd(texts[best] or "")
        and (scores[best] + _cost(best) - scores[n] - _cost(n)) * beyond < _LITTLE
        for n in others
    )
    little = best != DEFAULT and beyond < _LITTLE
    unsure = near or little or scores[best] < _GOOD
    return Found(best, unsure, second=others[0] if others and unsure else "")


def _cost(name: str) -> float:
    """The penalty of an encoding that is less usual."""
    return _RARE.get(name, _PREFERRED if name in _LATIN and name != DEFAULT else 0.0)


def _density(sample: bytes) -> float:
    """The share of bytes beyond ASCII in words of three letters or more that have any."""
    words = [w for w in _HIGH_WORD.findall(sample) if len(w) > 2]
    letters = sum(map(len, words))
    return float(sum(byte > 0x7F for word in words for byte in word)) / max(1, letters)


def _decoded(sample: bytes, name: str) -> str | None:
    """The sample as text, None where it is none; a long line may be cut within a character."""
    text = sample.decode(name, "replace")
    return None if text.count("\ufffd") > _TORN * len(text) else text


def _latin(text: str, name: str) -> float:
    """The share of characters beyond ASCII that one language has, less what no text has."""
    beyond = [c for c in text if c > "\x7f"]
    odd = _odd(text) + sum("\x80" <= c <= "\x9f" for c in beyond)
    letters = [c for c in beyond if c.isalpha()]
    signs = 0.9 * sum(c in _SIGNS for c in beyond if not c.isalpha())
    western: frozenset[str] = frozenset().union(*(LATIN[n] for n in WESTERN))
    known = max(_known(letters, LATIN.values()), _known(letters, (western,)) - 0.1 * len(letters))
    return (known + signs - odd) / max(1, len(beyond)) - _cost(name)


def _known(letters: list[str], languages: Iterable[frozenset[str]]) -> float:
    return float(max(sum(c in language for c in letters) for language in languages))


def _odd(text: str) -> int:
    """Signs inside and before words, and words with a capital behind a small letter."""
    signs = len(_BETWEEN.findall(text)) + len(_BEFORE.findall(text))
    return signs + sum(_mixed_case(w) for w in _WORD.findall(text) if not w.isascii())


def _mixed_case(word: str) -> bool:
    """True if a capital stands behind a small letter."""
    return any(a.islower() and b.isupper() for a, b in itertools.pairwise(word))


def _alphabetic(text: str, name: str) -> float:
    """The fit of the letters' frequencies to those of the language: about 1 where it fits."""
    script = _ALPHABETS[name]
    words = [w for w in _WORD.findall(text) if not w.isascii()]
    beyond = sum(c > "\x7f" and unicodedata.category(c) != "Mn" for c in text)
    plain = [c for w in words for c in _bare(w)]
    often = max(sum(c in letters for c in plain) for letters in OFTEN[script])
    odd = _odd(text) + 2 * sum(_mixed_case(word) for word in words)
    return min(1.0, 1.45 * often / max(1, beyond)) - odd / max(1, beyond) - _cost(name)


def _bare(word: str) -> str:
    """Small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if c.isalpha())


def _east_asian(text: str, name: str) -> float:
    """The share of characters beyond ASCII that are usual in the language, common ones first."""
    beyond = [c for c in text if c > "\x7f"]
    kana = sum("\u3041" <= c <= "\u30fe" for c in beyond)
    hangul = sum("\uac00" <= c <= "\ud7a3" for c in beyond)
    signs = sum("\u3000" <= c <= "\u3020" or "\uff01" <= c <= "\uff5e" for c in beyond)
    if name == "euc_kr":
        return 1.15 * (hangul + signs) / max(1, len(beyond))
    common = {"gb18030": HANZI, "big5": TRADITIONAL}.get(name, KANJI)
    usual = sum(_is_usual(c, name) for c in beyond if "\u4e00" <= c <= "\u9fff")
    fits = usual + signs + kana * (common is KANJI) + 0.5 * sum(c in common for c in beyond)
    return fits / max(1, len(beyond)) - _cost(name)


def _is_usual(character: str, name: str) -> bool:
    """True if it is of the first level of its character set, which has the common ones."""
    low, high = _EAST_ASIAN[name]
    return low <= character.encode(name)[0] <= high
