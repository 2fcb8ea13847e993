"""Words for the usual causes of a wrong std or a wrong shape."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["SHAPE_HINT", "explain_scale"]

#: Observed std / specified std, and what usually makes it.
KNOWN_RATIOS = (
    (math.sqrt(2.0), "a gain of sqrt 2 (ReLU) that the specification does not have"),
    (math.sqrt(0.5), "the gain of sqrt 2 (ReLU) is missing"),
    (math.sqrt(3.0), "the bound of a uniform law was used as a std"),
    (math.sqrt(1.0 / 3.0), "the std was used as the bound of a uniform law"),
    (math.sqrt(1.0 / 6.0), "torch's default a = sqrt 5 instead of the ReLU gain"),
)

#: The same for truncation, which only a normal law can have.
TRUNCATION_RATIOS = (
    # 0.8796 is the std of a standard normal truncated to (-2, 2).
    (0.87962566103423978, "truncation at 2 std without correcting the std"),
    (1 / 0.87962566103423978, "a std corrected for a truncation that did not happen"),
)

#: Said where only the distance fails.
SHAPE_HINT = (
    "mean and std agree, so the shape differs: another distribution, a truncation, or "
    "values on a coarse grid"
)

#: Two std count as equal below this difference of their logarithms.
TOLERANCE = 0.02


def explain_scale(
    observed: float,
    specified: float,
    alternatives: Mapping[str, float],
    *,
    is_normal: bool = True,
) -> str:
    """Likely cause of an observed std that differs from the specified one.

    Parameters
    ----------
    observed : float
        Observed std, >= 0.
    specified : float
        Specified std, > 0.
    alternatives : mapping of str to float
        Other std that a mistake would give, by the name of the mistake.
    is_normal : bool
        Whether the specified law is normal; only then truncation may be the cause.

    Returns
    -------
    hint : str
        One sentence, or '' where nothing known is within 2 %.

    Examples
    --------
    >>> explain_scale(0.0283, 0.02, {})[:38]
    'the observed std 0.0283 is 1.415 times'
    >>> explain_scale(0.0283, 0.02, {"fan_out for fan_in": 0.0283})[-23:]
    'fits fan_out for fan_in'
    """
    if observed == 0.0:
        return "all elements are equal: was the array never initialised?"
    if not math.isfinite(observed) or abs(math.log(observed / specified)) < TOLERANCE:
        return ""
    candidates = {
        **{text: ratio * specified for ratio, text in KNOWN_RATIOS},
        **(
            {text: ratio * specified for ratio, text in TRUNCATION_RATIOS}
            if is_normal
            else {}
        ),
        "the variance was used as the std": specified**2,
        "the std was used as a variance": math.sqrt(specified),
        **alternatives,
    }
    # What the caller knows about this tensor beats what is known in general.
    names = sorted(candidates, key=lambda name: name not in alternatives)
    distances = {name: _distance(observed, candidates[name]) for name in names}
    best = min(names, key=lambda name: round(distances[name], 3))
    if distances[best] >= TOLERANCE:
        return ""
    return (
        f"the observed std {observed:.4g} is {observed / specified:.4g} times the "
        f"specified {specified:.4g}, which fits {best}"
    )


def _distance(observed: float, candidate: float) -> float:
    """Absolute difference of the logarithms; infinite for a std that is not > 0."""
    return abs(math.log(observed / candidate)) if candidate > 0.0 else math.inf
