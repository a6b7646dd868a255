"""Workers and families are planned by the memory that they need."""

from __future__ import annotations

import pytest

from automl_core.models import model_spec
from automl_core.models.base import MemoryNeed
from automl_core.runs.setup.memory_plan import plan_memory

NAMES = ("lightgbm", "catboost", "linear", "mlp")
FAMILIES = [model_spec(name) for name in NAMES]
GB = 10**9


def test_a_need_grows_with_rows_and_columns() -> None:
    need = MemoryNeed(start=100, column=1, cell=10)
    assert need.bytes_for(0, 0) == 100_000_000
    assert need.bytes_for(1000, 10) == 100_000_000 + 10_000_000 + 100_000


def test_a_family_that_keeps_to_a_bound_is_not_left_out_for_its_columns() -> None:
    assert MemoryNeed(100, 1, 10, most=50).bytes_for(1000, 500) == 150_000_000 + 5_000_000
    plan = plan_memory(FAMILIES, 2_000, 20_000, workers=2, free=12 * GB)
    assert (plan.workers, plan.too_large) == (2, ())


def test_small_tables_have_all_workers_and_all_families() -> None:
    plan = plan_memory(FAMILIES, 20_000, 20, workers=4, free=8 * GB)
    assert (plan.workers, plan.too_large, plan.words) == (4, (), "")
    assert plan.needs.keys() == set(NAMES)


def test_fewer_workers_go_on_where_half_of_the_families_would_not_fit() -> None:
    plan = plan_memory(FAMILIES, 2_000_000, 50, workers=4, free=8 * GB)
    assert plan.workers == 2
    assert plan.words.startswith("2 of 4 workers go on: on a table of this size one may ")
    assert all(plan.needs[name] > plan.each for name in plan.too_large)


def test_a_family_that_one_worker_could_not_hold_is_too_large() -> None:
    plan = plan_memory(FAMILIES, 2_000_000, 100, workers=2, free=7 * GB)
    assert plan.workers == 1
    assert plan.too_large == ("catboost",)


def test_the_smallest_family_is_always_tried() -> None:
    plan = plan_memory(FAMILIES, 50_000_000, 100, workers=2, free=GB)
    assert plan.workers == 1
    assert set(plan.too_large) == set(NAMES) - {"linear"}


@pytest.mark.parametrize("free", [None, 10**15])
def test_memory_that_nobody_knows_limits_nothing(free: int | None) -> None:
    plan = plan_memory(FAMILIES, 50_000_000, 100, workers=2, free=free)
    assert (plan.workers, plan.too_large, plan.words) == (2, (), "")
