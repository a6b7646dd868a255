"""Frames on a pipe: one JSON object and named blobs of bytes.

Used on both sides, by the parent (`process.py`) and by the worker (`worker/connection.py`); a
frame's meaning is given by `tasks.py` and `results.py`. On the pipe a frame is the length of its
head (4 bytes, little-endian), the head (JSON: the object, and names and sizes of the blobs), and
the blobs one after the other.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_LENGTH = struct.Struct("<I")
MAX_HEAD = 64 * 2**20  # bytes

Blobs = dict[str, bytes]


@dataclass(frozen=True, eq=False)
class Frame:
    """Plain data, and bytes that JSON should not carry."""

    head: dict[str, Any]
    blobs: Blobs = field(default_factory=dict)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write and flush one frame. Raises BrokenPipeError where the reader has ended."""
    sizes = [[name, len(data)] for name, data in frame.blobs.items()]
    head = json.dumps({"head": frame.head, "blobs": sizes}).encode()
    stream.write(_LENGTH.pack(len(head)) + head)
    for data in frame.blobs.values():
        stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next frame; None where the stream ends, also within a frame.

    Blocks until a frame is there. Raises ValueError where the stream holds no frames.
    """
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


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes from and to the parent, moved to descriptors of their own.

    From then on standard input is empty, and printed text goes to the log (stderr).
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def pack_rows(rows: NDArray[np.int64]) -> bytes:
    """Row numbers as bytes."""
    return np.ascontiguousarray(rows, dtype="<i8").tobytes()


def unpack_rows(data: bytes) -> NDArray[np.int64]:
    """The row numbers that `pack_rows` packed."""
    return np.frombuffer(data, dtype="<i8").astype(np.int64)
