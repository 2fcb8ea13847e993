"""The examples against constructions in plain loops, from the papers' figures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from fastinit import create
from fastinit.destinations.safetensors import read_safetensors
from fastinit.models import ModelPlan, create_checkpoint, read_plan

EXAMPLES = Path(__file__).parents[2] / "examples"
Entries = dict[str, tuple[tuple[int, ...], str, str]]
HE = "kaiming_normal(mode=fan_out, nonlinearity=relu)"


def _gpt2_entries() -> Entries:
    """Shape, dtype and scheme by name, in order of layers."""
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (50257, 768),
        "transformer.wpe.weight": (1024, 768),
        "transformer.ln_f.weight": (768,),
        "transformer.ln_f.bias": (768,),
    }
    for layer in range(12):
        block = f"transformer.h.{layer}."
        for part, inputs, outputs in [
            ("attn.c_attn", 768, 2304),
            ("attn.c_proj", 768, 768),
            ("mlp.c_fc", 768, 3072),
            ("mlp.c_proj", 3072, 768),
        ]:
            shapes[f"{block}{part}.weight"] = (inputs, outputs)
            shapes[f"{block}{part}.bias"] = (outputs,)
        for part in ("ln_1", "ln_2"):
            shapes[f"{block}{part}.weight"] = shapes[f"{block}{part}.bias"] = (768,)
    residual = f"normal(std={0.02 / math.sqrt(24)!r})"
    entries: Entries = {}
    for name, shape in shapes.items():
        scheme = "normal(std=0.02)"
        if name.endswith(".bias"):
            scheme = "zeros"
        elif ".ln_" in name:
            scheme = "ones"
        elif "c_proj" in name:
            scheme = residual
        entries[name] = (shape, "float32", scheme)
    return entries


def _norm(name: str, width: int) -> Entries:
    return {
        f"{name}.weight": ((width,), "float32", "ones"),
        f"{name}.bias": ((width,), "float32", "zeros"),
        f"{name}.running_mean": ((width,), "float32", "zeros"),
        f"{name}.running_var": ((width,), "float32", "ones"),
        f"{name}.num_batches_tracked": ((), "int64", "zeros"),
    }


def _resnet50_entries() -> Entries:
    """Shape, dtype and scheme by name, in the order of torchvision's modules."""
    entries: Entries = {"conv1.weight": ((64, 3, 7, 7), "float32", HE)}
    entries |= _norm("bn1", 64)
    inputs = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 * 2**stage
        for block in range(blocks):
            prefix = f"layer{stage + 1}.{block}."
            for number, (fan, out, size) in enumerate(
                [(inputs, width, 1), (width, width, 3), (width, 4 * width, 1)], 1
            ):
                shape = (out, fan, size, size)
                entries[f"{prefix}conv{number}.weight"] = (shape, "float32", HE)
                entries |= _norm(f"{prefix}bn{number}", out)
            if block == 0:
                shape = (4 * width, inputs, 1, 1)
                entries[f"{prefix}downsample.0.weight"] = (shape, "float32", HE)
                entries |= _norm(f"{prefix}downsample.1", 4 * width)
            inputs = 4 * width
    bound = 1 / math.sqrt(2048)
    entries["fc.weight"] = (
        (1000, 2048),
        "float32",
        f"kaiming_uniform(a={math.sqrt(5)!r})",
    )
    entries["fc.bias"] = ((1000,), "float32", f"uniform(a={-bound!r}, b={bound!r})")
    return entries


def _entries(plan: ModelPlan) -> Entries:
    return {one.name: (one.shape, one.dtype, str(one.spec)) for one in plan.stored}


@pytest.fixture(scope="module")
def gpt2() -> ModelPlan:
    return read_plan(EXAMPLES / "gpt2.toml")


@pytest.fixture(scope="module")
def resnet50() -> ModelPlan:
    return read_plan(EXAMPLES / "resnet50.toml")


def test_gpt2_tensors(gpt2: ModelPlan) -> None:
    assert _entries(gpt2) == _gpt2_entries()


def test_gpt2_counts(gpt2: ModelPlan) -> None:
    assert len(gpt2.stored) == 148
    assert gpt2.n_parameters == gpt2.n_elements == 124_439_808
    assert gpt2.n_bytes == 4 * 124_439_808
    elements = [math.prod(shape) for shape, _, _ in _gpt2_entries().values()]
    assert sum(elements) == 124_439_808


def test_gpt2_ties_its_output_layer(gpt2: ModelPlan) -> None:
    aliases = [one for one in gpt2.tensors if one.alias_of is not None]
    assert [(one.name, one.alias_of) for one in aliases] == [
        ("lm_head.weight", "transformer.wte.weight")
    ]
    assert aliases[0].canonical == "transformer.wte.weight"
    assert aliases[0].shape == (50257, 768)


def test_resnet50_tensors_and_their_order(resnet50: ModelPlan) -> None:
    expected = _resnet50_entries()
    assert _entries(resnet50) == expected
    assert [one.name for one in resnet50.tensors] == list(expected)


def test_resnet50_counts(resnet50: ModelPlan) -> None:
    assert len(resnet50.tensors) == len(resnet50.stored) == 320
    trainable = [
        one
        for one in resnet50.stored
        if one.name.rpartition(".")[2] in {"weight", "bias"}
    ]
    assert len(trainable) == 161
    assert sum(one.n_elements for one in trainable) == 25_557_032
    # 53 normalisations keep two running statistics each, and one counter.
    assert resnet50.n_parameters == 25_557_032 + 2 * 26_560
    assert resnet50.n_elements == resnet50.n_parameters + 53
    assert resnet50.n_bytes == 4 * resnet50.n_parameters + 8 * 53


def _llama_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of the model with every projection on its own and no padding."""
    shapes = {name: (1003, 64) for name in ("model.embed_tokens", "lm_head")}
    shapes["model.norm"] = (64,)
    for layer in range(2):
        block = f"model.layers.{layer}."
        shapes[f"{block}self_attn.q_proj"] = shapes[f"{block}self_attn.o_proj"] = (
            64,
            64,
        )
        shapes[f"{block}self_attn.k_proj"] = shapes[f"{block}self_attn.v_proj"] = (
            32,
            64,
        )
        shapes[f"{block}mlp.gate_proj"] = shapes[f"{block}mlp.up_proj"] = (176, 64)
        shapes[f"{block}mlp.down_proj"] = (64, 176)
        for norm in ("input", "post_attention"):
            shapes[f"{block}{norm}_layernorm"] = (64,)
    return {f"{name}.weight": shape for name, shape in shapes.items()}


def _llama_scheme(name: str) -> str:
    if name.endswith("norm.weight"):
        return "ones"
    return "xavier_uniform" if "_proj" in name else "normal(std=0.02)"


@pytest.fixture(scope="module")
def llama() -> ModelPlan:
    return read_plan(EXAMPLES / "tiny_llama.toml")


def test_tiny_llama_holds_the_tensors_of_the_plain_model(llama: ModelPlan) -> None:
    rows = {row.canonical: (row.shape, str(one.spec)) for one, row in llama.rows}
    assert rows == {
        name: (shape, _llama_scheme(name)) for name, shape in _llama_shapes().items()
    }
    assert len(llama.stored) == 15
    padding = 2 * (1024 - 1003) * 64
    plain = sum(math.prod(shape) for shape in _llama_shapes().values())
    assert llama.n_elements == plain + padding
    assert llama.n_bytes == 2 * llama.n_elements


def test_tiny_llama_has_the_bits_of_the_plain_model(
    llama: ModelPlan, tmp_path: Path
) -> None:
    create_checkpoint(llama, tmp_path / "m.safetensors")
    stored = {
        name: one.values
        for name, one in read_safetensors(tmp_path / "m.safetensors").items()
    }
    plain = {
        name: create(_llama_scheme(name), shape, dtype="bfloat16", seed=0, name=name)
        for name, shape in _llama_shapes().items()
    }
    for layer in range(2):
        block = f"model.layers.{layer}."
        for fused, parts in [
            ("self_attn.qkv_proj", ("self_attn.{}_proj", "qkv")),
            ("mlp.gate_up_proj", ("mlp.{}_proj", ("gate", "up"))),
        ]:
            names = [f"{block}{parts[0].format(part)}.weight" for part in parts[1]]
            expected = np.concatenate([plain.pop(name) for name in names])
            found = stored.pop(f"{block}{fused}.weight")
            assert found.tobytes() == expected.tobytes()
    assert stored.keys() == plain.keys()
    for name, values in plain.items():
        assert stored[name][: len(values)].tobytes() == values.tobytes()


@pytest.mark.parametrize("name", ["gpt2", "resnet50"])
def test_canonical_names_are_the_names(name: str) -> None:
    plan = read_plan(EXAMPLES / f"{name}.toml")
    assert all(one.canonical == one.name for one in plan.stored)
