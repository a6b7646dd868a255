"""The event log: nothing that was written whole is ever lost, whatever was cut."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from automl_core.errors import RunError
from automl_core.runs.record import events as e
from automl_core.runs.record.log import LogReader, LogWriter, decode_line, encode_line, sound_length
from automl_core.runs.record.state import RunState

EVENTS: list[e.Event] = [
    e.RunStarted(20.0, None, 1, 800, 100, 3, 4711),
    e.TrialStarted(0, "ü \n\"quoted\"", "mlp", {"lr": 1e-3, "n": 3, "b": True}, "search"),
    e.Epochs(0, 0, (1, 2), (0.5, 1.0), (0.7, None), (0.6, 0.5), (0.8, 0.9), (0.1, 0.0), (0.1, 0.2)),
    e.FoldFinished(0, 0, 0.9, "completed", 0.2),
    e.TrialFinished(0, "finished", 0.9, 0.2, 0.01, 1000, 1),
    e.RunFinished("finished", "over", 0, 0.88, 0.8, 0.9),
]  # fmt: skip


def write(path: Path, events: list[e.Event] = EVENTS) -> bytes:
    writer = LogWriter(path)
    for i, event in enumerate(events):
        writer.append(event, i / 10)
    writer.close()
    return path.read_bytes()


def example(kind: type) -> Any:
    values: dict[Any, Any] = {int: 3, float: 0.25, str: "word", bool: True}
    made = {}
    for name, hint in get_type_hints(kind).items():
        if name not in {f.name for f in fields(kind)}:
            continue
        if get_origin(hint) is tuple:
            hint_of_item = get_args(hint)[0]
            made[name] = (values.get(hint_of_item, 0.25), values.get(hint_of_item, 0.25))
        elif get_origin(hint) is dict:
            made[name] = {"a": 1}
        else:
            made[name] = values[hint] if hint in values else values[get_args(hint)[0]]
    return kind(**made)


@pytest.mark.parametrize("kind", e.EVENTS.values(), ids=list(e.EVENTS))
def test_every_event_comes_back_as_it_was_written(kind: type) -> None:
    event = example(kind)
    entry = decode_line(encode_line(7, 1.5, 1e9, event))
    assert entry is not None
    back = {f.name: getattr(entry.event, f.name) for f in fields(kind)}
    for name, value in back.items():
        same = tuple(value) if isinstance(value, list) else value
        assert same == getattr(event, name), name


def test_log_cut_at_every_byte_keeps_all_whole_lines_and_can_be_continued(tmp_path: Path) -> None:
    data = write(tmp_path / "whole")
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    path = tmp_path / "cut"
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        assert len(LogReader(path).read()) == whole, cut
        writer = LogWriter(path)
        writer.append(EVENTS[-1], 9.0)
        writer.close()
        again = LogReader(path).read()
        assert len(again) == whole + 1, cut
        assert again[-1].t == 9.0


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


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "log"))
    data[30] ^= 1
    with pytest.raises(RunError, match="damaged at line 1"):
        sound_length(bytes(data))


def test_a_newer_log_is_refused_in_words() -> None:
    line = encode_line(0, 0.0, 0.0, EVENTS[0])
    import zlib

    body = line[: line.index(b',"crc"')].replace(b'"v":1', b'"v":2')
    newer = body + b',"crc":"%08x"}\n' % zlib.crc32(body)
    with pytest.raises(RunError, match="newer version"):
        decode_line(newer)


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
