"""A run's learning curves as event files, which TensorBoard reads.

A file is a sequence of records, each with its length and two checksums; a record is a message
`Event` of TensorBoard in the encoding of Protocol Buffers. Only scalars are written, so that no
library is needed. Formats: tensorflow/core/util/event.proto, framework/summary.proto and
lib/io/record_writer.h.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from functools import cache

from automl_core.runs.exchange.trial_log import TrialLog
from automl_core.runs.record import Curve, Trial
from automl_core.types import Files

CURVES = ("train_loss", "valid_loss", "valid_score", "learning_rate")

VERSION = b"brain.Event:2"
"""The first record of every file says this."""

POLYNOMIAL, MASK = 0x82F63B78, 0xA282EAD8
"""Of the checksum CRC-32C, bits reversed; what is added to it so that it may be stored."""


def write(log: TrialLog) -> Files:
    """A folder for each fold of each trial with its curves, and `run` with the trials' scores."""
    files = {"run": _file(log.wall(0.0), _of_run(log))}
    for trial in log.trials:
        for fold, curve in sorted(trial.curves.items()):
            events = _of_curve(log, trial, curve)
            files[f"{_safe(trial.name)}/fold-{fold + 1}"] = _file(log.wall(trial.started), events)
    stamp = f"events.out.tfevents.{int(log.wall(0.0)):010d}.torchlight"
    return {f"{folder}/{stamp}": data for folder, data in files.items()}


def _of_run(log: TrialLog) -> Iterator[bytes]:
    """Scores of trials by number, then those of the ensemble by their order."""
    for trial in log.trials:
        if trial.score is not None:
            wall = log.wall(trial.ended or trial.started)
            values = {"score": trial.score, "train_seconds": trial.train_seconds}
            yield _event(wall, trial.number, values)
    for number, (seconds, score) in enumerate(log.state.solved):
        yield _event(log.wall(seconds), number, {"ensemble_score": score})


def _of_curve(log: TrialLog, trial: Trial, curve: Curve) -> Iterator[bytes]:
    for place, epoch in enumerate(curve.epoch):
        found = {name: getattr(curve, name)[place] for name in CURVES}
        values = {name: value for name, value in found.items() if value is not None}
        yield _event(log.wall(trial.started + curve.seconds[place]), epoch, values)


def _safe(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z_-]+", "-", name)


def _file(wall: float, events: Iterator[bytes]) -> bytes:
    first = _double(1, wall) + _bytes(3, VERSION)
    return b"".join(map(_record, (first, *events)))


def _event(wall: float, step: int, values: Mapping[str, float]) -> bytes:
    """An Event: wall_time 1, step 2, summary 5, which has values 1 of a tag 1 and a number 2."""
    parts = [_bytes(1, _bytes(1, tag.encode()) + _float(2, v)) for tag, v in values.items()]
    return _double(1, wall) + _whole(2, step) + _bytes(5, b"".join(parts))


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + checksum(length) + data + checksum(data)


def checksum(data: bytes) -> bytes:
    """The masked CRC-32C of the bytes."""
    crc, table = 0xFFFFFFFF, _crc_table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (turned + MASK) & 0xFFFFFFFF)


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        crc = number
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


LARGEST = 3.4028234663852886e38
"""Of float32."""


# Fields of Protocol Buffers: a key of number and type, then the value.


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _whole(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _float(number: int, value: float) -> bytes:
    """In float32: what is beyond its range is written as its end."""
    return _varint(number << 3 | 5) + struct.pack("<f", max(-LARGEST, min(LARGEST, value)))
