"""Which configurations are tried: the portfolio, neighbours of the best, and the Optuna study."""
