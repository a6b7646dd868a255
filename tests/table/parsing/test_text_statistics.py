"""Counts of a raw text before case and punctuation are dropped."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.parsing.parse import parse_column
from automl_core.table.parsing.text_statistics import SIGNALS, signals_of
from automl_core.table.schema import ParseRule


def test_signals_equal_those_counted_by_hand() -> None:
    row = signals_of(pa.array(["Call 0800123 NOW! £5"]))[0]
    expected = [math.log(21), 8 / 20, 4 / 20, 2 / 20, math.log(2), math.log(2), 0]
    assert row == pytest.approx(expected, abs=1e-6)
    assert len(row) == len(SIGNALS)


@pytest.mark.parametrize("text", ["see www.example.org", "HTTPS://x", "mail a.b@example.org today"])
def test_links_and_addresses(text: str) -> None:
    assert signals_of(pa.array([text]))[0, -1] == pytest.approx(math.log(2))
    assert signals_of(pa.array(["a @ b, ww. c"]))[0, -1] == 0


def test_no_text_has_no_signals() -> None:
    assert (signals_of(pa.array(["", None], pa.string())) == 0).all()
    assert signals_of(pa.array([], pa.string())).shape == (0, len(SIGNALS))


def test_texts_that_differ_in_case_alone_keep_their_signals() -> None:
    typed = parse_column(pa.array(["STOP it", "stop it", None, "STOP it"]), "x", ParseRule("text"))
    assert typed.words == ("stop it", "stop it")
    assert typed.codes is not None and typed.codes.tolist() == [0, 1, -1, 0]
    assert typed.signals is not None and typed.signals[0, 2] > typed.signals[1, 2] == 0
    taken = typed.take(np.array([1]))
    assert taken.signals is typed.signals
