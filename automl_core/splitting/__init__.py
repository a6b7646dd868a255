"""Splits rows into training, validation and test rows.

`folds` makes the test part and the folds; `splitters` deal rows by class, group or time.
"""
