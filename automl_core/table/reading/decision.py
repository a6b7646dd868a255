"""The question that people are asked where a decision about how a file is read is doubtful."""

from __future__ import annotations

from automl_core.table import Decision

__all__ = ["Decision", "question", "repeated_header"]

_QUESTIONS = {
    "header": "Is the first row a header?",
    "units_row": "Does the row below the header have units?",
    "skip_rows": "How many lines stand before the table?",
    "footer_rows": "How many rows at the end are no rows of the table?",
    "delimiter": "What parts the cells?",
    "decimal": "Which is the decimal mark?",
    "encoding": "Which encoding is the text in?",
    "sheet": "Which sheet, file or list has the table?",
}


def repeated_header(rows: int) -> tuple[Decision, ...]:
    """What is said of rows that were the header once more; nothing where there was none."""
    if not rows:
        return ()
    what = "1 row is" if rows == 1 else f"{rows:,} rows are"
    return (Decision("repeated_header", "left out", f"{what} the header once more."),)


def question(decision: Decision) -> str:
    """What people are asked where the decision is doubtful."""
    other = f"Is it {decision.value} or {decision.alternative}?"
    return _QUESTIONS.get(decision.setting, f"{decision.setting.replace('_', ' ')}: {other}")
