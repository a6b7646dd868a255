"""What the programs of the download say instead of a traceback."""


class ScoringError(ValueError):
    """What cannot be scored; the message says why."""
