"""Instructions of the hot loops of kernels, counted in their x86-64 assembly.

Kernels are compiled for one fixed processor with AVX-512, in a process of its own,
and not run: the counts are the same on every x86-64 machine with these versions of
Numba and LLVM.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Where full vectors are worth their clock; LLVM knows what each instruction costs.
PROCESSOR = "znver4"
#: One dtype a process: their kernels share nothing that would have to be compiled.
#: float8_e5m2 differs from float8_e4m3fn in constants alone.
ITEMSIZES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8_e4m3fn": 1,
}
DTYPES = tuple(ITEMSIZES)
#: Loops whose counts are kept: for contiguous memory and for four rows at a time.
LOOPS = ("fill_blocks", "fill_lanes")
#: Dtypes whose samplers are their own; the others add an encoder to those of float32.
OWN_SAMPLERS = ("float64", "float32")
#: Samplers that show what an encoder costs.
SAMPLED = ("normal", "uniform_half_open")

#: Classes of vector instructions; the first that fits a name has it.
CLASSES = {
    "multiply": r"vpmul|vmul",
    "fma": r"vfn?m(add|sub)",
    "root": r"vsqrt|vdiv",
    "shift": r"vps[lr][la]|vpro[lr]|vpsh[lr]d",
    "convert": r"vcvt",
    "logic": r"vp?(and|or|xor|ternlog|cmp)|vpmov[bwdq]2m|vpmovm2|vptestn?m|k",
    "shuffle": r"vp?(unpck|shuf|perm|align|blend|insert|extract|pack|compress|expand)"
    r"|vinsert|vextract|valign|vpmov|vmov[sd](l|h)?dup|vmov(lh|hl)ps",
    "add": r"vp?(add|sub|min|max|abs)|vrndscale",
    "broadcast": r"vp?broadcast",
    "move": r"vmov|vlddqu",
}
_SIZES = {"b": 1, "w": 2, "d": 4, "q": 8}
_WIDTHS = {"x": 16, "y": 32, "z": 64}
_SCALAR = re.compile(
    r"v?(add|sub|mul|div|sqrt|max|min|u?comi|cmp\w*|rndscale|round|fn?m\w+|cvt\w+2)"
    r"s[sd]$|v?cvtt?s[sd]2\w+$"
)


@dataclass(frozen=True)
class Loop:
    """What one turn of a loop does.

    Attributes
    ----------
    elements : int
        Elements that it stores.
    classes : dict of str to int
        Vector instructions by class.
    scalar : int
        Scalar floating-point arithmetic, which should not be there.
    calls : int
        Calls, which should not be there either.
    stack : int
        References to the stack: registers that did not suffice.
    """

    elements: int
    classes: dict[str, int]
    scalar: int
    calls: int
    stack: int

    @property
    def vector(self) -> int:
        """Vector instructions of all classes."""
        return sum(self.classes.values())


def class_of(name: str) -> str | None:
    """Class of an instruction, None where it works on no vectors.

    Raises
    ------
    ValueError
        If a vector instruction is in no class: the table has to grow.
    """
    for found, pattern in CLASSES.items():
        if re.match(pattern, name):
            return found
    if name.startswith("v") and name != "vzeroupper":
        raise ValueError(name)
    return None


def _stored_bytes(name: str, operands: str) -> int:
    """Bytes that an instruction stores outside the stack."""
    to = re.search(r"%([xyz])mm\d+(?:\s*\{[^}]*\})?, [^%]*\((?!%rsp)[^)]*\)$", operands)
    if to is None or name.startswith("vptest"):
        return 0
    width = _WIDTHS[to[1]]
    if narrowed := re.fullmatch(r"vpmovu?s?([wdq])([bwd])", name):
        return width * _SIZES[narrowed[2]] // _SIZES[narrowed[1]]
    if name.startswith("vextract"):
        return 32 if name.endswith(("64x4", "32x8")) else 16
    if re.fullmatch(r"v(movlp|movhp|movs)[sd]|vmovq", name):
        return 4 if name == "vmovss" else 8
    if not re.match(r"vmov(dq|n|up|ap)", name):
        raise ValueError(f"{name} {operands}")
    return width


def _loops(code: str) -> list[list[tuple[str, str]]]:
    """Bodies of the innermost loops: from a label to the last jump back to it."""
    places: dict[str, int] = {}
    body: list[tuple[str, str]] = []
    spans: dict[int, int] = {}
    for line in code.splitlines():
        if label := re.match(r"(\.L\w+):", line):
            places[label[1]] = len(body)
        elif found := re.match(r"\t([a-z]\w*)(?:\t(.*))?$", line):
            name, operands = found[1], (found[2] or "").split("#")[0].strip()
            body.append((name, operands))
            if name.startswith("j") and operands in places:
                spans[places[operands]] = len(body)
    return [
        body[start:end]
        for start, end in spans.items()
        if not any(start < s and e <= end for s, e in spans.items())
    ]


def _counted(body: list[tuple[str, str]], itemsize: int) -> Loop:
    names = Counter(name for name, _ in body)
    classes = dict.fromkeys(CLASSES, 0)
    for name, count in names.items():
        if (found := class_of(name)) is not None:
            classes[found] += count
    stored = sum(_stored_bytes(*one) for one in body)
    return Loop(
        elements=stored // itemsize,
        classes=classes,
        scalar=sum(n for name, n in names.items() if _SCALAR.match(name)),
        calls=sum(n for name, n in names.items() if name.startswith("call")),
        stack=sum("(%rsp" in operands for _, operands in body),
    )


def hot_loop(code: str, itemsize: int) -> Loop:
    """Count what is in the loop of a function that stores the most a turn.

    Parameters
    ----------
    code : str
        Assembly in the syntax of AT&T.
    itemsize : int
        Bytes of an element, > 0.

    Returns
    -------
    loop : Loop
        Its counts.
    """
    loops = [_counted(body, itemsize) for body in _loops(code) if _is_vector(body)]
    return max(loops, key=lambda loop: loop.elements)


def _is_vector(body: list[tuple[str, str]]) -> bool:
    return any("%zmm" in operands for _, operands in body)


def labels_of(dtype: str, *, every: bool) -> dict[str, tuple[str, Any]]:
    """Loops and kernels of a dtype, by the label of their counts.

    Parameters
    ----------
    dtype : str
        One of `DTYPES`.
    every : bool
        False for a sample: what a sampler or encoder has of its own is then counted
        once, not in each combination.

    Returns
    -------
    labels : dict of str to (str, Kernel)
        Those of `fill_lanes`, for transposed storage, carry its name before the label;
        the one other loop that stores much, `copy_tile`, moves values that
        `fill_blocks` made.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from kernel_cases import cases

    from fastinit.api import make_plan
    from fastinit.backends.kernels import kernel_of

    found = {}
    for case in cases():
        if case.dtype != dtype or case.sampler == "constant":
            continue
        kernel = kernel_of(make_plan(case.spec, (4,), dtype))
        for name in LOOPS:
            is_first = name == LOOPS[0]
            is_telling = kernel.sampler in SAMPLED or dtype in OWN_SAMPLERS
            if not is_first:
                is_telling = (kernel.sampler, dtype) == ("normal", "float32")
            if every or is_telling:
                label = kernel.label if is_first else f"{name}/{kernel.label}"
                found[label] = name, kernel
    return found


def counts_here(dtype: str, *, every: bool) -> dict[str, Any]:
    """Counts of random kernels of a dtype, for this process's processor."""
    from fastinit.backends.cpu import _dispatcher

    found = {}
    for label, (name, kernel) in labels_of(dtype, every=every).items():
        (code,) = _dispatcher(name, kernel).inspect_asm().values()
        loop = hot_loop(code, ITEMSIZES[dtype])
        found[label] = {**vars(loop), "vector": loop.vector}
    return found


def counts_of(dtype: str, *, every: bool) -> dict[str, Any]:
    """Counts of random kernels of a dtype, for the fixed processor.

    Parameters
    ----------
    dtype : str
        One of `DTYPES`.
    every : bool
        As in `labels_of`.

    Returns
    -------
    counts : dict of str to dict
        Fields of `Loop` and 'vector', by label of the kernel.
    """
    with tempfile.TemporaryDirectory() as cache:
        run = subprocess.run(
            [sys.executable, __file__, dtype, "every" if every else "sample"],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "NUMBA_CPU_NAME": PROCESSOR,
                "NUMBA_CPU_FEATURES": "",
                # Code out of a cache has no assembly to look at.
                "NUMBA_CACHE_DIR": cache,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    counts: dict[str, Any] = json.loads(run.stdout)
    return counts


if __name__ == "__main__":
    json.dump(counts_here(sys.argv[1], every=sys.argv[2] == "every"), sys.stdout)
