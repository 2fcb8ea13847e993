"""The identity of a tensor: (seed, canonical name) -> Philox key and stream words.

Scheme, shape and dtype are not part of it: the same tensor at another precision
holds the same weights, rounded.
"""

from __future__ import annotations

import functools
import hashlib
from numbers import Integral
from typing import Any

from fastinit.errors import ArgumentError, ArgumentTypeError, shown

__all__ = ["STREAM_LIMIT", "STREAM_VERSION", "check_name", "check_seed", "stream_key"]

#: Version of the stream; a change of any bit is a new version.
STREAM_VERSION = 1
#: Elements that one tensor can have: 2^56 blocks of four.
STREAM_LIMIT = 1 << 58

_PERSON = b"fastinit-v1"
_SEED_LIMIT = 1 << 64


def check_seed(seed: Any) -> int:
    """Seed as a Python integer in [0, 2^64).

    Parameters
    ----------
    seed : int or numpy integer
        The seed; bool is refused.

    Returns
    -------
    seed : int
        The same value.

    Raises
    ------
    ArgumentTypeError
        If `seed` is not an integer.
    ArgumentError
        If `seed` is not in [0, 2^64).

    Examples
    --------
    >>> check_seed(7)
    7
    """
    # The plain case first: asking the abstract class takes a microsecond.
    is_integer = type(seed) is int or (
        isinstance(seed, Integral) and not isinstance(seed, bool)
    )
    if not is_integer:
        raise ArgumentTypeError(
            f"seed {shown(seed)} of type {type(seed).__name__}",
            "a seed is an integer in [0, 2^64)",
            "pass a Python or NumPy integer",
        )
    value = int(seed)
    if not 0 <= value < _SEED_LIMIT:
        raise ArgumentError(
            f"seed {shown(value)}",
            "a seed is an integer in [0, 2^64)",
            "reduce it modulo 2**64",
        )
    return value


def check_name(name: Any) -> str:
    """Canonical name as text that UTF-8 can encode.

    Parameters
    ----------
    name : str
        The name; '' where none is given.

    Returns
    -------
    name : str
        The same text.

    Raises
    ------
    ArgumentTypeError
        If `name` is not text.
    ArgumentError
        If `name` holds a lone surrogate.

    Examples
    --------
    >>> check_name("fc.weight")
    'fc.weight'
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"name {shown(name)} of type {type(name).__name__}",
            "a canonical name is text",
            "pass a str such as 'layers.0.weight'",
        )
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"name {shown(name)}",
            "a canonical name must be encodable as UTF-8",
            "remove the lone surrogate",
        ) from error
    return str(name)


@functools.lru_cache(maxsize=4096)
def stream_key(seed: int, name: str) -> tuple[int, int, int, int]:
    """Philox key and stream words of a tensor.

    Parameters
    ----------
    seed : int
        In [0, 2^64).
    name : str
        Canonical name.

    Returns
    -------
    key : tuple of 4 words
        (k0, k1, c2, c3), each in [0, 2^32).

    References
    ----------
    Saarinen & Aumasson (2015), RFC 7693: BLAKE2b, with a personalisation string
    as in its reference implementation.

    Examples
    --------
    >>> [f"{word:08x}" for word in stream_key(0, "")]
    ['893e309c', '6a4920d1', 'caf98bd6', 'b4f8e407']
    """
    message = seed.to_bytes(8, "little") + name.encode()
    digest = hashlib.blake2b(message, digest_size=16, person=_PERSON).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return words[0], words[1], words[2], words[3]
