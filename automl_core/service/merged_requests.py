"""Requests that wait at the same time, predicted together: a batch costs little more than a row.

Only those of the same columns and types are put together, so that each gets the answer that it
would get alone. Where a batch is refused, each of its requests is answered on its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from automl_core.service.http_app import Row, RowsError, RowsPredictor

MOST_ROWS = 2_000  # of a batch; a longer request goes alone

logger = logging.getLogger(__name__)

Types = dict[str, set[type]]


class _Waiting:
    """A request, and its answer once there is one."""

    def __init__(self, rows: Sequence[Row], extras: bool) -> None:
        self.rows, self.extras = rows, extras
        self.types = _types(rows)
        self.answer: Row | None = None


class MergedRequests:
    """A RowsPredictor that puts requests together which come while another one is answered."""

    def __init__(self, predictor: RowsPredictor) -> None:
        self._predictor = predictor
        self._changing, self._working = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting] = []

    @property
    def name(self) -> str:
        """The model's name."""
        return self._predictor.name

    def schema(self) -> Row:
        """What the model reads and answers."""
        return self._predictor.schema()

    def predict_rows(self, rows: Sequence[Row], extras: bool) -> Row:
        """The predictor's own answer, and its RowsError."""
        own = _Waiting(rows, extras)
        with self._changing:
            self._waiting.append(own)
        with self._working:
            if own.answer is None:  # else whoever had the lock before has answered it
                with self._changing:
                    waiting, self._waiting = self._waiting, []
                for group in _groups(waiting):
                    self._answer_together(group)
            return own.answer or self._predictor.predict_rows(rows, extras)

    def _answer_together(self, group: list[_Waiting]) -> None:
        """Answer requests as one batch; where that fails each is left to its own thread."""
        if len(group) < 2:
            return
        rows = [row for one in group for row in one.rows]
        try:
            whole = self._predictor.predict_rows(rows, group[0].extras)
        except RowsError:
            return
        except Exception:  # only the request that met the bug should be told of it
            logger.exception("a batch of %d requests failed", len(group))
            return
        begin, every = 0, whole["predictions"]
        for one in group:
            end = begin + len(one.rows)
            one.answer = whole | {"predictions": every[begin:end]}
            begin = end


def _types(rows: Sequence[Row]) -> Types | None:
    """The types of the values of each column; None where not all rows have the same columns."""
    if not 0 < len(rows) <= MOST_ROWS or any(row.keys() != rows[0].keys() for row in rows):
        return None
    return {name: {type(row[name]) for row in rows} - {type(None)} for name in rows[0]}


def _groups(waiting: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """The requests in groups that may be put together, each in the order in which they came."""
    groups: list[tuple[list[_Waiting], Types | None, int]] = []
    for one in waiting:
        for place, (group, types, rows) in enumerate(groups):
            total = rows + len(one.rows)
            if types is None or one.types is None or total > MOST_ROWS:
                continue
            if group[0].extras == one.extras and _alike(types, one.types):
                joined = {name: types[name] | one.types[name] for name in types}
                group.append(one)
                groups[place] = (group, joined, total)
                break
        else:
            groups.append(([one], one.types, len(one.rows)))
    return [group for group, _, _ in groups]


def _alike(one: Types, other: Types) -> bool:
    """True where both have the same columns, with values of the same types or without any."""
    return list(one) == list(other) and all(
        not one[name] or not other[name] or one[name] == other[name] for name in one
    )
