"""Files and databases to tables of plain cells: type of file, encoding, dialect, sheets, archives.

`ingest` leads a file straight into the store; `read` decides how a file is read.
"""
