"""Which rows train, validate and test.

`folds` makes the test part and the folds; `splitters` deal rows by class, group or time.
"""
