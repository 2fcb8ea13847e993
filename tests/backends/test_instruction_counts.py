"""Hot loops hold no more instructions per element than the committed table says."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import assembly
import llvmlite
import pytest

TABLE = json.loads(
    Path(__file__).with_name("instruction_counts.json").read_text(encoding="utf-8")
)
#: Another LLVM may schedule a little differently; a lost optimisation costs more.
TOLERANCE = 0.05
REMEDY = "if that is meant, run python tests/long/make_instruction_counts.py"

needs_x86 = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"},
    reason="the counts are of x86-64 code, which Numba makes on x86-64 only",
)


def per_element(loop: dict, what: str) -> float:
    count = loop[what] if what in loop else loop["classes"][what]
    return count / loop["elements"]


@needs_x86
@pytest.mark.parametrize("dtype", assembly.DTYPES)
def test_instructions_per_element(dtype, pytestconfig):
    every = pytestconfig.getoption("every_kernel")
    expected, found = TABLE["kernels"][dtype], assembly.counts_of(dtype, every=every)
    assert found
    for label, loop in found.items():
        assert loop["elements"] * assembly.ITEMSIZES[dtype] >= 64, (label, loop)
        assert (loop["scalar"], loop["calls"]) == (0, 0), (label, loop)
        for what in ("vector", "multiply"):
            now, then = per_element(loop, what), per_element(expected[label], what)
            assert now <= then * (1 + TOLERANCE), (label, what, now, then, REMEDY)
            # A table that lags behind would let the gain be lost again.
            if TABLE["llvmlite"] == llvmlite.__version__:
                assert now >= then * (1 - TOLERANCE), (label, what, now, then, REMEDY)


@pytest.mark.parametrize("dtype", assembly.DTYPES)
def test_the_table_holds_every_kernel(dtype):
    asked = assembly.labels_of(dtype, every=True)
    assert TABLE["kernels"][dtype].keys() == asked.keys(), REMEDY


CODE = """
_kernel:
	movq	%rdi, %rax
	vmovups	%zmm9, (%rsp)
.LBB0_1:
	vaddss	%xmm0, %xmm1, %xmm2
.LBB0_2:
	vpmuludq	(%rsp), %zmm1, %zmm2
	vpsrlq	$32, %zmm2, %zmm3
	vfmadd213ps	%zmm1, %zmm2, %zmm3
	vpmovdw	%zmm3, (%rax,%rdx,8)
	vmovdqu64	%zmm3, 64(%rax)
	vmovups	%zmm9, 64(%rsp)
	addq	$128, %rax
	jne	.LBB0_2
	callq	elsewhere
	jmp	.LBB0_1
.LBB0_3:
	vmovdqu64	%ymm3, 64(%rax)
	jne	.LBB0_3
	vzeroupper
	retq
"""


def test_the_innermost_loop_of_full_vectors_is_counted():
    loop = assembly.hot_loop(CODE, 2)
    assert loop.elements == (32 + 64) / 2
    assert {name: n for name, n in loop.classes.items() if n} == {
        "multiply": 1,
        "shift": 1,
        "fma": 1,
        "shuffle": 1,
        "move": 2,
    }
    assert (loop.vector, loop.scalar, loop.calls, loop.stack) == (6, 0, 0, 2)


@pytest.mark.parametrize(
    ("line", "scalar", "calls"),
    [
        ("vaddss\t%xmm0, %xmm1, %xmm2", 1, 0),
        ("vfmadd213sd\t%xmm0, %xmm1, %xmm2", 1, 0),
        ("vcvtsi2ss\t%rax, %xmm1, %xmm2", 1, 0),
        ("vcvttsd2si\t%xmm1, %rax", 1, 0),
        ("callq\t*%rax", 0, 1),
        ("vmovss\t(%rax), %xmm1", 0, 0),
        ("vbroadcastss\t(%rax), %zmm1", 0, 0),
        ("vcvtdq2ps\t%zmm1, %zmm1", 0, 0),
    ],
)
def test_scalar_code_and_calls_are_seen(line, scalar, calls):
    loop = assembly.hot_loop(CODE.replace("addq\t$128, %rax", line), 2)
    assert (loop.scalar, loop.calls) == (scalar, calls)


def test_an_unknown_vector_instruction_is_no_silent_zero():
    with pytest.raises(ValueError, match="vnovel"):
        assembly.hot_loop(CODE.replace("vpsrlq", "vnovel"), 2)
