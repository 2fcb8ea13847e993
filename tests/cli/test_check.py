"""`fastinit check`: verdicts, what stands beside them, and exit statuses."""

import json
import struct
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import stats

import fastinit
from fastinit.conformance.verdict import DETERMINISTIC_TESTS

SPEC = "kaiming_normal(mode=fan_out)"


@pytest.fixture
def array(folder, run):
    """A correct .npy file of 300 x 200 elements."""
    run("create", "w.npy", SPEC, "--shape", "300x200", "--name", "fc.weight")
    return Path("w.npy")


@pytest.fixture
def checkpoint(folder, plan, run):
    """A correct checkpoint of the small plan."""
    run("create", "m.safetensors", "--plan", "model.toml")
    return Path("m.safetensors")


def rewrite(checkpoint: Path, change) -> None:
    """Write a checkpoint again with another header."""
    data = checkpoint.read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8:end]), bytearray(data[end:])
    body = change(header, body) or body
    text = json.dumps(header).encode()
    checkpoint.write_bytes(struct.pack("<Q", len(text)) + text + bytes(body))


def test_a_correct_array_conforms(array, run, run_json):
    text = run("check", "w.npy", SPEC).stdout
    assert text.startswith(f"conforms: w.npy: {SPEC}, float32, 60,000 elements")
    found = run_json("check", "w.npy", SPEC)
    (result,) = found["results"]
    assert (found["verdict"], found["alpha"], found["margin"]) == (
        "conforms",
        1e-6,
        0.1,
    )
    assert (result["shape"], result["spec"]) == ([300, 200], SPEC)


def test_distances_are_exact_where_asked_for(folder, run, plan):
    run("create", "n.npy", "normal", "--shape", "300000")
    expected = stats.kstest(np.load("n.npy").astype(np.float64), "norm").statistic
    assert (
        f"D = {expected:.4g}, adjusted"
        in run("check", "n.npy", "normal", "--exact").stdout
    )
    assert "of cells" in run("check", "n.npy", "normal").stdout
    run("create", "m.safetensors", "--plan", "model.toml")
    refused = run("check", "m.safetensors", "--plan", "model.toml", "--exact", status=2)
    assert "--exact beside --plan" in refused.output


def test_a_wrong_mode_violates_and_the_hint_says_so(array, run, run_json):
    text = run("check", "w.npy", "kaiming_normal", status=1).stdout
    assert text.startswith("violates: ")
    assert "hint: " in text
    assert "fan_out in the place of fan_in" in text
    found = run_json("check", "w.npy", "kaiming_normal", status=1)
    assert found["verdict"] == "violates"


def test_too_few_elements_are_inconclusive_and_no_failure(folder, run):
    run("create", "w.npy", "normal", "--shape", "50")
    text = run("check", "w.npy", "normal").stdout
    assert text.startswith("inconclusive: ")
    assert "too few elements: about 5,500 are needed" in text


def test_alpha_and_margin_reach_the_verdict(folder, run):
    run("create", "w.npy", "normal", "--shape", "3000")
    doubtful = "normal(std=1.07)"
    run("check", "w.npy", doubtful, "--alpha", "0.01", status=1)
    assert run("check", "w.npy", doubtful).stdout.startswith("inconclusive")
    text = run("check", "w.npy", "normal", "--margin", "0.5").stdout
    assert text.startswith("conforms")


def test_a_shard_is_judged_by_the_fans_of_the_whole(folder, run):
    whole = fastinit.create("xavier_normal", (400, 900), seed=1)
    np.save("shard.npy", whole[100:300])
    run("check", "shard.npy", "xavier_normal", status=1)
    place = ("--shape", "400x900", "--index", "100:300")
    assert run("check", "shard.npy", "xavier_normal", *place).stdout.startswith("conf")


@pytest.mark.parametrize(
    "dtype",
    [">f4", "<f8", "float16", "int8", "bool"],
    ids=lambda name: name.strip("<>"),
)
def test_files_of_numpy_in_any_order_and_dtype(folder, run, dtype):
    values = np.asfortranarray(np.ones((3, 4)), dtype)
    np.save("w.npy", values)
    run("check", "w.npy", "ones")
    run("check", "w.npy", "zeros", status=1)


def test_headers_of_version_2_and_of_python_2(folder, run):
    with Path("two.npy").open("wb") as file:
        np.lib.format.write_array(file, np.ones(3), version=(2, 0))
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3L,), }\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    Path("old.npy").write_bytes(start + np.ones(3).tobytes())
    run("check", "two.npy", "ones")
    run("check", "old.npy", "ones")


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_scalars_and_empty_arrays_do_not_crash(folder, run, shape):
    np.save("w.npy", np.zeros(shape, np.float32))
    assert run("check", "w.npy", "zeros").stdout.startswith("conforms")
    np.save("w.npy", np.ones(shape, np.float32))
    assert run("check", "w.npy", "normal").stdout.startswith("inconclusive")


def test_a_checkpoint_has_one_row_a_tensor(checkpoint, run):
    lines = run("check", "m.safetensors", "--plan", "model.toml").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines[1:18]}
    assert len(rows) == 17
    header = ["tensor", "shape", "law", "std", "specified", "p", "verdict"]
    assert lines[0].split() == header
    assert rows["steps"].split() == [
        *("steps", "()", "constant(7)", "-", "-", "exact", "conforms")
    ]
    cells = rows["wte.weight"].split()
    assert cells[1:4] == ["311x64", "normal(0,", "0.02)"]
    assert float(cells[4]) == pytest.approx(0.02, rel=0.02)
    assert (cells[5], cells[7]) == ("0.02", "conforms")
    assert lines[18] == ""
    assert lines[19].startswith("inconclusive: of 17 tensors 11 conform, 6 are inc")
    assert "nothing speaks against" in lines[19]


def test_a_constant_checkpoint_conforms_in_one_sentence(folder, run):
    tensor = '[[tensor]]\nname = "{a,b}"\nshape = [4]\ndtype = "int8"\n'
    text = f'stream = 1\nseed = 0\n{tensor}scheme = "ones"\n'
    Path("ones.toml").write_text(text)
    run("create", "ones.safetensors", "--plan", "ones.toml")
    text = run("check", "ones.safetensors", "--plan", "ones.toml").stdout
    assert text.splitlines()[-1] == (
        "conforms: of 2 tensors 2 conform; faults: 0; 8 elements, "
        "false-alarm rate 1e-06 over all, margin 0.1"
    )


def test_wrong_values_are_named_with_reason_and_hint(checkpoint, plan, run, run_json):
    text = plan.read_text().replace("std=0.02", "std=0.01")
    Path("wrong.toml").write_text(text.replace('"zeros"', '"constant(val=1)"'))
    lines = run("check", "m.safetensors", "--plan", "wrong.toml", status=1).stdout
    at = lines.index("wte.weight fails ")
    assert "variance (z = " in lines[at : lines.index("\n", at)]
    assert "h.0.q.bias fails constant (64 of 64 elements differ from 1.0;" in lines
    assert "\nviolates: of 17 tensors 4 conform, 13 violate; faults: 0;" in lines
    found = run_json("check", "m.safetensors", "--plan", "wrong.toml", status=1)
    verdicts = {one["name"]: one["verdict"] for one in found["results"]}
    assert verdicts["wte.weight"] == verdicts["h.0.q.bias"] == "violates"
    assert verdicts["steps"] == verdicts["h.0.ln.weight"] == "conforms"


def test_p_values_are_adjusted_over_all_tensors(checkpoint, run_json):
    found = run_json("check", "m.safetensors", "--plan", "model.toml")
    tests = [
        test
        for one in found["results"]
        for test in one["tests"]
        if test["name"] not in DETERMINISTIC_TESTS
    ]
    smallest = min(tests, key=lambda test: test["p_value"])
    assert len(tests) > 100
    assert smallest["adjusted_p_value"] == pytest.approx(
        min(1.0, len(tests) * smallest["p_value"])
    )


def rename(header, body):
    header["extra\x1b[2J\nconforms: all"] = header.pop("steps")


def reshape(header, body):
    header["h.0.q.weight"]["shape"] = [32, 128]


def retype(header, body):
    header["h.0.q.weight"]["dtype"] = "F16"


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            rename,
            [
                "extra\\x1b[2J\\nconforms: all: not in the plan",
                "steps: missing from the file",
            ],
        ),
        (reshape, ["h.0.q.weight: shape (32, 128), planned (64, 64)"]),
        (retype, ["h.0.q.weight: dtype float16, planned bfloat16"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_faults_violate_and_are_listed(checkpoint, run, run_json, change, faults):
    rewrite(checkpoint, change)
    lines = run("check", str(checkpoint), "--plan", "model.toml", status=1).stdout
    assert [line for line in lines.splitlines() if line.startswith("fault: ")] == [
        f"fault: {fault}" for fault in faults
    ]
    assert lines.splitlines()[-1].startswith("violates: of 16 tensors")
    found = run_json("check", str(checkpoint), "--plan", "model.toml", status=1)
    assert len(found["faults"]) == len(faults)


@pytest.mark.parametrize("is_equal", [True, False])
def test_a_stored_alias_must_equal_its_owner(checkpoint, run, is_equal):
    def untie(header, body):
        begin, end = header["wte.weight"]["data_offsets"]
        at = len(body)
        span = {"data_offsets": [at, at + end - begin]}
        header["head.weight"] = {**header["wte.weight"], **span}
        copy = body[begin:end]
        copy[5] ^= 0 if is_equal else 1
        return body + copy

    rewrite(checkpoint, untie)
    status = 0 if is_equal else 1
    text = run("check", str(checkpoint), "--plan", "model.toml", status=status).stdout
    fault = "fault: head.weight: differs from wte.weight, which it is tied to\n"
    assert (fault in text) == (not is_equal)


def test_one_tensor_of_a_checkpoint(checkpoint, run, run_json):
    one = (str(checkpoint), "normal(std=0.02)", "--name", "wte.weight")
    assert run("check", *one).stdout.startswith(
        "conforms: wte.weight: normal(std=0.02)"
    )
    assert run_json("check", *one)["results"][0]["name"] == "wte.weight"


def test_a_wrong_name_is_answered_with_a_near_one(checkpoint, run):
    wrong = (str(checkpoint), "normal", "--name", "wte.wieght")
    message = run("check", *wrong, status=2).stderr
    assert "did you mean 'wte.weight'?" in message


def test_quiet_leaves_the_status_alone(array, run):
    assert run("check", "w.npy", SPEC, "--quiet").output == ""
    assert run("check", "w.npy", "zeros", "--quiet", status=1).output == ""


def test_names_are_never_cut(folder, run):
    name = ".".join(["transformer_block"] * 25)
    Path("long.toml").write_text(
        f'stream = 1\nseed = 0\n[[tensor]]\nname = "{name}"\nshape = [4]\n'
        'dtype = "float32"\nscheme = "ones"\n'
    )
    run("create", "long.safetensors", "--plan", "long.toml")
    text = run("check", "long.safetensors", "--plan", "long.toml").stdout
    assert f"\n{name}  4 " in text


def test_nan_is_null_in_json(folder, run_json):
    np.save("w.npy", np.full(9, np.nan, np.float32))
    found = run_json("check", "w.npy", "normal", status=1)
    assert found["results"][0]["facts"]["mean"] is None


def test_junit_file_has_the_outcome_of_every_test(array, run):
    run("check", "w.npy", SPEC, "--junit", "fine.xml")
    run("check", "w.npy", "xavier_normal", "--junit", "wrong.xml", status=1)
    fine, wrong = (
        ElementTree.parse(name).getroot() for name in ("fine.xml", "wrong.xml")
    )
    assert fine.attrib["failures"] == "0"
    assert int(wrong.attrib["failures"]) > 1
    names = [case.attrib["name"] for case in fine.findall("testcase")]
    assert names[:4] == ["verdict", "finite", "support", "kolmogorov_smirnov"]


def test_junit_file_that_cannot_be_written_is_an_error(array, run):
    found = run("check", "w.npy", SPEC, "--junit", "no/such/folder.xml", status=2)
    assert "a JUnit file is written where --junit says" in found.stderr
