"""Inside a worker process: take a task from the pipe, fit, select, embed or predict, answer.

`main` is the process; `fit` encodes, trains and predicts a fold. Knows no run folder.
"""
