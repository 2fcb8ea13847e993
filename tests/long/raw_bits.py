"""Endless raw bits for test programs that read standard input.

    python tests/long/raw_bits.py FEED | dieharder -g 200 -d 0

FEED is one of

- words: the main words of one stream in the order of the index;
- seeds: the first block (four words) of the seeds 0, 1, 2, ..., without a name;
- names: the first block of `layers.0.weight`, `layers.1.weight`, ..., seed 0;
- keys: the hashed keys themselves, 16 bytes a seed, before any Philox round;
- uniform: the 24 bits of each float32 of uniform(0, 1), four values to three words;
- normal: the top 16 bits of Phi(z) of each float32 normal, two values to a word.

The feeds of one stream take another seed than 0 behind a slash, as in `uniform/7`.
`python tests/long/raw_bits.py FEED --check` compares the first 4096 words with
`fastinit.words` and ends (a second).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from scipy.special import ndtr

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent)]

import fastinit  # noqa: E402
from fastinit.arithmetic.philox import block_words  # noqa: E402
from fastinit.arithmetic.targets import instantiate  # noqa: E402
from fastinit.backends.cpu_target import cpu_target  # noqa: E402
from fastinit.identity import stream_key  # noqa: E402

NAME = "layers.0.weight"
CHUNK = 1 << 20
STREAMS = 1 << 14
_words = instantiate(block_words, cpu_target())


@njit
def _first_blocks(keys: Any, out: Any) -> None:
    """Block 0 of every key."""
    for i in range(len(keys)):
        k = keys[i]
        block = _words(0, 0, (k[0], k[1], k[2], k[3]))
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = block


def keys_of(identities: Iterator[tuple[int, str]], count: int) -> Any:
    """Keys of the next identities, int64, shape (count, 4).

    The hash of `stream_key` without its checks and tuples, which would halve the
    speed; its first key is compared.
    """
    taken = list(itertools.islice(identities, count))
    digests = b"".join(
        blake2b(
            seed.to_bytes(8, "little") + name.encode(),
            digest_size=16,
            person=b"fastinit-v1",
        ).digest()
        for seed, name in taken
    )
    keys = np.frombuffer(digests, "<u4").reshape(-1, 4).astype(np.int64)
    assert tuple(keys[0]) == stream_key(*taken[0])
    return keys


def first_blocks(keys: Any) -> Any:
    """First four words of each key, uint32, shape (n, 4)."""
    out = np.empty(keys.shape, np.uint32)
    _first_blocks(keys, out)
    return out


def seeds() -> Iterator[tuple[int, str]]:
    """All seeds, without a name."""
    return ((seed, "") for seed in itertools.count())


def names() -> Iterator[tuple[int, str]]:
    """Names of the layers of one model."""
    return ((0, f"layers.{i}.weight") for i in itertools.count())


def _values(spec: str, seed: int) -> Iterator[Any]:
    """Consecutive chunks of one float32 tensor."""
    for start in itertools.count(0, CHUNK):
        view = fastinit.View((1 << 50,), np.s_[start : start + CHUNK])
        out = np.empty(CHUNK, np.float32)
        yield fastinit.fill(out, spec, seed=seed, name=NAME, view=view)


def _feed_words(seed: int) -> Iterator[Any]:
    for start in itertools.count(0, CHUNK):
        yield fastinit.words(seed, NAME, start, CHUNK)


def _feed_blocks(identities: Iterator[tuple[int, str]]) -> Iterator[Any]:
    while True:
        yield first_blocks(keys_of(identities, STREAMS))


def _feed_keys(_: int) -> Iterator[Any]:
    identities = seeds()
    while True:
        yield keys_of(identities, STREAMS).astype(np.uint32)


def _feed_uniform(seed: int) -> Iterator[Any]:
    for values in _values("uniform(a=0.0, b=1.0)", seed):
        integers = (values * np.float32(2**24)).astype("<u4")
        # Three low bytes of each little-endian integer: its 24 bits, nothing else.
        yield integers.view(np.uint8).reshape(-1, 4)[:, :3].copy()


def _feed_normal(seed: int) -> Iterator[Any]:
    for values in _values("normal", seed):
        yield (ndtr(values.astype(np.float64)) * 65536.0).astype("<u2")


FEEDS: dict[str, Callable[[int], Iterator[Any]]] = {
    "words": _feed_words,
    "seeds": lambda _: _feed_blocks(seeds()),
    "names": lambda _: _feed_blocks(names()),
    "keys": _feed_keys,
    "uniform": _feed_uniform,
    "normal": _feed_normal,
}


def check(feed: str) -> None:
    """The start of a feed against the public interface."""
    got = next(FEEDS[feed](0))
    expected = {
        "words": lambda: fastinit.words(0, NAME, 0, 4096),
        "seeds": lambda: [fastinit.words(s, "", 0, 4) for s in range(1024)],
        "names": lambda: [
            fastinit.words(0, f"layers.{i}.weight", 0, 4) for i in range(1024)
        ],
        "uniform": lambda: (
            (fastinit.words(0, NAME, 0, 4096) >> 8).view(np.uint8).reshape(-1, 4)[:, :3]
        ),
    }[feed]()
    np.testing.assert_array_equal(got[: len(expected)], np.array(expected))
    sys.stdout.write(f"{feed}: as fastinit.words\n")


def main() -> None:
    """Write until the reader has had enough."""
    if "--check" in sys.argv:
        check(sys.argv[1])
        return
    feed, _, seed = sys.argv[1].partition("/")
    try:
        for chunk in FEEDS[feed](int(seed or 0)):
            sys.stdout.buffer.write(chunk.tobytes())
    except BrokenPipeError:
        # The usual end: the test program has read what it needs.
        sys.stderr.close()


if __name__ == "__main__":
    main()
