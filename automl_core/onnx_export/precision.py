"""How exactly a file keeps the numbers that a model has learned. Loads nothing."""

from __future__ import annotations

from typing import Literal

Precision = Literal["exact", "float16", "int8"]
"""As they are; or rounded, and then computed with in float32."""
