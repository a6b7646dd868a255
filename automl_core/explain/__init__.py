"""Explains a model: permutation importance of the table's columns."""
