"""How long and in what batches a network trains, where nobody said: from the number of rows.

Steps, not epochs, are what learning takes: small tables get many epochs, large ones few.
"""

from __future__ import annotations

# Rows up to which a batch size is used (cf. the TabM authors' table, doubled: fewer, larger
# steps suit a processor better).
BATCHES = ((1_500, 32), (3_000, 64), (8_000, 128), (60_000, 256), (200_000, 512))
LARGEST_BATCH = 1024

STEPS_WANTED = 2_000
FEWEST_EPOCHS, MOST_EPOCHS = 16, 100


def batch_size(asked: int, rows: int) -> int:
    """Rows of a batch: as asked, or (0) by the number of rows; never more than there are."""
    if asked <= 0:
        asked = next((size for limit, size in BATCHES if rows <= limit), LARGEST_BATCH)
    return max(1, min(asked, rows))


def epoch_count(asked: int, rows: int, batch: int) -> int:
    """Passes over the rows: as asked, or (0) so many that about 2,000 steps are done."""
    if asked > 0:
        return asked
    steps = max(1, rows // batch)
    return max(FEWEST_EPOCHS, min(MOST_EPOCHS, round(STEPS_WANTED / steps)))
