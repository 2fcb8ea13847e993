"""`fastinit conform`: libraries judged from the command line."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

SMALL = ("--shape", "160x100")
NORMAL = ("conform", "numpy", "standard_normal", *SMALL)


def test_a_right_initializer_conforms(run, run_json):
    text = run(*NORMAL).stdout
    version = np.__version__
    assert text.startswith(
        f"conforms: standard_normal of numpy {version}: normal, float64, 16,000 elem"
    )
    found = run_json(*NORMAL, "--seed", "5", "--dtype", "float32")
    assert {key: found[key] for key in ("library", "version", "scheme", "seed")} == {
        "library": "numpy",
        "version": version,
        "scheme": "standard_normal",
        "seed": 5,
    }
    (result,) = found["results"]
    assert (result["shape"], result["spec"]) == ([160, 100], "normal")
    assert (result["dtype"], found["verdict"]) == ("float32", "conforms")


def test_a_wrong_claim_violates_with_a_cause(run, run_json):
    claim = (*NORMAL, "--against", "normal(std=1.5)")
    text = run(*claim, status=1).stdout
    assert text.startswith("violates: standard_normal of numpy")
    assert "\n  hint: " in text
    assert run_json(*claim, status=1)["verdict"] == "violates"
    assert run(*claim, "--quiet", status=1).output == ""


def test_arguments_are_the_librarys(run_json):
    scheme = "normal(loc=1, scale=0.5)"
    found = run_json("conform", "numpy", scheme, *SMALL)
    assert found["scheme"] == scheme
    assert found["results"][0]["spec"] == "normal(mean=1.0, std=0.5)"


def test_complex_values_have_a_verdict_for_each_aspect(run_json):
    pytest.importorskip("torch", reason="torch is not installed")
    call = ("conform", "torch", "normal_", *SMALL, "--dtype", "complex64")
    names = [one["name"] for one in run_json(*call)["results"]]
    aspects = ("real part", "imaginary part", "modulus", "angle")
    assert names == [f"normal_, {aspect}" for aspect in aspects]


def test_reports_are_written(run):
    files = ("--junit", "found.xml", "--html", "found.html")
    run(*NORMAL, *files)
    root = ElementTree.parse("found.xml").getroot()
    assert root.attrib["failures"] == "0"
    assert root.attrib["name"] == f"standard_normal of numpy {np.__version__}"
    assert "standard_normal of numpy" in Path("found.html").read_text("utf-8")
    assert "exists" in run(*NORMAL, *files, status=2).stderr
    run(*NORMAL, *files, "--force")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nmpy", "random"), "did you mean 'numpy'?"),
        (("numpy", "gamma"), "those of numpy.random that can be judged are"),
        (("numpy", "normal(std=2)"), "its arguments are loc, scale"),
        (("numpy", "normal(scale=-1)"), "scale"),
        (("numpy", "random", "--shape", "3y"), "a shape is up to 64 sizes"),
        (("numpy", "random", "--seed", "x"), "a seed is an integer"),
        (("numpy", "random", "--dtype", "f99"), "fastinit writes"),
        (("numpy", "random", "--against", "nrmal"), "did you mean 'normal'?"),
        (("numpy", "random", "--transposed"), "torch alone fills memory"),
        (("numpy", "random", *SMALL, "--alpha", "2"), "a false-alarm rate is"),
        (("numpy",), "usage is fastinit conform"),
    ],
)
def test_wrong_use_ends_with_status_2(run, arguments, text):
    result = run("conform", *arguments, status=2)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert text in result.stderr
    document = json.loads(run("conform", *arguments, "--json", status=2).stdout)
    assert set(document["error"]) == {"type", "given", "allowed", "remedy"}
