"""Frames survive the pipe byte by byte."""

from __future__ import annotations

import io

import numpy as np
import pytest

from automl_core.runs.executor.protocol import (
    Frame,
    pack_rows,
    pack_values,
    read_frame,
    unpack_rows,
    unpack_values,
    write_frame,
)


def test_frames_come_back_in_order_with_their_blobs() -> None:
    stream = io.BytesIO()
    write_frame(stream, Frame({"kind": "a", "text": "ü\n"}, {"x": b"\x00\xff\n", "empty": b""}))
    write_frame(stream, Frame({"kind": "b"}))
    stream.seek(0)
    first, second = read_frame(stream), read_frame(stream)
    assert first is not None
    assert second is not None
    assert first.head == {"kind": "a", "text": "ü\n"}
    assert first.blobs == {"x": b"\x00\xff\n", "empty": b""}
    assert second.head == {"kind": "b"}
    assert read_frame(stream) is None


def test_a_stream_that_ends_anywhere_is_an_end_not_an_error() -> None:
    stream = io.BytesIO()
    write_frame(stream, Frame({"kind": "a"}, {"x": b"12345"}))
    for cut in range(len(stream.getvalue())):
        assert read_frame(io.BytesIO(stream.getvalue()[:cut])) is None


def test_rubbish_is_not_taken_for_a_huge_frame() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        read_frame(io.BytesIO(b"\xff\xff\xff\xffrubbish"))


def test_rows_and_predictions_travel_exactly() -> None:
    rows = np.array([5, 0, 2**40], dtype=np.int64)
    assert unpack_rows(pack_rows(rows)).tolist() == rows.tolist()
    values = np.array([[0.1, 0.9], [1 / 3, 2 / 3]])
    assert unpack_values(pack_values(values), 2).tolist() == values.tolist()
    assert unpack_values(pack_values(values[:, 0]), 0).tolist() == values[:, 0].tolist()
