"""Speed and memory of a check, beside scipy.stats.kstest in the same process.

::

    python tests/long/streaming_speed.py --elements 100000000
    python tests/long/streaming_speed.py --elements 10000000000 --stream
    python tests/long/streaming_speed.py --elements 1000000000 --folder /tmp

The first compares: whole check, scan alone and SciPy, alternating. The second judges a
stream of elements that fastinit makes on the way, in bounded memory. The third writes
a file of 4 bytes an element into a folder, and alternates between reading it and
checking it, each time from the disk, as its pages are dropped before.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import stats

import fastinit
from fastinit.conformance import Source, judge
from fastinit.conformance.streaming import measure, open_source, plan_scan
from fastinit.distributions import DISTRIBUTIONS

LAW = DISTRIBUTIONS["normal"].law((0.0, 1.0))


def resident() -> float:
    """Anonymous memory of this process in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


def tell(text: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def timed(call: object) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - start


def compare(n: int) -> bool:
    """Ratios to SciPy, and the memory of a check; False below a factor of 50."""
    values = np.random.default_rng(0).standard_normal(n, dtype=np.float32)
    source = open_source(values)
    plan = plan_scan(LAW, source)
    judge(values[:2_000_000], LAW)
    judge(values[: 1 << 18], LAW)
    ratios = []
    for _ in range(3):
        scipy = timed(lambda: stats.kstest(values, "norm"))
        scan = timed(lambda: measure(source, plan))
        check = timed(lambda: judge(values, LAW))
        exact = timed(lambda: judge(values, LAW, exact=True))
        ratios.append(scipy / check)
        tell(
            f"{n:,} float32: scipy.stats.kstest {scipy:.2f} s, scan {scan:.3f} s "
            f"({scipy / scan:.0f} x), check {check:.3f} s ({scipy / check:.0f} x), "
            f"with an exact distance {exact:.3f} s ({scipy / exact:.0f} x)"
        )
    return max(ratios) >= 50


def stream(n: int) -> bool:
    """Judge a stream that is made on the way; False beyond 128 MiB or a violation."""

    def read(start: int, stop: int) -> np.ndarray:
        index = np.s_[start:stop]
        return fastinit.sample("normal", (n,), index, 0, "stream", dtype="float32")

    judge(np.random.default_rng(0).standard_normal(1 << 19, dtype=np.float32), LAW)
    read(0, 1 << 20)
    idle, peak = resident(), 0.0
    source = Source.of_function((n,), "float32", read)

    def release(start: int, stop: int) -> None:
        nonlocal peak
        peak = max(peak, resident())

    object.__setattr__(source, "release", release)
    start = time.perf_counter()
    result = judge(source, LAW)
    took = time.perf_counter() - start
    tell(str(result))
    tell(
        f"{n:,} elements in {took:.1f} s, {took / n * 1e9:.2f} ns each; memory "
        f"{idle:.0f} MiB idle, {peak - idle:.0f} MiB more at most; peak of the "
        f"process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
    return result.conforms and peak - idle <= 128


def read_whole(path: Path) -> None:
    """Read a file as fast as the disk gives it."""
    buffer = bytearray(8 << 20)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def drop_pages(path: Path) -> None:
    """Take a file out of the cache of pages."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def from_disk(n: int, folder: str) -> bool:
    """Check a file and read it in turn; False where the check takes 1.25 times that."""
    ratios = []
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        path = Path(inside) / "weight.npy"
        written = np.lib.format.open_memmap(path, "w+", np.float32, (n,))
        fastinit.fill(written, "normal", seed=0, name="disk")
        written.flush()
        del written

        def check_file() -> None:
            assert fastinit.check(np.load(path, mmap_mode="r"), "normal").conforms

        judge(np.load(path, mmap_mode="r")[: 1 << 20], LAW)
        size = path.stat().st_size / 1e9
        for _ in range(4):
            drop_pages(path)
            read = timed(lambda: read_whole(path))
            drop_pages(path)
            check = timed(check_file)
            again = timed(check_file)
            ratios.append(check / read)
            tell(
                f"{size:.1f} GB from the disk: read {read:.2f} s ({size / read:.2f}"
                f" GB/s), check {check:.2f} s ({check / read:.2f} times as long); check"
                f" of cached pages {again:.2f} s ({size / again:.2f} GB/s)"
            )
    return sorted(ratios)[1] <= 1.25


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elements", type=int, default=20_000_000)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--folder")
    options = parser.parse_args()
    if options.folder is not None:
        sys.exit(0 if from_disk(options.elements, options.folder) else 1)
    run = stream if options.stream else compare
    sys.exit(0 if run(options.elements) else 1)


if __name__ == "__main__":
    main()
