"""Complex arrays: bits, layouts, laws, refusals, wherever float32 works."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.stream import Tensor

import fastinit
from fastinit import Sections, Spec, View
from fastinit.api import make_plan
from fastinit.destinations.npy import read_npy, write_npy
from fastinit.destinations.safetensors import read_safetensors, write_safetensors
from fastinit.dtypes import DTYPES
from fastinit.errors import ArgumentError, DtypeError, FastinitError, ViewError

IDENTITY = {"seed": 20_240_229, "name": "blocks.0.weight"}
DTYPE_NAMES = ("complex64", "complex128")
#: One spec for each sampler of complex numbers.
SPECS = (
    "normal(std=0.02)",
    "normal(mean=1-2j, std=0.5)",
    "uniform(a=-0.5)",
    "xavier_uniform(fan_in=3, fan_out=5)",
    "lecun_normal(fan_in=3)",
    "constant(val=1.5-2j)",
)


def parts(values):
    """Patterns of real and imaginary parts in turn."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return flat.view(f"uint{4 * values.dtype.itemsize}").tolist()


@pytest.fixture(params=DTYPE_NAMES)
def dtype(request):
    return request.param


@pytest.mark.parametrize("spec", SPECS[:-1])
def test_values_are_those_of_the_definition(spec, dtype):
    for first in (0, 3, 2**33 - 2, 2**57 - 5):
        plan = make_plan(spec, (2**57,), dtype, **IDENTITY)
        oracle = Tensor(plan.distribution, plan.parameters, dtype, *IDENTITY.values())
        index = np.s_[first : first + 5]
        found = fastinit.sample(spec, (2**57,), (index,), dtype=dtype, **IDENTITY)
        assert parts(found) == [oracle.bits(2 * first + k) for k in range(10)]


def test_a_normal_is_the_real_one_of_the_parts(dtype):
    made = fastinit.normal((3, 5), std=0.3, dtype=dtype, **IDENTITY)
    real = DTYPES[dtype].part.name
    std = 0.3 / math.sqrt(2)
    expected = fastinit.normal((3, 5, 2), std=std, dtype=real, **IDENTITY)
    assert made.tobytes() == expected.tobytes()
    square = fastinit.uniform((4,), dtype=dtype, **IDENTITY)
    expected = fastinit.uniform((4, 2), dtype=real, **IDENTITY)
    assert square.tobytes() == expected.tobytes()


@pytest.mark.parametrize("value", [0, 1, -2.5, 3 + 0j, 1 - 2j, complex(-0.0, 0.0)])
@pytest.mark.parametrize("size", [3, 5000, 3 << 21])
def test_constants(value, size, dtype):
    made = fastinit.constant((size,), value, dtype=dtype)
    expected = np.full(size, value, dtype)
    assert made.tobytes() == expected.tobytes()


def test_constants_in_any_layout_and_order(dtype):
    for order in "<>":
        kind = np.dtype(dtype).newbyteorder(order)
        held = np.zeros((6, 8), kind)[::-2, 1::3]
        fastinit.constant_(held, 1 - 2j)
        assert (held == 1 - 2j).all()


STEPS = st.integers(1, 3) | st.integers(-3, -1)


@settings(max_examples=25)
@given(data=st.data())
def test_any_view_in_any_memory_is_that_part(data):
    spec = data.draw(st.sampled_from((SPECS[3], SPECS[5])))
    shape = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple))
    index = tuple(
        data.draw(st.builds(slice, st.none(), st.none(), STEPS)) for _ in shape
    )
    axes = data.draw(st.permutations(range(len(shape))))
    view = View(shape, index, axes)
    whole = fastinit.create(spec, shape, dtype="complex64", **IDENTITY)
    expected = whole[index].transpose(axes)
    steps = [data.draw(STEPS) for _ in shape]
    sizes = [size * abs(step) for size, step in zip(expected.shape, steps, strict=True)]
    kind = np.dtype(data.draw(st.sampled_from(("<c8", ">c8"))))
    memory = np.full(sizes, 7 - 7j, kind)
    held = memory[tuple(slice(None, None, step) for step in steps)]
    fastinit.fill(held, spec, view=view, **IDENTITY)
    assert (held == expected).all()
    held[...] = 7 - 7j
    assert (memory == 7 - 7j).all()


def test_a_large_transposed_shard_on_any_threads():
    spec, shape = SPECS[3], (700, 900)
    whole = fastinit.create(spec, shape, dtype="complex64", **IDENTITY)
    held = np.empty((900, 500), "complex64").T
    seen = []
    view = View(shape, np.s_[100:600])
    fastinit.fill(held, spec, view=view, threads=2, progress=seen.append, **IDENTITY)
    assert held.tobytes() == whole[100:600].tobytes()
    assert sum(seen) == held.size


def test_progress_counts_elements():
    seen = []
    fastinit.create(
        SPECS[3], (70_000,), dtype="complex64", progress=seen.append, seed=0
    )
    fastinit.create(
        SPECS[3], (500_000,), dtype="complex64", progress=seen.append, seed=0
    )
    assert sum(seen) == 570_000


def test_samples_are_elements(dtype):
    spec = SPECS[3]
    whole = fastinit.create(spec, (9, 7), dtype=dtype, **IDENTITY)
    flat = [5, 62, 0, 17]
    found = fastinit.sample(spec, (9, 7), flat, dtype=dtype, **IDENTITY)
    assert found.tobytes() == whole.reshape(-1)[flat].tobytes()
    swapped = np.dtype(dtype).newbyteorder(">")
    found = fastinit.sample(spec, (9, 7), flat, dtype=swapped, **IDENTITY)
    assert (found == whole.reshape(-1)[flat]).all()
    one = fastinit.sample(spec, (9, 7), (2, -1), dtype=dtype, **IDENTITY)
    assert one == whole[2, -1]


def test_sections_and_many_fills():
    sections = Sections(0, (4, 2), ("q", "k"))
    fused = np.empty((6, 5), "complex64")
    fastinit.fill(fused, "xavier_uniform", view=sections, seed=3)
    apart = [
        fastinit.create(
            "xavier_uniform", (size, 5), dtype="complex64", seed=3, name=name
        )
        for size, name in ((4, "q"), (2, "k"))
    ]
    assert fused.tobytes() == np.vstack(apart).tobytes()
    held, real = np.empty((4, 5), "complex64"), np.empty(3, "float32")
    done = []
    items = [(held, "xavier_uniform", "q"), (real, "normal", "bias")]
    assert fastinit.fill_many(items, seed=3, progress=done.append) == 23
    assert held.tobytes() == apart[0].tobytes()
    assert sum(done) == 23


class TestLaws:
    """Std of schemes: E |z|^2 is what a real scheme has, JAX's constant aside."""

    def test_parameters_are_those_of_jax(self):
        plan = make_plan("xavier_uniform", (30, 50), "complex64")
        std = math.sqrt(1 / 40)
        assert plan.distribution == "disc"
        assert plan.parameters == pytest.approx((math.sqrt(2) * std,), rel=1e-15)
        plan = make_plan("lecun_normal", (30, 50), "complex64")
        wide = math.sqrt(1 / 50) / 0.95311164380491208
        assert plan.distribution == "truncated_disc"
        assert plan.parameters == pytest.approx((wide,), rel=1e-15)
        plan = make_plan("kaiming_normal", (30, 50), "complex64")
        assert plan.distribution == "complex_normal"
        assert plan.parameters == (0.0, math.sqrt(2) / math.sqrt(50))

    def test_std_and_bounds_of_arrays(self, dtype):
        shape, variance = (300, 200), 1 / 200
        for spec, bound, factor in (
            ("lecun_uniform", math.sqrt(2), 1),
            ("variance_scaling(distribution=normal)", math.inf, 1),
            ("lecun_normal", 2 / 0.95311164380491208, 1 / (1 - math.exp(-4))),
        ):
            made = fastinit.create(spec, shape, dtype=dtype, **IDENTITY)
            size = np.abs(made.astype(complex))
            # 60,000 independent squares of a relative std below 1: 5 std are 2 %.
            assert np.mean(size**2) == pytest.approx(variance * factor, rel=0.02)
            assert size.max() <= bound * math.sqrt(variance)

    def test_float64_refines_float32(self):
        for spec in SPECS:
            narrow, wide = (
                fastinit.create(spec, (500,), dtype=one, **IDENTITY)
                for one in DTYPE_NAMES
            )
            np.testing.assert_allclose(narrow, wide, rtol=2e-5, atol=1e-7)

    def test_an_empty_scale_gives_zeros(self, dtype):
        for spec in ("xavier_uniform(gain=0)", "variance_scaling(scale=0)"):
            made = fastinit.create(spec, (3, 4), dtype=dtype, seed=0)
            assert made.tobytes() == bytes(made.nbytes)


class TestSpecs:
    """Complex numbers in the text of a Spec."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1+2j", 1 + 2j),
            ("(1-2j)", 1 - 2j),
            ("-0.5j", complex(0.0, -0.5)),
            ("nan+infj", complex(math.nan, math.inf)),
        ],
    )
    def test_texts_are_read_and_written(self, text, value):
        spec = Spec.parse(f"constant(val={text})")
        assert repr(spec.arguments["val"]) == repr(value)
        assert Spec.parse(str(spec)) == spec

    def test_a_real_mean_is_no_complex_one(self):
        assert Spec("normal", mean=2 + 0j) == Spec("normal", mean=2.0)
        assert str(Spec("normal", mean=1 - 2j)) == "normal(mean=1-2j)"

    @pytest.mark.parametrize(
        "text", ["normal(std=1j)", "uniform(a=1j)", "ones(val=1j)"]
    )
    def test_elsewhere_they_are_refused(self, text):
        with pytest.raises(FastinitError):
            Spec.parse(text)


class TestRefusals:
    """What has no meaning is refused before anything is written."""

    def test_truncation_by_values(self, dtype):
        with pytest.raises(DtypeError, match="trunc_normal of a complex dtype"):
            fastinit.create("trunc_normal", (3,), dtype=dtype)

    @pytest.mark.parametrize("name", ["float32", "int32", "bool", "bfloat16"])
    def test_complex_constants_in_real_dtypes(self, name):
        with pytest.raises(ArgumentError, match="no imaginary part"):
            fastinit.constant((3,), 1 + 2j, dtype=name)
        assert fastinit.constant((3,), 1 + 0j, dtype=name).tolist() == [1, 1, 1]

    def test_complex_means_in_real_dtypes(self):
        with pytest.raises(ArgumentError, match="the mean must be a real number"):
            fastinit.normal((3,), mean=1j)

    @pytest.mark.parametrize(
        "spec",
        ["normal(mean=nan)", "normal(mean=1+infj)", "normal(std=3e38, mean=3e38)"],
    )
    def test_laws_beyond_the_dtype(self, spec):
        with pytest.raises(ArgumentError):
            fastinit.create(spec, (3,), dtype="complex64")

    @pytest.mark.parametrize("gain", [1e-40, 1e39])
    def test_discs_beyond_the_dtype(self, gain):
        with pytest.raises(ArgumentError, match="the disc needs a radius"):
            fastinit.create(f"xavier_uniform(gain={gain})", (3, 3), dtype="complex64")

    def test_more_elements_than_a_stream_has_pairs(self):
        make_plan("normal", (2**57,), "complex64")
        with pytest.raises(ViewError, match=r"at most 2\^57 complex"):
            make_plan("normal", (2**57 + 1,), "complex64")
        padded = View((2, 4), index_shape=(2, 2**57))
        with pytest.raises(ViewError, match=r"at most 2\^57 complex"):
            fastinit.fill(np.empty((2, 4), "complex64"), "normal", view=padded)
        with pytest.raises(ViewError, match=r"at most 2\^57 complex"):
            fastinit.sample(
                "normal", (2, 4), 0, dtype="complex64", index_shape=(2, 2**57)
            )


class TestFiles:
    """Files hold the bits of arrays."""

    def test_npy(self, dtype, tmp_path):
        plan = make_plan(SPECS[3], (40, 30), dtype, **IDENTITY)
        write_npy(tmp_path / "w.npy", plan)
        made = fastinit.create(SPECS[3], (40, 30), dtype=dtype, **IDENTITY)
        for values in (np.load(tmp_path / "w.npy"), read_npy(tmp_path / "w.npy")):
            assert values.dtype == made.dtype
            assert values.tobytes() == made.tobytes()

    def test_safetensors(self, tmp_path):
        safetensors = pytest.importorskip("safetensors.numpy")
        path = tmp_path / "w.safetensors"
        plans = {
            "a": make_plan("ones", (3,), "float32"),
            "w": make_plan(SPECS[3], (40, 30), "complex64", **IDENTITY),
        }
        write_safetensors(path, plans)
        made = fastinit.create(SPECS[3], (40, 30), dtype="complex64", **IDENTITY)
        assert safetensors.load_file(path)["w"].tobytes() == made.tobytes()
        assert read_safetensors(path)["w"].values.tobytes() == made.tobytes()

    def test_safetensors_has_no_complex128(self, tmp_path):
        plans = {"w": make_plan("ones", (3,), "complex128")}
        with pytest.raises(DtypeError, match="the format knows"):
            write_safetensors(tmp_path / "w.safetensors", plans)
        assert not list(tmp_path.iterdir())


class TestTorch:
    """Tensors of torch, and what torch.nn.init does to them."""

    torch = pytest.importorskip("torch")

    def test_tensors_are_filled(self, dtype):
        tensor = self.torch.empty((40, 30), dtype=getattr(self.torch, dtype)).T
        version = tensor._version
        fastinit.xavier_uniform_(tensor, **IDENTITY)
        made = fastinit.create("xavier_uniform", (30, 40), dtype=dtype, **IDENTITY)
        assert tensor.numpy().tobytes() == made.tobytes()
        assert tensor._version > version
        new = fastinit.create("ones", (2,), dtype=dtype, array_type="torch")
        assert new.dtype == tensor.dtype

    def test_the_dialect_is_torch(self):
        from fastinit.dialects import torch as dialect

        shape, init = (200, 300), self.torch.nn.init
        for name, arguments in (
            ("normal_", (1.0, 2.0)),
            ("uniform_", (-1.0, 3.0)),
            ("xavier_uniform_", (0.5,)),
            ("xavier_normal_", (0.5,)),
            ("kaiming_uniform_", (0.1,)),
            ("kaiming_normal_", ()),
            ("constant_", (1 - 2j,)),
            ("ones_", ()),
        ):
            theirs = self.torch.empty(shape, dtype=self.torch.complex64)
            ours = self.torch.empty(shape, dtype=self.torch.complex64)
            getattr(init, name)(theirs, *arguments)
            getattr(dialect, name)(
                ours,
                *arguments,
                **(IDENTITY if "normal" in name or "uniform" in name else {}),
            )
            for part in ("real", "imag"):
                mine, other = (getattr(one, part) for one in (ours, theirs))
                # Std of the mean is below std / 244; of the std below std / 346.
                spread = float(other.std()) or 1e-7
                assert float(mine.mean()) == pytest.approx(
                    float(other.mean()), abs=8 * spread / 244
                )
                assert float(mine.std()) == pytest.approx(float(other.std()), rel=0.02)

    def test_the_dialect_refuses_what_torch_refuses(self):
        from fastinit.dialects import torch as dialect

        tensor = self.torch.empty((3, 3), dtype=self.torch.complex64)
        with pytest.raises(TypeError):
            dialect.normal_(tensor, 1j)
        with pytest.raises(FastinitError):
            dialect.trunc_normal_(tensor)
        with pytest.raises(ArgumentError, match="modes of torch"):
            dialect.kaiming_uniform_(tensor, mode="fan_avg")


class TestJax:
    """Initializers of JAX in complex dtypes."""

    jax = pytest.importorskip("jax")

    def test_arrays_of_jax(self):
        from fastinit.dialects import jax as dialect

        key = self.jax.random.key(3)
        for name in ("glorot_uniform", "lecun_normal", "he_normal"):
            made = getattr(dialect, name)()(key, (300, 200), np.complex64)
            theirs = getattr(self.jax.nn.initializers, name)()(
                key, (300, 200), "complex64"
            )
            assert isinstance(made, self.jax.Array)
            assert made.dtype == theirs.dtype
            ours, other = (np.abs(np.asarray(one)) for one in (made, theirs))
            assert np.mean(ours**2) == pytest.approx(np.mean(other**2), rel=0.03)
            assert ours.max() == pytest.approx(other.max(), rel=1e-3)
        constant = dialect.constant(1 - 2j)(key, (3,), np.complex64)
        assert constant.tolist() == [1 - 2j] * 3

    def test_real_laws_are_refused_as_jax_refuses_them(self):
        from fastinit.dialects import jax as dialect

        key = self.jax.random.key(3)
        for name in ("uniform", "truncated_normal"):
            for module in (dialect, self.jax.nn.initializers):
                with pytest.raises(ValueError, match=r"complex64|real dtypes"):
                    getattr(module, name)()(key, (3,), np.complex64)
