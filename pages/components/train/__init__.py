"""Parts of Train: the form that starts a run, the live view, the outcome."""
