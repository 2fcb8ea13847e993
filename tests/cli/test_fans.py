"""Layouts and the schemes with fans on the command line and in plans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fastinit

#: Specs whose std in the shape 3 x 5 x 160 x 64 depends on layout, mode and groups.
SPECS = [
    "lecun_normal(layout=HWIO)",
    "lecun_uniform(layout=...IO)",
    "kaiming_normal(layout=HWIO, mode=fan_geo_avg, nonlinearity=gelu, sense=forward)",
    "variance_scaling(scale=2, mode=fan_avg, distribution=uniform, layout=(GI)OKK)",
    "xavier_normal(in_axis=-2, out_axis=-1, groups=4)",
    "variance_scaling(fan_in=100)",
]

PLAN = """
stream = 1
seed = 3
[defaults]
layout = "...IO"
[[tensor]]
name = "conv.kernel"
shape = [3, 3, 48, 128]
groups = 4
[[tensor]]
name = "dense.kernel"
shape = [256, 512]
[[tensor]]
name = "experts.kernel"
shape = [4, 128, 256]
layout = "EIO"
[[tensor]]
name = "transposed.weight"
shape = [64, 32, 4, 4]
layout = "(GI)OHW"
groups = 2
scheme = "variance_scaling(scale=2, mode=fan_out, distribution=normal)"
[[rule]]
match = "*.kernel"
scheme = "lecun_normal"
"""


@pytest.mark.parametrize("spec", SPECS)
def test_an_array_is_made_and_conforms(folder, run, run_json, spec):
    run("create", "w.npy", spec, "--shape", "3,5,160,64", "--seed", "5", "--name", "w")
    expected = fastinit.create(spec, (3, 5, 160, 64), seed=5, name="w")
    assert np.load("w.npy").tobytes() == expected.tobytes()
    assert run_json("check", "w.npy", spec)["verdict"] == "conforms"


def test_another_layout_violates_and_the_hint_says_so(folder, run, run_json):
    run("create", "w.npy", "he_normal(layout=...IO)", "--shape", "3,3,96,256")
    result = run_json("check", "w.npy", "he_normal", status=1)
    assert result["verdict"] == "violates"
    assert "the layout ...IO of JAX and Keras" in str(result["results"])


def test_a_plan_of_layouts_is_made_and_conforms(folder, run, run_json):
    Path("model.toml").write_text(PLAN, encoding="utf-8")
    run("create", "m.safetensors", "--plan", "model.toml")
    result = run_json("check", "m.safetensors", "--plan", "model.toml")
    assert result["verdict"] == "conforms"
    assert [entry["spec"] for entry in result["results"]] == [
        "lecun_normal(layout=...IO, groups=4)",
        "lecun_normal(layout=...IO)",
        "lecun_normal(layout=EIO)",
        "variance_scaling(scale=2.0, mode=fan_out, distribution=normal, "
        "layout=(GI)OHW, groups=2)",
    ]


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("lecun_normal(layout=HWIO)", "the layout has 4 axes, the shape 2"),
        ("lecun_normal(layout=QQ)", "marks are I, O"),
        ("xavier_normal(groups=3)", "the groups divide"),
        ("kaiming_normal(nonlinearity=gelu)", "torch has no gain of gelu"),
        ("normal(layout=OI)", "its arguments are mean, std"),
    ],
)
def test_what_does_not_fit_is_refused_with_status_2(folder, run, spec, shown):
    result = run("create", "w.npy", spec, "--shape", "8,4", status=2)
    assert shown in " ".join(result.stderr.split())
    assert not Path("w.npy").exists()
