"""The code that runs inside a worker process: takes tasks from the pipe and sends results.

`main` is the process: it loads the libraries, takes one task after the other and calls the file
that does it: `fit` (train, refit), `probe`, `select_columns`, `embed_text`, `importance` or
`predict`. These read the stored table through `dataset` and send results through `connection`.
No file here knows a run's folder.
"""
