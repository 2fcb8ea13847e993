"""Every contender that is here does what its row says, and says what it cannot do."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from fastinit.compare.cases import INITIALIZERS, SIZES, Case, Size
from fastinit.compare.conformity import conformity
from fastinit.compare.contenders import CONTENDERS, OURS, PLAIN_FILLS, contender_of
from fastinit.compare.contenders.protocol import PARTS
from fastinit.compare.memory import Memory
from fastinit.errors import ArgumentError

SIZE = SIZES["64Ki"]
PRESENT = [row for row in CONTENDERS.values() if not row.reason]
MAKERS = [row for row in PRESENT if not row.is_roof]
#: Normals that are none: JAX makes 16-bit ones of uniforms of as few bits, and the
#: largest are 3.2 std in float16.
DEFECTS = {("jax", "float16"), ("jax", "bfloat16")}
#: Those that every library of tensors knows.
DTYPES = ("float64", "float32", "float16", "bfloat16")
every_maker = pytest.mark.parametrize("row", MAKERS, ids=lambda row: row.name)

# What the peers warn of is theirs.
pytestmark = pytest.mark.filterwarnings("default")


def values(row, case):
    """Values of one fill of poisoned memory."""
    memory = Memory(case.reach)
    array = row.engine.array(case, memory)
    row.engine.bind(case, row.engine.start(case), array)()
    return row.engine.values(array)


@every_maker
@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_values_follow_the_specification(row, initializer):
    # Every dtype of one law: JAX compiles for a second each time.
    dtypes = DTYPES if initializer == "normal" else ("float32",)
    for dtype in dtypes if row.name != "mkl" else ("float64",):
        case = Case(initializer, dtype, SIZE, 2)
        if row.lacks(case, 2):
            continue
        found = conformity(values(row, case), case)
        expected = "violates" if (row.name, dtype) in DEFECTS else "conforms"
        assert found.verdict == expected, (dtype, found.detail)


@every_maker
def test_fans_are_those_of_a_shape_that_is_not_square(row):
    # Else a contender that takes fan_out for fan_in, as JAX's axes invite, would pass.
    case = Case("kaiming_normal", "float32", Size("flat", (64, 1024)), 2)
    if row.lacks(case, 2):
        case = Case("kaiming_normal", "float64", case.size, 2)
    assert conformity(values(row, case), case).verdict == "conforms"


@pytest.mark.parametrize("row", [r for r in PRESENT if r.is_roof], ids=lambda r: r.name)
def test_roofs_write_every_byte(row):
    case = Case("normal", "float32", SIZE, 2)
    found = values(row, case)
    assert np.isfinite(found).all()
    assert len(np.unique(found)) == 1


@pytest.mark.parametrize("row", PRESENT, ids=lambda row: row.name)
def test_an_action_fills_again_and_again(row):
    case = Case("uniform", "float32", SIZES["4Ki"], 2)
    case = case if not row.lacks(case, 2) else Case("uniform", "float64", case.size, 2)
    memory = Memory(case.reach)
    array = row.engine.array(case, memory)
    action = row.engine.bind(case, row.engine.start(case), array)
    for _ in range(3):
        action()
        memory.poison()
    action()
    assert np.isfinite(row.engine.values(array)).all()


def test_ours_has_the_same_bits_however_it_is_made():
    case = Case("normal", "float32", SIZE, 2)
    engine = contender_of(OURS).engine
    drawn = [engine.draw(case, how).tobytes() for how in PARTS]
    assert len(set(drawn)) == 1


def test_generators_with_a_state_cannot_make_parts_alone():
    case = Case("normal", "float32", SIZE, 2)
    for name in ("numpy-pcg64", "numpy-sfc64", "numpy-philox", "torch"):
        engine = contender_of(name).engine
        whole, alone = engine.draw(case, "whole"), engine.draw(case, "alone")
        assert (whole != alone).any()
        # The first part starts where the whole array does, and is the same.
        assert (whole[:16] == alone[:16]).all()
    numpy = contender_of("numpy-pcg64").engine
    assert (numpy.draw(case, "in order") == numpy.draw(case, "whole")).all()
    assert numpy.draw(case, "transposed") is None


def test_what_cannot_be_done_is_said():
    absent = [row for row in CONTENDERS.values() if row.reason]
    assert all(row.device == "gpu" or row.engine.package for row in absent)
    half = Case("normal", "float16", SIZE, 2)
    assert "float32 and float64 only" in contender_of("numpy-pcg64").lacks(half, 2)
    threads = Case("normal", "float32", SIZE, 3)
    assert "one thread" in contender_of("numpy-pcg64").lacks(threads, 2)
    assert contender_of("torch").lacks(threads, 2) == ""
    single = Case("normal", "float32", SIZE, 1)
    assert contender_of("numpy-pcg64").lacks(single, 2) == ""
    assert "its process" in contender_of("jax").lacks(single, 2)


def test_an_absent_package_is_the_reason(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "torch" else find(name),
    )
    engines = [
        CONTENDERS[name].engine for name in ("torch", "fill-torch", "torch-cuda")
    ]
    assert [one.unavailable() for one in engines] == ["torch is not installed"] * 3
    assert CONTENDERS["numpy-pcg64"].engine.unavailable() == ""


def test_rows_of_the_table_are_complete():
    assert next(iter(CONTENDERS)) == OURS
    for names in PLAIN_FILLS.values():
        assert all(CONTENDERS[name].is_roof for name in names)
    for name, row in CONTENDERS.items():
        assert name == row.name
        assert row.label
        assert row.does
        assert row.waits
    with pytest.raises(ArgumentError, match="numpy-sfc64"):
        contender_of("numpy")


def test_the_table_loads_no_contender(run_python):
    code = (
        "import sys; import fastinit.compare.contenders\n"
        "costly = {'torch', 'jax', 'cupy', 'mkl_random', 'numba'}\n"
        "print(*sorted(costly & set(sys.modules)))"
    )
    assert run_python(code) == ""
    assert "numpy" in sys.modules


def fake_cupy(waits):
    """NumPy in the place of CuPy, whose generator has the same signatures."""
    stream = SimpleNamespace(synchronize=lambda: waits.append(1))
    return SimpleNamespace(
        empty=np.empty,
        asnumpy=np.asarray,
        random=SimpleNamespace(default_rng=np.random.default_rng),
        cuda=SimpleNamespace(get_current_stream=lambda: stream),
    )


@pytest.mark.parametrize(
    "initializer", [n for n in INITIALIZERS if n != "trunc_normal"]
)
def test_calls_of_cupy_follow_the_specification(initializer, monkeypatch):
    waits: list[int] = []
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy(waits))
    row = CONTENDERS["cupy"]
    case = Case(initializer, "float32", SIZE, 2)
    assert row.engine.lacks(case) == ""
    found = conformity(values(row, case), case)
    assert found.verdict == "conforms", found.detail
    # The device is waited for within each call.
    assert len(waits) == 1
