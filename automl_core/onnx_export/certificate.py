"""The certificate of a file: on which rows it said what the model says, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Certificate:
    """What was compared, and the greatest difference that was seen."""

    rows_of: str  # where the rows are from: "test rows"
    rows: int
    hostile_rows: int
    greatest: float  # of a probability, or of a value relative to it
    limit: float
    ties: int  # rows of another label, where two are as probable to within the limit
    regression: bool
    runtime: str  # version of ONNX Runtime

    @property
    def words(self) -> str:
        """The certificate as two sentences."""
        what = "value, relative to it" if self.regression else "probability"
        agree = "Every label agrees." if not self.regression else ""
        if self.ties:
            agree = f"All labels agree but for {self.ties:,} ties."
        return (
            f"Compared with ONNX Runtime {self.runtime} on {self.rows:,} {self.rows_of} and "
            f"{self.hostile_rows:,} hostile ones: greatest difference of a {what}: "
            f"{self.greatest:.1e}. {agree}"
        ).rstrip()
