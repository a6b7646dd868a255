"""A search in many names, and the names found a page at a time: nobody reads thousands at once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.text import count


def draw_name_pages(names: Sequence[str], page: int, key: str, more: str) -> list[int]:
    """The places of the names to show: of those that contain the search, a page of them.

    `page` is how many that are; `more` is a sentence on those that are not shown.
    """
    wanted = st.text_input(
        "Find a column",
        placeholder="part of a name",
        icon=":material/search:",
        key=f"{key}_search",
        width=360,
    )
    text = (wanted or "").casefold()
    found = [place for place, name in enumerate(names) if text in name.casefold()]
    pages = max(1, -(-len(found) // page))
    number = st.pagination(pages, key=f"{key}_page_{pages}") if pages > 1 else 1
    first = (number - 1) * page
    st.caption(
        f"{count(len(found), 'column')} of {len(names):,}; shown {first + 1:,} to "
        f"{min(first + page, len(found)):,}. {more}"
        if found
        else "No column has that in its name."
    )
    return found[first : first + page]
