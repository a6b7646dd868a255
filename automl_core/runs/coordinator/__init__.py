"""One run while it goes on: hands out tasks, turns messages into events, ends with a final model.

`coordinator` is the loop; trackers and schedulers beside it remember trials, the ensemble,
feature importance, column selection and refits; `finalize` ends the run.
"""
