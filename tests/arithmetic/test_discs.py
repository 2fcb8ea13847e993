"""Points of discs from the words of a pair: bits, accuracy, both ends, the rim."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from compiled_loops import points
from oracle import disc, exact
from oracle.floats import FORMATS
from oracle.normal import angle_integer, radius_integer

from fastinit.arithmetic import discs

_CONTEXT = mpmath.mp.clone()
_CONTEXT.prec = 160

#: Text, number of words, oracle.
TEXTS = {
    "disc-float32": (discs.disc_pair_single, 2, disc.disc_pair),
    "disc-float64": (discs.disc_pair_double, 4, disc.disc_pair),
    "truncated-float32": (discs.truncated_pair_single, 2, disc.truncated_pair),
    "truncated-float64": (discs.truncated_pair_double, 4, disc.truncated_pair),
}
#: Square of the bound of the radius.
BOUNDS = {"disc": 1, "truncated": 8}
#: Units in the last place, away from the rim; there the cut adds up to 8 roundings.
LARGEST_ERROR, LARGEST_AT_RIM = 4.0, 13.0


def true_point(name, words):
    """Coordinates of the definition, to 150 bits, and the radius over its bound."""
    radius_bits, turn_bits = (40, 32) if len(words) == 2 else (64, 64)
    u = _CONTEXT.ldexp(2 * radius_integer(words) + 1, -radius_bits - 1)
    square = u
    if name.startswith("truncated"):
        square = -2 * _CONTEXT.log1p(_CONTEXT.expm1(-4) * u)
    t = _CONTEXT.ldexp(angle_integer(words), -turn_bits)
    r = _CONTEXT.sqrt(square)
    bound = _CONTEXT.sqrt(BOUNDS[name.partition("-")[0]])
    signed = -r if words[1] % 2 else r
    return (signed * _CONTEXT.cospi(t), signed * _CONTEXT.sinpi(t)), r / bound


@pytest.fixture(params=list(TEXTS))
def name(request):
    return request.param


@pytest.fixture
def words(name, random_words, extreme_pairs, extreme_quads):
    """Random words, combinations of extreme ones, and the largest radius."""
    count = TEXTS[name][1]
    ends = extreme_pairs if count == 2 else extreme_quads
    chosen = np.random.default_rng(7).choice(ends.shape[1], 1000, replace=False)
    largest = np.full((count, 1), 0xFFFFFFFF, np.uint32)
    return np.hstack([random_words[:count, :1000], ends[:, chosen], largest])


def test_compiled_text_has_the_bits_of_the_definition(name, words):
    text, _, oracle = TEXTS[name]
    values = points(text, words)
    encode = FORMATS[name.partition("-")[2]].encode
    expected = [
        [encode(z) for z in oracle(tuple(column))] for column in words.T.tolist()
    ]
    unsigned = {4: np.uint32, 8: np.uint64}[values.dtype.itemsize]
    found = np.ascontiguousarray(values.T).view(unsigned)
    np.testing.assert_array_equal(found, expected)


def test_plain_text_has_the_bits_of_the_compiled_one(name, words):
    text, count, _ = TEXTS[name]
    some = words[:, ::20]
    columns = some.T.tolist()
    plain = [
        text(*column) if count == 2 else text(tuple(column[:2]), tuple(column[2:]))
        for column in columns
    ]
    compiled = points(text, some)
    assert np.array(plain, compiled.dtype).tobytes() == compiled.T.tobytes()


def test_points_are_accurate_from_the_exact_integers(name, words):
    dtype = name.partition("-")[2]
    values = points(TEXTS[name][0], words)
    worst = {False: 0.0, True: 0.0}
    for column, point in zip(words.T.tolist(), values.T.tolist(), strict=True):
        true, share = true_point(name, tuple(column))
        is_rim = share > 1 - _CONTEXT.ldexp(8, -24 if dtype == "float32" else -53)
        errors = [exact.ulps(*pair, dtype) for pair in zip(point, true, strict=True)]
        worst[bool(is_rim)] = max(worst[bool(is_rim)], *errors)
    assert worst[False] <= LARGEST_ERROR
    assert 0 < worst[True] <= LARGEST_AT_RIM


def test_no_point_leaves_its_disc(name, random_words):
    """The largest radius in a million directions, in float64 or wider."""
    text, count, _ = TEXTS[name]
    words = random_words[:count].copy()
    words[0] = 0xFFFFFFFF
    words[1] |= 0x1FE
    if count == 4:
        words[2] = 0xFFFFFFFF
    values = points(text, words).astype(np.longdouble)
    square = (values**2).sum(axis=0)
    bound = np.longdouble(BOUNDS[name.partition("-")[0]])
    # Two more roundings come with the scale.
    eps = np.longdouble(2.0) ** (-24 if count == 2 else -53)
    assert square.max() <= bound * (1 - 2 * eps)
    assert square.min() >= bound * (1 - 24 * eps)


def test_radii_reach_down_relatively_accurate(name):
    """The smallest u, 2^-41 and 2^-65, would be lost as a float below 1."""
    text, count, _ = TEXTS[name]
    words = np.zeros((count, 1), np.uint32)
    radius = float(np.hypot(*points(text, words).astype(np.float64))[0])
    smallest = 2.0**-41 if count == 2 else 2.0**-65
    if name.startswith("truncated"):
        smallest *= 2 * -np.expm1(-4.0)
    assert radius == pytest.approx(np.sqrt(smallest), rel=2e-7)
