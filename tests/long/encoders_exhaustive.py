"""All 2^32 float32 patterns through the encoders of the narrow float dtypes.

    python tests/long/encoders_exhaustive.py [DTYPE ...]     (a minute each, one core)

Compares with NumPy's float16 and ml_dtypes' bfloat16, infinities included, and with
ml_dtypes' float8, where values beyond the largest are brought to it first; NaN has no
place in the stream and is left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS / "arithmetic")]

from compiled_loops import elementwise  # noqa: E402

from fastinit.arithmetic.low_precision import ENCODERS  # noqa: E402
from fastinit.dtypes import DTYPES, numpy_dtype  # noqa: E402

CHUNK = 1 << 22


def mismatches(name: str) -> tuple[int, int]:
    """Patterns compared, and how many differ."""
    compared = wrong = 0
    row = DTYPES[name]
    largest = np.float32(row.max_finite if row.itemsize == 1 else np.inf)
    for start in range(0, 1 << 32, CHUNK):
        patterns = np.arange(start, start + CHUNK, dtype=np.uint32)
        values = patterns.view(np.float32)
        values = values[~np.isnan(values)]
        with np.errstate(over="ignore"):
            kept = np.clip(values, -largest, largest).astype(numpy_dtype(name))
        encoded = elementwise(ENCODERS[name], np.dtype(row.storage).type, values)
        compared += len(values)
        wrong += int(np.count_nonzero(encoded != kept.view(row.storage)))
    return compared, wrong


if __name__ == "__main__":
    for dtype in sys.argv[1:] or ENCODERS:
        count, different = mismatches(dtype)
        sys.stdout.write(f"{dtype}: {count:,} patterns, {different} differ\n")
        sys.stdout.flush()
        assert not different
