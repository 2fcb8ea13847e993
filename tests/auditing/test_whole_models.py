"""Audits of whole models: every defect is found and named, and nothing else is."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

import fastinit
from fastinit import audit
from fastinit.errors import ArgumentError
from fastinit.models import create_checkpoint, parse_plan

PLAN = parse_plan(
    """
stream = 1
seed = 5
[defaults]
dtype = "float32"
[[tensor]]
name = "wte.weight"
shape = [400, 96]
scheme = "normal(std=0.02)"
[[tensor]]
name = "h.{0..2}.wq.weight"
shape = [96, 128]
scheme = "kaiming_normal"
[[tensor]]
name = "h.{0..2}.wo.weight"
shape = [128, 96]
scheme = "xavier_uniform"
[[tensor]]
name = "h.{0..2}.norm.weight"
shape = [96]
scheme = "ones"
[[tensor]]
name = "head.weight"
alias_of = "wte.weight"
""",
    "model.toml",
)
LAYERS = ("h.0", "h.1", "h.2")
#: Four matrices, so that a table of defects costs little.
FEW = tuple(f"h.{layer}.{role}.weight" for layer in (0, 1) for role in ("wq", "wo"))
SMALL = dataclasses.replace(
    PLAN, tensors=tuple(one for one in PLAN.tensors if one.name in FEW)
)


def make_model():
    return {
        tensor.name: fastinit.create(
            tensor.spec, tensor.shape, seed=PLAN.seed, name=tensor.name
        )
        for tensor in PLAN.stored
    }


@pytest.fixture(scope="module")
def correct():
    """Return the tensors of the model, which no test may change."""
    model = make_model()
    for array in model.values():
        array.flags.writeable = False
    return model


def halves(w):
    return np.concatenate([w[:48], w[:48]])


def eighths(w):
    return np.concatenate([w[:, :16]] * 8, axis=1)


def trained(w):
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(96, 1)), rng.normal(size=(1, 128))
    return (w + 0.05 * u @ v).astype(np.float32)


def holed(w):
    w[:40] = 0.0
    return w


def spoilt(w):
    w[3, 4] = np.nan
    return w


def same(w):
    return w


#: A defect: what becomes of h.1.wq.weight, made of it or of h.0.wq.weight, the kind of
#: the finding ('' for a violation of the law alone), words, and whether no plan is
#: needed to see it.
DEFECTS = {
    "copied": ("h.0.wq", same, "exact_copy", "copy of h.0.wq.weight, bit by bit", True),
    "negated": ("h.0.wq", np.negative, "negated_copy", "the opposite sign", True),
    "rescaled": ("h.0.wq", lambda w: w * np.float32(0.7), "rescaled_copy", "0.7", True),
    "transposed": (
        "h.0.wo",
        lambda w: w.T.copy(),
        "transposed_copy",
        "copy of h.0.wo.weight, transposed",
        True,
    ),
    "cast": (
        "h.0.wq",
        lambda w: w.astype(np.float16).astype(np.float32),
        "",
        "values of float16 or TF32 that were stored as float32",
        True,
    ),
    "equal halves": (
        "h.1.wq",
        halves,
        "equal_parts",
        "2 parts of 48 along axis 0",
        True,
    ),
    "equal ranks": (
        "h.1.wq",
        eighths,
        "equal_parts",
        "8 parts of 16 along axis 1",
        True,
    ),
    "trained": ("h.1.wq", trained, "looks_trained", "largest singular value", True),
    "not initialised": ("h.1.wq", np.zeros_like, "", "never initialised", False),
    "partly zero": ("h.1.wq", holed, "", "never initialised, or pruned", True),
    "NaN": ("h.1.wq", spoilt, "", "1 of 12,288 elements are NaN", True),
    "gain": ("h.1.wq", lambda w: w * np.float32(0.5**0.5), "", "gain", False),
    "fans swapped": (
        "h.1.wq",
        lambda _: fastinit.kaiming_normal((96, 128), mode="fan_out", seed=9),
        "",
        "fan_out in the place of fan_in",
        False,
    ),
    "fan of a shard": (
        "h.1.wq",
        lambda w: 2 * w,
        "",
        "from a shard of a group of 4",
        False,
    ),
    "sorted": (
        "h.1.wq",
        lambda w: np.sort(w, axis=None).reshape(w.shape),
        "",
        "sorted",
        True,
    ),
}


def with_defect(correct, name):
    source, change, *_ = DEFECTS[name]
    model = {name: correct[name] for name in FEW}
    model["h.1.wq.weight"] = change(correct[f"{source}.weight"].copy())
    return model


@pytest.mark.parametrize("name", DEFECTS)
def test_every_defect_is_found_and_named_by_a_plan(correct, name):
    _, _, kind, words, _ = DEFECTS[name]
    result = audit(with_defect(correct, name), SMALL)
    assert result.verdict == "violates"
    assert result.faults == ()
    if kind:
        (finding,) = [one for one in result.findings if one.kind == kind]
        assert "h.1.wq.weight" in finding.tensors
        assert words in finding.text
    else:
        (row,) = [one for one in result.tensors if one.verdict == "violates"]
        assert row.name == "h.1.wq.weight"
        told = " ".join(map(str, row.result.causes)) or row.result.tests[0].detail
        assert words in told or name == "not initialised"
    assert all("h.1.wq.weight" in one.tensors for one in result.findings)


@pytest.mark.parametrize("name", [name for name, row in DEFECTS.items() if row[4]])
def test_most_defects_are_found_without_a_plan(correct, name):
    _, _, kind, words, _ = DEFECTS[name]
    result = audit(with_defect(correct, name))
    assert result.verdict == "violates"
    found = [one.text for one in result.findings if one.kind == kind]
    found += [one.cause for one in result.tensors if one.verdict == "violates"]
    assert any(words in text for text in found)
    assert all("h.1.wq.weight" in one.tensors for one in result.findings)


def test_a_correct_model_has_nothing(correct):
    result = audit(correct, PLAN)
    assert (result.verdict, result.findings, result.faults) == ("conforms", (), ())
    assert result.n_regenerated == (7, 7)
    assert "7 of 7 equal the values of seed 5" in str(result)
    assert {one.origin for one in result.tensors} == {"plan"}
    norm = next(one for one in result.tensors if one.name == "h.0.norm.weight")
    assert (norm.is_regenerated, norm.strength) == (None, "exact")


def test_schemes_are_identified_without_a_plan(correct):
    result = audit(correct)
    assert (result.verdict, result.findings) == ("conforms", ())
    schemes = {one.name: one.scheme for one in result.tensors}
    assert schemes["wte.weight"] == "normal of torch, std 0.02"
    assert schemes["h.0.wq.weight"].startswith("kaiming_normal of torch, fan_in = 128")
    assert schemes["h.0.wo.weight"].startswith("xavier_uniform of torch, fan_avg")
    assert schemes["h.0.norm.weight"] == "constant(val=1.0)"
    assert result.n_regenerated == (0, 0)


def test_groups_pool_the_layers(correct):
    model = dict(correct)
    model["h.2.wo.weight"] = 2.0 * correct["h.2.wo.weight"]
    groups = {one.pattern: one for one in audit(model).groups}
    assert list(groups) == ["h.*.wq.weight", "h.*.wo.weight", "h.*.norm.weight"]
    assert groups["h.*.wq.weight"].names == tuple(f"{h}.wq.weight" for h in LAYERS)
    assert groups["h.*.wq.weight"].verdicts == (("conforms", 3),)
    assert groups["h.*.wq.weight"].outliers == ()
    ((name, why),) = groups["h.*.wo.weight"].outliers
    assert name == "h.2.wo.weight"
    assert "off the median" in why


def test_p_values_are_adjusted_over_all_tensors(correct):
    result = audit(correct, PLAN)
    tests = [
        test
        for one in result.tensors
        for test in one.result.tests
        if not test.is_deterministic
    ]
    smallest = min(tests, key=lambda test: test.p_value)
    adjusted = min(1.0, len(tests) * smallest.p_value)
    assert smallest.adjusted_p_value == pytest.approx(adjusted)


def test_another_seed_is_no_violation_and_is_told(correct):
    result = audit(correct, PLAN, seed=6)
    assert (result.verdict, result.n_regenerated) == ("conforms", (0, 7))
    assert result.seed == 6
    with pytest.raises(ArgumentError, match="without a plan"):
        audit(correct, seed=6)


def test_one_bit_is_enough_not_to_be_regenerated(correct):
    model = dict(correct)
    bits = correct["wte.weight"].copy()
    bits.view(np.uint32)[-1, -1] ^= 1
    model["wte.weight"] = bits
    assert audit(model, PLAN).n_regenerated == (6, 7)


def test_ties_are_those_of_the_plan_of_memory_and_of_the_caller(correct):
    copy = correct["wte.weight"].copy()
    assert audit({**correct, "head.weight": copy}, PLAN).verdict == "conforms"
    shared = audit({**correct, "head.weight": correct["wte.weight"]})
    assert (shared.findings, shared.shared) == ((), (("head.weight", "wte.weight"),))
    found = audit({**correct, "head.weight": copy}).findings
    assert [one.kind for one in found] == ["exact_copy"]
    tied = ["wte.weight, head.*"]
    assert audit({**correct, "head.weight": copy}, tied=tied).findings == ()


def test_faults_are_told(correct):
    model = {**correct, "more": np.ones(3), "wte.weight": np.ones((2, 2))}
    del model["h.2.norm.weight"]
    result = audit(model, PLAN)
    assert result.faults == (
        "h.2.norm.weight: missing from the file",
        "more: not in the plan",
        "wte.weight: shape (2, 2), planned (400, 96)",
    )
    assert result.verdict == "violates"
    wrong = correct["wte.weight"] + np.float32(1)
    (fault,) = audit({**correct, "head.weight": wrong}, PLAN).faults
    assert "differs from wte.weight" in fault


def test_a_file_and_its_arrays_have_one_audit(correct, tmp_path):
    path = tmp_path / "model.safetensors"
    create_checkpoint(PLAN, path)
    seen = []
    from_file = audit(path, PLAN, progress=seen.append)
    assert sum(seen) == PLAN.n_elements
    rows = {one.name: one for one in from_file.tensors}
    for one in audit(correct, PLAN).tensors:
        assert rows[one.name] == dataclasses.replace(one)


def test_tensors_without_a_law_say_why():
    model = {
        "ids": np.arange(40),
        "mask": np.ones(5, bool),
        "none": np.zeros((0, 3), np.float32),
        "odd": np.exp(np.random.default_rng(0).normal(size=(40, 50))),
        "text": object(),
        "scalar": np.array(2.0, np.float32),
    }
    rows = {one.name: one for one in audit(model).tensors}
    assert {name: one.origin for name, one in rows.items()} == {
        "ids": "none",
        "mask": "identified",
        "none": "none",
        "odd": "nearest",
        "text": "none",
        "scalar": "identified",
    }
    assert "no initializer that is known" in rows["odd"].cause
    assert "not read" in rows["text"].note
    assert rows["mask"].law == "constant(1)"


def test_fused_tensors_are_judged_part_by_part():
    plan = parse_plan(
        'stream = 1\nseed = 2\n[[tensor]]\nname = "qkv"\nshape = [256, 64]\n'
        'scheme = "kaiming_normal"\n'
        'sections = { sizes = [128, 128], names = ["q", "kv"] }\n',
        "fused",
    )
    parts = [
        fastinit.kaiming_normal((128, 64), seed=2, name=name) for name in ("q", "kv")
    ]
    result = audit({"qkv": np.concatenate(parts)}, plan)
    assert [one.name for one in result.tensors] == ["qkv[q]", "qkv[kv]"]
    assert (result.verdict, result.n_regenerated) == ("conforms", (2, 2))


def test_results_are_plain_values(correct):
    document = audit(with_defect(correct, "NaN"), SMALL).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["regenerated"] == {"equal": 3, "compared": 4}
    assert len(document["tensors"]) == 4


def write_zarr(path, model):
    import zarr

    group = zarr.open_group(str(path), mode="w")
    for name, array in model.items():
        held = group.create_array(
            name, shape=array.shape, chunks=(50, 40), dtype=array.dtype
        )
        held[...] = array


def write_torch(path, model):
    torch.save({name: torch.from_numpy(one) for name, one in model.items()}, path)


def write_archive(path, model):
    np.savez_compressed(path, **model)


@pytest.mark.parametrize(
    ("name", "write"),
    [("m", write_zarr), ("m.pth", write_torch), ("m.npz", write_archive)],
)
def test_files_of_every_kind_are_audited(tmp_path, name, write):
    first = fastinit.kaiming_normal((96, 128), seed=0, name="a")
    model = {"a": first, "b": np.ascontiguousarray(-first.T), "c": halves(first)}
    write(tmp_path / name, model)
    result = audit(tmp_path / name)
    assert [(one.kind, one.tensors[-1]) for one in result.findings] == [
        ("equal_parts", "c"),
        ("negated_copy", "b"),
    ]
    assert str(result.findings[1]).endswith(
        "a copy of a, transposed, with the opposite sign"
    )
    rows = {one.name: one.verdict for one in result.tensors}
    assert rows == {"a": "conforms", "b": "conforms", "c": "violates"}
