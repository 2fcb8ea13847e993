"""Identity, words and values of the stream, as docs/stream.md defines them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from oracle import disc, normal, truncated
from oracle.blake2b import blake2b
from oracle.floats import FORMATS, Format, Number, from_double, integer
from oracle.philox import philox4x32

Key = tuple[int, int, int, int]
_LOW = 0xFFFFFFFF


@functools.cache
def stream_key(seed: int, name: str) -> Key:
    """Section 2: (k0, k1, c2, c3)."""
    message = seed.to_bytes(8, "little") + name.encode("utf-8")
    digest = blake2b(message, 16, b"fastinit-v1")
    k0, k1, c2, c3 = (
        int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)
    )
    return k0, k1, c2, c3


@functools.lru_cache(maxsize=1 << 12)
def _block(key: Key, block: int, tag: int) -> tuple[int, int, int, int]:
    counter = (block & _LOW, (block >> 32) + (tag << 24), key[2], key[3])
    return philox4x32(counter, key[:2])


def word(key: Key, index: int, tag: int = 0) -> int:
    """Section 3: W(i) under tag 0, X(i) under tag 1."""
    return _block(key, index // 4, tag)[index % 4]


def _signed(value: int, bits: int) -> int:
    """Low bits of an integer as a two's complement number."""
    value %= 1 << bits
    return value - (1 << bits) if value >> (bits - 1) else value


@dataclass(frozen=True)
class Tensor:
    """What decides the values of a tensor.

    Attributes
    ----------
    distribution : str
        Law of the elements, by its name in `fastinit.distributions`.
    parameters : tuple of float
        (a, b), (mean, std), (mean, std, a, b), (radius,), (std,) or (value,).
    dtype : str
        Name of a float format, or of a complex dtype: then what counts are parts.
    seed, name : int, str
        Identity.
    is_stochastic : bool
        True where values are rounded by chance.
    """

    distribution: str
    parameters: tuple[float, ...]
    dtype: str
    seed: int = 0
    name: str = ""
    is_stochastic: bool = False

    @property
    def working(self) -> Format:
        """Format of the arithmetic before the last rounding."""
        return FORMATS["float64" if self.part == "float64" else "float32"]

    @property
    def part(self) -> str:
        """Name of the format of an element, or of its parts."""
        parts = {"complex64": "float32", "complex128": "float64"}
        return parts.get(self.dtype, self.dtype)

    def bits(self, index: int) -> int:
        """Bit pattern of one element, or of one part."""
        target = FORMATS[self.part]
        value: Number = getattr(self, f"_{self.distribution}")(index)
        if self.is_stochastic:
            random = word(stream_key(*self._identity), index, 3)
            return target.encode(target.by_chance(value, random))
        return target.encode(target.nearest(value))

    def _constant(self, index: int) -> Number:
        """Section 10."""
        del index
        given = self.working.nearest(from_double(self.parameters[0]))
        return FORMATS[self.dtype].nearest(given)

    def _uniform(self, index: int) -> Number:
        """Section 7."""
        a, b = (from_double(end + 0.0) for end in self.parameters)
        if self.parameters[0] == self.parameters[1]:
            only = FORMATS[self.dtype].nearest(self.working.nearest(a))
            return only if only.mantissa else Number(0, 0, 0)
        lowest = FORMATS[self.dtype].at_least(a)
        highest = FORMATS[self.dtype].less_than(b)
        value = self._free_uniform(index, a, b)
        if value < lowest:
            return lowest
        return highest if highest < value else value

    def _free_uniform(self, index: int, a: Number, b: Number) -> Number:
        """The value before the clamp."""
        key, f, f64 = stream_key(self.seed, self.name), self.working, FORMATS["float64"]
        top = word(key, index) >> 8
        if f is f64:
            top = (word(key, index) << 32 | word(key, index, 1)) >> 11
        step = Number(0, 1, -f.precision)
        if self.parameters[0] == -self.parameters[1]:
            odd = 2 * _signed(top, f.precision) + 1
            return f.nearest(integer(odd) * f.nearest(f64.nearest(b * step)))
        width = f64.nearest(b * step) + -f64.nearest(a * step)
        scale = f.nearest(f64.nearest(width))
        return f.fma(integer(top), scale, f.nearest(a))

    def _pair_words(self, index: int) -> tuple[int, ...]:
        """(A, B) of the pair of an element, or (A, B, C, D) in float64."""
        key = stream_key(self.seed, self.name)
        even = index - index % 2
        tags = (0, 1) if self.working is FORMATS["float64"] else (0,)
        return tuple(word(key, even + k, tag) for tag in tags for k in (0, 1))

    def _complex_normal(self, index: int) -> Number:
        """Section 12."""
        mean, std = complex(self.parameters[0]), self.parameters[1]
        own = (mean.imag if index % 2 else mean.real), std / math.sqrt(2)
        part = Tensor("normal", own, self.part, *self._identity)
        return part._normal(index)

    def _square(self, index: int) -> Number:
        """Section 12."""
        part = Tensor("uniform", self.parameters, self.part, *self._identity)
        return part._uniform(index)

    def _disc(self, index: int) -> Number:
        """Section 12."""
        z = disc.disc_pair(self._pair_words(index))[index % 2]
        return self._scaled(z, self.parameters[0])

    def _truncated_disc(self, index: int) -> Number:
        """Section 12."""
        z = disc.truncated_pair(self._pair_words(index))[index % 2]
        return self._scaled(z, self.parameters[0] / math.sqrt(2))

    def _scaled(self, z: Number, scale: float) -> Number:
        """Product with a scale that is rounded towards zero."""
        f, exact = self.working, from_double(scale)
        rounded = f.nearest(exact)
        if exact < rounded:
            # One unit less of a mantissa of full length.
            shift = f.precision + 1 - rounded.mantissa.bit_length()
            longer = (rounded.mantissa << shift) - 1
            rounded = Number(0, longer >> 1, rounded.exponent - shift + 1)
        return f.nearest(z * rounded)

    def _normal(self, index: int) -> Number:
        """Section 8."""
        f = self.working
        z = normal.pair(self._pair_words(index))[index % 2]
        mean, std = (f.nearest(from_double(value + 0.0)) for value in self.parameters)
        return f.fma(std, z, mean)

    def _truncated_normal(self, index: int) -> Number:
        """Section 11."""
        by_chance = self.is_stochastic
        law = truncated.law_of(self.parameters, self.dtype, is_stochastic=by_chance)
        if law.sampler == "constant":
            return truncated.clamped(law, law.mean)
        if law.sampler == "plain":
            plain = Tensor("normal", self.parameters[:2], self.dtype, *self._identity)
            return plain._normal(index)
        key = stream_key(*self._identity)
        words = [word(key, index), word(key, index ^ 1)]
        if self.dtype == "float64":
            words.append(word(key, index, 1))
        return truncated.value(law, tuple(words))

    @property
    def _identity(self) -> tuple[int, str]:
        return self.seed, self.name
