"""Durable files: complete or absent, whatever happens in between."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from fastinit.destinations.durable import check_output, durable_file, write_at
from fastinit.errors import OutputError


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_with_the_end_of_the_block(tmp_path):
    path = tmp_path / "out.bin"
    with durable_file(path, 10, overwrite=False) as descriptor:
        assert not path.exists()
        write_at(descriptor, b"abc", 4)
        write_at(descriptor, memoryview(b"\1\0\2\0").cast("H"), 0)
    assert path.read_bytes() == b"\1\0\2\0abc\0\0\0"
    assert names_in(tmp_path) == ["out.bin"]


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")

    def write_half(error):
        with durable_file(path, 99, overwrite=True) as descriptor:
            write_at(descriptor, b"half", 0)
            raise error

    for error in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(error):
            write_half(error)
        assert path.read_bytes() == b"before"
        assert names_in(tmp_path) == ["out.bin"]


def test_overwriting_replaces_at_once(tmp_path):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    with path.open("rb") as reader, durable_file(path, 5, overwrite=True) as descriptor:
        write_at(descriptor, b"after", 0)
        assert path.read_bytes() == b"before"
        # Whoever reads the old file goes on reading the old file.
        assert reader.read(3) == b"bef"
    assert path.read_bytes() == b"after"


def test_a_name_taken_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "out.bin"
    with pytest.raises(OutputError), durable_file(path, 5, overwrite=False):
        path.write_bytes(b"faster")
    assert path.read_bytes() == b"faster"
    assert names_in(tmp_path) == ["out.bin"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    path, other = tmp_path / "out.bin", tmp_path / "other.bin"
    before = os.umask(0o027)
    try:
        with durable_file(path, 0, overwrite=False):
            pass
        other.write_bytes(b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_threads_write_their_parts(tmp_path):
    path, part = tmp_path / "out.bin", 1 << 16
    with durable_file(path, 8 * part, overwrite=False) as descriptor:
        writers = [
            threading.Thread(
                target=write_at, args=(descriptor, bytes([k]) * part, k * part)
            )
            for k in range(8)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    assert path.read_bytes() == b"".join(bytes([k]) * part for k in range(8))


@pytest.mark.parametrize("path", ["", ".", "..", "/"])
def test_an_output_names_a_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="name a file"):
        check_output(path, overwrite=True)


def test_outputs_are_checked(tmp_path):
    taken = tmp_path / "taken.bin"
    taken.write_bytes(b"x")
    assert check_output(taken, overwrite=True) == taken
    assert check_output(str(tmp_path / "new.bin"), overwrite=False).name == "new.bin"
    with pytest.raises(OutputError, match="exists"):
        check_output(taken, overwrite=False)
    with pytest.raises(OutputError, match="folder"):
        check_output(tmp_path / "no" / "new.bin", overwrite=True)


def test_errors_of_the_system_have_three_parts(tmp_path):
    missing = tmp_path / "missing" / "out.bin"
    with (
        pytest.raises(OutputError) as caught,
        durable_file(missing, 1, overwrite=False),
    ):
        pass
    assert "No such file" in caught.value.allowed
    assert caught.value.remedy
    assert isinstance(caught.value, OSError)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from fastinit.destinations.durable import durable_file, write_at
from fastinit.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
path = Path(sys.argv[1])
try:
    with durable_file(path, 8192, overwrite=True) as descriptor:
        write_at(descriptor, bytes(8192), 0)
except OutputError as error:
    print(error.remedy)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on file sizes")
def test_a_full_disk_leaves_nothing_behind(tmp_path, run_python):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    assert "free space" in run_python(LIMITED, str(path))
    assert path.read_bytes() == b"before"
    assert names_in(tmp_path) == ["out.bin"]


KILLED = """
import os, signal, sys
from pathlib import Path
from fastinit.destinations.durable import durable_file, write_at
with durable_file(Path(sys.argv[1]), 8192, overwrite=True) as descriptor:
    write_at(descriptor, bytes(100), 0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        env={**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))},
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"before"
    left = [name for name in names_in(tmp_path) if name != "out.bin"]
    assert all(name.startswith(".") and name.endswith(".partial") for name in left)


def test_a_link_that_leads_nowhere_has_taken_the_name(tmp_path):
    path = tmp_path / "link.npy"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="a file of that name exists"):
        check_output(path, overwrite=False)
    assert check_output(path, overwrite=True) == path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_never_replaced(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="no regular file"):
            check_output(path, overwrite=overwrite)


@pytest.mark.parametrize("path", [3.5, None, "a\0b", "x" * 300 + "/w.npy"])
def test_what_can_be_no_path_is_refused_in_words(path):
    with pytest.raises(OutputError):
        check_output(path, overwrite=True)
