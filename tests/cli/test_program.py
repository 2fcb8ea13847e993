"""The program as a process: help, streams, signals and exit statuses."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

import fastinit
from fastinit.cli import main
from fastinit.cli.failures import DEFECT

HEAVY = ("numpy", "numba", "scipy", "llvmlite", "torch", "jax", "ml_dtypes")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("create", "--help"),
        ("check", "-h"),
        ("info", "--help"),
        ("conform", "--help"),
    ],
)
def test_help_loads_nothing_heavy(run_python, arguments):
    code = (
        "import sys\n"
        "from fastinit.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert end.code == 0, end.code\n"
        f"print('loaded:', *(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    lines = run_python(code, *arguments).splitlines()
    assert lines[-1] == "loaded:"
    assert any("Usage: fastinit" in line for line in lines)


def test_help_names_every_command(run):
    text = run("--help").stdout
    assert all(name in text for name in main.commands)


def test_every_option_has_a_help_text():
    for command in main.commands.values():
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, f"{command.name} {option.name}"


def test_every_command_has_json_and_quiet():
    for command in main.commands.values():
        assert {"as_json", "is_quiet"} <= {option.name for option in command.params}


def test_version(run):
    assert run("--version").stdout == f"fastinit {fastinit.__version__}\n"


def test_python_m_is_the_program(spawn):
    output, error = (process := spawn("--version")).communicate(timeout=60)
    assert (output, error) == (f"fastinit {fastinit.__version__}\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("create", "w.npy", "normal", "--shape", "9x9"), 0),
        (("check", "w.npy", "constant(val=0)"), 1),
        (("check", "w.npy", "nrmal"), 2),
    ],
)
def test_statuses_and_streams_of_a_process(spawn, folder, arguments, status):
    made = CliRunner().invoke(main, ["create", "w.npy", "normal", "--shape", "9"])
    assert made.exit_code == 0
    force = ("--force",) if arguments[0] == "create" else ()
    process = spawn(*arguments, *force, "--json")
    output, error = process.communicate(timeout=300)
    assert process.returncode == status
    assert isinstance(json.loads(output), dict)
    assert error.startswith("error: ") if status == 2 else error == ""


def test_a_reader_that_leaves_is_no_error(spawn, folder):
    CliRunner().invoke(main, ["create", "w.npy", "normal", "--shape", "9"])
    read, write = os.pipe()
    process = spawn("check", "w.npy", "normal", stdout=write)
    os.close(write)
    os.close(read)
    assert process.communicate(timeout=300)[1] == ""
    assert process.returncode == 141


def test_a_full_standard_output_is_said(spawn):
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device, not a file
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = spawn("--version", stdout=full)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert error.startswith("error: standard streams: the system refused: No space")


def test_a_name_that_the_encoding_lacks_is_escaped(spawn, folder):
    CliRunner().invoke(main, ["create", "ω.npy", "ones", "--shape", "9"])
    process = spawn("check", "ω.npy", "ones", env={"PYTHONIOENCODING": "latin-1"})
    output, error = process.communicate(timeout=300)
    assert (process.returncode, error) == (0, "")
    assert output.startswith("conforms: \\u03c9.npy: ones")


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (MemoryError(), 2, "error: memory ran out"),
        (OSError(5, "Input/output error", "w.npy"), 2, "error: 'w.npy': the system"),
        (ZeroDivisionError("a defect"), DEFECT, "Traceback"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_failure_ends_with_status_1(run, monkeypatch, error, status, message):
    def fail(request):
        raise error

    monkeypatch.setattr("fastinit.cli.create._model", fail)
    arguments = ("create", "w.npy", "ones", "--shape", "4")
    assert run(*arguments, status=status).stderr.startswith(message)


def test_colours_only_where_asked_for(folder, spawn):
    CliRunner().invoke(main, ["create", "w.npy", "ones", "--shape", "9"])
    plain = spawn("check", "w.npy", "ones").communicate(timeout=300)[0]
    forced = spawn("check", "w.npy", "ones", env={"FORCE_COLOR": "1"})
    none = spawn("check", "w.npy", "ones", env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b[" not in plain
    assert "\x1b[32mconforms\x1b[0m: " in forced.communicate(timeout=300)[0]
    assert none.communicate(timeout=300)[0] == plain


@pytest.mark.skipif(os.name != "posix", reason="no pseudo-terminals on this system")
@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_a_terminal_gets_a_bar_on_stderr_and_stdout_stays_pure(folder, quiet):
    import pty

    leader, follower = pty.openpty()
    arguments = ("create", "w.npy", "normal", "--shape", "3000x3000", "--json", *quiet)
    process = subprocess.Popen(
        [sys.executable, "-m", "fastinit", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    with process, os.fdopen(leader, "rb", buffering=0) as screen:
        try:
            while piece := screen.read(4096):
                shown += piece
        except OSError:
            pass  # Linux says so when the last writer has closed the terminal.
        assert json.loads(process.stdout.read())["elements"] == 9_000_000
    assert process.returncode == 0
    assert (b"writing w.npy" in shown) == (not quiet)
    # Transient: the last thing is to clear the line of the bar.
    assert quiet or shown.endswith(b"\x1b[2K")
