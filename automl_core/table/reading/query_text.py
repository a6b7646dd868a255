"""The text of a query: whether it is one statement that only reads.

A transaction that may only read is ended by a second statement, such as "commit; delete ...", and
some databases have no such transaction. So the text itself is looked at, without what stands in
quotes and comments.
"""

from __future__ import annotations

import re

from automl_core.errors import TableError

_BEGINNINGS = ("SELECT", "WITH", "VALUES", "TABLE", "FROM", "SHOW", "DESCRIBE", "EXPLAIN")
_CHANGING = (
    "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "INTO", "CREATE", "ALTER", "DROP",
    "TRUNCATE", "RENAME", "GRANT", "REVOKE", "DENY", "EXEC", "EXECUTE", "CALL", "DO", "SET", "USE",
    "DECLARE", "BEGIN", "COMMIT", "ROLLBACK", "SAVE", "BULK", "BACKUP", "RESTORE", "SHUTDOWN",
    "KILL", "DBCC", "RECONFIGURE", "WAITFOR", "COPY", "LOAD", "UNLOAD", "ATTACH", "PRAGMA",
    "VACUUM", "OPENROWSET", "OPENQUERY", "OPENDATASOURCE",
)  # fmt: skip
"""Words that a statement which only reads does not need; as a name they can be quoted."""

# In the order in which they are tried: strings, names and comments, of all dialects.
_QUOTED = re.compile(
    r"""
      \$(\w*)\$.*?\$\1\$            # PostgreSQL: $tag$ ... $tag$
    | '(?:[^'\\]|''|\\.)*'          # a string
    | "(?:[^"]|"")*"                # a name, or a string
    | `(?:[^`]|``)*`                # a name in MySQL
    | \[(?:[^\]]|\]\])*\]           # a name in SQL Server
    | --[^\n]*                      # comments
    | /\*(?![!M]).*?\*/
    """,
    re.VERBOSE | re.DOTALL,
)


def check_only_reads(sql: str, protected: bool) -> None:
    """Raise TableError unless the text is one statement that begins as one that reads.

    `protected`: the database refuses changes by itself. Where it does not, no word that changes
    anything may stand in the text outside of quotes.
    """
    bare = _QUOTED.sub(" ", sql).strip().rstrip(";").rstrip()
    words = re.findall(r"[A-Za-z_][\w$]*", bare)
    first = words[0].upper() if words else ""
    if first not in _BEGINNINGS or not bare.lstrip("( \n\t").upper().startswith(first):
        raise TableError(
            "Only a query that reads is sent: it begins with SELECT or WITH.",
            "Write one SELECT; it may join and filter as it likes.",
        )
    if ";" in bare or "/*" in bare or re.search(r"['\"`]", bare):
        raise TableError(
            "The query is more than one statement, or a quote or comment in it is not closed.",
            "Write a single SELECT.",
        )
    changing = [word for word in words if word.upper() in _CHANGING]
    if not protected and changing:
        raise TableError(
            f"The query has the word {changing[0]!r}, and this kind of database cannot be asked "
            "in a way that only reads.",
            "Write a SELECT without it; where it is the name of a column, put it in quotes.",
        )
