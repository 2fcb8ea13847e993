"""Philox4x32-10: four words of 32 bits from a counter and a key.

Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3",
SC11; constants of Random123. Ten rounds, as in cuRAND, torch and TensorFlow.
"""

from __future__ import annotations

from fastinit.arithmetic.primitives import Word, multiply_wide, u32

__all__ = [
    "block_words",
    "counter_words",
    "philox4x32",
    "philox4x32_7",
    "split_block",
]

#: Multipliers of the two products of a round.
PHILOX_M4X32_0 = Word(0xD2511F53)
PHILOX_M4X32_1 = Word(0xCD9E8D57)
#: Weyl increments of the two key words: the golden ratio and sqrt(3) - 1.
PHILOX_W32_0 = Word(0x9E3779B9)
PHILOX_W32_1 = Word(0xBB67AE85)

Words = tuple[int, int, int, int]
Key = tuple[int, int]


def _round(counter: Words, key: Key) -> Words:
    """One round: two wide products, their halves crossed with the key."""
    high0, low0 = multiply_wide(PHILOX_M4X32_0, counter[0])
    high1, low1 = multiply_wide(PHILOX_M4X32_1, counter[2])
    return (
        u32(high1 ^ counter[1] ^ key[0]),
        low1,
        u32(high0 ^ counter[3] ^ key[1]),
        low0,
    )


def _next_key(key: Key) -> Key:
    """Key of the next round."""
    return u32(key[0] + PHILOX_W32_0), u32(key[1] + PHILOX_W32_1)


def philox4x32_7(counter: Words, key: Key) -> Words:
    """Seven rounds of Philox4x32: the first part of `philox4x32`.

    Kept apart because Random123 publishes known answers for seven rounds too.

    Parameters
    ----------
    counter : tuple of 4 words
        (c0, c1, c2, c3), each in [0, 2^32).
    key : tuple of 2 words
        (k0, k1), each in [0, 2^32).

    Returns
    -------
    words : tuple of 4 words
        Each in [0, 2^32).

    Examples
    --------
    >>> [f"{word:08x}" for word in philox4x32_7((0, 0, 0, 0), (0, 0))]
    ['5f6fb709', '0d893f64', '4f121f81', '4f730a48']
    """
    words = _round(counter, key)
    key = _next_key(key)
    words = _round(words, key)
    key = _next_key(key)
    words = _round(words, key)
    key = _next_key(key)
    words = _round(words, key)
    key = _next_key(key)
    words = _round(words, key)
    key = _next_key(key)
    words = _round(words, key)
    key = _next_key(key)
    return _round(words, key)


def philox4x32(counter: Words, key: Key) -> Words:
    """Ten rounds of Philox4x32: a bijection of the counter for each key.

    Parameters
    ----------
    counter : tuple of 4 words
        (c0, c1, c2, c3), each in [0, 2^32).
    key : tuple of 2 words
        (k0, k1), each in [0, 2^32).

    Returns
    -------
    words : tuple of 4 words
        Each uniform in [0, 2^32).

    Examples
    --------
    >>> [f"{word:08x}" for word in philox4x32((0, 0, 0, 0), (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    words = philox4x32_7(counter, key)
    # Key of round 8: seven Weyl steps, a constant of the key that compilers hoist.
    late = u32(key[0] + 7 * PHILOX_W32_0), u32(key[1] + 7 * PHILOX_W32_1)
    words = _round(words, late)
    late = _next_key(late)
    words = _round(words, late)
    late = _next_key(late)
    return _round(words, late)


def split_block(block: int) -> tuple[int, int]:
    """Low and high word of a block index.

    Parameters
    ----------
    block : int
        Index of the block, in [0, 2^56).

    Returns
    -------
    low, high : words
        The index is 2^32 high + low.

    Examples
    --------
    >>> split_block((3 << 32) + 5)
    (5, 3)
    """
    return u32(block), u32(block >> 32)


def counter_words(
    block: tuple[int, int], tag: int, key: tuple[int, int, int, int]
) -> Words:
    """Four words of one block of a tensor's stream, the block index split.

    A loop over blocks whose high word stays the same lets a compiler see that three
    of the four counter words are constants, which saves it two of twenty products.

    Parameters
    ----------
    block : tuple of 2 words
        Low and high word of the index of the block (`split_block`).
    tag : int
        Purpose of the words, in [0, 2^8): 0 main, 1 extension.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor (`fastinit.identity.stream_key`).

    Returns
    -------
    words : tuple of 4 words
        Each in [0, 2^32).

    Examples
    --------
    >>> counter_words((0, 0), 0, (0, 0, 0, 0)) == philox4x32((0, 0, 0, 0), (0, 0))
    True
    """
    counter = (block[0], u32(block[1] | (tag << 24)), u32(key[2]), u32(key[3]))
    return philox4x32(counter, (u32(key[0]), u32(key[1])))


def block_words(block: int, tag: int, key: tuple[int, int, int, int]) -> Words:
    """Four words of one block of a tensor's stream.

    Parameters
    ----------
    block : int
        Index of the block, in [0, 2^56): elements 4 block to 4 block + 3.
    tag : int
        Purpose of the words, in [0, 2^8): 0 main, 1 extension.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor (`fastinit.identity.stream_key`).

    Returns
    -------
    words : tuple of 4 words
        Each in [0, 2^32).

    Examples
    --------
    >>> block_words(0, 0, (0, 0, 0, 0)) == philox4x32((0, 0, 0, 0), (0, 0))
    True
    """
    return counter_words(split_block(block), tag, key)
