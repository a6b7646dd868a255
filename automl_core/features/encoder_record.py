"""The form of all fitted encoders that a column or a pair of columns may have."""

from __future__ import annotations

import msgspec


class EncoderRecord(
    msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True, tag_field="kind"
):
    """A fitted encoder: frozen, and in JSON an object with its kind under "kind".

    Its instances have a `__dict__`, for what is computed once and kept (`cached_property`).
    """
