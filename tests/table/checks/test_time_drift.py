"""Time order and groups."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.run import find_problems
from automl_core.table.inference.schema_inference import infer_schema
from tests.table.checks.looked import found

N = 600
RNG = np.random.default_rng(7)
NOISE = RNG.normal(size=N)
DAYS = np.datetime64("2020-01-01") + np.arange(N).astype("timedelta64[D]")


def test_a_target_that_drifts_along_a_date() -> None:
    y = NOISE + np.arange(N) / 200
    (finding,) = found({"day": DAYS, "a": RNG.normal(size=N), "y": y}, "time_order", "y")
    assert finding.columns == ("day",) and finding.action is not None
    mixed = RNG.permutation(N)
    assert found({"day": DAYS[mixed], "a": NOISE, "y": (y > 1.5)[mixed]}, "time_order", "y")


def test_a_week_and_nothing_at_all_are_no_drift() -> None:
    for y in (NOISE, NOISE + np.sin(np.arange(N) % 7)):
        assert not found({"day": DAYS, "a": RNG.normal(size=N), "y": y}, "time_order", "y")


@pytest.mark.parametrize(
    ("name", "numbers", "proposed"),
    [
        ("year", np.arange(N) // 75 + 2012, True),
        ("month_index", np.arange(N) // 15, True),
        ("weekNo", np.arange(N) // 8, True),
        ("month", np.arange(N) // 50 + 1, False),  # comes again every year
        ("year_built", np.arange(N) // 75 + 1990, False),  # how old a thing is
        ("year", np.arange(N) // 75, False),  # a number of years
        ("time", np.arange(N), False),  # how long it took
    ],
)
def test_time_that_is_counted(name: str, numbers: np.ndarray, proposed: bool) -> None:
    mixed = RNG.permutation(N)
    y = (NOISE + np.arange(N) / 150)[mixed]
    columns = {name: numbers[mixed], "a": RNG.normal(size=N), "y": y}
    assert bool(found(columns, "time_order", "y")) == proposed


@pytest.mark.parametrize("written", ["numbers", "words"])
@pytest.mark.parametrize("classes", [True, False])
def test_groups_that_only_the_target_shows(written: str, classes: bool) -> None:
    numbers = RNG.permutation(900)[:120][np.arange(N) // 5]
    who = numbers if written == "numbers" else np.array([f"P{i}" for i in numbers])
    level = RNG.normal(size=900)[numbers]
    y = (level > 0).astype(int) if classes else level + 0.2 * RNG.normal(size=N)
    table = {"patient": who, "pressure": RNG.normal(120, 9, N).round(), "y": y}
    (finding,) = found(table, "groups", "y")
    assert finding.columns == ("patient",)
    assert not found(table, "leak", "y")  # it says who, not what


def test_a_number_that_the_target_follows_names_no_groups() -> None:
    dose = RNG.integers(0, 120, N)
    y = dose + 9 * RNG.normal(size=N)
    assert not found({"dose": dose, "a": NOISE, "y": y}, "groups", "y")


def people(shared: int) -> dict[str, np.ndarray]:
    who = RNG.integers(0, 80, N)
    columns = {"who": np.array([f"P{i}" for i in who]), "a": NOISE}
    for i in range(shared):
        columns[f"s{i}"] = RNG.integers(0, 12, 80)[who]
    return {**columns, "y": RNG.normal(size=80)[who] + 0.7 * RNG.normal(size=N)}


def test_rows_that_belong_together_and_what_one_click_does() -> None:
    table = pa.table(people(shared=3))
    schema = infer_schema(table)
    (finding,) = [f for f in find_problems(table, schema, "y") if f.kind == "groups"]
    assert finding.columns == ("who",) and finding.action is not None
    mended = apply_fix(finding.action, schema, table)
    assert mended.column("who").role == "group"
    (done,) = [f for f in find_problems(table, mended, "y") if f.kind == "groups"]
    assert done.state == "fixed" and done.action is not None
    assert apply_fix(done.action, mended, table) == schema


@pytest.mark.parametrize("order", ["sorted", "mixed"])
def test_groups_in_a_long_table(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """Evenly spaced rows have hardly two of one person."""
    monkeypatch.setattr("automl_core.table.checks.sample.ROWS", 300)
    who = np.arange(3_000) // 5
    who = who if order == "sorted" else RNG.permutation(who)
    columns: dict[str, np.ndarray] = {"who": np.array([f"P{i}" for i in who])}
    for name in ("s", "t"):
        columns[name] = RNG.integers(0, 12, 600)[who]
    columns["y"] = RNG.normal(size=600)[who] + 0.7 * RNG.normal(size=3_000)
    (finding,) = found({**columns, "a": RNG.normal(size=3_000)}, "groups", "y")
    assert finding.columns == ("who",)


def test_a_category_that_matters_is_no_group() -> None:
    assert not found(people(shared=1), "groups", "y")
