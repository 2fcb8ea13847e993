"""Kernels, loops and targets that the tests go through: all of them, or a sample."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from kernel_cases import CANDIDATES

from fastinit.api import make_plan
from fastinit.backends.kernels import Kernel, kernel_of
from fastinit.distributions import DISTRIBUTIONS, SAMPLERS, Sampling
from fastinit.dtypes import DTYPES
from fastinit.plan import FillPlan
from fastinit_cuda.compilation import CAPABILITIES
from fastinit_cuda.kernels import KERNELS, LOOPS

#: Specs for the samplers that only complex numbers have.
COMPLEX = (
    "normal(mean=1-2j)",
    "xavier_uniform(fan_in=3, fan_out=3)",
    "lecun_normal(fan_in=3)",
    "constant(val=1-2j)",
)
#: Of the pairs of a kernel and a loop one in this many is tested on each target but
#: one, where no flag asks for all.
SAMPLE = 12
#: Kernels and the target for which all loops are tested always.
ESSENTIAL = {
    "normal_float32",
    "uniform_symmetric_bfloat16",
    "constant_uint16",
    "normal_float8_e4m3fn_stochastic",
}
MAIN = (9, 0)

#: A tensor whose blocks do not fit into 32 bits, and its identity.
SHAPE = (2**40,)
SEED = 2**64 - 59

Case = tuple[str, Kernel, tuple[int, int]]


def plan_of(kernel: Kernel, name: str) -> FillPlan:
    """Plan of a huge tensor that asks for a kernel."""
    if kernel.sampler == "words":
        return FillPlan("words", (), SHAPE, DTYPES["uint32"], SEED, name)
    for dtype, spec in itertools.product(("complex64", "complex128"), COMPLEX):
        plan = make_plan(spec, (2**39,), dtype, seed=SEED, name=name)
        if SAMPLERS[kernel.sampler].is_complex and kernel_of(plan) == kernel:
            return plan.of_parts()
    near: list[FillPlan] = []
    how: Any = {"seed": SEED, "name": name}
    if kernel.is_stochastic:
        how["rounding"] = "stochastic"
    for dtype, row in DTYPES.items():
        if row.is_complex or (kernel.is_stochastic and not row.is_low_precision):
            continue
        for spec in CANDIDATES if row.is_float else CANDIDATES[-1:]:
            plan = make_plan(spec, SHAPE, dtype, **how)
            if kernel_of(plan) == kernel:
                return plan
            own = DISTRIBUTIONS[plan.distribution].samplers
            if dtype == kernel.dtype and kernel.sampler in own:
                near.append(plan)
    # A kernel that none of these specs asks for in this dtype: it is given the
    # parameters of the one that differs in a clamp alone.
    found = max(near, key=lambda plan: _likeness(plan.sampling.sampler, kernel.sampler))
    parameters = found.sampling.parameters
    object.__setattr__(found, "_sampling", Sampling(kernel.sampler, parameters))
    return found


def _likeness(one: str, other: str) -> int:
    """How many letters two names begin with in common."""
    pairs = zip(one, other, strict=False)
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _is_in_sample(loop: str, kernel: Kernel, capability: tuple[int, int]) -> bool:
    # Chance adds the same text to every sampler.
    is_asked = loop == "fill_run" and not kernel.is_stochastic
    if capability == MAIN and (is_asked or kernel.label in ESSENTIAL):
        return True
    name = f"{loop} {kernel.label} {capability}"
    return zlib.crc32(name.encode()) % SAMPLE == 0


def cases(*, every: bool) -> Iterator[Case]:
    """Loops, kernels and targets of a run of the tests."""
    for kernel in KERNELS:
        for loop in LOOPS:
            for capability in CAPABILITIES:
                if every or _is_in_sample(loop, kernel, capability):
                    yield loop, kernel, capability


def parameters(config: pytest.Config) -> list:
    """The same for pytest, each with a name."""
    return [
        pytest.param(
            case,
            id=f"{case[0]}-{case[1].label}-sm{case[2][0]}{case[2][1]}",
            marks=_together(*case[:2]),
        )
        for case in cases(every=config.getoption("every_kernel"))
    ]


def _together(loop: str, kernel: Kernel) -> pytest.MarkDecorator:
    """All that needs one kernel: with `--dist loadgroup` one process compiles it."""
    return pytest.mark.xdist_group(f"{loop}-{kernel.label}")


def groups(config: pytest.Config) -> list:
    """Loops and kernels for pytest, each with all of its targets in this run."""
    found: dict[tuple[str, Kernel], list[tuple[int, int]]] = {}
    for loop, kernel, capability in cases(every=config.getoption("every_kernel")):
        found.setdefault((loop, kernel), []).append(capability)
    return [
        pytest.param(
            (*key, targets), id=f"{key[0]}-{key[1].label}", marks=_together(*key)
        )
        for key, targets in found.items()
    ]
