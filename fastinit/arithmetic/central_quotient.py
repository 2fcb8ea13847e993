"""Quantiles of the normal law near its centre, in float64, without a logarithm.

A quotient of two polynomials in y = 4 t (1 - t) does what a polynomial does that has
the logarithm of y as its argument, in a quarter fewer steps and two short chains. All
coefficients are positive, so that nothing cancels, and the quotient is a part of the
result only, so that its roundings count by that part. In float32 the logarithm is the
shorter way. docs/accuracy/fit_truncated_normal.py fits the coefficients.
"""

from __future__ import annotations

from fastinit.arithmetic.primitives import divide64, fma64

__all__ = ["central_quotient_double"]

#: The float64 nearest to sqrt(2 pi), the ratio at y = 1.
F64_ROOT_TWO_PI = float.fromhex("0x1.40d931ff62706p+1")

# Numerator P and denominator Q of (x / q - sqrt(2 pi)) / (1 - y); Q_0 is 1.
F64_P_0 = float.fromhex("0x1.871c3ba75a39ap+2")
F64_P_1 = float.fromhex("0x1.440f90be7809bp+15")
F64_P_2 = float.fromhex("0x1.cfcfcf5a6fddbp+25")
F64_P_3 = float.fromhex("0x1.dcab05afd6027p+34")
F64_P_4 = float.fromhex("0x1.b0007fac06e82p+42")
F64_P_5 = float.fromhex("0x1.7fd3f08f26edfp+49")
F64_P_6 = float.fromhex("0x1.62d875bc5b938p+55")
F64_P_7 = float.fromhex("0x1.60d82ce11bcf3p+60")
F64_P_8 = float.fromhex("0x1.7f2a55c0cab7cp+64")
F64_P_9 = float.fromhex("0x1.c6c07081d2ca9p+67")
F64_P_10 = float.fromhex("0x1.22f504534d0a0p+70")
F64_P_11 = float.fromhex("0x1.853e3045257e6p+71")
F64_P_12 = float.fromhex("0x1.016af565a2f07p+72")
F64_P_13 = float.fromhex("0x1.30f355ad753d6p+71")
F64_P_14 = float.fromhex("0x1.0bd6333f40243p+69")
F64_P_15 = float.fromhex("0x1.bb6052f518b2fp+64")

F64_Q_1 = float.fromhex("0x1.fe8a768963067p+12")
F64_Q_2 = float.fromhex("0x1.a0feae7357d61p+23")
F64_Q_3 = float.fromhex("0x1.e22da49dbfc5ep+32")
F64_Q_4 = float.fromhex("0x1.ea941e2de99e8p+40")
F64_Q_5 = float.fromhex("0x1.eb65ebeaf4af5p+47")
F64_Q_6 = float.fromhex("0x1.0270c80c2e834p+54")
F64_Q_7 = float.fromhex("0x1.287c9e8283179p+59")
F64_Q_8 = float.fromhex("0x1.7ab42bd578191p+63")
F64_Q_9 = float.fromhex("0x1.0f551071813f4p+67")
F64_Q_10 = float.fromhex("0x1.b25b67ad2f0d6p+69")
F64_Q_11 = float.fromhex("0x1.7dde264c47bfbp+71")
F64_Q_12 = float.fromhex("0x1.64a36a6213756p+72")
F64_Q_13 = float.fromhex("0x1.4ddaf3a163c00p+72")
F64_Q_14 = float.fromhex("0x1.1b12cf070a1cep+71")
F64_Q_15 = float.fromhex("0x1.668f2481adf54p+68")
F64_Q_16 = float.fromhex("0x1.ab9e849ae3b2dp+63")


def central_quotient_double(y: float) -> float:
    """Quantile x over q = 1/2 - t by y = 4 t (1 - t), for y in [2^-8, 1].

    Examples
    --------
    >>> central_quotient_double(1.0) == F64_ROOT_TWO_PI
    True
    """
    p = fma64(y, F64_P_15, F64_P_14)
    p = fma64(y, p, F64_P_13)
    p = fma64(y, p, F64_P_12)
    p = fma64(y, p, F64_P_11)
    p = fma64(y, p, F64_P_10)
    p = fma64(y, p, F64_P_9)
    p = fma64(y, p, F64_P_8)
    p = fma64(y, p, F64_P_7)
    p = fma64(y, p, F64_P_6)
    p = fma64(y, p, F64_P_5)
    p = fma64(y, p, F64_P_4)
    p = fma64(y, p, F64_P_3)
    p = fma64(y, p, F64_P_2)
    p = fma64(y, p, F64_P_1)
    p = fma64(y, p, F64_P_0)
    q = fma64(y, F64_Q_16, F64_Q_15)
    q = fma64(y, q, F64_Q_14)
    q = fma64(y, q, F64_Q_13)
    q = fma64(y, q, F64_Q_12)
    q = fma64(y, q, F64_Q_11)
    q = fma64(y, q, F64_Q_10)
    q = fma64(y, q, F64_Q_9)
    q = fma64(y, q, F64_Q_8)
    q = fma64(y, q, F64_Q_7)
    q = fma64(y, q, F64_Q_6)
    q = fma64(y, q, F64_Q_5)
    q = fma64(y, q, F64_Q_4)
    q = fma64(y, q, F64_Q_3)
    q = fma64(y, q, F64_Q_2)
    q = fma64(y, q, F64_Q_1)
    q = fma64(y, q, 1.0)
    return fma64(1.0 - y, divide64(p, q), F64_ROOT_TWO_PI)
