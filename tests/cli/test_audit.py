"""`fastinit audit`: rows, findings, files beside them, and exit statuses."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import fastinit


@pytest.fixture
def checkpoint(folder, plan, run):
    """A correct checkpoint of the small plan."""
    run("create", "m.safetensors", "--plan", "model.toml")
    return Path("m.safetensors")


@pytest.fixture
def copied(folder):
    """A model whose second layer is the first one with the opposite sign."""
    first = fastinit.kaiming_normal((96, 80), seed=0, name="h.0")
    np.savez("copied.npz", **{"h.0.weight": first, "h.1.weight": -first})
    return Path("copied.npz")


def test_a_correct_model_is_told_tensor_by_tensor(checkpoint, run, run_json):
    text = run("audit", str(checkpoint), "--plan", "model.toml").stdout
    lines = text.splitlines()
    rows = {line.split()[0]: line.split() for line in lines[1:18]}
    assert rows["wte.weight"][1:4] == ["311x64", "float32", "normal(0,"]
    assert rows["steps"][-2:] == ["exact", "conforms"]
    assert any(line.startswith("h.*.q.weight") for line in lines)
    assert lines[-1].startswith("inconclusive: of 17 tensors ")
    assert "7 of 7 equal the values of seed 3" in lines[-1]
    found = run_json("audit", str(checkpoint), "--plan", "model.toml", "--seed", "4")
    assert found["regenerated"] == {"equal": 0, "compared": 7}
    assert (found["verdict"], found["seed"]) == ("inconclusive", 4)
    assert len(found["tensors"]) == 17


def test_the_one_tensor_of_another_seed_is_named(checkpoint, run):
    data = bytearray(checkpoint.read_bytes())
    # The last byte belongs to the last matrix of the file, in bfloat16.
    data[-1] ^= 0x80
    checkpoint.write_bytes(bytes(data))
    text = run("audit", str(checkpoint), "--plan", "model.toml").stdout
    named = [line for line in text.splitlines() if "does not hold the values" in line]
    assert len(named) == 1
    assert named[0].endswith(" does not hold the values of seed 3")
    assert "6 of 7 equal the values of seed 3" in text


def test_findings_end_with_status_1_and_are_named(copied, run, run_json):
    text = run("audit", str(copied), status=1).stdout
    line = "finding: h.1.weight is a copy of h.0.weight, with the opposite sign"
    assert line in text.splitlines()
    assert text.splitlines()[-1].startswith("violates: of 2 tensors 2 conform; ")
    found = run_json("audit", str(copied), status=1)
    assert [one["kind"] for one in found["findings"]] == ["negated_copy"]
    assert run("audit", str(copied), "--quiet", status=1).output == ""


def test_tensors_that_are_not_read_say_why(run, folder):
    np.savez("m.npz", a=np.ones(40), words=np.array(["x"]))
    lines = run("audit", "m.npz").stdout.splitlines()
    assert any(line.startswith("words is not read: dtype") for line in lines)


def test_ties_can_be_declared(copied, run):
    assert run("audit", str(copied), "--tied", "h.*.weight").exit_code == 0


def test_junit_and_html_are_written_beside(copied, run, folder):
    run("audit", str(copied), "--junit", "a.xml", "--html", "a.html", "-q", status=1)
    root = ElementTree.parse("a.xml").getroot()
    failed = [
        case for case in root.findall("testcase") if case.find("failure") is not None
    ]
    assert [case.attrib["name"] for case in failed] == ["negated_copy"]
    assert root.attrib["failures"] == "1"
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert "<h1>Audit of copied.npz</h1>" in page
    assert "copy, sign flipped" in page
    again = run("audit", str(copied), "--html", "a.html", status=2)
    assert "a file of that name exists" in again.stderr
    run("audit", str(copied), "--html", "a.html", "--force", "-q", status=1)


def test_a_check_has_a_report_too(folder, run):
    run("create", "w.npy", "normal", "--shape", "90x80")
    run("check", "w.npy", "normal", "--html", "w.html", "-q")
    page = (folder / "w.html").read_text(encoding="utf-8")
    assert "<h1>Check of w.npy</h1>" in page
    assert page.count("<svg") == 3
    text = 'stream = 1\nseed = 0\n[[tensor]]\nname = "h.{0..1}.b"\nshape = [9]\n'
    Path("m.toml").write_text(f'{text}scheme = "ones"\n')
    run("create", "m.safetensors", "--plan", "m.toml", "-q")
    run("check", "m.safetensors", "--plan", "m.toml", "--html", "m.html", "-q")
    page = (folder / "m.html").read_text(encoding="utf-8")
    assert "<h1>Check of m.safetensors</h1>" in page
    assert ">h.*.b</a>" in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no.safetensors",), "there is no file or folder"),
        (("m.gguf",), "fastinit reads .safetensors"),
        (("copied.npz", "--seed", "3"), "a seed makes values again"),
        (("copied.npz", "--alpha", "0"), "alpha = 0.0"),
        (("copied.npz", "--html", "no/such.html"), "such.html"),
        (("copied.npz", "--tied", "a,b"), "tied 'a'"),
        (("empty.npz",), "no tensors in checkpoint"),
    ],
)
def test_wrong_use_ends_with_status_2(copied, run, arguments, words):
    Path("m.gguf").write_bytes(b"")
    np.savez("empty.npz")
    assert words in run("audit", *arguments, status=2).stderr
