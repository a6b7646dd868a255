"""A made-up table of customers, with all that makes real tables hard.

Who leaves follows from contract, tenure, price, support calls and what they wrote, with
noise; `refund_amount` is paid when a customer leaves, and so gives the answer away.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_PLANS = ("basic", "plus", "family", "business")
_REGIONS = ("north", "south", "east", "west", "coast", "islands")
_PAYMENT = ("card", "invoice", "direct debit")
_SIGNED_UNTIL = dt.date(2025, 6, 30)
_HAPPY = (
    "easy to use and the app just works", "friendly support, solved in one call",
    "good value for the price", "never had an outage so far", "happy with the new router",
    "fast installation, thank you", "the family plan fits us well",
)  # fmt: skip
_UNHAPPY = (
    "the bill is too high again", "support never called back", "slow connection every evening",
    "thinking about switching to another provider", "was charged twice last month",
    "too many outages this winter", "the price went up without notice",
)  # fmt: skip
_FILLER = ("hello", "please note", "as said before", "since last month", "to be honest", "overall")


def make_churn(rows: int, seed: int) -> pa.Table:
    """`rows` customers; the same for the same seed."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(1, 73, rows)
    monthly = rng.choice([True, False], rows, p=[0.55, 0.45])
    plan = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    price = np.round(18 + 11.0 * plan + rng.gamma(2.0, 6.0, rows), 2)
    usage = np.round(rng.gamma(2.0, 20.0, rows), 1)
    calls = rng.poisson(0.6 + 0.02 * price)
    mood = rng.normal(0.35 * calls - 0.7, 1.0)
    logit = -2.1 + 1.5 * monthly - 0.035 * tenure + 0.03 * price + 0.35 * calls + 0.6 * mood
    logit += np.where((plan == 1) & (usage > 60), 1.2, 0.0) - 0.4 * (usage > 30)
    churned = rng.random(rows) < 1 / (1 + np.exp(-logit))
    signed = [_SIGNED_UNTIL - dt.timedelta(days=int(30.4 * t + rng.integers(30))) for t in tenure]
    refund = np.where(churned, np.round(rng.gamma(2.0, 9.0, rows) + 1, 2), 0.0)
    columns: dict[str, Any] = {
        "customer_id": [f"C-{i:06d}" for i in rng.permutation(900_000)[:rows] + 100_000],
        "signed_up": pa.array(signed, pa.date32()),
        "plan": _pick(_PLANS, plan),
        "contract": np.where(monthly, "monthly", "yearly"),
        "region": _gaps(_pick(_REGIONS, rng.integers(0, 6, rows)), 0.03, rng),
        "payment": _pick(_PAYMENT, rng.integers(0, 3, rows)),
        "age": _gaps(np.clip(rng.normal(46, 15, rows), 18, 92).astype(np.int64), 0.08, rng),
        "monthly_price": price,
        "data_used_gb": _gaps(usage, 0.05, rng),
        "support_calls": calls.astype(np.int64),
        "paperless": np.where(rng.random(rows) < 0.6, "yes", "no"),
        "last_comment": _gaps(_comments(mood, rng), 0.25, rng),
        "refund_amount": refund,
        "churned": np.where(churned, "yes", "no"),
    }
    return pa.table(columns)


def _pick(words: tuple[str, ...], codes: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.array(words)[codes]


def _gaps(values: Any, share: float, rng: np.random.Generator) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < share)


def _comments(mood: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.object_]:
    comments = []
    for value in mood:
        phrases = _UNHAPPY if value + rng.normal(0, 0.7) > 0 else _HAPPY
        parts = [str(rng.choice(_FILLER)), *(str(p) for p in rng.choice(phrases, 2, replace=False))]
        comments.append(", ".join(parts))
    return np.array(comments, dtype=object)
