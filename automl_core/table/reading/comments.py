"""The marks with which lines of comments begin.

Knows nothing of files.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\s*(#+|%+|//+|;+(?=\s*\w)|--+(?=\s*\w)|!+|\*+(?=\s*\w))")


def comment_mark(line: str) -> str:
    """The mark with which a line begins, such as "#", "%" or "//"; "" where it has none."""
    found = _MARK.match(line)
    return found.group(1) if found else ""
