"""Keys of JAX as seeds, and arrays for those who came with one."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import numpy as np

from fastinit.dtypes import dtype_of
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    ReportedValueError,
    shown,
)
from fastinit.generator import Generator


def is_jax_array(value: Any) -> bool:
    """Whether a value is an array of JAX, which is loaded then."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def identity_of(key: Any) -> dict[str, Any]:
    """Keywords of `fill` that a key means: a seed, or a generator."""
    if isinstance(key, Generator):
        return {"generator": key}
    if is_jax_array(key) or isinstance(key, np.ndarray):
        return {"seed": seed_of_words(_words(key))}
    if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
        raise ArgumentTypeError(
            f"key {shown(key)} of type {type(key).__name__}",
            "a key is a key array of JAX, an int seed, or a fastinit.Generator",
            "pass e.g. jax.random.key(0), or 0",
        )
    return {"seed": int(key)}


def seed_of_words(words: tuple[int, ...]) -> int:
    """Seed of the words of a key: docs/dialects.md states the rule."""
    if len(words) == 2:
        return words[0] << 32 | words[1]
    data = np.array(words, "<u4").tobytes()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _words(key: Any) -> tuple[int, ...]:
    """Words of one key, typed or raw."""
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(key, jax.core.Tracer):
        raise ArgumentTypeError(
            "a key inside a transformation of JAX",
            "values are made by fastinit's own kernels, which need the key's words",
            "call the initializer outside of jit, vmap and eval_shape",
        )
    is_typed = jax is not None and jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key)
    words = np.asarray(jax.random.key_data(key) if is_typed and jax else key)
    is_raw = words.dtype == np.uint32 and words.ndim > 0
    if not is_raw or (words.ndim == 1 and not 2 <= words.size <= 16):
        raise ReportedValueError(*_given(key))
    if key.ndim != (0 if is_typed else 1) or words.size > 16:
        raise ArgumentError(*_given(key))
    return tuple(map(int, words.ravel()))


def _given(key: Any) -> tuple[str, str, str]:
    """What is wrong with a key array, in the three parts of an error."""
    return (
        f"a key array of shape {key.shape} and dtype {key.dtype}",
        "an initializer takes one key: a scalar, or uint32 words of a raw key",
        "pass one key, as jax.random.key(0) or a row of jax.random.split",
    )


def dtype_for(key: Any, dtype: Any) -> Any:
    """Dtype of an array: as JAX narrows it for a key of JAX; float32 by default."""
    if not is_jax_array(key):
        return "float32" if dtype is None else dtype
    given = float if dtype is None else dtype
    try:
        return sys.modules["jax"].dtypes.canonicalize_dtype(given)
    except TypeError:
        # No dtype of JAX: the table of dtypes says what is allowed.
        return dtype_of(given).name


def as_answer(array: Any, key: Any, out_sharding: Any) -> Any:
    """Array of JAX for a key of JAX, else the NumPy array."""
    if not is_jax_array(key) and out_sharding is None:
        return array
    jax = sys.modules.get("jax")
    if jax is None:
        raise ArgumentTypeError(
            f"out_sharding {shown(out_sharding)} with a key that is none of JAX",
            "only arrays of JAX are sharded",
            "pass a key of jax.random.key, or leave out_sharding out",
        )
    made = jax.numpy.asarray(array)
    return made if out_sharding is None else jax.device_put(made, out_sharding)
