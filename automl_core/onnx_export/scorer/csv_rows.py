"""The rows of a CSV file, one at a time, with the columns under the names that the model knows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.scoring import refuse_missing
from automl_core.table import match_names

DELIMITERS = ",;\t|"

Row = Mapping[str, Any]


class CsvFile:
    """A file that has the needed columns, each once; their names may differ as people write them.

    A column that is `wished` for is read where it is there; `ignored` are all others, `lacking`
    those needed that are not there, which count as empty. Raises ModelError where some are and
    that is not allowed, ScoringError where one is there twice, OSError where the file cannot be
    read.
    """

    def __init__(
        self,
        path: str | Path,
        needed: Sequence[str],
        wished: Sequence[str] = (),
        allow_missing: bool = False,
    ) -> None:
        self._path = path
        with self._open() as file:
            first = file.readline()
            file.seek(0)
            headers = [next(csv.reader([first], delimiter=mark), []) for mark in DELIMITERS]
            hits = [len(match_names(needed, header)) for header in headers]
            self._delimiter = DELIMITERS[hits.index(max(hits))]
            names = next(csv.reader(file, delimiter=self._delimiter), [])
        if not allow_missing:
            refuse_missing(needed, names, "With --allow-missing it counts as empty in every row.")
        matches = match_names([*needed, *wished], names)
        times, places = Counter(names), {name: at for at, name in enumerate(names)}
        for name, given in matches.items():
            if (many := times[given]) > 1 and name in needed:
                raise ScoringError(f"{path} has {many} columns called {given!r}, not one.")
        self._width = len(names)
        self._places = {name: places[given] for name, given in matches.items() if times[given] == 1}
        self.ignored = tuple(name for name in names if name not in matches.values())
        self.lacking = tuple(name for name in needed if name not in matches)

    def rows(self) -> Iterator[Row]:
        """The rows; a short one lacks its last cells. Raises ScoringError for a damaged one."""
        with self._open() as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            empty = dict.fromkeys(self.lacking, "")
            try:
                next(reader, None)
                for row in filter(None, reader):
                    if len(row) > self._width:
                        raise ScoringError(
                            f"Line {reader.line_num} has more cells than there are columns."
                        )
                    cells = [*row, *[""] * (self._width - len(row))]
                    yield empty | {name: cells[place] for name, place in self._places.items()}
            except csv.Error as error:
                raise ScoringError(f"Line {reader.line_num}: {error}.") from error

    def _open(self) -> Any:
        return open(self._path, encoding="utf-8-sig", newline="")
