"""One case for each kernel, for tests, campaigns and counts.

A module of its own name: folders have a `conftest.py` each, and which of them an import
by that name finds depends on what was imported before.
"""

from __future__ import annotations

from dataclasses import dataclass

import fastinit
from fastinit.api import make_plan
from fastinit.dtypes import DTYPES

#: Specs of which the first to use a sampler stands for it, in each dtype.
CANDIDATES = (
    "normal(std=0.02)",
    "uniform(a=-0.05, b=0.05)",
    "uniform(a=-0.7, b=0.7)",
    "uniform(a=-1.0)",
    "uniform",
    "uniform(b=0.1)",
    "uniform(a=1.0, b=1.3)",
    "uniform(a=1.0, b=2.0)",
    "trunc_normal",
    "trunc_normal(b=1.0)",
    "trunc_normal(b=4.0)",
    "trunc_normal(a=0.5)",
    "constant(val=1.0)",
)


@dataclass(frozen=True)
class Case:
    """A spec in a dtype: one kernel."""

    spec: str
    dtype: str
    sampler: str

    def make(self, shape, **how):
        """New array, filled."""
        return fastinit.create(self.spec, shape, dtype=self.dtype, **how)


#: Differs from float8_e4m3fn in the constants of its encoder alone, so that a few
#: specs stand for it.
TWIN, TWIN_SPECS = "float8_e5m2", (CANDIDATES[0], CANDIDATES[4], CANDIDATES[-1])


def cases() -> list[Case]:
    """One case for each kernel."""
    found: dict[tuple[str, str], Case] = {}
    for dtype, row in DTYPES.items():
        # Complex numbers are drawn by kernels of their parts: tests/test_complex.py.
        if row.is_complex:
            continue
        specs = TWIN_SPECS if dtype == TWIN else CANDIDATES
        for spec in specs if row.is_float else CANDIDATES[-1:]:
            sampler = make_plan(spec, (4,), dtype).sampling.sampler
            found.setdefault((dtype, sampler), Case(spec, dtype, sampler))
    return list(found.values())


def few_cases() -> list[Case]:
    """Every sampler and every dtype, not every pair: each costs a compilation."""
    found = cases()
    samplers = {c.sampler: c for c in reversed(found) if c.dtype != "float64"}
    dtypes = {c.dtype: c for c in found if c.sampler in {"normal", "constant"}}
    normals = {c.dtype: c for c in found if c.sampler == "normal"}
    return list(dict.fromkeys([*samplers.values(), *(dtypes | normals).values()]))
