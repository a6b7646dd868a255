"""Numbers in sentences have one form: in what is tested here, and in every file of ours."""

from __future__ import annotations

import ast
import re

import pytest

from automl_core.words import megabytes, percent, score_text, size
from tests import source


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0 %"), (0.0003, "< 0.1 %"), (0.004, "0.4 %"), (0.0099, "1 %"), (0.034, "3 %"),
        (0.85, "85 %"), (0.99, "99 %"), (0.995, "99.5 %"), (0.99999, "> 99.9 %"), (1.0, "100 %"),
        (12.34, "1,234 %"), (-0.125, "-12 %"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_shares(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(640, "640 B"), (5_123_000, "5.1 MB"), (205_000_000, "205 MB"), (3e12, "3,000 GB")],
)
def test_sizes(number: float, shown: str) -> None:
    assert size(number) == shown


def test_sizes_of_a_column_have_one_unit() -> None:
    numbers = [megabytes(n) for n in (45_000, 5_123_000, 205_400_000, None)]
    assert numbers == [0.045, 5.1, 205, None]


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (0.92704, "0.9270"), (-0.25, "-0.2500"), (0.0002, "0.0002"), (123.456, "123.46"),
        (12345.6, "12,346"), (None, "–"), (float("inf"), "–"),
    ],
)  # fmt: skip
def test_scores(score: float | None, shown: str) -> None:
    assert score_text(score) == shown


# `85%`, Plotly's and Python's own formats of it, and units joined to a number. Style sheets and
# the cells of a workbook are no sentences.
STYLE = re.compile(r"style=|\{[^}]*;")
JOINED = re.compile(r"\d%(?!\w)|\.\d%|\d(kB|MB|GB)\b")


def test_percent_and_bytes_are_written_by_one_helper() -> None:
    problems = []
    for path in source.python_files("app.py", "pages", "automl_core"):
        if path.name == "words.py" or "reading" in path.parts:
            continue
        nodes = list(ast.walk(source.tree(path)))
        statements = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}  # docstrings
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_text = id(node) not in statements and not STYLE.search(node.value)
                if is_text and JOINED.search(node.value):
                    problems.append(f"{path}:{node.lineno} {node.value[:60]}")
            elif isinstance(node, ast.keyword) and node.arg == "format":  # Streamlit's own: 5.1MB
                words = ast.unparse(node.value)
                problems += [f"{path} {words}"] if words in ("'bytes'", "'percent'") else []
            elif isinstance(node, ast.JoinedStr):
                problems += [f"{path}:{node.lineno} {words}" for words in _by_hand(node)]
    assert not problems, "\n  " + "\n  ".join(problems)


def _by_hand(text: ast.JoinedStr) -> list[str]:
    """Numbers of an f-string that are put before `%`, `MB` and the like without the helper."""
    found = []
    for value, after in zip(text.values, [*text.values[1:], None], strict=True):
        if not isinstance(value, ast.FormattedValue) or value.format_spec is None:
            continue
        follows = after.value if isinstance(after, ast.Constant) else ""
        unit = re.match(r" ?(%(?![{\w])|[kMG]B\b)", str(follows))
        if ast.unparse(value.format_spec).endswith("%'") or unit:
            found.append(ast.unparse(value))
    return found
