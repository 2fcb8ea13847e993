"""Correlations between the streams of neighbouring seeds and names: z-scores.

    python tests/long/neighbours.py     (4 minutes, one core)

Every row is a statistic with known mean and variance under independence, as a
standard normal z. Printed: the number of z, the largest |z|, the value that the
largest of as many independent |z| exceeds with a chance of 1 %, and the p-value of
the sum of their squares (chi-square).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from raw_bits import first_blocks, keys_of, names, seeds
from scipy import stats

sys.path[:0] = [str(Path(__file__).parents[2])]

import fastinit  # noqa: E402

STREAMS = 1 << 20
PAIRS = 1 << 13


def bits_of(words: Any) -> Any:
    """Bits of words (n, k), uint8 of shape (n, 32 k)."""
    octets = np.ascontiguousarray(words.astype("<u4")).view(np.uint8)
    return np.unpackbits(octets.reshape(len(words), -1), axis=1, bitorder="little")


def say(label: str, z: Any) -> None:
    """One row of the table."""
    z = np.ravel(z)
    bound = stats.norm.isf(0.5 * -np.expm1(np.log1p(-0.01) / z.size))
    p = stats.chi2.sf(float((z * z).sum()), z.size)
    sys.stdout.write(
        f"| {label} | {z.size:,} | {np.abs(z).max():.2f} | {bound:.2f} | {p:.3f} |\n"
    )
    sys.stdout.flush()


def flipped_seeds(bit: int) -> Iterator[tuple[int, str]]:
    """Scattered seeds with one bit changed; bit -1 changes none."""
    mask = 1 << bit if bit >= 0 else 0
    step = 0x9E3779B97F4A7C15
    return (((k * step) % 2**64 ^ mask, "w") for k in itertools.count())


def flipped_names(bit: int) -> Iterator[tuple[int, str]]:
    """Names with one of three bits of one digit changed; bit -1 changes none.

    The bits make no digit of a digit: a pair of names must not be counted twice.
    """
    for k in itertools.count():
        digits = [ord(c) for c in f"layers.{k:016d}.weight"]
        if bit >= 0:
            digits[7 + bit // 3] ^= 0x10 << (bit % 3)
        yield 0, "".join(map(chr, digits))


def avalanche() -> None:
    """A flipped input bit flips each output bit with probability 1/2."""
    for label, made, inputs in (
        ("seed", flipped_seeds, 64),
        ("name", flipped_names, 48),
    ):
        keys = keys_of(made(-1), PAIRS)
        key_bits, word_bits = bits_of(keys), bits_of(first_blocks(keys))
        by_key, by_word, totals = [], [], []
        for bit in range(inputs):
            other = keys_of(made(bit), PAIRS)
            in_key = key_bits ^ bits_of(other)
            in_words = word_bits ^ bits_of(first_blocks(other))
            by_key.append((2.0 * in_key.sum(0) - PAIRS) / np.sqrt(PAIRS))
            by_word.append((2.0 * in_words.sum(0) - PAIRS) / np.sqrt(PAIRS))
            # Binomial with 128 trials: the variance of (flips - 64)^2 is 2016.
            squares = (in_words.sum(1) - 64.0) ** 2
            totals.append((squares.mean() - 32.0) / np.sqrt(2016.0 / PAIRS))
        say(f"{label} bit x key bit, {PAIRS} pairs", by_key)
        say(f"{label} bit x bit of the first block", by_word)
        say(f"{label} bit: spread of the number of flips", totals)


def word_correlations(label: str, identities: Iterator[tuple[int, str]]) -> None:
    """First blocks of consecutive identities."""
    keys = keys_of(identities, STREAMS)
    words = first_blocks(keys)
    for what, table in (("key", keys.astype(np.uint32)), ("first block", words)):
        bits = bits_of(table).astype(np.float32) * 2.0 - 1.0
        say(f"{label}: ones per bit of the {what}", bits.sum(0) / np.sqrt(STREAMS))
        within = bits.T @ bits / np.sqrt(STREAMS)
        say(f"{label}: pairs of bits of one {what}", within[np.triu_indices(128, 1)])
        across = bits[1:].T @ bits[:-1] / np.sqrt(STREAMS - 1)
        say(f"{label}: bits of neighbouring {what}s", across)
    joined = keys[:, 0].astype(np.uint64) << np.uint64(32) | keys[:, 1].astype(
        np.uint64
    )
    assert len(np.unique(joined)) == STREAMS
    first = (words + 0.5) * 2.0**-32 - 0.5
    scaled = first * np.sqrt(12.0)
    lags = [1, 2, 3, 4, 5, 8, 10, 12, 16, 32, 64, 100, 128, 256, 1000, 1024, 4096]
    z = [
        (scaled[lag:].T @ scaled[:-lag] / np.sqrt(STREAMS - lag)).ravel()
        for lag in lags
    ]
    say(f"{label}: uniforms, {len(lags)} lags of streams, 4 x 4 elements", z)


def normal_correlations() -> None:
    """First 8 normals of the same layers under neighbouring names and seeds."""
    count = 1 << 16
    for label, of in (
        ("names", lambda k: {"seed": 0, "name": f"layers.{k}.weight"}),
        ("seeds", lambda k: {"seed": k, "name": "layers.0.weight"}),
    ):
        table = np.stack(
            [fastinit.create("normal", (8,), **of(k)) for k in range(count)]
        ).astype(np.float64)
        across = table[1:].T @ table[:-1] / np.sqrt(count - 1)
        say(f"{label}: first 8 normals of neighbours, products", across)
        # The square of a normal has variance 2.
        squares = (table**2 - 1.0) / np.sqrt(2.0)
        across = squares[1:].T @ squares[:-1] / np.sqrt(count - 1)
        say(f"{label}: the same, products of squares", across)
        say(f"{label}: means over the streams", table.sum(0) / np.sqrt(count))
        say(f"{label}: second moments", squares.sum(0) / np.sqrt(count))


def within_stream() -> None:
    """Lags inside one stream of 2^26 normals and of uniforms."""
    count = 1 << 26
    lags = [*range(1, 65), 96, 128, 256, 512, 768, 1000, 1024, 4096, 65536, 1 << 20]
    for label, spec, scale in (
        ("normal", "normal", 1.0),
        ("uniform", "uniform(a=-1.0, b=1.0)", np.sqrt(3.0)),
    ):
        x = fastinit.create(spec, (count,), seed=3, name="lags") * np.float32(scale)
        blocks = x.reshape(-1, 1 << 20)
        z = []
        for lag in lags:
            total = sum(
                float(np.dot(block[lag:], block[:-lag]))
                for block in (blocks if lag < 1 << 20 else [x])
                if lag < len(block)
            )
            pairs = (count // (1 << 20)) * ((1 << 20) - lag)
            z.append(total / np.sqrt(pairs if lag < 1 << 20 else count - lag))
        say(f"one stream, {label}: {len(lags)} lags up to 2^20", z)


def main() -> None:
    """The whole table."""
    sys.stdout.write("| statistic | z | largest | 1 % bound | p of squares |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    avalanche()
    word_correlations("seeds", seeds())
    word_correlations("names", names())
    normal_correlations()
    within_stream()


if __name__ == "__main__":
    main()
