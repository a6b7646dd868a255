"""Numbers in sentences, in one form everywhere: with their noun, as percent, as bytes."""

from __future__ import annotations

import math


def count(number: int, noun: str, plural: str = "") -> str:
    """`12,345 rows`, `1 row`; `plural` where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share in whole percent, with a digit below 1 % and above 99 %: `85 %`, `0.4 %`, `99.5 %`.

    Neither rounded down to none nor up to all: `< 0.1 %`, `> 99.9 %`. `–` for what is no number.
    """
    if not math.isfinite(share):
        return "–"
    sign, parts = "-" if share < 0 else "", 100 * abs(share)
    if not 0 < parts < 1 and not 99 < parts < 100:
        return f"{sign}{parts:,.0f} %"
    shown = f"{parts:.1f}".removesuffix(".0")
    if shown in ("0", "100"):
        return f"{sign}{'< 0.1' if shown == '0' else '> 99.9'} %"
    return f"{sign}{shown} %"


def size(number: float) -> str:
    """Bytes for people: `640 B`, `1.2 MB`."""
    value, units = float(number), ["GB", "MB", "kB", "B"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop()
    unit = units[-1]
    shown = f"{value:,.0f}" if unit == "B" or value >= 100 else f"{value:.1f}".removesuffix(".0")
    return f"{shown} {unit}"


def device_name(device: str, node: str = "") -> str:
    """A device that trains, for people: `CPU`, `GPU`, `GPU 1`, `GPU 0 of node-2`."""
    kind, _, number = device.partition(":")
    name = "CPU" if kind == "cpu" else f"GPU {number}".rstrip()
    return f"{name} of {node}" if node else name


def megabytes(number: float | None) -> float | None:
    """Bytes in MB with the digits of `size`, for a column of numbers whose format has the unit."""
    if number is None:
        return None
    value = number / 1e6
    if value >= 1:
        return round(value, 1 if value < 100 else None)
    return float(f"{value:.2g}")


def score_text(value: float | None) -> str:
    """A score, the same wherever it stands: `0.9270`, `123.45`, `12,346`; `–` for none."""
    if value is None or not math.isfinite(value):
        return "–"
    magnitude = abs(value)
    if 0 < magnitude < 0.001:
        return f"{value:.3g}"
    return f"{value:,.{4 if magnitude < 10 else 2 if magnitude < 1000 else 0}f}"
