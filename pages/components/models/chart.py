"""The chart that all pages share, under the name that it had here."""

from pages.components.shared import draw_chart

__all__ = ["draw_chart"]
