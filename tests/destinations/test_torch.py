"""torch tensors: the same bits as NumPy, in place, and autograd is told."""

from __future__ import annotations

import inspect
import itertools
import math
import random
import warnings

import numpy as np
import pytest
import torch

import fastinit
from fastinit import View, create, fill, initializers
from fastinit.api import make_plan
from fastinit.destinations import open_destination, read_destination
from fastinit.dtypes import DTYPES
from fastinit.errors import DestinationError, DtypeError

IDENTITY = {"seed": 11, "name": "layer.weight"}
NAMES = [name for name in initializers.__all__ if hasattr(torch.nn.init, name)]


def bits(tensor: torch.Tensor) -> bytes:
    """Bytes of a tensor's elements in C order."""
    return tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes()


def torch_dtype(name: str) -> torch.dtype:
    return getattr(torch, name)


# The same surface as torch.nn.init


def test_every_name_of_ours_is_one_of_torch():
    assert list(initializers.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_torch(name):
    ours = list(inspect.signature(getattr(initializers, name)).parameters.values())
    theirs = list(inspect.signature(getattr(torch.nn.init, name)).parameters.values())
    assert [p.name for p in ours[:-1]] == [p.name for p in theirs]
    assert [p.default for p in ours[:-1]] == [p.default for p in theirs]
    assert [p.kind for p in ours[:-1]] == [p.kind for p in theirs]
    assert ours[-1].kind is inspect.Parameter.VAR_KEYWORD


@pytest.mark.parametrize("name", NAMES)
def test_signatures_out_of_place_take_a_shape_instead(name):
    placed = inspect.signature(getattr(initializers, name)).parameters
    made = inspect.signature(getattr(fastinit, name.rstrip("_"))).parameters
    assert list(made) == ["shape", *list(placed)[1:]]
    assert [p.default for p in made.values()] == [p.default for p in placed.values()]


class Recorder:
    """Stands in for a tensor of any size and records what torch would draw."""

    def __init__(self, shape):
        self.shape = shape

    def dim(self):
        return len(self.shape)

    def size(self, axis):
        return self.shape[axis]

    def uniform_(self, a, b, **_):
        self.drawn = ("uniform", (a, b))

    def normal_(self, mean, std, **_):
        self.drawn = ("normal", (mean, std))


def some_shapes(count):
    source = random.Random(5)
    for _ in range(count):
        sizes = source.choices([1, 2, 3, 7, 64, 129, 768, 4096], k=source.randint(2, 5))
        yield tuple(sizes)


CALLS = [
    ("xavier_uniform", {}),
    ("xavier_normal", {"gain": math.sqrt(2)}),
    *itertools.product(
        ("kaiming_uniform", "kaiming_normal"),
        (
            {},
            {"a": math.sqrt(5)},
            {"mode": "fan_out"},
            {"mode": "fan_out", "nonlinearity": "relu"},
            {"nonlinearity": "tanh"},
            {"nonlinearity": "selu", "mode": "FAN_OUT"},
        ),
    ),
]


@pytest.mark.parametrize(("scheme", "arguments"), CALLS)
def test_plans_draw_what_torch_would_draw(scheme, arguments):
    spec = fastinit.Spec(scheme, **arguments)
    for shape in some_shapes(500):
        recorder = Recorder(shape)
        getattr(torch.nn.init, f"{scheme}_")(recorder, **arguments)
        plan = make_plan(spec, shape)
        assert (plan.distribution, plan.parameters) == recorder.drawn


# The same bits as NumPy


def test_values_are_those_of_numpy(case):
    tensor = torch.zeros((9, 7), dtype=torch_dtype(case.dtype))
    assert fill(tensor, case.spec, **IDENTITY) is tensor
    assert bits(tensor) == case.make((9, 7), **IDENTITY).tobytes()


@pytest.mark.parametrize("name", [n for n in NAMES if n != "constant_"])
def test_each_initializer_fills_a_tensor_as_an_array(name):
    tensor, array = torch.zeros(6, 5), np.zeros((6, 5), np.float32)
    function = getattr(initializers, name)
    assert function(tensor, **IDENTITY) is tensor
    assert function(array, **IDENTITY) is array
    assert bits(tensor) == array.tobytes()
    made = getattr(fastinit, name.rstrip("_"))((6, 5), **IDENTITY)
    assert made.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "take",
    [
        lambda t: t.T,
        lambda t: t[1:-1, ::2],
        lambda t: t[:, 3],
        lambda t: t[4, 4],
        lambda t: t.reshape(5, 2, -1).permute(2, 0, 1),
        lambda t: t.view(-1)[7:93],
        lambda t: t.unfold(0, 2, 2),
        lambda t: t[:, :0],
        lambda t: t.detach(),
        lambda t: t.diagonal(),
    ],
)
def test_views_are_filled_where_they_lie(take, few_random_case):
    dtype = torch_dtype(few_random_case.dtype)
    base = torch.full((10, 12), 77.0, dtype=dtype)
    part, expected = take(base), base.clone()
    fill(part, few_random_case.spec, **IDENTITY)
    array = few_random_case.make(tuple(part.shape), **IDENTITY)
    assert bits(part) == array.tobytes()
    # torch itself puts the values where they belong and nowhere else.
    values = torch.from_numpy(array.view(f"u{array.itemsize}").copy()).view(dtype)
    take(expected).copy_(values)
    assert bits(base) == bits(expected)


def test_channels_last_storage():
    tensor = torch.empty(4, 3, 5, 6).to(memory_format=torch.channels_last)
    fill(tensor, "kaiming_normal", **IDENTITY)
    assert (tensor.numpy() == create("kaiming_normal", (4, 3, 5, 6), **IDENTITY)).all()


def test_parameters_and_modules():
    layer = torch.nn.Linear(12, 7)
    assert fastinit.xavier_uniform_(layer.weight, **IDENTITY) is layer.weight
    assert fastinit.zeros_(layer.bias) is layer.bias
    expected = create("xavier_uniform", (7, 12), **IDENTITY)
    assert (layer.weight.detach().numpy() == expected).all()
    assert layer.weight.requires_grad
    assert layer.weight.is_leaf
    assert not layer.bias.any()
    norm = torch.nn.BatchNorm1d(3)
    fastinit.ones_(norm.running_mean)
    assert norm.running_mean.tolist() == [1, 1, 1]
    buffer = torch.nn.Buffer(torch.zeros(3))
    assert fastinit.ones_(buffer).tolist() == [1, 1, 1]


def test_shared_storage_is_one():
    tensor = torch.zeros(4, 6)
    fill(tensor.numpy(), "normal", **IDENTITY)
    assert (tensor.numpy() == create("normal", (4, 6), **IDENTITY)).all()
    half = tensor[2:]
    fill(half, "normal", view=View((8, 6), np.s_[2:4]), **IDENTITY)
    assert (tensor[2:].numpy() == create("normal", (8, 6), **IDENTITY)[2:4]).all()


def test_inference_tensors_have_no_version():
    with torch.inference_mode():
        tensor = torch.zeros(5)
        fill(tensor, "normal", **IDENTITY)
        assert (tensor.numpy() == create("normal", 5, **IDENTITY)).all()


def test_no_grad_and_grad_modes_are_alike():
    weight = torch.nn.Parameter(torch.zeros(3))
    with torch.no_grad():
        fill(weight, "normal", **IDENTITY)
    first = weight.detach().clone()
    fill(weight.data, "zeros")
    fill(weight, "normal", **IDENTITY)
    assert torch.equal(weight, first)


# Autograd


@pytest.mark.parametrize("take", [lambda t: t, lambda t: t[:2], lambda t: t.detach()])
def test_a_stale_backward_raises(take):
    weight = torch.ones(4, requires_grad=True)
    loss = (weight * weight).sum()
    fill(take(weight), "normal", **IDENTITY)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_the_version_counts_fills_and_not_refusals():
    tensor = torch.zeros(4)
    before = tensor._version
    fill(tensor, "normal", seed=0)
    assert tensor._version == before + 1
    with pytest.raises(fastinit.FastinitError):
        fill(tensor, "normal(std=-1)", seed=0)
    assert tensor._version == before + 1


def test_gradients_after_a_fill_are_right():
    weight = torch.nn.Parameter(torch.zeros(3))
    fill(weight, "ones")
    (weight * weight).sum().backward()
    assert weight.grad.tolist() == [2, 2, 2]


# What is refused


class Wrapped(torch.Tensor):
    """A subclass, as distributed tensors are."""


def quietly(make, *arguments):
    """What torch warns is a prototype."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(*arguments)


def nested(**how):
    return quietly(
        lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)], **how)
    )


def without_memory():
    tensor = torch.ones(4)
    tensor.untyped_storage().resize_(0)
    return tensor


REFUSED = {
    "sparse": lambda: torch.zeros(3).to_sparse(),
    "sparse rows": lambda: quietly(torch.zeros(3, 3).to_sparse_csr),
    "nested": nested,
    "jagged": lambda: nested(layout=torch.jagged),
    "quantized": lambda: quietly(
        torch.quantize_per_tensor, torch.zeros(3), 1.0, 0, torch.qint8
    ),
    "meta": lambda: torch.empty(3, device="meta"),
    "subclass": lambda: torch.zeros(3).as_subclass(Wrapped),
    "conjugated": lambda: torch.zeros(3, dtype=torch.complex64).conj(),
    "negated": lambda: torch.zeros(3, dtype=torch.complex64).conj().imag,
    "lazy": lambda: torch.nn.UninitializedParameter(),
    "lazy buffer": lambda: torch.nn.UninitializedBuffer(),
    "without memory": without_memory,
    "expanded": lambda: torch.zeros(3, 1).expand(3, 4),
    "overlapping": lambda: torch.zeros(9).unfold(0, 3, 1),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_tensors_of_other_kinds_are_refused(kind):
    with pytest.raises((DestinationError, DtypeError)) as caught:
        fill(REFUSED[kind](), "ones")
    assert caught.value.remedy


@pytest.mark.parametrize("kind", ["sparse", "nested", "meta", "lazy", "subclass"])
def test_reading_refuses_them_too(kind):
    with pytest.raises(DestinationError):
        read_destination(REFUSED[kind]())


@pytest.mark.parametrize("name", ["float8_e5m2fnuz", "float8_e4m3fnuz"])
def test_dtypes_without_a_row_are_refused(name):
    with pytest.raises(DtypeError, match=name):
        fill(torch.zeros(3, dtype=torch_dtype(name)), "ones")


def test_random_values_do_not_go_into_integers():
    tensor = torch.zeros(3, dtype=torch.int64)
    with pytest.raises(DtypeError, match="floating"):
        fill(tensor, "normal")
    assert not tensor.any()


def test_transforms_of_torch_func_are_refused():
    with pytest.raises(DestinationError, match=r"torch\.func"):
        torch.func.vmap(fastinit.zeros_)(torch.ones(3, 2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_reading_shares_the_memory(dtype):
    tensor = torch.ones(3, 4, dtype=torch_dtype(dtype))
    values = read_destination(tensor.T)
    assert values.dtype.name == dtype
    assert values.shape == (4, 3)
    assert values.__array_interface__["data"][0] == tensor.data_ptr()
    assert open_destination(tensor).dtype.name == dtype


def test_torch_names_and_dtypes_make_arrays():
    array = create("ones", torch.Size([2, 3]), dtype=torch.bfloat16, device="cpu")
    assert array.dtype.name == "bfloat16"
    assert create("ones", 2, device=torch.device("cpu")).tolist() == [1, 1]
