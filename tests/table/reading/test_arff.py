"""ARFF files: names from the head, comments, quotes; what is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import TableError
from tests.table.files import read, settings


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


HEAD = """% a comment, with commas
%
@RELATION 'some table'

@attribute length REAL % of the leaf
@ATTRIBUTE 'the kind' {'a b', "c,d", e}
@attribute "it\\"s" string
@attribute day date "yyyy-MM-dd"

@DATA
% another comment
"""


def test_names_rows_and_comments(tmp_path: Path) -> None:
    rows = "5.1,'a b','x, y',2020-01-02\n\n4,e,?,2020-01-03\n%\n%\n"
    table = read(tmp_path, HEAD + rows, "t.csv")
    assert table.to_pydict() == {
        "length": [5.1, 4.0],
        "the kind": ["a b", "e"],
        'it"s': ["x, y", "?"],
        "day": ["2020-01-02", "2020-01-03"],
    }
    assert settings(tmp_path, HEAD + rows).format == "arff"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "{0 5.1, 1 e}\n", "sparse"),
        ("@relation x\n@attribute bag relational\n@data\n1\n", "tables of its own"),
        ("@relation x\n@attribute a real\n", "no attributes and data"),
        (HEAD, "no rows"),
        (HEAD + "1,e\n2,e\n", "4 attributes, and its rows have 2 cells"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        read(tmp_path, text, "t.arff")
    assert caught.value.hint


def test_other_encodings_and_tabs(tmp_path: Path) -> None:
    text = "@relation x\n@attribute größe real\n@attribute w string\n@data\n1\tä\n2\tö\n"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        table = read(tmp_path, text.encode(encoding), "t.arff")
        assert table.to_pydict() == {"größe": [1, 2], "w": ["ä", "ö"]}
