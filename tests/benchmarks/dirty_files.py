"""Dirty text files, read by the public reader: the share that comes out right, or is asked about.

    python -m tests.benchmarks.dirty_files [--seeds 20000] [--first 0] [--show 10]

The exit code is 1 where less than 99 % of the readable files are read right, less than 95 % of
the ambiguous ones are asked about, or anything ends in a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.dirty.files import make_file
from tests.dirty.judge import judge

RIGHT, ASKED = 0.99, 0.95


def main() -> int:
    """Prints the shares, and some of the files that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, default=10, help="failures that are shown")
    options = parser.parse_args()
    counts, kinds, all_kinds = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHLIGHT_WORKSPACE"] = folder
        for seed in range(options.first, options.first + options.seeds):
            file = make_file(seed)
            verdict = judge(file, Path(folder))
            group = "ambiguous" if file.ambiguous else "readable"
            good = verdict.asked if file.ambiguous else verdict.right
            counts[group] += 1
            counts[f"{group} good"] += good
            counts["needless"] += not file.ambiguous and verdict.asked
            counts["tracebacks"] += verdict.crashed
            all_kinds.update(file.kinds)
            if not good:
                kinds.update(file.kinds or [file.ambiguous])
                if counts["shown"] < options.show:
                    counts["shown"] += 1
                    print(f"seed {seed} {file.ambiguous} {file.kinds}: {verdict.why[:300]}")
    return _report(counts, kinds, all_kinds)


def _report(counts: Counter[str], kinds: Counter[str], all_kinds: Counter[str]) -> int:
    right = counts["readable good"] / max(1, counts["readable"])
    asked = counts["ambiguous good"] / max(1, counts["ambiguous"])
    for kind, count in kinds.most_common(8):
        print(f"  failed with {kind}: {count} of {all_kinds[kind] or counts['ambiguous']}")
    print(f"readable   {counts['readable']:,}, right {right:.2%}")
    print(
        f"           asked about without need {counts['needless'] / max(1, counts['readable']):.2%}"
    )
    print(f"ambiguous  {counts['ambiguous']:,}, asked {asked:.2%}")
    print(f"tracebacks {counts['tracebacks']:,}")
    return int(right < RIGHT or asked < ASKED or counts["tracebacks"] > 0)


if __name__ == "__main__":
    sys.exit(main())
