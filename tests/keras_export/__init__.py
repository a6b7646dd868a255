"""A Keras file says what the model says; skipped where Keras is not installed."""
