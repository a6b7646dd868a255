"""Who does a run's work: the executor protocol, its tasks, and local worker processes.

Tasks go down a pipe as frames, messages come back; `device_placement` says which worker trains
what.
"""
