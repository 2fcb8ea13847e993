"""Quantiles of the normal law in float64: `normal_quantile` with more terms.

The tail takes two polynomials; where there is none `central_quotient` is shorter.
docs/accuracy/fit_truncated_normal.py fits them all.
"""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.primitives import (
    Word64,
    bits64,
    double,
    double_from_bits,
    fma64,
    i64,
    select,
    sqrt64,
    u64,
)

__all__ = [
    "quantile_ratio_double",
    "shifted_log2_double",
]

MANTISSA_64 = Word64(0x000FFFFFFFFFFFFF)
#: The float64 nearest to sqrt(1/2), and the same with 4 taken from its exponent.
ROOT_HALF_64 = Word64(0x3FE6A09E667F3BCD)
SHIFTED_ROOT_HALF_64 = Word64(0x3FA6A09E667F3BCD)

#: Ends of the central polynomial and of the first of the tail, in -log2(4 t (1 - t)).
F64_CENTRAL_END = 8.0
F64_NEAR_END = 24.0
#: Centres of the polynomials of the tail, in the square root of that number.
F64_NEAR_CENTRE = 3.875
F64_FAR_CENTRE = 6.9375

# p of log2(1 + f) = f p(f), for 1 + f in [sqrt(1/2), sqrt(2)).
F64_LOG2_0 = float.fromhex("0x1.71547652b82fbp+0")
F64_LOG2_1 = float.fromhex("-0x1.71547652b801cp-1")
F64_LOG2_2 = float.fromhex("0x1.ec709dc3a173bp-2")
F64_LOG2_3 = float.fromhex("-0x1.715476532ec3cp-2")
F64_LOG2_4 = float.fromhex("0x1.2776c50eb8683p-2")
F64_LOG2_5 = float.fromhex("-0x1.ec709d5a938ebp-3")
F64_LOG2_6 = float.fromhex("0x1.a617625dc156dp-3")
F64_LOG2_7 = float.fromhex("-0x1.71548cccc7e91p-3")
F64_LOG2_8 = float.fromhex("0x1.484b3752c1355p-3")
F64_LOG2_9 = float.fromhex("-0x1.277426ba21969p-3")
F64_LOG2_10 = float.fromhex("0x1.0c9465ac35b36p-3")
F64_LOG2_11 = float.fromhex("-0x1.ecc76ddc9e7b2p-4")
F64_LOG2_12 = float.fromhex("0x1.c7a2929cf205ep-4")
F64_LOG2_13 = float.fromhex("-0x1.a3421fd3e2538p-4")
F64_LOG2_14 = float.fromhex("0x1.7cff704b46c6bp-4")
F64_LOG2_15 = float.fromhex("-0x1.773054964e1c3p-4")
F64_LOG2_16 = float.fromhex("0x1.a823e5078244bp-4")
F64_LOG2_17 = float.fromhex("-0x1.89b179d5ed058p-4")
F64_LOG2_18 = float.fromhex("0x1.5f666fe25d3e4p-5")

# x / q by log2(4 t (1 - t)) + 4, in [-4, 4].
F64_CENTRAL_0 = float.fromhex("0x1.1be4cbdd6b7a0p+2")
F64_CENTRAL_1 = float.fromhex("-0x1.ea0cc3581f3cep-2")
F64_CENTRAL_2 = float.fromhex("-0x1.c6b541cc4061bp-8")
F64_CENTRAL_3 = float.fromhex("0x1.f798380066374p-11")
F64_CENTRAL_4 = float.fromhex("0x1.1cc432959e351p-13")
F64_CENTRAL_5 = float.fromhex("0x1.2a835d145e93ep-18")
F64_CENTRAL_6 = float.fromhex("-0x1.a3c71a9593f47p-21")
F64_CENTRAL_7 = float.fromhex("-0x1.c17beca2531e2p-24")
F64_CENTRAL_8 = float.fromhex("-0x1.9938e00901a92p-30")
F64_CENTRAL_9 = float.fromhex("0x1.cd529e1a67396p-31")
F64_CENTRAL_10 = float.fromhex("0x1.651823f7d555ep-34")
F64_CENTRAL_11 = float.fromhex("-0x1.768865890d336p-40")
F64_CENTRAL_12 = float.fromhex("-0x1.e8f3169570de5p-41")
F64_CENTRAL_13 = float.fromhex("-0x1.ff43bd0e53304p-45")
F64_CENTRAL_14 = float.fromhex("0x1.0be4e01c8a8e0p-48")
F64_CENTRAL_15 = float.fromhex("0x1.e53ef9c631f74p-51")
F64_CENTRAL_16 = float.fromhex("0x1.200eb22c4c454p-55")
F64_CENTRAL_17 = float.fromhex("-0x1.b2b3ef45e7846p-58")
F64_CENTRAL_18 = float.fromhex("-0x1.b8cc31340a79cp-61")
F64_CENTRAL_19 = float.fromhex("0x1.8f66a07809f30p-67")
F64_CENTRAL_20 = float.fromhex("0x1.08615907c5070p-67")
F64_CENTRAL_21 = float.fromhex("0x1.261d5aaa3bb79p-73")
F64_CENTRAL_22 = float.fromhex("-0x1.2bf749a92a642p-75")

# x / q by sqrt(-log2(4 t (1 - t))) - 3.875, up to sqrt(24).
F64_NEAR_0 = float.fromhex("0x1.14f39fb78df60p+3")
F64_NEAR_1 = float.fromhex("0x1.2eec440696e4fp+1")
F64_NEAR_2 = float.fromhex("0x1.6ad806714cac1p-7")
F64_NEAR_3 = float.fromhex("-0x1.abbfd04606c27p-8")
F64_NEAR_4 = float.fromhex("0x1.e11bd7e1267d3p-9")
F64_NEAR_5 = float.fromhex("-0x1.0f3839a1cd758p-9")
F64_NEAR_6 = float.fromhex("0x1.f4332de063f23p-11")
F64_NEAR_7 = float.fromhex("-0x1.26819cabdc68ep-12")
F64_NEAR_8 = float.fromhex("0x1.646b54d72d629p-18")
F64_NEAR_9 = float.fromhex("0x1.6c9395761fc25p-15")
F64_NEAR_10 = float.fromhex("-0x1.7f2b63efa2641p-16")
F64_NEAR_11 = float.fromhex("0x1.214d0e9d74e80p-18")
F64_NEAR_12 = float.fromhex("0x1.65c88594622bap-20")
F64_NEAR_13 = float.fromhex("-0x1.3a17de2fd8b45p-20")
F64_NEAR_14 = float.fromhex("0x1.55ca9168bfb30p-22")
F64_NEAR_15 = float.fromhex("0x1.df77721eac323p-27")
F64_NEAR_16 = float.fromhex("-0x1.710d51541cdddp-25")
F64_NEAR_17 = float.fromhex("0x1.292c41dba461fp-26")
F64_NEAR_18 = float.fromhex("-0x1.9edde102a5f53p-29")
F64_NEAR_19 = float.fromhex("-0x1.acb79e435b9c3p-30")
F64_NEAR_20 = float.fromhex("0x1.5025bae22660bp-30")
F64_NEAR_21 = float.fromhex("-0x1.aec24627b9f5fp-36")
F64_NEAR_22 = float.fromhex("-0x1.0214d032fb426p-33")

# x / q by sqrt(-log2(4 t (1 - t))) - 6.9375, up to sqrt(81).
F64_FAR_0 = float.fromhex("0x1.fde4d45f44bb1p+3")
F64_FAR_1 = float.fromhex("0x1.305fad7d839a2p+1")
F64_FAR_2 = float.fromhex("-0x1.c0ff8fdd5cf45p-11")
F64_FAR_3 = float.fromhex("-0x1.be969d45f8260p-14")
F64_FAR_4 = float.fromhex("0x1.44efc9a0b4c8fp-15")
F64_FAR_5 = float.fromhex("-0x1.0d232f4bf2e18p-17")
F64_FAR_6 = float.fromhex("0x1.796a98093f1ebp-20")
F64_FAR_7 = float.fromhex("-0x1.e7090f6a62711p-23")
F64_FAR_8 = float.fromhex("0x1.2a5f562bb1bfap-25")
F64_FAR_9 = float.fromhex("-0x1.60f50a7fd893bp-28")
F64_FAR_10 = float.fromhex("0x1.9ba7cfd0db7abp-31")
F64_FAR_11 = float.fromhex("-0x1.f9eaab2bb70b9p-34")
F64_FAR_12 = float.fromhex("0x1.79906a54a87a9p-36")
F64_FAR_13 = float.fromhex("-0x1.8233a14464798p-38")
F64_FAR_14 = float.fromhex("0x1.462df3b7b751ap-39")
F64_FAR_15 = float.fromhex("-0x1.4fa9459cb69c2p-40")
F64_FAR_16 = float.fromhex("0x1.a79ab3ddf9143p-42")
F64_FAR_17 = float.fromhex("-0x1.03dbd744ddaabp-44")
F64_FAR_18 = float.fromhex("0x1.11a303b27cfa8p-45")
F64_FAR_19 = float.fromhex("-0x1.643a443a0c1a5p-46")
F64_FAR_20 = float.fromhex("0x1.a0e7ee7678379p-49")
F64_FAR_21 = float.fromhex("0x1.04cb18b6eaf4dp-50")
F64_FAR_22 = float.fromhex("-0x1.fee64e1c4abc3p-53")


def shifted_log2_double(y: float) -> float:
    """log2(y) + 4 of a normal number; its error is absolute.

    Examples
    --------
    >>> shifted_log2_double(0.125)
    1.0
    """
    pattern = u64(bits64(y) - SHIFTED_ROOT_HALF_64)
    f = double_from_bits(u64((pattern & MANTISSA_64) + ROOT_HALF_64)) - 1.0
    p = fma64(f, F64_LOG2_18, F64_LOG2_17)
    p = fma64(f, p, F64_LOG2_16)
    p = fma64(f, p, F64_LOG2_15)
    p = fma64(f, p, F64_LOG2_14)
    p = fma64(f, p, F64_LOG2_13)
    p = fma64(f, p, F64_LOG2_12)
    p = fma64(f, p, F64_LOG2_11)
    p = fma64(f, p, F64_LOG2_10)
    p = fma64(f, p, F64_LOG2_9)
    p = fma64(f, p, F64_LOG2_8)
    p = fma64(f, p, F64_LOG2_7)
    p = fma64(f, p, F64_LOG2_6)
    p = fma64(f, p, F64_LOG2_5)
    p = fma64(f, p, F64_LOG2_4)
    p = fma64(f, p, F64_LOG2_3)
    p = fma64(f, p, F64_LOG2_2)
    p = fma64(f, p, F64_LOG2_1)
    p = fma64(f, p, F64_LOG2_0)
    return fma64(f, p, double(i64(pattern) >> 52))


def _pick(piece: tuple[bool, bool], central: float, near: float, far: float) -> Any:
    """Coefficient of the centre, of the near or of the far tail."""
    return select(piece[0], central, select(piece[1], near, far))


def quantile_ratio_double(z: float) -> float:
    """Quantile over q by z = log2(4 t (1 - t)) + 4, for z >= -77.

    Examples
    --------
    >>> q, depth = 0.5 - 2.0**-40, 38.0
    >>> round(quantile_ratio_double(4 - depth) * q, 6)
    7.0477
    """
    depth = 4.0 - z
    piece = depth <= F64_CENTRAL_END, depth <= F64_NEAR_END
    root = sqrt64(select(piece[0], F64_CENTRAL_END, depth))
    centre = select(piece[1], F64_NEAR_CENTRE, F64_FAR_CENTRE)
    z = select(piece[0], z, root - centre)
    p = _pick(piece, F64_CENTRAL_22, F64_NEAR_22, F64_FAR_22)
    p = fma64(z, p, _pick(piece, F64_CENTRAL_21, F64_NEAR_21, F64_FAR_21))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_20, F64_NEAR_20, F64_FAR_20))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_19, F64_NEAR_19, F64_FAR_19))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_18, F64_NEAR_18, F64_FAR_18))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_17, F64_NEAR_17, F64_FAR_17))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_16, F64_NEAR_16, F64_FAR_16))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_15, F64_NEAR_15, F64_FAR_15))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_14, F64_NEAR_14, F64_FAR_14))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_13, F64_NEAR_13, F64_FAR_13))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_12, F64_NEAR_12, F64_FAR_12))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_11, F64_NEAR_11, F64_FAR_11))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_10, F64_NEAR_10, F64_FAR_10))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_9, F64_NEAR_9, F64_FAR_9))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_8, F64_NEAR_8, F64_FAR_8))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_7, F64_NEAR_7, F64_FAR_7))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_6, F64_NEAR_6, F64_FAR_6))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_5, F64_NEAR_5, F64_FAR_5))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_4, F64_NEAR_4, F64_FAR_4))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_3, F64_NEAR_3, F64_FAR_3))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_2, F64_NEAR_2, F64_FAR_2))
    p = fma64(z, p, _pick(piece, F64_CENTRAL_1, F64_NEAR_1, F64_FAR_1))
    return fma64(z, p, _pick(piece, F64_CENTRAL_0, F64_NEAR_0, F64_FAR_0))
