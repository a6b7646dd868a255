"""The spread of a column by the target: every row counted once, in a part that holds its value."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.profile.by_target import BINS, GROUPS, distribution, round_edges
from automl_core.profile.sample import take_sample
from automl_core.table.inference.schema_inference import infer_schema

ROWS = 400
RANDOM = np.random.default_rng(0)
AGE = RANDOM.integers(18, 80, ROWS).astype(float)
TABLE = pa.table(
    {
        "age": pa.array(AGE, mask=np.arange(ROWS) % 10 == 0),
        "wealth": np.exp(RANDOM.normal(0, 3, ROWS)),
        "town": [f"town {i % 30}" for i in range(ROWS)],
        "rooms": [i % 5 for i in range(ROWS)],
        "price": AGE * 10 + RANDOM.normal(size=ROWS),
        "sold": np.where(AGE > 50, "yes", "no"),
        "visits": np.arange(ROWS) % 20,
        "since": pa.array(np.arange(ROWS) * 86_400, pa.timestamp("s")),
    }
)
SAMPLE = take_sample(TABLE, infer_schema(TABLE))


def total(counts: tuple[tuple[int, ...], ...]) -> int:
    return sum(map(sum, counts))


@pytest.mark.parametrize("column", TABLE.column_names)
def test_every_row_is_counted_once_whatever_the_column(column: str) -> None:
    for target, classes in ((None, False), ("sold", True), ("price", False)):
        found = distribution(SAMPLE, column, target, classes)
        assert total(found.counts) + found.missing == found.rows == ROWS
        assert {len(row) for row in found.counts} == {len(found.labels)}


def test_classes_are_told_apart() -> None:
    found = distribution(SAMPLE, "age", "sold", classes=True)
    assert set(found.classes) == {"yes", "no"}
    rows = dict(zip(found.classes, found.counts, strict=True))
    below = [i for i, label in enumerate(found.labels) if label.endswith(" to 50")]
    assert below and all(rows["yes"][i] == 0 and rows["no"][i] > 0 for i in below)


def test_a_target_of_numbers_has_quartiles_in_every_part() -> None:
    found = distribution(SAMPLE, "age", "price", classes=False)
    middles = [q[1] for q in found.quartiles if q is not None]
    assert len(middles) > 10 and middles == sorted(middles)  # the price goes with the age
    assert all(q is None or q[0] <= q[1] <= q[2] for q in found.quartiles)


def test_rare_words_are_put_together() -> None:
    found = distribution(SAMPLE, "town", None, classes=False)
    assert len(found.labels) == GROUPS and found.labels[-1] == "15 others"


def test_few_values_stand_for_themselves() -> None:
    assert distribution(SAMPLE, "rooms", None, classes=False).labels == ("0", "1", "2", "3", "4")


def test_long_tails_fall_into_open_bins() -> None:
    found = distribution(SAMPLE, "wealth", None, classes=False)
    assert found.labels[-1].endswith(" and more")
    assert max(found.counts[0]) < 0.9 * ROWS or found.counts[0][-1] > 0


def test_whole_numbers_have_a_bin_each_without_gaps() -> None:
    found = distribution(SAMPLE, "visits", None, classes=False)
    assert found.labels == tuple(map(str, range(20)))
    assert found.counts == ((ROWS // 20,) * 20,)


def test_dates_are_shown_as_dates() -> None:
    assert distribution(SAMPLE, "since", None, False).labels[0].startswith("1970-01-01 to 1970-01-")


@pytest.mark.parametrize(
    ("low", "high"), [(17, 90), (0, 1), (-3.3, 1e6), (1e-9, 2e-9), (1e300, 1.1e300), (5, 5.0000001)]
)
def test_edges_are_round_and_hold_the_whole_range(low: float, high: float) -> None:
    edges = round_edges(low, high)
    assert 2 <= len(edges) <= BINS + 2
    slack = 1e-6 * (high - low)
    assert edges[0] <= low + slack and edges[-1] >= high - slack
    assert (np.diff(edges) > 0).all()
