"""`inspect`: a table's columns and problems, for people or as JSON."""

from __future__ import annotations

import argparse

from automl_core.cli.arguments import reading_of
from automl_core.cli.decisions import reading_lines, reading_plain
from automl_core.cli.tables import opened_table
from automl_core.cli.text import printable, text_table
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.table import Finding, Schema, SourceFormat
from automl_core.table.checks import encoding_findings, find_problems
from automl_core.table.inference import infer_schema
from automl_core.words import count


def run_inspect(arguments: argparse.Namespace) -> int:
    """Print what `inspect` found; TableError where the table or the target is not there."""
    source_format = SourceFormat("", asked=reading_of(arguments))
    with opened_table(arguments.table, arguments.query, source_format) as (table, used):
        schema = infer_schema(table, used.decimal)
        target = arguments.target and schema.column(arguments.target).name
        findings = find_problems(table, schema, target)
        findings = (*encoding_findings(table, used.for_people()), *findings)
    if arguments.json:
        print(dump_json(_plain(schema, findings) | {"reading": reading_plain(used)}).decode())
        return 0
    print(f"{count(schema.rows, 'row')}, {count(len(schema.columns), 'column')}\n")
    print(printable("\n".join(reading_lines(used))) + "\n")
    rows = [(c.name, c.role, f"{c.missing:,}", f"{c.distinct:,}", c.reason) for c in schema.columns]
    print(text_table(("column", "role", "missing", "distinct", "why"), rows, right=(2, 3)))
    print("\nNo problems found." if not findings else "")
    for finding in findings:
        word = finding.severity if finding.state == "to_review" else finding.state
        print(printable(f"{word}: {finding.message} {finding.fix}".rstrip()))
    return 0


def _plain(schema: Schema, findings: tuple[Finding, ...]) -> dict[str, object]:
    columns = [
        {k: getattr(c, k) for k in ("name", "role", "reason", "missing", "distinct")}
        for c in schema.columns
    ]
    problems = [
        {
            "kind": f.kind, "columns": list(f.columns), "severity": f.severity,
            "message": f.message, "fix": f.fix, "state": f.state, "rows": list(f.rows),
            "action": None if f.action is None else to_plain(f.action),
        }
        for f in findings
    ]  # fmt: skip
    return {"rows": schema.rows, "columns": columns, "findings": problems}
