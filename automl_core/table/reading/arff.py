"""ARFF files (of Weka and OpenML) to tables: the names from their head, the rows as CSV.

Knows nothing of roles: "?" stays what it is, as in a CSV file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.files import scratch_folder, workspace
from automl_core.table import Meter, Sink, clean_names
from automl_core.table.reading.csv_table import pour_delimited
from automl_core.table.reading.settings import ReadSettings

_START = re.compile(r"\s*(%[^\n]*\n\s*)*@relation\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"@attribute\s+('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)\s+(.*)", re.IGNORECASE
)
_SAMPLE = 200  # lines of data by which quotes and delimiter are judged


def is_arff(text: str) -> bool:
    """True for text that begins as ARFF files do, after comments."""
    return bool(_START.match(text))


def pour_arff(path: Path, settings: ReadSettings, sink: Sink, meter: Meter) -> None:
    """The rows of the file into the sink, under the names of its attributes.

    Raises TableError for sparse rows, for tables within cells, and where the names do not fit.
    """
    try:
        with path.open(encoding=settings.encoding, newline="\n") as file:
            lines = iter(file)
            names = _names(lines)
            with scratch_folder(workspace()) as folder:
                rows, sample = folder / "rows.csv", list[str]()
                with rows.open("w", encoding="utf-8", newline="\n") as scratch:
                    for line in _rows(lines):
                        scratch.write(line)
                        if len(sample) < _SAMPLE:
                            sample.append(line)
                if sample:
                    dialect = _dialect(sample, len(names))
                    pour_delimited(rows, dialect, _Named(sink, names), meter)
    except (UnicodeError, LookupError):
        raise TableError(
            f"The file is not {settings.encoding} text.", "Choose another encoding."
        ) from None


class _Named:
    """A sink under names of its own."""

    def __init__(self, sink: Sink, names: list[str]) -> None:
        self._sink = sink
        self._names = clean_names(names)
        self._schema = pa.schema([])

    def begin(self, schema: pa.Schema) -> None:
        if len(schema) != len(self._names):
            raise TableError(
                f"The ARFF file names {len(self._names)} attributes, and its rows have "
                f"{len(schema)} cells.",
                "Save it again, or as CSV.",
            )
        self._schema = pa.schema(list(zip(self._names, schema.types, strict=True)))
        self._sink.begin(self._schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self._sink.write(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))


def _names(lines: Iterator[str]) -> list[str]:
    """The names of the attributes; the next line is the first row."""
    names = []
    for line in lines:
        words = line.strip()
        found = _ATTRIBUTE.match(words)
        if found:
            if found[2].lower().startswith("relational"):
                raise TableError(
                    f"The attribute {found[1]} of the ARFF file holds tables of its own.",
                    "Save one flat table as CSV.",
                )
            quoted = found[1][0] in "'\""
            names.append(re.sub(r"\\(.)", r"\1", found[1][1:-1]) if quoted else found[1])
        elif words.lower().startswith("@data"):
            if names:
                return names
            break
    raise TableError("The ARFF file has no attributes and data.", "Save it again, or as CSV.")


def _rows(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        words = line.strip()
        if not words or words.startswith("%"):
            continue
        if words.startswith("{"):
            raise TableError(
                "The rows of the ARFF file are sparse ({place value, ...}).",
                "Save it with all its values (in Weka: the filter SparseToNonSparse).",
            )
        yield words + "\n"


def _dialect(sample: list[str], width: int) -> ReadSettings:
    text = "".join(sample)
    tabs = width > 1 and all("\t" in line and "," not in line for line in sample)
    quote = "'" if text.count("'") > text.count('"') else '"'
    return ReadSettings("csv", "utf-8", "\t" if tabs else ",", quote, header=False)
