"""fill, create, sample and words: every way to an element gives the same bits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastinit
from fastinit import Generator, Spec, View, create, fill, make_plan, sample, words
from fastinit.distributions import SAMPLERS
from fastinit.dtypes import DTYPES, numpy_dtype

IDENTITY = {"seed": 20_240_229, "name": "blocks.0.weight"}

SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=5).map(tuple)
STEPS = st.integers(1, 3) | st.integers(-3, -1)


def test_cases_cover_every_kernel(request):
    """A new sampler or dtype must get a candidate in kernel_cases.py."""
    cases = request.getfixturevalue("all_cases")
    found = {(case.sampler, case.dtype) for case in cases}
    floats = [row.name for row in DTYPES.values() if row.is_float]
    expected = {("constant", row.name) for row in DTYPES.values() if not row.is_complex}
    real = [name for name, sampler in SAMPLERS.items() if not sampler.is_complex]
    expected |= set(itertools.product(real, floats))
    # A few specs stand for the twin of a dtype, which has another encoder and no more.
    twin = "float8_e5m2"
    assert {("normal", twin), ("constant", twin)} <= found
    expected = {(name, dtype) for name, dtype in expected if dtype != twin}
    found = {(name, dtype) for name, dtype in found if dtype != twin}
    # In float32 and float64 rounding never leaves a symmetric interval.
    never = {("uniform_symmetric_clamped", d) for d in ("float32", "float64")}
    assert found == expected - never - {("words", name) for name in floats}


# Slices, splits and transposes of one tensor


@settings(max_examples=25)
@given(data=st.data())
def test_any_view_of_a_tensor_is_that_part_of_it(data, few_case, assert_same_bits):
    shape = data.draw(SHAPES)
    bound = {size: st.none() | st.integers(-size, size) for size in range(1, 7)}
    index = tuple(
        data.draw(
            st.integers(-size, size - 1)
            | st.builds(slice, bound[size], bound[size], st.none() | STEPS)
        )
        for size in shape
    )
    whole = few_case.make(shape, threads=1, **IDENTITY)
    axes = tuple(data.draw(st.permutations(range(whole[index].ndim))))
    expected = np.asarray(whole[index]).transpose(axes)
    held = np.empty(expected.shape, whole.dtype)
    assert fill(held, few_case.spec, view=View(shape, index, axes), **IDENTITY) is held
    assert_same_bits(held, expected)
    sampled = sample(
        few_case.spec, shape, index, *IDENTITY.values(), dtype=few_case.dtype
    )
    assert_same_bits(np.asarray(sampled), whole[index])


@settings(max_examples=15)
@given(data=st.data())
def test_shards_make_up_the_whole(data, few_case, assert_same_bits):
    shape = data.draw(SHAPES)
    cuts = [
        sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=2))})
        for size in shape
    ]
    whole = np.zeros(shape, numpy_dtype(few_case.dtype))
    pieces = [itertools.starmap(slice, itertools.pairwise(cut)) for cut in cuts]
    for index in itertools.product(*pieces):
        # Each shard in storage of its own, axes reversed, as a Flax kernel is.
        axes = tuple(reversed(range(len(shape))))
        shard = np.empty(whole[index].T.shape, whole.dtype)
        fill(shard, few_case.spec, view=View(shape, index, axes), **IDENTITY)
        whole[index] = shard.T
    assert_same_bits(whole, few_case.make(shape, **IDENTITY))


@settings(max_examples=15)
@given(data=st.data())
def test_flat_samples_are_elements(data, few_case, assert_same_bits):
    case, shape = few_case, data.draw(SHAPES)
    size = math.prod(shape)
    indices = data.draw(st.lists(st.integers(0, size - 1), max_size=9))
    whole = case.make(shape, **IDENTITY).reshape(-1)
    sampled = sample(case.spec, shape, indices, *IDENTITY.values(), dtype=case.dtype)
    assert_same_bits(sampled, whole[np.array(indices, int)])


def test_samples_take_the_form_of_their_index():
    whole = create("normal", (5, 6), **IDENTITY)
    take = {"seed": IDENTITY["seed"], "name": IDENTITY["name"]}
    assert isinstance(sample("normal", (5, 6), (1, 2), **take), np.float32)
    assert isinstance(sample("normal", (5, 6), np.array(8), **take), np.float32)
    grid = np.array([[0, 29], [8, 8]], np.uint16)
    assert (sample("normal", (5, 6), grid, **take) == whole.reshape(-1)[grid]).all()
    assert sample("normal", (5, 6), range(0, 30, 7), **take).shape == (5,)
    assert sample("normal", (5, 6), [], **take).shape == (0,)
    assert (sample("normal", (5, 6), 3, **take) == whole[3]).all()
    assert (sample("normal", (5, 6), ..., **take) == whole).all()
    assert sample("ones", (), (), 0) == 1


# Far into the stream


FAR = pytest.mark.parametrize(
    "start", [2**31 - 5, 2**32 - 6, 2**33 - 3, 2**34 - 30, 2**53 - 31, 2**58 - 64]
)


@FAR
def test_windows_far_out(start, few_random_case, assert_same_bits):
    shape, identity = (2**58,), tuple(IDENTITY.values())
    index = slice(start, start + 64)
    near = sample(
        few_random_case.spec, shape, index, *identity, dtype=few_random_case.dtype
    )
    every_third = np.empty(22, near.dtype)
    view = View(shape, slice(start + 63, start - 1, -3))
    fill(every_third, few_random_case.spec, view=view, **IDENTITY)
    assert_same_bits(every_third, near[::-3])
    # Between 1 and 1.3 float8_e4m3fn has three values.
    fewest = 3 if near.itemsize == 1 else 9
    assert len(np.unique(near.astype(np.float64))) >= fewest


@FAR
def test_elements_far_out(start, few_case, assert_same_bits):
    spec, how = few_case.spec, {**IDENTITY, "dtype": few_case.dtype}
    window = sample(spec, (2**58,), slice(start, start + 64), **how)
    gathered = sample(spec, (2**58,), np.arange(start, start + 64), **how)
    assert_same_bits(window, gathered)
    by_axes = sample(spec, (2**29, 2**29), divmod(start + 63, 2**29), **how)
    assert by_axes == window[-1]


@pytest.mark.parametrize("start", [2**32 - 300_000, 2**33 - 150_001, 2**58 - 400_000])
def test_threads_far_out(start, assert_same_bits):
    view = View((2**58,), slice(start, start + 400_000))
    one, three = (
        create("normal", 400_000, view=view, threads=threads, **IDENTITY)
        for threads in (1, 3)
    )
    assert_same_bits(one, three)
    part = View((2**58,), slice(start + 299_990, start + 300_010))
    assert_same_bits(create("normal", 20, view=part, **IDENTITY), one[299_990:300_010])


def test_words_are_one_stream():
    here = words(7, "w", 0, 4096)
    assert here.dtype == np.uint32
    assert (words(7, "w", 1023, 77) == here[1023:1100]).all()
    ends = words(7, "w", 2**58 - 9, 9)
    assert (words(7, "w", 2**58 - 1, 1) == ends[-1:]).all()
    assert words(7, "w", 2**58, 0).shape == (0,)
    assert (words(7, "w", 2**33 - 4, 8)[4:] == words(7, "w", 2**33, 4)).all()
    # A wrap of the counter at 32 bits would repeat the start of the stream.
    assert (words(7, "w", 2**34, 4) != here[:4]).all()


# Shapes without extent, identities, arguments


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), (3, 0, 2), (0, 2**40)])
def test_empty_tensors_need_no_fans(shape):
    for spec in ("kaiming_normal", "xavier_uniform", "normal", "zeros"):
        array = create(spec, shape, seed=0)
        assert array.shape == shape
        assert fill(array, spec, seed=0) is array


@pytest.mark.parametrize(
    ("spec", "dtype"),
    [
        ("normal(std=-1)", "float32"),
        ("uniform(a=2, b=1)", "float32"),
        ("normal", "int8"),
    ],
)
def test_empty_tensors_do_not_hide_mistakes(spec, dtype):
    with pytest.raises(fastinit.FastinitError):
        create(spec, (0, 3), dtype=dtype, seed=0)


def test_a_scalar_is_the_first_element(case, assert_same_bits):
    scalar = case.make((), **IDENTITY)
    assert scalar.shape == ()
    assert_same_bits(scalar.reshape(1), case.make((7,), **IDENTITY)[:1])


def test_an_empty_view_writes_nothing():
    view = View((8, 4), np.s_[3:3])
    array = np.empty((0, 4))
    assert fill(array, "xavier_normal", view=view, seed=0) is array


def test_fans_come_from_the_whole_tensor():
    # A shard of 2 rows, in a thin tensor: its own fans would give 4 times the std.
    shard = create("kaiming_normal", (2, 4096), seed=0, view=View((64, 4096), slice(2)))
    column = create(
        "xavier_normal", (64, 1), seed=0, view=View((64, 4096), np.s_[:, :1])
    )
    whole = create("kaiming_normal", (64, 4096), seed=0)
    assert (shard == whole[:2]).all()
    assert (column == create("xavier_normal", (64, 4096), seed=0)[:, :1]).all()


def test_seed_and_name_decide_and_nothing_else():
    def first(seed, name, spec="normal", **how):
        return float(create(spec, (4, 4), seed=seed, name=name, **how)[0, 0])

    assert first(1, "a") == first(1, "a")
    assert first(np.uint64(1), "a") == first(1, "a")
    assert len({first(1, "a"), first(2, "a"), first(1, "b"), first(1, "")}) == 4
    # A scheme scales the same draw: xavier_normal of (4, 4) has std 1/2.
    assert first(1, "a", "xavier_normal") == first(1, "a") / 2


def test_each_spelling_of_a_spec_is_one():
    texts = ["he_normal(mode=fan_out)", "kaiming_normal( mode = FAN_OUT )"]
    specs = [Spec("kaiming_normal", mode="fan_out"), *texts]
    arrays = [create(spec, (6, 5), seed=4) for spec in specs]
    assert all((array == arrays[0]).all() for array in arrays)


def test_dtypes_of_any_library_are_one(case):
    made = [
        create(case.spec, (9,), dtype=dtype, seed=5)
        for dtype in (case.dtype, numpy_dtype(case.dtype), numpy_dtype(case.dtype).type)
    ]
    assert len({array.tobytes() for array in made}) == 1
    assert {array.dtype for array in made} == {numpy_dtype(case.dtype)}


def test_plans_hold_what_was_asked():
    plan = make_plan("xavier_normal", [4, 4], np.float64, seed=9, name="w")
    assert (plan.shape, plan.seed, plan.name) == ((4, 4), 9, "w")
    assert plan.dtype.name == "float64"
    assert (plan.distribution, plan.parameters) == ("normal", (0.0, 0.5))
    assert plan == make_plan("glorot_normal", (4, 4), "float64", seed=9, name="w")


def test_progress_counts_every_element():
    seen = []
    array = np.empty((1000, 1300), np.float32)
    fill(array, "normal", seed=0, threads=3, progress=seen.append)
    assert sum(seen) == array.size
    assert len(seen) > 1


def test_a_failing_progress_stops_the_fill():
    def fail(done):
        raise ZeroDivisionError(done)

    with pytest.raises(ZeroDivisionError):
        fill(np.empty(2**21), "normal", seed=0, threads=3, progress=fail)
    expected = create("normal", 99, seed=0)
    assert (fill(np.empty(99, np.float32), "normal", seed=0) == expected).all()


# A call that raises uses up nothing


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec": "kaiming_normal"},
        {"spec": "normal(std=-1)"},
        {"spec": "no_such_scheme"},
        {"array": np.zeros(3, np.int32)},
        {"view": View((4,))},
        {"threads": 0},
        {"backend": "cuda"},
        {"progress": 3},
        {"name": 3},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_calls_leave_the_generator_alone(wrong):
    generator = Generator(3)
    how = {"array": np.zeros(3), "spec": "normal", "generator": generator, **wrong}
    array, spec = how.pop("array"), how.pop("spec")
    with pytest.raises(fastinit.FastinitError):
        fill(array, spec, **how)
    assert not array.any()
    assert generator.next_name() == "#0"


def test_a_wrong_engine_is_known_before_anything_happens(monkeypatch):
    generator = Generator(3)
    for variable in ("FASTINIT_ENGINE", "FASTINIT_NUM_THREADS"):
        with monkeypatch.context() as patched:
            patched.setenv(variable, "turbo")
            with pytest.raises(fastinit.FastinitError, match=variable):
                fill(np.zeros(3), "normal", generator=generator)
    assert generator.next_name() == "#0"
