"""Padded and fused tensors end to end: create a checkpoint, check it, break it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fastinit
from fastinit import View
from fastinit.destinations.safetensors import read_safetensors

PLAN = """
stream = 1
seed = 3

[[tensor]]
name = "h.{0..1}.qkv.weight"
shape = [320, 192]
scheme = "xavier_normal"
sections = { sizes = [192, 64], names = ["h.{0..1}.q.weight", "h.{0..1}.{k,v}.weight"] }

[[tensor]]
name = "experts"
shape = [3, 128, 192]
scheme = "xavier_uniform"
sections = { stacked = true, names = ["expert.{0..2}"] }

[[tensor]]
name = "wte.weight"
shape = [500, 128]
stored_shape = [512, 128]
scheme = "kaiming_normal(mode=fan_out)"
"""


@pytest.fixture
def checkpoint(folder, run) -> Path:
    """Write a checkpoint of the plan."""
    Path("model.toml").write_text(PLAN)
    run("create", "m.safetensors", "--plan", "model.toml")
    return Path("m.safetensors")


def entries(path: Path) -> dict[str, np.ndarray]:
    return {name: one.values for name, one in read_safetensors(path).items()}


def alone(spec: str, shape: tuple[int, ...], name: str, **how):
    return fastinit.create(spec, shape, seed=3, name=name, **how)


def test_one_entry_holds_its_tensors(checkpoint):
    stored = entries(checkpoint)
    assert sorted(stored) == [
        *("experts", "h.0.qkv.weight", "h.1.qkv.weight", "wte.weight")
    ]
    q = alone("xavier_normal", (192, 192), "h.1.q.weight")
    v = alone("xavier_normal", (64, 192), "h.1.v.weight")
    assert stored["h.1.qkv.weight"][:192].tobytes() == q.tobytes()
    assert stored["h.1.qkv.weight"][256:].tobytes() == v.tobytes()
    expert = alone("xavier_uniform", (128, 192), "expert.2")
    assert stored["experts"][2].tobytes() == expert.tobytes()
    words = alone("kaiming_normal(mode=fan_out)", (500, 128), "wte.weight")
    assert stored["wte.weight"][:500].tobytes() == words.tobytes()


def test_threads_change_no_byte(checkpoint, run):
    for threads in ("1", "3"):
        how = ("--plan", "model.toml", "--threads", threads)
        run("create", f"{threads}.safetensors", *how)
        copy = Path(f"{threads}.safetensors")
        assert copy.read_bytes() == checkpoint.read_bytes()


def test_every_section_has_a_row(checkpoint, run, run_json):
    text = run("check", "m.safetensors", "--plan", "model.toml").stdout
    rows = {line.split()[0]: line.split() for line in text.splitlines()[1:11]}
    assert list(rows) == [
        *(f"h.{layer}.qkv.weight[{part}]" for layer in range(2) for part in "qkv"),
        *(f"experts[{number}]" for number in range(3)),
        "wte.weight",
    ]
    assert rows["h.0.qkv.weight[k]"][1] == "64x192"
    assert float(rows["h.0.qkv.weight[k]"][5]) == pytest.approx((2 / 256) ** 0.5, 1e-3)
    assert float(rows["h.0.qkv.weight[q]"][5]) == pytest.approx((2 / 384) ** 0.5, 1e-3)
    assert rows["experts[1]"][1] == "128x192"
    assert rows["wte.weight"][1] == "512x128"
    assert float(rows["wte.weight"][5]) == pytest.approx((2 / 500) ** 0.5, 1e-3)
    found = run_json("check", "m.safetensors", "--plan", "model.toml")
    assert found["verdict"] in {"conforms", "inconclusive"}
    results = {one["name"]: one for one in found["results"]}
    one = results["h.1.qkv.weight[v]"]
    assert (one["canonical"], one["shape"]) == ("h.1.v.weight", [64, 192])
    assert one["spec"] == "xavier_normal"
    assert results["h.0.qkv.weight[q]"]["verdict"] == "conforms"


def test_fans_of_the_fused_shape_violate(checkpoint, run):
    """The mistake of a framework that sees one tensor of (320, 192)."""
    spec = ("xavier_normal", "--name", "h.0.qkv.weight")
    run("check", "m.safetensors", *spec, status=1)
    text = PLAN.replace("sizes = [192, 64]", "sizes = [64, 128]")
    Path("wrong.toml").write_text(text)
    out = run("check", "m.safetensors", "--plan", "wrong.toml", status=1).stdout
    assert "h.0.qkv.weight[q] fails " in out
    assert "experts[0] fails" not in out


def test_a_fused_tensor_of_another_shape_is_one_fault(checkpoint, run_json):
    text = PLAN.replace("shape = [3, 128, 192]", "shape = [3, 192, 128]")
    Path("other.toml").write_text(text)
    found = run_json("check", "m.safetensors", "--plan", "other.toml", status=1)
    assert found["faults"] == ["experts: shape (3, 128, 192), planned (3, 192, 128)"]
    assert len(found["results"]) == 7


PADDED = ("--shape", "300x200", "--index-shape", "300x256")


def test_padded_arrays_from_the_command_line(folder, run):
    name = ("--name", "w", "--seed", "3")
    run("create", "plain.npy", "xavier_normal", *PADDED, *name)
    padded = (*PADDED, "--index", ":, 0:256")
    run("create", "padded.npy", "xavier_normal", *padded, *name)
    plain, whole = np.load("plain.npy"), np.load("padded.npy")
    assert (plain.shape, whole.shape) == ((300, 200), (300, 256))
    assert plain.tobytes() == whole[:, :200].tobytes()
    view = View((300, 200), np.s_[:, :256], index_shape=(300, 256))
    expected = alone("xavier_normal", (300, 256), "w", view=view)
    assert whole.tobytes() == expected.tobytes()
    text = run("check", "padded.npy", "xavier_normal", *padded).stdout
    assert text.startswith("conforms")
    run("check", "plain.npy", "xavier_normal", *PADDED)


def test_a_shard_from_the_command_line(folder, run):
    run("create", "w.npy", "xavier_normal", "--shape", "30x20")
    shard = ("--shape", "30x20", "--index", "10:20, ::2")
    run("create", "shard.npy", "xavier_normal", *shard)
    assert np.array_equal(np.load("shard.npy"), np.load("w.npy")[10:20, ::2])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "w.npy", "ones", "--index", "0:1"), "without --shape"),
        (("create", "w.npy", "ones", "--shape", "3", "--index", "0:4"), "axis size 3"),
        (("create", "w.npy", "ones", "--shape", "3", "--index-shape", "2"), "index_sh"),
        (("create", "w.safetensors", "--plan", "p", "--index", ":"), "--index beside"),
        (
            ("create", "w.safetensors", "--plan", "p", "--index-shape", "3"),
            "--index-shape beside",
        ),
        (("check", "w.npy", "ones", "--index-shape", "3"), "--index-shape without"),
        (
            ("check", "w.safetensors", "--plan", "p", "--index-shape", "3"),
            "--index-shape beside",
        ),
    ],
)
def test_wrong_use_says_so(folder, run, arguments, words):
    result = run(*arguments, status=2)
    assert words in result.stderr
    assert not Path("w.npy").exists()
