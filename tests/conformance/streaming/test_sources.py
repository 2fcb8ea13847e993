"""Sources: every kind of array gives the same elements, in bounded memory."""

import dataclasses

import dask.array
import numpy as np
import pytest

from fastinit.conformance import Source, judge
from fastinit.conformance.streaming import measure, open_source, plan_scan
from fastinit.distributions import DISTRIBUTIONS
from fastinit.errors import ArgumentError, ArgumentTypeError, DestinationError

LAW = DISTRIBUTIONS["normal"].law((0.0, 1.0))


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(3).standard_normal((603, 7, 101))


@pytest.fixture(scope="module")
def expected(values):
    source = open_source(values)
    return measure(source, plan_scan(LAW, source))


def same(data, expected):
    source = open_source(data)
    return measure(source, plan_scan(LAW, source)) == expected


def test_layouts_and_byte_orders_are_read_in_c_order(values, expected):
    assert same(np.asfortranarray(values), expected)
    assert same(values[::-1, ::-1].copy()[::-1, ::-1], expected)
    assert same(np.repeat(values, 2, axis=1)[:, ::2], expected)
    assert same(values.astype(">f8"), expected)


@pytest.mark.parametrize("chunks", [(100, 7, 101), (250, 3, 40), (603, 7, 101)])
def test_dask_arrays_are_read_by_their_chunks(values, expected, chunks):
    assert same(dask.array.from_array(values, chunks=chunks), expected)


def test_dask_array_of_unknown_size_is_refused(values):
    flat = dask.array.from_array(values.ravel(), chunks=1000)
    with pytest.raises(ArgumentError, match="compute_chunk_sizes"):
        open_source(flat[flat > 0])


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_memory_maps_are_read_and_kept(values, expected, mode, tmp_path):
    path = tmp_path / "values.npy"
    np.save(path, values)
    mapped = np.load(path, mmap_mode=mode)
    if mode == "c":
        # A change that is nowhere but in the pages of this map.
        mapped[0, 0, 0] += 0.0
        held = mapped[5, 5, 5]
        mapped[5, 5, 5] = 1.0
        assert not same(mapped, expected)
        assert mapped[5, 5, 5] == 1.0
        mapped[5, 5, 5] = held
    assert same(mapped, expected)
    np.testing.assert_array_equal(mapped, values)


def test_windows_are_asked_for_while_the_one_before_is_looked_at(values, tmp_path):
    path = tmp_path / "values.npy"
    np.save(path, np.concatenate([values.ravel()] * 12))
    source = open_source(np.load(path, mmap_mode="r"))
    steps = []

    def noted(name, call):
        def step(start, stop):
            steps.append((name, start))
            return call(start, stop)

        return step

    watched = dataclasses.replace(
        source, **{n: noted(n, getattr(source, n)) for n in ("prepare", "read")}
    )
    measure(watched, plan_scan(LAW, watched))
    read = [start for name, start in steps if name == "read"]
    assert len(read) == 3
    pairs = [("read", start) for start in read], [("prepare", start) for start in read]
    ends = [*pairs[1][1:], ("prepare", source.n)]
    # Where a window is read, the next is on its way.
    assert steps == [step for both in zip(ends, pairs[0], strict=True) for step in both]


def test_function_is_asked_for_windows_only(values, expected):
    flat, asked = values.reshape(-1), []

    def read(start, stop):
        asked.append(stop - start)
        return flat[start:stop]

    source = Source.of_function(values.shape, "float64", read)
    assert same(source, expected)
    assert sum(asked) >= values.size


def test_stream_of_any_length_is_judged_in_windows():
    generator, asked = np.random.default_rng(4), []

    def read(start, stop):
        asked.append(stop - start)
        return generator.standard_normal(stop - start, dtype=np.float32)

    n = 9_000_000
    # The reach of a window is drawn anew here, so lags across windows are noise too.
    result = judge(Source.of_function((n,), "float32", read), LAW)
    assert result.conforms
    assert max(asked) * 4 < 18 << 20


def test_unknown_objects_are_refused():
    with pytest.raises(DestinationError):
        open_source([1.0, 2.0])


@pytest.mark.parametrize(
    "result",
    [
        np.zeros(10),
        np.zeros(11, np.float32),
        np.zeros((10, 1), np.float32),
        None,
        [0.0],
    ],
    ids=["dtype", "size", "axes", "nothing", "list"],
)
def test_function_that_returns_something_else_is_refused(result):
    source = Source.of_function((10,), "float32", lambda *_: result)
    with pytest.raises(ArgumentTypeError, match=r"read\(0, 10\)"):
        judge(source, LAW)


@pytest.mark.parametrize(
    ("shape", "read"),
    [(10, np.zeros), ((-1,), np.zeros), ((2.5,), np.zeros), ((3,), 1)],
)
def test_source_of_what_is_no_function_is_refused(shape, read):
    with pytest.raises(ArgumentTypeError, match="shape is a tuple"):
        Source.of_function(shape, "float32", read)


@pytest.mark.parametrize("data", [[1.0, 2.0], "weights.npy", None])
def test_what_cannot_be_read_is_told_what_can(data):
    with pytest.raises(DestinationError, match="elements are read from"):
        open_source(data)
