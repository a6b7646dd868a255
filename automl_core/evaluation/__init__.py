"""Judges predictions: calibration, diagnostics, and random against honest splits.

Predictions and targets in, records of numbers out; the metrics themselves are in metrics.py.
"""
