"""Events as earlier versions wrote them, in today's form."""

from __future__ import annotations

from typing import Any

_DROPPED = {"dropped": "name", "why": "reason", "of": "copy_of", "gain": "gain"}
_TRIED = {key: key for key in ("columns", "score", "better", "error")}


def migrate(plain: dict[str, Any]) -> dict[str, Any]:
    """The event with today's keys; as it is where no earlier version wrote it otherwise."""
    if plain["kind"] == "features_selected" and "why" in plain:
        return _nested_selection(plain)
    return plain


def _nested_selection(plain: dict[str, Any]) -> dict[str, Any]:
    """0.5.0 wrote parallel lists in place of records."""
    kept = {key: plain[key] for key in ("kind", "lists", "kept", "chance", "seconds")}
    dropped = _records(plain, _DROPPED)
    tried = _records(plain, _TRIED)
    pairs = {
        "names": plain.get("pairs", []),
        "proposed": plain.get("proposed", 0),
        "better": plain.get("brought", 0.0),
        "error": plain.get("brought_error", 0.0),
        "unfinished": plain.get("unfinished", False),
    }
    asked = pairs["proposed"] or pairs["unfinished"]
    return kept | {"dropped": dropped, "tried": tried, "pairs": pairs if asked else None}


def _records(plain: dict[str, Any], columns: dict[str, str]) -> list[dict[str, Any]]:
    """Records of the parallel lists under these keys, with the names that the keys stand for."""
    rows = zip(*(plain[key] for key in columns), strict=True)
    return [dict(zip(columns.values(), row, strict=True)) for row in rows]
