"""The executor protocol, its tasks and messages, and local worker processes.

Tasks go down a pipe as frames, messages come back; `device_placement` says which worker trains
what.
"""
