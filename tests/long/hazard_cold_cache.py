"""Many cold processes that share one empty cache of compiled code.

    python tests/long/hazard_cold_cache.py [processes] [engine]

64 processes took 5 minutes for the engine of threads, with both cores shared.

All start their first fill at the same moment. Each draws a normal and a constant
array, above and below the size at which threads are used; every digest must be that
of this process. Afterwards the cache must serve one more process, which compiles
nothing.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

from campaign import ENGINES, ROOT, finish, start, tell

sys.path.insert(0, str(ROOT))

import fastinit

DRAW = """
import hashlib, sys, time
import fastinit

def digest():
    found = hashlib.sha256()
    for size in (1001, 300_001):
        for spec, dtype in (("normal", "float32"), ("ones", "int8")):
            how = {"dtype": dtype, "seed": 4, "name": "w", "threads": 2}
            found.update(fastinit.create(spec, size, **how).tobytes())
    return found.hexdigest()
"""
PROGRAM = """
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
begun = time.monotonic()
found = digest()
from fastinit.backends import cpu
made = cpu._dispatchers.values()
misses = sum(sum(one.stats.cache_misses.values()) for one in made)
sys.stdout.write(f"{found} {time.monotonic() - begun} {misses}")
"""


def race(count: int, engine: str, cache: str) -> list[list[str]]:
    """Answers of processes that begin together; an empty one where one died."""
    runs = [
        start(DRAW + PROGRAM, engine=engine, NUMBA_CACHE_DIR=cache)
        for _ in range(count)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline().strip() == "ready"
    answers = []
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    for run in runs:
        output, errors = run.communicate(timeout=1200)
        if run.returncode:
            sys.stdout.write(errors)
        answers.append([] if run.returncode else output.split())
    return answers


def campaign(count: int, engine: str, expected: str) -> None:
    with tempfile.TemporaryDirectory() as cache:
        begun = time.monotonic()
        answers = race(count, engine, cache)
        took = time.monotonic() - begun
        wrong = sum(not answer or answer[0] != expected for answer in answers)
        first = sorted(float(answer[1]) for answer in answers if answer)
        files = sum(path.is_file() for path in Path(cache).rglob("*"))
        figures = (
            f"{count} processes in {took:.0f} s, first digests after"
            f" {first[0]:.1f} to {first[-1]:.1f} s, {files} files of cache"
        )
        tell(f"{engine}, cold", wrong, figures)
        (after,) = race(1, engine, cache)
        misses = after and int(after[2])
        late = not after or after[0] != expected or misses
        tell(f"{engine}, one more, warm", late, f"{misses} compilations")


if __name__ == "__main__":
    names: dict[str, object] = {}
    exec(DRAW, names)
    known = names["digest"]()  # type: ignore[operator]
    assert fastinit.__file__.startswith(str(ROOT))
    assert len(known) == hashlib.sha256().digest_size * 2
    for which in sys.argv[2:] or ENGINES:
        campaign(int(sys.argv[1]) if sys.argv[1:] else 64, which, known)
    finish()
