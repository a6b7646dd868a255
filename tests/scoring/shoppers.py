"""Generated shoppers: typed columns, a target of a known relation, the model that knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.scoring.learn_reference import UnseenPredictions, learn_reference
from automl_core.scoring.reference import Reference
from automl_core.table import Column, ParseRule, TypedColumn, TypedTable

CITIES = ("Oslo", "Bergen", "Narvik", "Molde")
KINDS = {"age": "number", "spend": "number", "city": "string", "member": "boolean"}
COLUMNS = tuple(
    Column(name, "numeric", "test", ParseRule(kind), 0, 5)  # type: ignore[arg-type]
    for name, kind in KINDS.items()
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shoppers:
    """Rows and their classes."""

    typed: TypedTable
    y: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Shoppers:
        """These rows."""
        return Shoppers(self.typed.take(rows), self.y[rows])


def shoppers(rows: int, seed: int) -> Shoppers:
    """Young shoppers are hard to tell, others easy."""
    rng = np.random.default_rng(seed)
    age, spend = rng.normal(45, 12, rows).round(), rng.lognormal(4, 0.7, rows)
    city = rng.choice(len(CITIES), rows, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32)
    city[rng.random(rows) < 0.05] = -1
    member = (rng.random(rows) < 0.4).astype(float)
    typed = TypedTable(
        {
            "age": TypedColumn("age", numbers=age),
            "spend": TypedColumn("spend", numbers=spend),
            "city": TypedColumn("city", codes=city, words=CITIES),
            "member": TypedColumn("member", numbers=member),
        },
        rows,
    )
    return Shoppers(typed, (rng.random(rows) < chances(typed)).astype(np.int64))


def chances(typed: TypedTable) -> Floats:
    """(n,) the probability of class 1, by a relation that any column may take part in."""
    age, spend, city, member = (typed.columns[name] for name in KINDS)
    assert age.numbers is not None and spend.numbers is not None and member.numbers is not None
    assert city.codes is not None
    effects = {"Oslo": 1.5, "Bergen": -1.5}
    of_city = np.array([*(effects.get(word, 0.0) for word in city.words), 0.0])[city.codes]
    size = np.nan_to_num(np.log(np.maximum(spend.numbers, 1e-3)) - 4)
    strength = of_city + 2.5 * size + np.nan_to_num(member.numbers - 0.4)
    return 1 / (1 + np.exp(-strength * np.where(np.nan_to_num(age.numbers, nan=45) < 40, 0.4, 3)))


def predict(typed: TypedTable) -> Floats:
    """(n, 2) what the perfect model says."""
    own = chances(typed)
    return np.stack([1 - own, own], axis=1)


def reference(known: Shoppers) -> Reference:
    """What the model keeps of these rows."""
    unseen = UnseenPredictions(known.y, predict(known.typed), "binary", "log_loss")
    return learn_reference(known.typed, COLUMNS, unseen)
