"""Column names that are the same for people, though not for a computer.

Names that differ in blanks, in characters that show nothing, in their Unicode form, in capital
letters or in the signs between words are matched where each has one partner only. Knows nothing
of models.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_Step = Callable[[str], str]

# between two digits a sign may mean something: 1.2 and 1-2 are two names
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])[ _.-]+(?=[^\W_])|(?<=\d)[ _.-]+(?=[^\W\d_])")


def match_names(wanted: Sequence[str], present: Sequence[str]) -> dict[str, str]:
    """The name in `present` of each wanted one that has one; never the same for two.

    An equal name first; then one that differs in blanks, invisible characters or Unicode form;
    then one that differs in capital letters as well; then one whose words are joined by other
    signs, as in "unit price", "unit_price" and "Unit-Price". A name with two candidates has none.
    """
    have = set(present)
    found = {name: name for name in wanted if name in have}
    for key in (_same_letters, _same_words, _same_name):
        taken = set(found.values())
        if len(found) == len(set(wanted)) or taken == have:
            break
        asked, offered = _by_key(wanted, key), _by_key(present, key)
        for word, names in asked.items():
            others = offered.get(word, [])
            if len(names) == len(others) == 1 and names[0] not in found and others[0] not in taken:
                found[names[0]] = others[0]
    return found


def similar_names(name: str, present: Sequence[str]) -> list[str]:
    """The names that could be meant by `name`: the same for people."""
    return [other for other in dict.fromkeys(present) if _same_name(other) == _same_name(name)]


def single_names(table: pa.Table) -> frozenset[str]:
    """The names that one column of the table has, and no other."""
    return frozenset(name for name, times in Counter(table.column_names).items() if times == 1)


def with_names_of(table: pa.Table, wanted: Sequence[str]) -> pa.Table:
    """The table with its columns called as `wanted` has them, where they match."""
    matches = match_names(wanted, table.column_names)
    renamed = {other: name for name, other in matches.items() if other != name}
    if not renamed:
        return table
    return table.rename_columns([renamed.get(name, name) for name in table.column_names])


def name_difference(one: str, other: str) -> str:
    """What two names that match differ in: "blanks and capital letters"."""
    words: list[str] = []
    for what, step in _STEPS:
        simple_one, simple_other = step(one), step(other)
        if one != other and _change(one, simple_one) != _change(other, simple_other):
            words.append(what)
        one, other = simple_one, simple_other
    return " and ".join(dict.fromkeys(words))


def renamed_words(name: str, given: str) -> str:
    """A sentence about a column `name` that is called `given` in another table."""
    return (
        f"The column {seen_beside(given, name)} is read as {seen_beside(name, given)}: "
        f"the names differ in {name_difference(name, given)} only."
    )


def seen_beside(name: str, other: str) -> str:
    """The name in quotes; characters that `other` lacks and nobody can see are escaped."""
    own = set(name) - set(other)
    escaped = "".join(_escape(c) if c in own and _unseen(c) else c for c in name)
    return "'" + escaped.replace("'", "\\'") + "'"


def _by_key(names: Sequence[str], key: _Step) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    return groups


def _change(before: str, after: str) -> tuple[Counter[str], Counter[str]]:
    """The characters that went and those that came."""
    old, new = Counter(before), Counter(after)
    return old - new, new - old


def _without_invisible(text: str) -> str:
    """Without characters that show nothing: joiners, marks of direction, variation selectors."""
    if text.isascii():  # most names: tables of very many columns have to be matched, too
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf" and not _selects(c))


def _selects(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f"


def _with_plain_blanks(text: str) -> str:
    return " ".join(text.split())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _compatible(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold())


def _with_plain_signs(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", text)


_STEPS: tuple[tuple[str, _Step], ...] = (
    ("invisible characters", _without_invisible),
    ("blanks", _with_plain_blanks),
    ("their Unicode form", _composed),
    ("their Unicode form", _compatible),
    ("capital letters", _folded),
    ("the signs between words", _with_plain_signs),
)


def _same_letters(name: str) -> str:
    return _compatible(_composed(_with_plain_blanks(_without_invisible(name))))


def _same_words(name: str) -> str:
    return _folded(_same_letters(name))


def _same_name(name: str) -> str:
    return _with_plain_signs(_same_words(name))


def _unseen(character: str) -> bool:
    """True where it looks like another character, or like nothing."""
    kind = unicodedata.category(character)
    return (
        kind[0] in "CM"
        or (kind[0] == "Z" and character != " ")
        or unicodedata.normalize("NFKC", character) != character
    )


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
