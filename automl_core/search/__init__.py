"""Proposes configurations: the portfolio, neighbours of the best, the Optuna study."""
