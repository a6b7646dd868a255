"""The event log: nothing that was written whole is ever lost, whatever was cut or damaged."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl_core.errors import RunError
from automl_core.runs.record import events as e
from automl_core.runs.record.log import LogWriter, decode_line, encode_line, sound_length
from automl_core.runs.record.log_reader import LogDamage, LogReader
from automl_core.runs.record.state import RunState
from automl_core.types import DropReason, Origin, RunStatus, TrialStatus
from tests.generated_records import records, values

EVENTS: list[e.Event] = [
    e.RunStarted(20.0, None, 1, 800, 100, 3, 4711),
    e.TrialStarted(0, "ü \n\"quoted\"", "mlp", {"lr": 1e-3, "n": 3, "b": True}, Origin.SEARCH),
    e.Epochs(0, 0, (1, 2), (0.5, 1.0), (0.7, None), (0.6, 0.5), (0.8, 0.9), (0.1, 0.0), (0.1, 0.2)),
    e.FoldFinished(0, 0, 0.9, "completed", 0.2),
    e.TrialFinished(0, TrialStatus.FINISHED, 0.9, 0.2, 0.01, 1000, 1),
    e.RunFinished(RunStatus.FINISHED, "over", 0, 0.88, 0.8, 0.9),
]  # fmt: skip


def write(path: Path, events: list[e.Event] = EVENTS) -> bytes:
    writer = LogWriter(path)
    for i, event in enumerate(events):
        writer.append(event, i / 10)
    writer.close()
    return path.read_bytes()


any_event = st.one_of(*map(records, get_args(e.Event)))


@pytest.mark.parametrize("kind", get_args(e.Event), ids=[k.__name__ for k in get_args(e.Event)])
@settings(max_examples=10)
@given(st.data(), values(float), values(float))
def test_every_event_comes_back_as_it_was_written(
    kind: type, data: st.DataObject, t: float, wall: float
) -> None:
    event = data.draw(records(kind))
    assert decode_line(encode_line(7, t, wall, event)) == (7, t, wall, event)


def write_lines(events: list[e.Event]) -> list[bytes]:
    return [encode_line(i, i / 10, 1e9 + i, event) for i, event in enumerate(events)]


def read_all(path: Path) -> list[e.Event]:
    return [entry.event for entry in LogReader(path).read()]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_event, min_size=1, max_size=6), st.data())
def test_what_was_written_whole_is_read_wherever_the_log_is_cut(
    tmp_path: Path, events: list[e.Event], data: st.DataObject
) -> None:
    lines = write_lines(events)
    cut = data.draw(st.integers(0, len(b"".join(lines))))
    path = tmp_path / "log"
    path.write_bytes(b"".join(lines)[:cut])
    complete = sum(len(b"".join(lines[: i + 1])) - 1 <= cut for i in range(len(lines)))
    assert read_all(path) == events[:complete]  # also where the last one lacks its line break
    whole = sum(len(b"".join(lines[: i + 1])) <= cut for i in range(len(lines)))
    assert sound_length(path.read_bytes()) == len(b"".join(lines[:whole]))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_event, min_size=1, max_size=6), st.data())
def test_a_damaged_byte_costs_one_record_at_most(
    tmp_path: Path, events: list[e.Event], data: st.DataObject
) -> None:
    lines = write_lines(events)
    damaged = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    hit = sum(len(b"".join(lines[: i + 1])) <= place for i in range(len(lines)))
    path = tmp_path / "log"
    path.write_bytes(damaged)
    reader = LogReader(path)
    found = [entry.event for entry in reader.read()]
    if place == len(b"".join(lines[: hit + 1])) - 1:  # a line break: the records are whole
        assert found == events
        assert reader.damage.lost == 0
    else:
        assert found == events[:hit] + events[hit + 1 :]
        assert reader.damage == LogDamage(1, len(events), 0)


def sound_line(body: bytes) -> bytes:
    return body + b',"crc":"%08x"}\n' % zlib.crc32(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"v":2,"seq":1,"t":1,"wall":1,"kind":"note","more":1', "newer version .log"),
        (
            b'{"v":1,"seq":1,"t":1,"wall":1,"kind":"party","who":"all"',
            "version .event 'party'",
        ),
        (b'{"v":1,"seq":1,"t":1,"wall":1,"kind":"note","severity":"info"', "unreadable.*`message`"),
        (
            b'{"v":1,"seq":1,"t":1,"wall":1,"kind":"command","name":"stop","argument":"","x":1',
            "unreadable event.*`x`",
        ),
    ],
)
def test_a_log_that_is_sound_but_not_understood_is_refused_in_words(
    body: bytes, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        decode_line(sound_line(body))


def test_log_cut_at_every_byte_keeps_all_whole_lines_and_can_be_continued(tmp_path: Path) -> None:
    data = write(tmp_path / "whole")
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    path = tmp_path / "cut"
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        assert len(LogReader(path).read()) - whole == (cut + 1 in ends), cut
        writer = LogWriter(path)
        writer.append(EVENTS[-1], 9.0)
        writer.close()
        again = LogReader(path).read()
        assert len(again) == whole + 1, cut
        assert again[-1].t == 9.0


def test_lines_in_another_order_or_twice_are_told_apart_from_lines_that_are_missing(
    tmp_path: Path,
) -> None:
    path, lines = tmp_path / "log", write_lines(EVENTS)
    block = b"".join(lines[1:4])
    zeroed = block[:20] + bytes(len(block) - 40) + block[-20:]
    cases = [
        (LogDamage(0, 6, 0), [*lines[:2], lines[3], lines[2], *lines[4:]]),
        (LogDamage(0, 6, 2), [*lines, lines[1], lines[5]]),
        (LogDamage(0, 6, 1), [*lines[:3], lines[2], *lines[3:]]),
        (LogDamage(1, 6, 0), [*lines[:2], *lines[3:]]),
        (LogDamage(2, 6, 0), lines[2:]),
        (LogDamage(3, 6, 0), [lines[0], zeroed, *lines[4:]]),
        (LogDamage(1, 6, 0), [*lines[:2], lines[2][:-9], bytes(9), *lines[3:]]),
        (LogDamage(1, 6, 0), [*lines[:5], lines[5].replace(b"over", b"o\r\nr")]),
    ]  # fmt: skip
    for expected, written in cases:
        path.write_bytes(b"".join(written))
        reader = LogReader(path)
        assert len(reader.read()) == 6 - expected.lost
        assert reader.damage == expected
        if not expected.lost:
            assert read_all(path) == EVENTS


def test_a_line_that_is_being_written_is_no_damage(tmp_path: Path) -> None:
    path, lines = tmp_path / "log", write_lines(EVENTS)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:30])
    reader = LogReader(path)
    assert len(reader.read()) == 4
    assert reader.damage == LogDamage(0, 4, 0)
    path.write_bytes(b"".join(lines[:5])[:-1])
    assert len(reader.read()) == 1
    path.write_bytes(b"".join(lines))
    assert len(reader.read()) == 1
    assert reader.damage == LogDamage(0, 6, 0)


def test_reader_goes_on_where_it_stopped_and_waits_for_a_line_to_be_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    reader = LogReader(path)
    assert reader.read() == []
    line = encode_line(0, 0.0, 0.0, EVENTS[0])
    path.write_bytes(line[:20])
    assert reader.read() == []
    path.write_bytes(line)
    assert len(reader.read()) == 1
    assert reader.read() == []


def test_a_selection_of_columns_that_0_5_0_wrote_is_read() -> None:
    plain = {
        "lists": 1, "kept": ["a", "b"], "dropped": ["s", "c"], "why": ["spare", "copy"],
        "of": ["", "a"], "gain": [0.02, 0.0], "chance": 0.01, "columns": [3, 2],
        "score": [0.8, 0.81], "better": [-0.01, 0.0], "error": [0.004, 0.0], "seconds": 1.5,
        "pairs": ["a ÷ b"], "proposed": 30, "brought": 0.02, "brought_error": 0.003,
        "unfinished": False,
    }  # fmt: skip
    head = b'{"v":1,"seq":1,"t":2.0,"wall":3.0,"kind":"features_selected",'
    entry = decode_line(sound_line(head + json.dumps(plain).encode()[1:-1]))
    assert entry == (1, 2.0, 3.0, e.FeaturesSelected(
        1, ("a", "b"),
        (
            e.DroppedColumn("s", DropReason.SPARE, "", 0.02),
            e.DroppedColumn("c", DropReason.COPY, "a", 0.0),
        ),
        0.01, (e.TriedList(3, 0.8, -0.01, 0.004), e.TriedList(2, 0.81, 0.0, 0.0)), 1.5,
        e.PairSearch(("a ÷ b",), 30, 0.02, 0.003, False),
    ))  # fmt: skip
    without = plain | {"pairs": [], "proposed": 0, "brought": 0.0, "brought_error": 0.0}
    entry = decode_line(sound_line(head + json.dumps(without).encode()[1:-1]))
    assert entry is not None and isinstance(entry.event, e.FeaturesSelected)
    assert entry.event.pairs is None


def test_state_is_the_same_however_the_log_was_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    data = write(path)
    at_once, in_pieces = RunState(), RunState()
    for entry in LogReader(path).read():
        at_once.apply(entry.event, entry.t, entry.wall)
    other = tmp_path / "other"
    reader = LogReader(other)
    for cut in range(0, len(data) + 50, 50):
        other.write_bytes(data[:cut])
        for entry in reader.read():
            in_pieces.apply(entry.event, entry.t, entry.wall)
    assert at_once == in_pieces
    assert at_once.trials[0].curves[0].valid_score == [0.8, 0.9]
