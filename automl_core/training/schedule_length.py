"""Default batch size and number of epochs, from the number of rows.

About the same number of steps is taken on every table: small tables get many epochs, large few.
"""

from __future__ import annotations

# Rows up to which a batch size is used (cf. the TabM authors' table, doubled: fewer, larger
# steps suit a processor better).
BATCHES = ((1_500, 32), (3_000, 64), (8_000, 128), (60_000, 256), (200_000, 512))
LARGEST_BATCH = 1024

STEPS_WANTED = 2_000
FEWEST_EPOCHS, MOST_EPOCHS = 16, 100


def batch_size(asked: int, rows: int, smallest: int = 1) -> int:
    """Rows of a batch: as asked, or (0) by the number of rows; never more than there are.

    `smallest` is the least that is chosen where nobody asked.
    """
    if asked <= 0:
        asked = next((size for limit, size in BATCHES if rows <= limit), LARGEST_BATCH)
        asked = max(asked, smallest)
    return max(1, min(asked, rows))


def epoch_count(
    asked: int, rows: int, batch: int, steps: int = STEPS_WANTED, most: int = MOST_EPOCHS
) -> int:
    """Passes over the rows: as asked, or (0) so many that about `steps` steps are done."""
    if asked > 0:
        return asked
    an_epoch = max(1, rows // batch)
    return max(FEWEST_EPOCHS, min(most, round(steps / an_epoch)))
