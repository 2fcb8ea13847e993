"""The distributions: one module each, and the table that names them."""

from fastinit.distributions.complex_laws import (
    COMPLEX_NORMAL,
    DISC,
    SQUARE,
    TRUNCATED_DISC,
)
from fastinit.distributions.constant import CONSTANT
from fastinit.distributions.normal import NORMAL
from fastinit.distributions.protocol import Distribution, Sampling
from fastinit.distributions.truncated_normal import TRUNCATED_NORMAL
from fastinit.distributions.uniform import UNIFORM
from fastinit.distributions.words import WORDS

__all__ = ["DISTRIBUTIONS", "SAMPLERS", "Distribution", "Sampling"]

#: Every distribution, by name.
DISTRIBUTIONS: dict[str, Distribution] = {
    row.name: row
    for row in (
        *(CONSTANT, UNIFORM, NORMAL, TRUNCATED_NORMAL, WORDS),
        *(COMPLEX_NORMAL, DISC, TRUNCATED_DISC, SQUARE),
    )
}

#: Every sampler, by name: what a backend makes kernels of.
SAMPLERS = {
    name: sampler
    for row in DISTRIBUTIONS.values()
    for name, sampler in row.samplers.items()
}
