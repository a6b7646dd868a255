"""Text whose UTF-8 bytes were read by a Western table of characters, and back.

"caf\u00c3\u00a9" was "caf\u00e9": each byte became a character of its own. A whole cell is
repaired or left as it is: text that is meant to look so is hardly ever valid UTF-8.
"""

from __future__ import annotations

import pyarrow as pa

BROKEN = "\ufffd"
"""What stands where a byte could not be read at all: nothing can bring it back."""


def mend_text(text: str) -> str:
    """The text as it was meant; the same where it was read rightly, or where nobody can know."""
    if text.isascii():
        return text
    try:
        return bytes(_byte(character) for character in text).decode("utf-8")
    except (UnicodeError, ValueError):
        return text


def mend_texts(texts: pa.Array) -> pa.Array:
    """Each of the texts as it was meant, null where there is none."""
    return pa.array([None if t is None else mend_text(t) for t in texts.to_pylist()], pa.string())


def _byte(character: str) -> int:
    """The byte that Windows-1252 shows so; of the few it has no sign for, Latin-1's."""
    if ord(character) < 256:
        return ord(character)
    return character.encode("cp1252")[0]
