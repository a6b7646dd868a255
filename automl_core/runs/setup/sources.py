"""The source of a run's table: a file, several of one schema, or a query to a database.

The same for the command line and for Python; pages read in a thread of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from automl_core.errors import SpecError, TableError
from automl_core.table import Report, SourceFormat, TableInfo
from automl_core.table.reading import Query, ingest_file, ingest_query, ingest_several, is_address

Source = Path | tuple[Path, ...] | Query

_NAME = re.compile(r"\$(\w+|\{\w+\})")


def store_source(
    source: Source,
    root: Path,
    report: Report | None = None,
    source_format: SourceFormat | None = None,
) -> TableInfo:
    """The table in the workspace, read without all of it being in memory.

    `source_format` says what is set, and decides what a file leaves in doubt: of a test table, it
    is the training's.
    Raises TableError where it cannot be read. `report` must not say no.
    """
    if isinstance(source, Query):
        refuse_options(source_format)
        info = ingest_query(source, root, report)
    elif isinstance(source, tuple):
        info = ingest_several([(path, path.name) for path in source], root, report, source_format)
    else:
        info = ingest_file(source, source.name, root, report=report, source_format=source_format)
    assert info is not None, "not cancelled"
    return info


def refuse_options(source_format: SourceFormat | None) -> None:
    """Raises SpecError where it is set how a table is read that comes from no file."""
    if source_format is not None and source_format.asked.given:
        names = ", ".join(source_format.asked.given)
        raise SpecError(
            "How a file is read can be set for files only; this table comes from none.",
            f"Leave out: {names}.",
        )


def source_of(words: Sequence[str], query: str | None) -> Source:
    """The source that the words of a command line name; TableError or SpecError for none.

    In the address of a database, $NAME stands for the environment variable of that name, so
    that a password need not be typed.
    """
    addresses = [word for word in words if is_address(word)]
    if query is not None:
        if len(words) != 1 or not addresses:
            raise SpecError(
                "A query needs the address of one database in place of the table.",
                "Such as: postgresql://me:$PASSWORD@localhost/shop --query 'select ...'.",
            )
        return Query(_NAME.sub(_value, words[0]), query, confirmed=True)
    if addresses:
        raise SpecError(
            "This is the address of a database; what to ask it is missing.",
            "Add --query 'select ...'.",
        )
    paths = tuple(map(Path, words))
    for path in paths:
        if not path.is_file():
            hint = "Give the name of a file with a table."
            raise TableError(f"{str(path)!r} is not a file.", hint)
    return paths[0] if len(paths) == 1 else paths


def _value(found: re.Match[str]) -> str:
    name = found.group(1).strip("{}")
    if name not in os.environ:
        raise SpecError(f"There is no environment variable {name!r}.", "Set it, or write the word.")
    return os.environ[name]
