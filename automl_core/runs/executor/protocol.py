"""Frames on a pipe: a JSON head and named blobs of bytes. Knows nothing of what they mean."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_LENGTH = struct.Struct("<I")
MAX_HEAD = 64 * 2**20

Blobs = dict[str, bytes]


@dataclass(frozen=True, eq=False)
class Frame:
    """One message: plain data, and bytes that JSON should not carry."""

    head: dict[str, Any]
    blobs: Blobs = field(default_factory=dict)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write and flush one frame; BrokenPipeError where the other side is gone."""
    sizes = [[name, len(data)] for name, data in frame.blobs.items()]
    head = json.dumps({"head": frame.head, "blobs": sizes}).encode()
    stream.write(_LENGTH.pack(len(head)) + head)
    for data in frame.blobs.values():
        stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next frame; None at the end of the stream, also within a frame."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(length)[0]
    if size > MAX_HEAD:
        raise ValueError(f"a head of {size} bytes: this is not a frame")
    head = stream.read(size)
    if len(head) < size:
        return None
    plain = json.loads(head)
    blobs: Blobs = {}
    for name, count in plain["blobs"]:
        data = stream.read(count)
        if len(data) < count:
            return None
        blobs[name] = data
    return Frame(plain["head"], blobs)


def pack_rows(rows: NDArray[np.int64]) -> bytes:
    """Row numbers as bytes."""
    return np.ascontiguousarray(rows, dtype="<i8").tobytes()


def unpack_rows(data: bytes) -> NDArray[np.int64]:
    """What `pack_rows` wrote."""
    return np.frombuffer(data, dtype="<i8").astype(np.int64)
