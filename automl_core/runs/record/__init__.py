"""What is kept of a run on disk, and what follows from it: spec, events, log, state, leaderboard.

Events are appended to the log; the state is a fold over them; everything shown is computed from
it.
"""
