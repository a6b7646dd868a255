"""Figures from plain records: numbers first, then the drawing.

Each file computes a record of numbers from a run's state or from predictions, and draws it with
the shared theme. Knows no Streamlit.
"""
