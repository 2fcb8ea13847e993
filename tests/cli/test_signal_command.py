"""`fastinit signal`: rows, verdicts, files beside them, and exit statuses."""

from pathlib import Path

import numpy as np
import pytest

import fastinit


@pytest.fixture
def checkpoint(folder):
    """A model of twelve layers that keeps the signal, with biases and a head."""
    arrays = {"classifier.weight": np.full((7, 64), 0.05)}
    for at in range(12):
        name = f"h.{at}.weight"
        arrays[name] = fastinit.kaiming_normal((64, 64), seed=0, name=name)
        arrays[f"h.{at}.bias"] = np.zeros(64, np.float32)
    np.savez("m.npz", **arrays)
    return Path("m.npz")


def test_layers_are_told_in_natural_order(checkpoint, run, run_json):
    text = run("signal", str(checkpoint), "--tensors", "h.*.weight").stdout
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[1:13]] == [
        f"h.{at}.weight" for at in range(12)
    ]
    assert lines[-1].startswith("kept: 12 layers with relu, mode fan_in")
    chosen = "h.*.weight, classifier.weight"
    found = run_json("signal", str(checkpoint), "--tensors", chosen)
    assert found["layers"][-1]["name"] == "classifier.weight"
    assert found["file"] == "m.npz"


def test_what_is_lost_ends_with_status_1(checkpoint, run, run_json):
    chosen = ("signal", str(checkpoint), "--tensors", "h.*.weight")
    wide = (*chosen, "--activation", "linear")
    text = run(*wide, status=1).stdout
    assert "finding: the std of the weights is 1.4" in text
    assert text.splitlines()[-1].startswith("explodes: ")
    assert run_json(*wide, status=1)["forward"]["verdict"] == "explodes"
    assert run(*wide, "--quiet", status=1).output == ""
    each = ",".join(["relu"] * 11 + ["linear"])
    assert run_json(*chosen, "--activation", each)["verdict"] == "kept"


def test_drawing_and_report_are_written_beside(checkpoint, run, folder):
    chosen = ("signal", str(checkpoint), "--tensors", "h.*.weight", "-q")
    files = ("--plot", "s.svg", "--html", "s.html")
    run(*chosen, *files)
    assert (folder / "s.svg").read_text(encoding="utf-8").count("<svg") == 1
    page = (folder / "s.html").read_text(encoding="utf-8")
    assert "<h1>Signal through m.npz</h1>" in page
    assert page.count("<svg") == 2
    assert "a file of that name exists" in run(*chosen, *files, status=2).stderr
    run(*chosen, *files, "--force")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "order the weights as the signal passes them"),
        (("--tensors", "nothing.*"), "names at least one tensor"),
        (("--tensors", "*.bias"), "leave biases out"),
        (("--tensors", "h.*.weight", "--activation", "reluu"), "did you mean"),
        (("--tensors", "h.*.weight", "--plot", "s.txt"), ".svg, .png, .pdf"),
    ],
)
def test_wrong_use_says_what_to_do(checkpoint, run, arguments, words):
    assert words in run("signal", str(checkpoint), *arguments, status=2).stderr


def test_a_checkpoint_of_vectors_has_no_stack(folder, run):
    np.savez("v.npz", bias=np.zeros(3))
    assert "without a tensor of two axes" in run("signal", "v.npz", status=2).stderr
