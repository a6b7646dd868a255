"""Stored tables are found by content, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import AutoMLError, TableError
from automl_core.table.infer import infer_schema, with_role
from automl_core.table.store import (
    TableInfo,
    load_info,
    load_schema,
    open_table,
    put_table,
    save_info,
    save_schema,
)

TABLE = pa.table({"a": [1, 2, None], "b": ["x", None, "z"]})


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    assert open_table(put_table(TABLE, tmp_path), tmp_path).equals(TABLE)


def test_the_hash_follows_content_not_layout(tmp_path: Path) -> None:
    cut = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    noted = TABLE.replace_schema_metadata({"pandas": "x"})
    assert put_table(cut, tmp_path) == put_table(TABLE, tmp_path) == put_table(noted, tmp_path)
    assert put_table(TABLE.slice(0, 2), tmp_path) != put_table(TABLE, tmp_path)
    assert len(list((tmp_path / "tables").iterdir())) == 2


def test_categories_are_stored_as_their_values(tmp_path: Path) -> None:
    coded = pa.table({"c": pa.array(["x", "y"]).dictionary_encode()})
    assert open_table(put_table(coded, tmp_path), tmp_path)["c"].to_pylist() == ["x", "y"]


@pytest.mark.parametrize("bad", ["", "../../etc/passwd", "0" * 31, "G" * 32, "0" * 32, "0" * 33])
def test_unknown_ids_and_tricks_are_refused(tmp_path: Path, bad: str) -> None:
    for use in (open_table, load_info):
        with pytest.raises(TableError):
            use(bad, tmp_path)


def test_a_damaged_table_is_one_message(tmp_path: Path) -> None:
    hash = put_table(TABLE, tmp_path)
    path = tmp_path / "tables" / f"{hash}.arrow"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TableError, match="damaged"):
        open_table(hash, tmp_path)


def test_info_and_schema_are_kept_beside_the_table(tmp_path: Path) -> None:
    hash = put_table(TABLE, tmp_path)
    info = TableInfo(hash, "my table.csv", 3, 2, {"format": "csv"})
    save_info(info, tmp_path)
    assert load_info(hash, tmp_path) == info
    assert load_schema(hash, tmp_path) is None
    schema = with_role(infer_schema(TABLE), TABLE, "a", "category")
    save_schema(hash, schema, tmp_path)
    assert load_schema(hash, tmp_path) == schema


def test_damaged_info_is_one_message(tmp_path: Path) -> None:
    hash = put_table(TABLE, tmp_path)
    for text in ("{", "[]", '{"hash": "x", "unknown": 1}'):
        (tmp_path / "tables" / f"{hash}.json").write_text(text)
        with pytest.raises(AutoMLError):
            load_info(hash, tmp_path)
