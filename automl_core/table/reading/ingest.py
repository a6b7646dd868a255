"""Files straight into the store: read, typed, hashed and written in one go.

What pages and the command line call for a table that is to be kept. Memory is bounded by a
few blocks of the file, whatever its size.
"""

from __future__ import annotations

from pathlib import Path

from automl_core.limits import table_limits
from automl_core.table import (
    Meter,
    ReadingCancelledError,
    Report,
    SourceFormat,
    TableInfo,
    TableWriter,
    save_info,
)
from automl_core.table.reading.read import pour_file
from automl_core.table.reading.settings import ReadSettings


def ingest_file(
    path: Path,
    name: str,
    root: Path,
    settings: ReadSettings | None = None,
    upload: str = "",
    report: Report | None = None,
    source_format: SourceFormat | None = None,
) -> TableInfo | None:
    """Store the table in a file below `root`; None where `report` said no, with nothing left.

    `name` is what the user calls the file, `upload` the id it came under; `source_format` decides
    what the file leaves in doubt. Raises TableError for what is no table, AccessError for more than
    is allowed.
    """
    limits = table_limits(root)
    try:
        with TableWriter(root, limits) as writer:
            used = pour_file(path, name, writer, Meter(report), settings, source_format)
            info = TableInfo(
                hash=writer.commit(),
                name=name,
                rows=writer.rows,
                columns=len(writer.schema),
                settings=used.for_people(),
                upload=upload,
                decisions=used.decisions,
            )
    except ReadingCancelledError:
        return None
    save_info(info, root)
    return info
