"""What checks found in single columns of a table, kept for the next time that it is checked.

Who changes the role of one column of a wide table shall not wait for all others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 300_000  # findings; some hundred bytes each


class ColumnMemo:
    """Results by kind and column, of one table only: its cells are no part of a key.

    Safe to use from several threads: two that ask at once may both look.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...], look: Callable[[], T]) -> T:
        """The result under this key; `look` finds it where it is not known.

        The key names all that the result depends on, but for the table's cells.
        """
        try:
            known: T = self._kept[key]
            return known
        except KeyError:
            found = look()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]  # the oldest
        return found
