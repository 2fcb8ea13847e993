"""Which scheme, dialect and fans fit an array of unknown origin."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fastinit.conformance.diagnosis.fit import fit_of, share_outside, std_agreement
from fastinit.conformance.diagnosis.shapes import SHAPES, truncated_law
from fastinit.conformance.reading import read_elements
from fastinit.conformance.streaming import Source, open_source
from fastinit.distributions.law import Law
from fastinit.errors import ArgumentError, DtypeError

__all__ = ["Identification", "identify", "ranked_laws"]

#: Elements that a first look at mean and std takes.
_LOOK = 1 << 20


@dataclass(frozen=True)
class Identification:
    """A scheme that an array may have been filled with.

    Attributes
    ----------
    scheme : str
        Scheme, dialect and fans in words.
    law : str
        The law that it gives for the shape.
    distance : float
        Kolmogorov-Smirnov distance from the array, in [0, 1].
    std_ratio : float
        Observed std / its std.
    fits : bool
        Whether the distance is no larger than chance makes it.
    score : float
        In [0, 1]: 1 for a scheme of many users that fits.
    """

    scheme: str
    law: str
    distance: float
    std_ratio: float
    fits: bool
    score: float

    def __str__(self) -> str:
        """One line."""
        word = "fits" if self.fits else "does not fit"
        return (
            f"{self.scheme} {word}: {self.law}, D = {self.distance:.3g}, std ratio "
            f"{self.std_ratio:.4g}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def identify(
    array: Any, *, shape: tuple[int, ...] | None = None, top: int = 10
) -> tuple[Identification, ...]:
    """Rank the schemes that fit an array of unknown origin.

    Parameters
    ----------
    array : array or Source
        What to look at; read only. Of any floating dtype.
    shape : tuple of int, optional
        Canonical shape where the array is a part or a flat view of a tensor.
    top : int, optional
        Schemes that are returned at most, >= 1.

    Returns
    -------
    ranked : tuple of Identification
        The best first; those that fit before those that do not.

    Raises
    ------
    DtypeError
        If the array holds no floats.
    ArgumentError
        If it has no two different finite elements, or more than `shape`.

    Examples
    --------
    >>> from fastinit import kaiming_normal
    >>> weights = kaiming_normal((300, 500), nonlinearity="relu", seed=0, name="w")
    >>> identify(weights)[0].scheme
    'kaiming_normal of torch, fan_in = 500, gain sqrt 2'
    """
    return tuple(one for one, _ in ranked_laws(array, shape=shape)[:top])


def ranked_laws(
    array: Any,
    *,
    shape: tuple[int, ...] | None = None,
    others: Iterable[tuple[str, Law, float]] = (),
) -> list[tuple[Identification, Law]]:
    """Rank all schemes as `identify` does, with their laws.

    Parameters
    ----------
    array : array or Source
        What to look at; read only.
    shape : tuple of int, optional
        Canonical shape where the array is a part or a flat view of a tensor.
    others : iterable of (str, Law, float), optional
        Schemes that are possible with this very tensor: words, law, and how often
        they are met, in (0, 1].

    Returns
    -------
    ranked : list of (Identification, Law)
        The best first; those that fit before those that do not.

    Raises
    ------
    DtypeError
        If the array holds no floats.
    ArgumentError
        If it has no two different finite elements, or more than `shape`.

    Examples
    --------
    >>> from fastinit import normal
    >>> (best, law), *_ = ranked_laws(normal((90, 80), std=0.02, seed=0))
    >>> law.name, law.std
    ('normal', 0.02)
    """
    source = open_source(array)
    if not source.dtype.is_float:
        raise DtypeError(
            f"an array of {source.dtype.name}",
            "identify looks at float64, float32, float16, bfloat16 and float8",
            "compare it with a constant by check",
        )
    whole = tuple(source.shape if shape is None else shape)
    if math.prod(whole) < source.n:
        raise ArgumentError(
            f"shape {whole} for {source.n:,} elements",
            "the shape of a whole has at least the elements of the array",
            "leave shape out, or give that of the tensor that the array is a part of",
        )
    mean, std = _first_look(source)
    centre = 0.0 if abs(mean) < 6.0 * std / math.sqrt(max(source.n, 1)) else mean
    law = SHAPES["normal"][0](centre, std)
    reading = read_elements(source, law, alpha=1e-6)
    fit = fit_of(reading.cells, reading.counts)
    found = []
    schemes = itertools.chain(others, _schemes(whole))
    for scheme, candidate, prior in schemes:
        if not 0.2 < candidate.std / std < 5.0:
            continue
        distance = fit.distance(candidate)
        excess = max(distance - fit.noise, 0.0)
        ratio = reading.facts.std / candidate.std
        agreement = std_agreement(candidate, reading.facts.std, reading.n)
        one = Identification(
            scheme,
            _written(candidate),
            distance,
            ratio,
            excess == 0.0 and agreement > 0.7 and not share_outside(candidate, reading),
            prior * agreement * (1.0 - min(excess / 0.1, 1.0)) ** 3,
        )
        found.append((one, candidate))
    # Of those that fit the prior decides, of the others the distance.
    found.sort(key=lambda pair: _rank(pair[0]))
    return found


def _rank(one: Identification) -> tuple[bool, float]:
    return not one.fits, -one.score if one.fits else one.distance


def _first_look(source: Source) -> tuple[float, float]:
    """Mean and std of the first elements."""
    values = np.asarray(source.read(0, min(source.n, _LOOK))).astype(np.float64)
    values = values[np.isfinite(values)]
    std = float(values.std()) if values.size else 0.0
    if not std > 0.0 or not math.isfinite(std):
        raise ArgumentError(
            f"an array of {source.n:,} elements, std {std:g}",
            "a law needs two different finite elements at least",
            "compare the array with a constant by check",
        )
    return float(values.mean()), std


def _written(law: Law) -> str:
    parameters = ", ".join(f"{value:.6g}" for value in law.parameters)
    return f"{law.name}({parameters})"


#: Gains: words, value, and how often they are met.
_GAINS = (
    ("gain 1", 1.0, 1.0),
    ("gain sqrt 2", math.sqrt(2.0), 1.0),
    ("gain 5/3", 5.0 / 3.0, 0.8),
    ("gain 3/4", 0.75, 0.7),
    ("gain sqrt(1/3), torch's default a = sqrt 5", math.sqrt(1.0 / 3.0), 0.95),
)
_FIXED = (1.0, 0.02, 0.01, 0.05, 0.006, 0.1, 0.001)
#: Dialects of a shape: name, words for drawing, maker of (std) -> law, and prior.
_NORMALS: tuple[tuple[str, str, Callable[[float], Law], float], ...] = (
    ("of torch", "normal", lambda std: SHAPES["normal"][0](0.0, std), 1.0),
    (
        "of Keras and JAX (truncated, corrected)",
        "normal",
        lambda std: SHAPES["truncated_normal"][0](0.0, std),
        0.95,
    ),
    (
        "truncated at 2 std without correction",
        "normal",
        lambda std: truncated_law(0.0, std, 2.0),
        0.8,
    ),
    ("of torch", "uniform", lambda std: SHAPES["uniform"][0](0.0, std), 1.0),
)


def _fans(shape: tuple[int, ...]) -> Iterator[tuple[str, float, str, float]]:
    """Words, fan, family and prior of everything that may have been taken for a fan."""
    if len(shape) < 2:
        return
    field = math.prod(shape[2:])
    fan_in, fan_out = shape[1] * field, shape[0] * field
    layouts = [("", fan_in, fan_out, 1.0)]
    if len(shape) > 2:
        field = math.prod(shape[:-2])
        last = (shape[-2] * field, shape[-1] * field)
        layouts.append((" in the layout of Keras", *last, 0.9))
    for words, one, other, prior in layouts:
        yield f"fan_in = {one}{words}", one, "kaiming", prior
        yield f"fan_out = {other}{words}", other, "kaiming", 0.9 * prior
        yield (
            f"fan_avg = {(one + other) / 2:g}{words}",
            (one + other) / 2,
            "xavier",
            prior,
        )
        geometric = math.sqrt(one * other)
        yield f"fan_geo_avg = {geometric:.6g}{words}", geometric, "xavier", 0.5 * prior


def _schemes(shape: tuple[int, ...]) -> Iterator[tuple[str, Law, float]]:
    """Every scheme with its law for a shape, and its prior."""
    for dialect, kind, make, prior in _NORMALS:
        for fan_words, fan, family, fan_prior in _fans(shape):
            for gain_words, gain, gain_prior in _GAINS:
                if fan <= 0:
                    continue
                usual = 1.0 if (gain == 1.0) == (family == "xavier") else 0.9
                yield (
                    f"{family}_{kind} {dialect}, {fan_words}, {gain_words}",
                    make(gain / math.sqrt(fan)),
                    prior * fan_prior * gain_prior * usual,
                )
        for std in _FIXED:
            yield f"{kind} {dialect}, std {std:g}", make(std), 0.85 * prior
    for bound in (1.0, 0.05, 0.07, 0.1, 0.01):
        std = bound / math.sqrt(3.0)
        law = SHAPES["uniform"][0](0.0, std)
        yield f"uniform on (-{bound:g}, {bound:g})", law, 0.8
        half = SHAPES["half_range"][0](0.0, std)
        yield f"uniform on [0, {bound:g})", half, 0.8
