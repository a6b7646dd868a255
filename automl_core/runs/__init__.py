"""A run from start to final model; the manager starts runs, the library lists those on disk.

record -> setup -> schedule -> coordinator, which hands tasks to an executor; its workers answer
with messages that become events in the run's log.
"""
