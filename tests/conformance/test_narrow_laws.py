"""Laws that span few float32 values are judged as those of 16-bit dtypes are."""

from __future__ import annotations

import numpy as np
import pytest

import fastinit

#: A place of float32 just above 1.
PLACE = 2.0**-23
#: Ends that are values of the dtype and ends that are not; one value to some hundred.
NARROW = (
    f"uniform(a=1.0, b={1 + 4 * PLACE!r})",
    f"uniform(a=1.0, b={1 + 4.2 * PLACE!r})",
    f"uniform(a={1 + 3 * PLACE!r}, b={1 + 200.3 * PLACE!r})",
    f"trunc_normal(mean=1.0, std=1.0, a=1.0, b={1 + PLACE!r})",
    f"trunc_normal(mean=1.0, std=1.0, a=1.0, b={1 + 4.2 * PLACE!r})",
    f"trunc_normal(mean=0.0, std=0.1, a=1.0, b={1 + 37 * PLACE!r})",
    f"normal(mean=1000.0, std={800 * PLACE!r})",
)


@pytest.mark.parametrize("spec", NARROW)
def test_correct_arrays_of_few_values_are_not_rejected(spec):
    # 8 verdicts of 1e-6 each for every law.
    for seed, n in enumerate((1, 7, 100, 10_000) * 2):
        array = fastinit.create(spec, (n,), seed=seed, dtype="float32")
        assert fastinit.check(array, spec).verdict != "violates", n
    array = fastinit.create(spec, (1 << 19,), seed=1, dtype="float32")
    result = fastinit.check(array, spec)
    assert result.verdict == "conforms", str(result)


@pytest.mark.parametrize("spec", NARROW[:3])
def test_wrong_arrays_of_few_values_are_rejected(spec):
    array = fastinit.create(spec, (1 << 16,), seed=1, dtype="float32")
    flat = np.full_like(array, array.max())
    shifted = np.where(array > array.min(), array - np.float32(PLACE), array)
    for wrong in (flat, shifted):
        assert fastinit.check(wrong, spec).verdict == "violates"
