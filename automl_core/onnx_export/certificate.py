"""The certificate of a file: what it was compared with, on which rows, and how far it differs."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.onnx_export.precision import Precision
from automl_core.types import Files
from automl_core.words import percent


@dataclass(frozen=True)
class Certificate:
    """That a file says what its model says: the greatest difference that was seen."""

    rows_of: str  # where the rows are from: "test rows"
    rows: int
    hostile_rows: int
    greatest: float  # of a probability, or of a value relative to it
    limit: float
    ties: int  # rows of another label, where two are as probable to within the limit
    regression: bool
    runtime: str  # version of the program
    program: str = "ONNX Runtime"  # what ran the file

    @property
    def words(self) -> str:
        """The certificate as two sentences."""
        what = "value, relative to it" if self.regression else "probability"
        agree = "Every label agrees." if not self.regression else ""
        if self.ties:
            agree = f"All labels agree but for {self.ties:,} ties."
        return (
            f"Compared with {self.program} {self.runtime} on {self.rows:,} {self.rows_of} and "
            f"{self.hostile_rows:,} hostile ones: greatest difference of a {what}: "
            f"{self.greatest:.1e}. {agree}"
        ).rstrip()


@dataclass(frozen=True, eq=False)
class CertifiedFile:
    """A model in one file of another form, and what it was compared on."""

    data: bytes
    certificate: Certificate
    package: Files  # the file with its scorer, schema, example, card and test


@dataclass(frozen=True)
class RoundedCertificate:
    """How far a file of rounded numbers is from the model that it was made of."""

    model: str  # its name
    precision: Precision
    rows_of: str  # where the rows are from: "training rows"
    rows: int
    hostile_rows: int  # that it answered, with numbers
    greatest: float  # of a probability, or of a value relative to it or to the typical value
    average: float  # of the greatest of each row
    agreeing: float | None  # share of rows with the same label; None of a regression
    runtime: str  # version of ONNX Runtime

    @property
    def words(self) -> str:
        """The certificate as some sentences."""
        what = "values, relative to them," if self.agreeing is None else "probabilities"
        agree = "" if self.agreeing is None else f" {percent(self.agreeing)} of the labels agree."
        return (
            f"Rounded to {self.precision}, so not equal to {self.model}. Compared with it on "
            f"{self.rows:,} {self.rows_of}, by ONNX Runtime {self.runtime}: {what} differ "
            f"by {self.average:.1e} on average, by {self.greatest:.1e} at most.{agree} "
            f"{self.hostile_rows:,} hostile rows all get an answer."
        )
