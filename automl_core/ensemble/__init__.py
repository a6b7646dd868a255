"""Chooses the trials to average, their weights, and the models statistically tied with the best.

Out-of-fold predictions in, weights and temperature out.
"""
