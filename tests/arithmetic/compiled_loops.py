"""Scalars of the arithmetic, compiled for the CPU and looped over arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from fastinit.arithmetic.box_muller import normal_pair_double, normal_pair_single
from fastinit.arithmetic.philox import philox4x32, philox4x32_7
from fastinit.arithmetic.targets import instantiate
from fastinit.backends.cpu_target import cpu_target

__all__ = ["elementwise", "pairs_double", "pairs_single", "philox_words", "points"]


@functools.cache
def _philox_loop() -> Callable[..., None]:
    seven = instantiate(philox4x32_7, cpu_target())
    ten = instantiate(philox4x32, cpu_target())

    @njit
    def loop(counters: Any, keys: Any, rounds: int, out: Any) -> None:
        for i in range(len(out)):
            c, k = counters[i], keys[i]
            counter, key = (c[0], c[1], c[2], c[3]), (k[0], k[1])
            words = seven(counter, key) if rounds == 7 else ten(counter, key)
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = words

    return loop


def philox_words(counters: Any, keys: Any, rounds: int = 10) -> Any:
    """Words of shape (n, 4) for counters (n, 4) and keys (n, 2), all uint32."""
    out = np.empty_like(counters)
    _philox_loop()(counters, keys, rounds, out)
    return out


@functools.cache
def _single_loop() -> Callable[..., None]:
    pair = instantiate(normal_pair_single, cpu_target())

    @njit
    def loop(a: Any, b: Any, out: Any) -> None:
        for i in range(len(a)):
            out[0, i], out[1, i] = pair(a[i], b[i])

    return loop


def pairs_single(a: Any, b: Any) -> Any:
    """float32 normals of shape (2, n) for words (n,)."""
    out = np.empty((2, len(a)), np.float32)
    _single_loop()(a, b, out)
    return out


@functools.cache
def _double_loop() -> Callable[..., None]:
    pair = instantiate(normal_pair_double, cpu_target())

    @njit
    def loop(words: Any, out: Any) -> None:
        for i in range(out.shape[1]):
            a, b, c, d = words[0][i], words[1][i], words[2][i], words[3][i]
            out[0, i], out[1, i] = pair((a, b), (c, d))

    return loop


def pairs_double(words: Any) -> Any:
    """float64 normals of shape (2, n) for words of shape (4, n)."""
    words = np.ascontiguousarray(words)
    out = np.empty((2, words.shape[1]))
    _double_loop()(words, out)
    return out


@functools.cache
def _element_loop(function: Callable[..., Any], arguments: int) -> Callable[..., None]:
    scalar = instantiate(function, cpu_target())
    if arguments == 1:

        @njit
        def loop(x: Any, out: Any) -> None:
            for i in range(len(out)):
                out[i] = scalar(x[i])

    else:

        @njit
        def loop(x: Any, y: Any, out: Any) -> None:
            for i in range(len(out)):
                out[i] = scalar(x[i], y[i])

    return loop


@functools.cache
def _pair_loop(function: Callable[..., Any], count: int) -> Callable[..., None]:
    pair = instantiate(function, cpu_target())

    if count == 2:

        @njit
        def loop(words: Any, out: Any) -> None:
            for i in range(out.shape[1]):
                out[0, i], out[1, i] = pair(words[0][i], words[1][i])

    else:

        @njit
        def loop(words: Any, out: Any) -> None:
            for i in range(out.shape[1]):
                a, b, c, d = words[0][i], words[1][i], words[2][i], words[3][i]
                out[0, i], out[1, i] = pair((a, b), (c, d))

    return loop


def points(function: Callable[..., Any], words: Any) -> Any:
    """Points of shape (2, n) for words of shape (2, n) or (4, n)."""
    words = np.ascontiguousarray(words)
    dtype = np.float32 if len(words) == 2 else np.float64
    out = np.empty((2, words.shape[1]), dtype)
    _pair_loop(function, len(words))(words, out)
    return out


def elementwise(function: Callable[..., Any], dtype: Any, *arrays: Any) -> Any:
    """Results of a scalar function of one or two arrays."""
    out = np.empty(len(arrays[0]), dtype)
    _element_loop(function, len(arrays))(*arrays, out)
    return out
