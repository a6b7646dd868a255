"""Numbers of any size in sentences."""

from __future__ import annotations

import numpy as np


def plain_number(value: float) -> str:
    """At most three significant digits, as people write them: 32,100 or 0.0123."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.3g}")
    digits = 2 - int(np.floor(np.log10(abs(rounded))))
    if abs(rounded) >= 1e15 or abs(rounded) < 1e-4:
        return f"{rounded:.2e}"
    shown = f"{rounded:,.{max(0, digits)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
