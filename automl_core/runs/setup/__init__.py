"""Prepares a run: request to spec, test set apart, targets, validation plan, folds.

A request and a stored table in, a checked RunSpec and the run's data out.
"""
