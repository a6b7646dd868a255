"""Frames survive the pipe byte by byte."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_core.runs.executor.protocol import (
    Frame,
    pack_rows,
    read_frame,
    unpack_rows,
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


words = st.text(max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
plain = scalars | st.lists(scalars, max_size=2) | st.dictionaries(words, scalars, max_size=2)
frames = st.builds(
    Frame,
    st.dictionaries(words, plain, max_size=2),
    st.dictionaries(words, st.binary(max_size=8), max_size=2),
)


@settings(max_examples=30)
@given(st.lists(frames, min_size=1, max_size=2), st.data())
def test_frames_come_back_and_a_stream_that_ends_anywhere_is_an_end_not_an_error(
    sent: list[Frame], data: st.DataObject
) -> None:
    stream, ends = io.BytesIO(), []
    for frame in sent:
        write_frame(stream, frame)
        ends.append(stream.tell())
    cut = data.draw(st.integers(0, ends[-1]))
    cut_short = io.BytesIO(stream.getvalue()[:cut])
    for frame, end in zip(sent, ends, strict=True):
        back = read_frame(cut_short)
        if end > cut:
            assert back is None
            break
        assert back is not None
        assert (back.head, back.blobs) == (frame.head, frame.blobs)


def test_rubbish_is_not_taken_for_a_huge_frame() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        read_frame(io.BytesIO(b"\xff\xff\xff\xffrubbish"))


def test_rows_travel_exactly() -> None:
    rows = np.array([5, 0, 2**40], dtype=np.int64)
    assert unpack_rows(pack_rows(rows)).tolist() == rows.tolist()
