"""In which of the older encodings text that is no UTF-8 is written: judged by what it would say.

A judgement, not a proof: the setting is shown and can be changed. Knows nothing of files.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DEFAULT = "cp1252"  # Windows, western Europe
FALLBACK = "latin-1"  # gives every byte a character

_SCRIPTS = {
    "cp1251": "cp1251",
    "cp932": "shift_jis",
    "gb18030": "gb18030",
    "euc_kr": "euc_kr",
    "big5": "big5",
}
"""Scripts of their own, which letter frequencies tell apart; as people call the encodings."""
_CENTRAL = ("cp1250", "iso-8859-2")

_LETTER = r"[^\W\d_]"
_SIGNS = re.compile(
    rf"(?<={_LETTER})[£¥¯³¹¼¾¿¡¦¬±¶](?={_LETTER})|[£¯³¦¬¶](?={_LETTER})|(?<={_LETTER})[¿±]"
)
"""Signs that stand inside of words only where central European text is read as western."""
_ANY_SIGN = re.compile(rf"(?<={_LETTER})[¡-¿×÷]|[¡-¿×÷](?={_LETTER})")
_LETTERS = re.compile(r"[^\x00-\x7f]")
_ANYWHERE = frozenset("šžŠŽ")  # the same bytes in cp1250 and cp1252, and in no language of theirs
_TOGETHER = (frozenset("øØ"), frozenset("ìùèòÌÈÙ")), (frozenset("õÕ"), frozenset("ûÛ"))
"""Letters that no western language has both of: Czech and Hungarian, read wrongly, do."""


def guess_encoding(sample: bytes, decodes: Callable[[str], bool]) -> str:
    """The likeliest encoding of lines that have bytes beyond ASCII.

    `decodes` says whether the whole text can be read in an encoding; only such a one is
    chosen, latin-1 where nothing else fits.
    """
    script = _script(sample)
    if script and decodes(script):
        return script
    western = sample.decode(DEFAULT, "replace")
    if _is_central(western):
        found = min(_CENTRAL, key=lambda name: _odd(sample.decode(name, "replace")))
        if decodes(found):
            return found
    return DEFAULT if decodes(DEFAULT) else FALLBACK


def _script(sample: bytes) -> str:
    import charset_normalizer

    found = charset_normalizer.from_bytes(
        sample, cp_isolation=[*_SCRIPTS, DEFAULT, "cp1250", "iso8859_2"]
    ).best()
    return _SCRIPTS.get(found.encoding, "") if found is not None else ""


def _is_central(western: str) -> bool:
    """Whether text read as western European rather is Polish, Czech, Hungarian or their like."""
    beyond = _LETTERS.findall(western)
    seen = set(beyond)
    signs = len(_SIGNS.findall(western))
    if signs >= 0.1 * max(1, len(beyond)) and signs >= 2:
        return True
    if _ANYWHERE & seen and seen & set("øìùòïæð"):
        return True
    return any(seen & a and seen & b for a, b in _TOGETHER)


def _odd(text: str) -> int:
    """Signs and control characters where letters should be."""
    return len(_ANY_SIGN.findall(text)) + sum("\x7f" <= c <= "\x9f" or c == "\ufffd" for c in text)
