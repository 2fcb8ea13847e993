"""The laws that known mistakes draw from, in the place of the specified one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastinit.conformance.diagnosis.shapes import (
    SHAPES,
    TRUNCATED_STD,
    truncated_law,
)
from fastinit.distributions.law import Law

__all__ = ["Alternative", "Candidate", "candidates_of"]


@dataclass(frozen=True)
class Alternative:
    """A std that a mistake about this very tensor would give.

    Attributes
    ----------
    name : str
        Name of the cause.
    text : str
        The mistake in words.
    std : float
        What it gives, > 0.
    prior : float
        In (0, 1]: of two that fit as well, the one with the larger is named first.
    shape : str, optional
        Name in SHAPES of the law that it draws from around 0; that of the specified
        law, and others.
    """

    name: str
    text: str
    std: float
    prior: float = 0.99
    shape: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A law that may have been drawn from.

    Attributes
    ----------
    name, text : str
        Name of the cause, and the cause in words.
    law : Law
        The law.
    prior : float
        In (0, 1]: of two that fit as well, the one with the larger is named first.
    """

    name: str
    text: str
    law: Law
    prior: float


#: Ratio of the observed to the specified std: name of the cause, words, ratio, prior.
_RATIOS: tuple[tuple[str, str, float, float], ...] = (
    (
        "gain_extra",
        "a gain of sqrt 2 (ReLU) that the specification does not have",
        math.sqrt(2.0),
        0.96,
    ),
    ("gain_missing", "the gain of sqrt 2 (ReLU) is missing", math.sqrt(0.5), 0.96),
    (
        "bound_as_std",
        "the bound of a uniform law was used as a std",
        math.sqrt(3.0),
        0.95,
    ),
    (
        "std_as_bound",
        "the std was used as the bound of a uniform law",
        math.sqrt(1.0 / 3.0),
        0.95,
    ),
    (
        "torch_default",
        "torch's default a = sqrt 5 instead of the ReLU gain",
        math.sqrt(1.0 / 6.0),
        0.94,
    ),
    ("other_gain", "the gain 5/3 of tanh", 5.0 / 3.0, 0.93),
    ("other_gain", "the gain 3/4 of selu", 0.75, 0.93),
    ("other_gain", "the gain of tanh in the place of that of ReLU", 5 / 18**0.5, 0.92),
    *(
        (
            "shard_fan",
            f"the fan was taken from a shard of a group of {group}, so that std is "
            f"sqrt {group} times too large",
            math.sqrt(group),
            0.9,
        )
        for group in (2, 4, 8, 16, 32, 64)
    ),
    *(
        (
            "stacked_fan",
            f"the fan was counted over {group} tensors that are stored as one",
            math.sqrt(1.0 / group),
            0.88,
        )
        for group in (2, 3, 4, 6, 8, 16)
    ),
    *(
        (
            "receptive_field",
            f"the fan leaves out the {k} x {k} receptive field of a kernel",
            float(k),
            0.87,
        )
        for k in (3, 5, 7)
    ),
    *(
        (
            "depth_scaling",
            f"a scaling by 1 / sqrt(2 L) for L = {depth} layers",
            1.0 / math.sqrt(2.0 * depth),
            0.85,
        )
        for depth in (12, 24, 32, 36, 48, 80)
    ),
)
_OF_FANS = {"shard_fan", "stacked_fan", "receptive_field"}
#: Std that people write down without a fan.
_FIXED = (1.0, 0.01, 0.02, 0.05, 0.1, 0.006, 0.001)


def candidates_of(
    law: Law, alternatives: Sequence[Alternative], observed: tuple[float, float]
) -> Iterator[Candidate]:
    """Laws that mistakes would draw from.

    Parameters
    ----------
    law : Law
        The specified law.
    alternatives : sequence of Alternative
        What is known of this tensor.
    observed : tuple of float
        Observed mean and std, for the causes that fit any size.

    Yields
    ------
    candidate : Candidate
        The specified law itself is not among them.

    Examples
    --------
    >>> law = SHAPES["normal"][0](0.0, 0.1)
    >>> names = [one.name for one in candidates_of(law, (), (0.0, 0.1))]
    >>> "gain_missing" in names and "other_shape" in names
    True
    """
    own = law.name if law.name in SHAPES else "normal"
    yield from _other_shapes(law, own, law.std, "", 0.97)
    for one in alternatives:
        if one.shape is not None:
            drawn = SHAPES[one.shape][0](0.0, one.std)
            yield Candidate(one.name, one.text, drawn, one.prior)
    for name, text, std, prior in _stds(law, alternatives):
        make, _ = SHAPES[own]
        yield Candidate(name, text, make(law.mean, std), prior)
        # A dialect may bring both: another factor and another shape.
        yield from _other_shapes(law, own, std, f", and {text}", prior - 0.2)
    make, _ = SHAPES[own]
    mean, std = observed
    if std > 0.0 and math.isfinite(std) and math.isfinite(mean):
        yield Candidate(
            "scale", "a std that no known mistake gives", make(law.mean, std), 0.5
        )
        yield Candidate("shifted", "a mean that was shifted", make(mean, law.std), 0.8)
        yield Candidate(
            "location_scale", "another mean and another std", make(mean, std), 0.4
        )
        for shape in SHAPES:
            if shape not in {own, "half_range", "half_normal"}:
                text = f"{SHAPES[shape][1]} of another std"
                other = SHAPES[shape][0](mean, std)
                yield Candidate("other_shape", text, other, 0.45)


def _stds(
    law: Law, alternatives: Sequence[Alternative]
) -> Iterator[tuple[str, str, float, float]]:
    """Std of all mistakes: name, words, std, prior."""
    for one in alternatives:
        # What the caller knows about this tensor beats what is known in general.
        if one.shape is None:
            yield one.name, one.text, one.std, one.prior
    has_fans = any(one.shape is None for one in alternatives)
    for name, text, ratio, prior in _RATIOS:
        # A law that was written down without fans can hardly suffer from them.
        is_unlikely = name in _OF_FANS and not has_fans
        yield name, text, ratio * law.std, prior - 0.15 * is_unlikely
    if law.name == "normal":
        yield (
            "truncation_overcorrected",
            "a std corrected for a truncation that did not happen",
            law.std / TRUNCATED_STD,
            0.95,
        )
    yield "variance_as_std", "the variance was used as the std", law.std**2, 0.95
    yield "std_as_variance", "the std was used as a variance", law.std**0.5, 0.95
    for fixed in _FIXED:
        yield "fixed_std", f"a fixed std of {fixed:g}", fixed, 0.84


def _other_shapes(
    law: Law, own: str, std: float, suffix: str, prior: float
) -> Iterator[Candidate]:
    """Laws of other shapes and one std."""
    if own == "normal":
        yield Candidate(
            "truncation_uncorrected",
            f"truncation at 2 std without correcting the std{suffix}",
            truncated_law(law.mean, std, 2.0),
            prior + 0.01,
        )
        yield Candidate(
            "truncation_uncorrected",
            f"truncation at 3 std{suffix}",
            truncated_law(law.mean, std, 3.0),
            prior,
        )
    for shape, (make, words) in SHAPES.items():
        if shape == own:
            continue
        name = _SHAPE_CAUSES.get((own, shape), _SHAPE_CAUSES.get(("", shape)))
        yield Candidate(
            name or "other_shape",
            f"{words} in the place of the {own.replace('_', ' ')} one (another shape)"
            f"{suffix}",
            make(law.mean, std),
            prior if name else prior - 0.1,
        )


#: Name of the cause by specified and observed shape.
_SHAPE_CAUSES = {
    ("normal", "uniform"): "uniform_for_normal",
    ("uniform", "normal"): "normal_for_uniform",
    ("truncated_normal", "normal"): "dialect",
    ("normal", "truncated_normal"): "dialect",
    ("", "half_range"): "half_range",
    ("", "half_normal"): "absolute_values",
}
