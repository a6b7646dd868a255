"""Records to plain data and back: nothing is lost, and nothing that does not fit is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_core.feature_selection import Chosen
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.executor.tasks import FoldTask, PredictTask, VisibleFeatures
from automl_core.runs.record import EnsembleRecord, RefitRecord, TableLink
from automl_core.table import Schema, TableInfo
from tests.generated_records import records

# Not here: records that check their values (RunSpec, encoders); their own tests have them.
KINDS = (
    Chosen, EnsembleRecord, RefitRecord, TableLink, Schema, TableInfo, FoldTask,
    VisibleFeatures, PredictTask,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=[k.__name__ for k in KINDS])
@settings(max_examples=20)
@given(st.data())
def test_a_record_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    record = data.draw(records(kind))
    assert from_plain(kind, to_plain(record)) == record
    assert from_plain(kind, json.loads(json.dumps(to_plain(record)))) == record


@settings(max_examples=20)
@given(records(Schema), st.data())
def test_a_key_too_many_or_too_few_is_refused_by_name_wherever_it_is(
    schema: Schema, data: st.DataObject
) -> None:
    plain = json.loads(json.dumps(to_plain(schema)))
    places = [(plain, ("columns", "rows"))]
    places += [(c, ("name", "role", "parse", "missing")) for c in plain["columns"]]
    places += [(c["parse"], ("kind",)) for c in plain["columns"]]
    place, required = data.draw(st.sampled_from(places))
    place["surprise"] = 1
    with pytest.raises(RecordError, match="has the unknown key 'surprise'"):
        from_plain(Schema, plain)
    del place["surprise"]
    key = data.draw(st.sampled_from(required))
    del place[key]
    with pytest.raises(RecordError, match=f"lacks the key '{key}'"):
        from_plain(Schema, plain)


@dataclass(frozen=True)
class Inner:
    share: float
    many: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outer:
    inner: Inner
    count: int
    kind: Literal["one", "two"] = "one"
    value: int | float | str | bool = 0
    pair: tuple[str, float] = ("", 0.0)


PLAIN: dict[str, Any] = {"inner": {"share": 0.5, "many": [1]}, "count": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inner": {"share": "much"}}, "Outer.inner.share: expected `float`, got `str`."),
        ({"inner": {"share": True}}, "Outer.inner.share: expected `float`, got `bool`."),
        ({"inner": {"share": 1.0, "many": [1, 2.5]}}, "Outer.inner.many[1]: expected `int`"),
        ({"inner": {"share": 1.0, "shares": 3}}, "Outer.inner has the unknown key 'shares'. Did"),
        ({"inner": 3}, "Outer.inner: expected `object`, got `int`."),
        ({"count": True}, "Outer.count: expected `int`, got `bool`."),
        ({"count": None}, "Outer.count: expected `int`, got `null`."),
        ({"kind": "three"}, "Outer.kind: invalid enum value 'three'."),
        ({"pair": ["a"]}, "Outer.pair: expected `array` of length 2, got 1."),
        ({"pair": "ab"}, "Outer.pair: expected `array`, got `str`."),
        ({"value": [1]}, "Outer.value: expected `bool | int | float | str`"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as error:
        from_plain(Outer, PLAIN | change)
    assert str(error.value).startswith(message)


def test_an_integer_is_a_number_where_a_float_is_wanted() -> None:
    record = from_plain(Outer, {"inner": {"share": 1}, "count": 1, "pair": ["a", 2]})
    assert (record.inner.share, record.pair[1]) == (1.0, 2.0)
    assert type(record.inner.share) is float and type(record.pair[1]) is float


@pytest.mark.parametrize("value", [1, 1.5, "1", True])
def test_a_value_keeps_its_type(value: float | str) -> None:
    back = from_plain(Outer, PLAIN | {"value": value}).value
    assert (back, type(back)) == (value, type(value))


def test_numbers_and_words_of_numpy_become_plain() -> None:
    plain = to_plain(Inner(np.float64(0.5)))
    assert type(plain["share"]) is float
    assert type(to_plain({"a": np.str_("b")})["a"]) is str


def test_what_is_no_record_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        to_plain({"a": np.zeros(3)})


THREADS = """
import sys, threading
from dataclasses import make_dataclass
from automl_core.records import from_plain
sys.setswitchinterval(1e-6)
for _ in range(100):
    kind = int
    for depth in range(5):
        kind = make_dataclass(f"Record{depth}", [("a", int), ("b", tuple[str, ...]), ("c", kind)])
    plain = 1
    for _ in range(5):
        plain = {"a": 1, "b": ["x"], "c": plain}
    start = threading.Barrier(4)
    work = lambda: (start.wait(), from_plain(kind, plain))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_several_threads_may_meet_a_kind_of_record_for_the_first_time_at_once() -> None:
    command = [sys.executable, "-c", THREADS]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
