"""BLAKE2b without a key, with a personalisation string, in Python integers.

RFC 7693, sections 2.6, 2.7 and 3; the parameter block with its personalisation is
table 2.1 of "BLAKE2: simpler, smaller, fast as MD5" (2013).
"""

from __future__ import annotations

import math

_MASK = (1 << 64) - 1
_BLOCK_BYTES = 128
#: First 64 bits of the fractions of the square roots of the first eight primes.
_START = [math.isqrt(p << 128) & _MASK for p in (2, 3, 5, 7, 11, 13, 17, 19)]
#: Order of the message words in each round, one hexadecimal digit each.
_SIGMA = (
    "0123456789abcdef",
    "ea489fd61c02b753",
    "b8c052fdae367194",
    "7931dcbe265a40f8",
    "905724afe1bc683d",
    "2c6a0b834d75fe19",
    "c51fed4a0763928b",
    "db7ec13950f4862a",
    "6fe9b308c2d714a5",
    "a2847615fb9e3cd0",
)
#: Columns, then diagonals, of the 4 x 4 state.
_QUARTERS = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)


def _rotate(value: int, bits: int) -> int:
    """64-bit rotation to the right."""
    return (value >> bits | value << (64 - bits)) & _MASK


def _mix(v: list[int], at: tuple[int, int, int, int], x: int, y: int) -> None:
    """The function G of RFC 7693 on four words of the state."""
    a, b, c, d = at
    for word, first, second in ((x, 32, 24), (y, 16, 63)):
        v[a] = (v[a] + v[b] + word) & _MASK
        v[d] = _rotate(v[d] ^ v[a], first)
        v[c] = (v[c] + v[d]) & _MASK
        v[b] = _rotate(v[b] ^ v[c], second)


def _compress(state: list[int], block: bytes, count: int, *, is_last: bool) -> None:
    """Absorb one block after which `count` bytes have been read."""
    words = [int.from_bytes(block[8 * i : 8 * i + 8], "little") for i in range(16)]
    v = [*state, *_START]
    v[12] ^= count
    v[14] ^= _MASK if is_last else 0
    for turn in range(12):
        order = [int(digit, 16) for digit in _SIGMA[turn % 10]]
        for k, quarter in enumerate(_QUARTERS):
            _mix(v, quarter, words[order[2 * k]], words[order[2 * k + 1]])
    for i in range(8):
        state[i] ^= v[i] ^ v[i + 8]


def blake2b(message: bytes, size: int, person: bytes) -> bytes:
    """Digest of `size` bytes of a message, personalised with at most 16 bytes."""
    parameters = bytes([size, 0, 1, 1]).ljust(48, b"\0") + person.ljust(16, b"\0")
    state = [
        start ^ int.from_bytes(parameters[8 * i : 8 * i + 8], "little")
        for i, start in enumerate(_START)
    ]
    blocks = max(1, -(-len(message) // _BLOCK_BYTES))
    for i in range(blocks):
        block = message[i * _BLOCK_BYTES : (i + 1) * _BLOCK_BYTES]
        count = i * _BLOCK_BYTES + len(block)
        padded = block.ljust(_BLOCK_BYTES, b"\0")
        _compress(state, padded, count, is_last=i == blocks - 1)
    return b"".join(word.to_bytes(8, "little") for word in state)[:size]
