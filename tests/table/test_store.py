"""Stored tables are found by content, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import AutoMLError, TableError
from automl_core.table.inference.schema_inference import infer_schema, with_role
from automl_core.table.store import (
    TableInfo,
    TableWriter,
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


def test_the_hash_does_not_see_what_lies_under_a_gap(tmp_path: Path) -> None:
    hidden = pa.array([1, 2, 3, 4])
    gap = pa.array([True, False, True, True]).buffers()[1]
    odd = pa.Array.from_buffers(pa.int64(), 4, [gap, hidden.buffers()[1]])
    clean = pa.array([1, None, 3, 4])
    assert odd.equals(clean)
    assert put_table(pa.table({"a": odd}), tmp_path) == put_table(pa.table({"a": clean}), tmp_path)


@pytest.mark.parametrize("size", [1, 7, 1_000, 65_536, 200_000])
def test_batches_of_any_size_make_the_same_file(tmp_path: Path, size: int) -> None:
    whole = pa.table(
        {"a": [i % 7 or None for i in range(150_000)], "b": [str(i % 9) for i in range(150_000)]}
    )
    part = whole if size > 100 else whole.slice(65_000, 1_100)
    with TableWriter(tmp_path) as writer:
        writer.begin(pa.schema([("other", pa.int64())]))  # let go by the next begin
        writer.begin(part.schema)
        for batch in part.to_batches(max_chunksize=size):
            writer.write(batch)
        assert writer.commit() == put_table(part, tmp_path)
        assert writer.rows == part.num_rows


def test_what_was_not_committed_leaves_nothing(tmp_path: Path) -> None:
    with TableWriter(tmp_path) as writer:
        writer.begin(TABLE.schema)
        writer.write(TABLE.to_batches()[0])
    assert not list((tmp_path / "tables").iterdir())


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


def test_a_damaged_table_is_refused_and_mended_by_storing_it_again(tmp_path: Path) -> None:
    stored = put_table(TABLE, tmp_path)
    path = tmp_path / "tables" / f"{stored}.arrow"
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(TableError, match="damaged"):
            open_table(stored, tmp_path)
    path.write_bytes(whole[:-1])
    with pytest.raises(TableError, match="damaged"):
        open_table(stored, tmp_path)
    assert put_table(TABLE, tmp_path) == stored
    assert open_table(stored, tmp_path).equals(TABLE)
