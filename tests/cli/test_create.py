"""`fastinit create`: the file it writes, and what it says about it."""

import hashlib
import json
import resource
import signal
import struct
import time
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import fastinit
from fastinit.models import read_plan

ARRAY = ("normal(std=0.02)", "--shape", "96x40", "--name", "w")


def test_an_array_has_the_bits_of_the_library(folder, run):
    run("create", "w.npy", *ARRAY, "--seed", "5", "--dtype", "float16")
    expected = fastinit.create(
        "normal(std=0.02)", (96, 40), dtype="float16", seed=5, name="w"
    )
    written = np.load("w.npy")
    assert written.dtype == expected.dtype
    assert written.tobytes() == expected.tobytes()


def test_defaults_are_float32_and_seed_0(folder, run):
    run("create", "w.npy", "xavier_uniform", "--shape", "8,4")
    expected = fastinit.create("xavier_uniform", (8, 4), seed=0, name="")
    assert np.load("w.npy").tobytes() == expected.tobytes()
    assert np.load("w.npy").dtype == np.float32


@pytest.mark.parametrize("shape", ["()", "0", "3x0", "1x1x1x1"])
def test_odd_shapes(folder, run, shape):
    run("create", "w.npy", "constant(val=2)", "--shape", shape)
    values = np.load("w.npy")
    sizes = () if shape == "()" else tuple(map(int, shape.split("x")))
    assert values.shape == sizes
    assert (values == 2).all()


def test_integers_and_booleans_take_constants(folder, run, run_json):
    made = run_json(
        "create", "i.npy", "constant(val=7)", "--shape", "3", "--dtype", "int64"
    )
    run("create", "b.npy", "ones", "--shape", "3", "--dtype", "bool")
    assert np.load("i.npy").tolist() == [7, 7, 7]
    assert np.load("b.npy").tolist() == [True, True, True]
    assert (made["parameters"], made["elements"]) == (0, 3)


def test_bfloat16_goes_into_safetensors_under_its_name(folder, run):
    run("create", "w.safetensors", *ARRAY, "--dtype", "bfloat16", "--seed", "1")
    tensors = safetensors.numpy.load_file("w.safetensors")
    expected = fastinit.create(
        "normal(std=0.02)", (96, 40), dtype="bfloat16", seed=1, name="w"
    )
    assert list(tensors) == ["w"]
    assert tensors["w"].dtype == ml_dtypes.bfloat16
    assert tensors["w"].tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_float8_goes_into_safetensors_as_torch_reads_it(folder, run, dtype):
    run("create", "w.safetensors", *ARRAY, "--dtype", dtype, "--seed", "1")
    tensor = safetensors.torch.load_file("w.safetensors")["w"]
    assert tensor.dtype == getattr(torch, dtype)
    expected = fastinit.create(
        "normal(std=0.02)", (96, 40), dtype=dtype, seed=1, name="w"
    )
    assert tensor.view(torch.uint8).numpy().tobytes() == expected.tobytes()
    run("check", "w.safetensors", "normal(std=0.02)", "--name", "w")


def test_rounding_by_chance_is_written_and_checked(folder, run):
    how = ("--dtype", "bfloat16", "--rounding", "stochastic")
    run("create", "w.safetensors", *ARRAY, *how, "--seed", "1")
    tensors = safetensors.numpy.load_file("w.safetensors")
    expected = fastinit.create(
        "normal(std=0.02)",
        (96, 40),
        dtype="bfloat16",
        rounding="stochastic",
        seed=1,
        name="w",
    )
    assert tensors["w"].tobytes() == expected.tobytes()
    check = ("check", "w.safetensors", "normal(std=0.02)", "--name", "w")
    run(*check, "--rounding", "stochastic")


def test_a_plan_becomes_a_checkpoint(folder, plan, run_json):
    made = run_json("create", "m.safetensors", "--plan", "model.toml", "--hash")
    tensors = safetensors.numpy.load_file("m.safetensors")
    model = read_plan(plan)
    assert {name: one.shape for name, one in tensors.items()} == {
        one.name: one.shape for one in model.stored
    }
    data = Path("m.safetensors").read_bytes()
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    counts = ("seed", "tensors", "aliases", "parameters", "elements", "bytes")
    assert [made[name] for name in counts] == [
        3,
        len(tensors),
        1,
        model.n_parameters,
        model.n_elements,
        len(data),
    ]
    assert made["seconds"] > 0


def test_the_seed_of_the_command_line_wins(folder, plan, run, run_json):
    made = run_json("create", "m.safetensors", "--plan", "model.toml", "--seed", "9")
    tensors = safetensors.numpy.load_file("m.safetensors")
    expected = fastinit.create("normal(std=0.02)", (311, 64), seed=9, name="wte.weight")
    assert made["seed"] == 9
    assert tensors["wte.weight"].tobytes() == expected.tobytes()
    header_size = struct.unpack("<Q", Path("m.safetensors").read_bytes()[:8])[0]
    header = json.loads(Path("m.safetensors").read_bytes()[8 : 8 + header_size])
    assert json.loads(header["__metadata__"]["fastinit"])["seed"] == 9


@pytest.mark.parametrize("ending", ["npy", "safetensors"])
def test_no_byte_depends_on_threads(folder, run, ending):
    for threads in ("1", "2", "3"):
        output = f"{threads}.{ending}"
        arguments = ("normal", "--shape", "2000x700", "--name", "w")
        run("create", output, *arguments, "--threads", threads)
    files = {Path(f"{n}.{ending}").read_bytes() for n in (1, 2, 3)}
    assert len(files) == 1


def test_force_replaces_a_file(folder, run):
    Path("w.npy").write_bytes(b"old")
    run("create", "w.npy", *ARRAY, "--force")
    assert np.load("w.npy").shape == (96, 40)


def test_an_existing_file_is_kept_and_the_message_tells_of_force(folder, run):
    Path("w.npy").write_bytes(b"old")
    assert "--force" in run("create", "w.npy", *ARRAY, status=2).stderr
    assert Path("w.npy").read_bytes() == b"old"


def test_the_text_names_file_and_counts(folder, plan, run):
    text = run("create", "m.safetensors", "--plan", "model.toml").stdout
    facts = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert facts["file"] == "m.safetensors"
    assert facts["tensors"] == "17, and 1 tied to them"
    assert facts["elements"] == "45,057, 45,056 of them floating"
    assert facts["bytes"].replace(",", "") == str(Path("m.safetensors").stat().st_size)
    assert "sha256" not in facts
    assert all(line == line.rstrip() for line in text.splitlines())


def test_quiet_says_nothing(folder, run):
    result = run("create", "w.npy", *ARRAY, "--quiet")
    assert result.output == ""
    assert Path("w.npy").exists()


def test_gpt2_round_trip(folder, run, run_json):
    plan = Path(fastinit.__file__).parent.parent / "examples" / "gpt2.toml"
    made = run_json("create", "gpt2.safetensors", "--plan", str(plan))
    assert (made["tensors"], made["parameters"]) == (148, 124_439_808)
    tensors = safetensors.numpy.load_file("gpt2.safetensors")
    assert len(tensors) == 148
    assert sum(one.size for one in tensors.values()) == 124_439_808
    del tensors
    checked = run_json("check", "gpt2.safetensors", "--plan", str(plan))
    assert checked["verdict"] == "conforms"
    assert [one["verdict"] for one in checked["results"]] == ["conforms"] * 148


def test_a_full_disk_leaves_nothing(folder, spawn):
    # A limit on file size refuses as a full disk does, and harms nobody.
    limit = (1 << 20, 1 << 20)
    process = spawn(
        "create",
        "w.npy",
        "ones",
        "--shape",
        "1000000",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        env={"NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    _, message = process.communicate(timeout=300)
    assert process.returncode == 2, message
    assert message.startswith("error: output 'w.npy': writing failed: File too large; ")
    assert not list(folder.glob("*w.npy*"))


def wait_for_partial(folder: Path, process) -> None:
    deadline = time.monotonic() + 300
    while not list(folder.glob(".*.partial")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "status", "message"),
    [
        (signal.SIGINT, 130, "interrupted\n"),
        (signal.SIGTERM, 143, ""),
        (signal.SIGHUP, 129, ""),
    ],
)
def test_an_interrupt_leaves_no_file(folder, spawn, number, status, message):
    Path("old.npy").write_bytes(b"old")
    # 4 GB take seconds: the signal comes long before the end.
    arguments = ("create", "old.npy", "normal", "--shape", "1000000000", "--force")
    process = spawn(*arguments, "--threads", "1")
    wait_for_partial(folder, process)
    process.send_signal(number)
    output, error = process.communicate(timeout=300)
    assert (process.returncode, output, error) == (status, "", message)
    assert [path.name for path in folder.iterdir()] == ["old.npy"]
    assert Path("old.npy").read_bytes() == b"old"
