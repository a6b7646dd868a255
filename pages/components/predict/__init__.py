"""Parts of Predict: choose a model, give a table, see the predictions."""
