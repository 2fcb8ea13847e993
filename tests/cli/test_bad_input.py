"""Wrong use: exit status 2, one message in three parts, and nothing written."""

import json
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

SHAPE = ("--shape", "8x4")


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """Bytes of a .npy file with any text in the place of its header."""
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


def described(shape: str, descr: str = "'<f4'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"


def safetensors(header: object, data: bytes = b"") -> bytes:
    """Bytes of a .safetensors file with any object or text as its header."""
    text = header if isinstance(header, str) else json.dumps(header)
    return struct.pack("<Q", len(text.encode())) + text.encode() + data


def entry(dtype: object = "F32", shape: object = (2,), span: object = (0, 8)) -> object:
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": span}}


GOOD_PLAN = """
stream = 1
seed = 0
[[tensor]]
name = "w"
shape = [8, 4]
dtype = "float32"
scheme = "normal"
"""

#: Files that are there before a command runs.
FILES: dict[str, bytes] = {
    "good.npy": npy(described("(2, 2)"), b"\0" * 16),
    "flat.npy": npy(described("(4,)"), b"\0" * 16),
    "good.safetensors": safetensors(entry(), b"\0" * 8),
    "good.toml": GOOD_PLAN.encode(),
    "empty.npy": b"",
    "magic.npy": b"\x93NUMPY",
    "text.npy": b"these are not the weights that you are looking for",
    "zip.npy": b"PK\x03\x04" + b"\0" * 40,
    "truncated.npy": npy(described("(2, 2)"), b"\0" * 15),
    "longer.npy": npy(described("(2, 2)"), b"\0" * 17),
    "huge.npy": npy(described("(1152921504606846976, 4)"), b"\0" * 16),
    "absurd.npy": npy(described(f"({'9' * 400},)"), b"\0" * 16),
    "hidden.npy": npy(described("(0, 4611686018427387904)")),
    "negative.npy": npy(described("(-2, -2)"), b"\0" * 16),
    "axes.npy": npy(described(f"({'1,' * 65})"), b"\0" * 4),
    "object.npy": npy(described("(1,)", "'|O'"), b"\x80\x04N."),
    "complex.npy": npy(described("(1,)", "'<c32'"), b"\0" * 32),
    "structure.npy": npy(described("(1,)", "[('a', '<f4')]"), b"\0" * 4),
    "text_dtype.npy": npy(described("(1,)", "'<U1'"), b"\0" * 4),
    "no_dtype.npy": npy(described("(1,)", "'nonsense'"), b"\0" * 4),
    "header.npy": npy("{'descr': "),
    "code.npy": npy("__import__('os').system('true')"),
    "keys.npy": npy("{'shape': (1,)}", b"\0" * 4),
    "version.npy": npy(described("(1,)"), b"\0" * 4, b"\x07\x00"),
    "integers.npy": npy(described("(4,)", "'<i4'"), b"\0" * 16),
    "empty.safetensors": b"",
    "short.safetensors": b"\0" * 7,
    "header.safetensors": struct.pack("<Q", 1 << 40) + b"{}",
    "text.safetensors": b"these are not the weights that you are looking for",
    "syntax.safetensors": safetensors("{'w': 1}"),
    "list.safetensors": safetensors([1, 2]),
    "deep.safetensors": safetensors("[" * 100_000),
    "repeated.safetensors": safetensors('{"w": {}, "w": {}}'),
    "truncated.safetensors": safetensors(entry(), b"\0" * 7),
    "longer.safetensors": safetensors(entry(), b"\0" * 9),
    "hole.safetensors": safetensors(entry(span=(4, 12)), b"\0" * 12),
    "reversed.safetensors": safetensors(entry(span=(8, 0)), b"\0" * 8),
    "missing.safetensors": safetensors({"w": {"dtype": "F32"}}, b"\0" * 8),
    "dtype.safetensors": safetensors(entry("F8_E8M0"), b"\0" * 8),
    "number.safetensors": safetensors(entry(32), b"\0" * 8),
    "shape.safetensors": safetensors(entry(shape=(3,)), b"\0" * 8),
    "negative.safetensors": safetensors(entry(shape=(-1, -2)), b"\0" * 8),
    "fraction.safetensors": safetensors(entry(shape=(2.0,)), b"\0" * 8),
    "axes.safetensors": safetensors(entry(shape=(1,) * 65, span=(0, 4)), b"\0" * 4),
    "absurd.safetensors": safetensors(entry(shape=(0, 1 << 62), span=(0, 0))),
    "syntax.toml": b"stream = ",
    "latin.toml": b'stream = 1\nseed = 0 # \xe9t\xe9\n[[tensor]]\nname = "w"\n',
    "stream.toml": GOOD_PLAN.replace("stream = 1", "stream = 2").encode(),
    "seedless.toml": GOOD_PLAN.replace("seed = 0", "").encode(),
    "key.toml": GOOD_PLAN.replace("shape", "shpe").encode(),
    "scheme.toml": GOOD_PLAN.replace('"normal"', '"kaimin_normal"').encode(),
    "fans.toml": GOOD_PLAN.replace('"normal"', '"kaiming_normal"')
    .replace("[8, 4]", "[8]")
    .encode(),
    "dtype.toml": GOOD_PLAN.replace("float32", "int8").encode(),
    "alias.toml": (GOOD_PLAN + '[[tensor]]\nname = "v"\nalias_of = "u"\n').encode(),
    "twice.toml": (GOOD_PLAN + GOOD_PLAN[GOOD_PLAN.index("[[") :]).encode(),
    "reserved.toml": GOOD_PLAN.replace('"w"', '"__metadata__"').encode(),
}

SPECS = (
    "",
    " ",
    "kaimin_normal",
    "normal(",
    "normal)",
    "normal(0.02)",
    "normal(std)",
    "normal(std=)",
    "normal(std=abc)",
    "normal(std=nan)",
    "normal(std=inf)",
    "normal(std=-1)",
    "normal(std=1e400)",
    "normal(mean=inf)",
    "normal(foo=1)",
    "normal(std=1, std=2)",
    "normal(std=1,)",
    "normal(std=1; mean=0)",
    "uniform(a=1, b=0)",
    "uniform(a=nan)",
    "constant",
    "constant(val=abc)",
    "constant(val=nan, val=1)",
    "constant(val=1e39)",
    "kaiming_normal(mode=fan)",
    "kaiming_normal(nonlinearity=foo)",
    "kaiming_normal(a=nan)",
    "xavier_normal(gain=-1)",
    "xavier_normal(gain=inf)",
    "ones(1)",
    "__import__('os')",
    "good.toml",
    "good.npy",
    "nörmal",
)

SHAPES = (
    "",
    "x",
    "4x",
    "x4",
    "4xx4",
    "4,,4",
    "4,",
    "(4,4",
    "4]",
    "(,)",
    "-1",
    "4x-1",
    "1.5",
    "4 4",
    "1e3",
    "abc",
    "²",
    "٤",
    "4*4",
    "9" * 20,
    "9" * 5000,
    "x".join(["9" * 19] * 2),
    "536870912x536870912x2",
    "x".join(["1"] * 65),
)

SEEDS = ("", "-1", "+1", "1.5", "abc", "1e3", "0x10", "٤", str(1 << 64), "9" * 5000)
THREADS = ("", "0", "-1", "1.5", "abc", "two", "65537", "9" * 5000)
DTYPES = ("", "float", "f4", "Float32", "float8_e4m3", "complex256", "object", "int32")
REALS = ("", "abc", "nan", "inf", "-0.1", "1e400", "0", "1_0", "0x1p-3")
ALPHAS = (*REALS, "1", "2")
INDICES = ("", "abc", "1:2:3:4", "0:2, 0:2, 0", "::0", "0:9", "9", "..., ...", "1.0")
BROKEN = sorted(
    name
    for name in FILES
    if not name.startswith("good")
    and name not in {"flat.npy", "integers.npy"}
    and not name.endswith(".toml")
)
PLANS = sorted(name for name in FILES if name.endswith(".toml") and name != "good.toml")


def create(*arguments: str) -> tuple[str, ...]:
    return ("create", "new.npy", *arguments)


CASES: list[tuple[str, ...]] = [
    # The program.
    (),
    ("creat",),
    ("--verson",),
    ("info", "more"),
    ("info", "--jsn"),
    # Arguments that are missing, unknown or too many.
    ("create",),
    ("create", "new.npy"),
    ("create", "new.npy", "normal"),
    create("normal", "more", *SHAPE),
    create("normal", "--shpe", "8x4"),
    create("normal", "--shape"),
    create("normal", *SHAPE, "--seed"),
    # What is to be written.
    *(create(spec, *SHAPE) for spec in SPECS),
    *(create("normal", "--shape", shape) for shape in SHAPES),
    *(create("normal", *SHAPE, "--seed", seed) for seed in SEEDS),
    *(create("normal", *SHAPE, "--threads", threads) for threads in THREADS),
    *(create("normal", *SHAPE, "--dtype", dtype) for dtype in DTYPES),
    create("normal", *SHAPE, "--dtype", "bfloat16"),
    create("normal", *SHAPE, "--name", "a\udc80"),
    create("constant(val=256)", *SHAPE, "--dtype", "uint8"),
    create("constant(val=-1)", *SHAPE, "--dtype", "uint8"),
    create("constant(val=2)", *SHAPE, "--dtype", "bool"),
    create("constant(val=0.5)", *SHAPE, "--dtype", "int32"),
    create("constant(val=1e6)", *SHAPE, "--dtype", "float16"),
    create("kaiming_normal", "--shape", "8"),
    create("xavier_uniform", "--shape", "()"),
    # Where it is to be written.
    *(
        ("create", output, "normal", *SHAPE)
        for output in (
            "",
            "new",
            "new.bin",
            "new.npz",
            "new.pt",
            "npy",
            ".npy",
            "good.npy",
            "good.safetensors",
            "folder.npy",
            "nowhere/new.npy",
            "good.npy/new.npy",
            "new.safetensors",
            "a\0.npy",
            f"{'n' * 300}.npy",
        )
    ),
    ("create", "folder.npy", "normal", *SHAPE, "--force"),
    ("create", "new.safetensors", "normal", *SHAPE, "--name", "__metadata__"),
    ("create", "new.safetensors", "normal", *SHAPE, "--name", ""),
    # Plans.
    *(("create", "new.safetensors", "--plan", plan) for plan in PLANS),
    ("create", "new.safetensors", "--plan", "nowhere.toml"),
    ("create", "new.safetensors", "--plan", "folder.npy"),
    ("create", "new.safetensors", "--plan", ""),
    ("create", "new.safetensors", "--plan", "good.toml", "normal"),
    ("create", "new.safetensors", "--plan", "good.toml", *SHAPE),
    ("create", "new.safetensors", "--plan", "good.toml", "--dtype", "float16"),
    ("create", "new.safetensors", "--plan", "good.toml", "--name", "w"),
    ("create", "new.safetensors", "--plan", "good.toml", "--seed", "-1"),
    ("create", "new.safetensors", "--plan", "good.toml", "--threads", "0"),
    ("create", "good.safetensors", "--plan", "good.toml"),
    ("create", "new.npy", "--plan", "good.toml"),
    # Checks.
    ("check",),
    ("check", "good.npy"),
    ("check", "good.npy", "normal", "more"),
    ("check", "good.npy", "normal", "--plan", "good.toml"),
    ("check", "good.npy", "--plan", "good.toml"),
    ("check", "good.npy", "normal", "--name", "w"),
    ("check", "good.npy", "nrmal"),
    ("check", "nowhere.npy", "normal"),
    ("check", "nowhere.safetensors", "--plan", "good.toml"),
    ("check", "good.safetensors", "--plan", "nowhere.toml"),
    ("check", "good.safetensors", "--plan", "syntax.toml"),
    ("check", "good.safetensors", "--plan", "good.toml", "--name", "w"),
    ("check", "good.safetensors", "--plan", "good.toml", *SHAPE),
    ("check", "good.safetensors", "normal"),
    ("check", "good.safetensors", "normal", "--name", "v"),
    ("check", "folder.npy", "normal"),
    ("check", "pipe.npy", "normal"),
    ("check", "good.toml", "normal"),
    ("check", "", "normal"),
    ("check", "a\0.npy", "normal"),
    ("check", f"{'n' * 300}.npy", "normal"),
    ("check", "integers.npy", "normal"),
    ("check", "integers.npy", "constant(val=0.5)"),
    ("check", "flat.npy", "kaiming_normal"),
    *(("check", "good.npy", "normal", "--alpha", alpha) for alpha in ALPHAS),
    *(("check", "good.npy", "normal", "--margin", margin) for margin in REALS),
    ("check", "good.npy", "normal", "--shape", "4x4x"),
    ("check", "good.npy", "normal", "--shape", "4x4"),
    ("check", "good.npy", "normal", "--index", "0:2"),
    *(("check", "good.npy", "normal", *SHAPE, "--index", index) for index in INDICES),
    *(
        ("check", name, "normal", *(("--name", "w") if "safe" in name else ()))
        for name in BROKEN
    ),
    *(
        ("check", name, "--plan", "good.toml")
        for name in BROKEN
        if name.endswith(".safetensors")
    ),
]


def named(arguments: tuple[str, ...]) -> str:
    return " ".join(one if len(one) < 40 else f"{one[:20]}..." for one in arguments)


def contents(folder: Path) -> dict[str, bytes | None]:
    """Bytes of every file, None for what is no regular file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def files(folder: Path) -> Path:
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "folder.npy").mkdir()
    os.mkfifo(folder / "pipe.npy")
    return folder


def test_there_are_many_cases():
    assert len(CASES) == len(set(CASES)) > 200


@pytest.mark.parametrize("arguments", CASES, ids=named)
def test_wrong_use_has_a_message_in_three_parts(
    arguments: tuple[str, ...], files: Path, run: Callable[..., Result]
):
    before = contents(files)
    plain = run(*arguments, status=2)
    assert plain.stdout == ""
    assert re.fullmatch(r"error: .+: .+; .+\n", plain.stderr)
    as_json = run(*arguments, "--json", status=2)
    error = json.loads(as_json.stdout)["error"]
    assert set(error) == {"type", "given", "allowed", "remedy"}
    assert all(error.values())
    assert "Traceback" not in plain.stderr
    assert contents(files) == before


def test_the_files_beside_the_broken_ones_are_good(
    files: Path, run: Callable[..., Result]
):
    # Otherwise the cases above could fail for a reason that they do not test.
    run("check", "good.npy", "zeros")
    run("check", "good.safetensors", "zeros", "--name", "w")
    run("create", "new.safetensors", "--plan", "good.toml")
    assert np.load("good.npy").shape == (2, 2)


@pytest.mark.parametrize(
    ("variable", "value", "arguments"),
    [
        ("FASTINIT_NUM_THREADS", "many", create("normal", *SHAPE)),
        ("FASTINIT_NUM_THREADS", "0", ("info",)),
        ("FASTINIT_ENGINE", "steam", ("info",)),
    ],
)
def test_a_wrong_environment_is_wrong_use(
    variable: str,
    value: str,
    arguments: tuple[str, ...],
    folder: Path,
    run: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv(variable, value)
    assert run(*arguments, status=2).stderr.startswith(f"error: {variable}='{value}': ")
    assert not list(folder.iterdir())


def test_an_unreadable_file_is_wrong_use(folder: Path, run: Callable[..., Result]):
    # Reading the start of this process's memory fails for root too.
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("no /proc/self/mem on this system")
    (folder / "w.npy").symlink_to(memory)
    assert "reading failed" in run("check", "w.npy", "normal", status=2).stderr


def test_an_unwritable_folder_is_wrong_use(run: Callable[..., Result]):
    if not Path("/proc/self").exists():
        pytest.skip("no /proc, where nobody can make a file")
    result = run("create", "/proc/w.npy", "ones", "--shape", "4", status=2)
    assert "writing failed" in result.stderr
