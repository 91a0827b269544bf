"""Branch-free elementary functions, whose loops vectorise.

They give the same bits in a scalar call and in a vectorised loop, on every machine, which no
platform's libm promises.
"""

import numpy as np

from gtmsim.draws.bits import bits_of, float_of, fma
from gtmsim.jit import inlined

_INF = np.inf
_NAN = np.nan
_LN2_HI = 6.93147180369123816490e-01  # 32 leading bits, so that k * _LN2_HI is exact
_LN2_LO = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700e00

_EXPONENT_SHIFT = np.uint64(52)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
_ONE_LESS_SQRT_HALF = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
_TWO_52_BITS = np.uint64(0x4330000000000000)
_TWO_52_AND_BIAS = 2.0**52 + 1023.0
_SMALLEST_NORMAL = 2.0**-1022
_TWO_54 = 2.0**54

_ROUNDER = 1.5 * 2.0**52  # adding it leaves the nearest integer in the low mantissa bits
_ROUNDER_BITS = np.uint64(0x4338000000000000)
_OFFSET = np.uint64(4096)  # keeps the shifted exponents non-negative: AVX2 shifts no signed words
_HALF_OFFSET = np.uint64(2048)
_BIAS = np.uint64(1023)
_ONE_BIT = np.uint64(1)


@inlined
def log(x: float) -> float:
    """Natural logarithm, error under 1 ulp; -inf at 0, nan below 0.

    Source
    ------
    The reduction and polynomial of fdlibm's e_log.c (Sun Microsystems, 1993), with its branches
    replaced by selections.
    """
    tiny = x < _SMALLEST_NORMAL
    scaled = x * _TWO_54 if tiny else x
    bits = bits_of(scaled) + _ONE_LESS_SQRT_HALF
    exponent = float_of((bits >> _EXPONENT_SHIFT) | _TWO_52_BITS) - _TWO_52_AND_BIAS
    k = exponent - 54.0 if tiny else exponent
    f = float_of((bits & _MANTISSA) + _SQRT_HALF_BITS) - 1.0

    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * fma(
        w,
        fma(w, 1.531383769920937332e-01, 2.222219843214978396e-01),
        3.999999999940941908e-01,
    )
    odd = z * fma(
        w * w,
        fma(w, 1.479819860511658591e-01, 1.818357216161805012e-01),
        fma(w, 2.857142874366239149e-01, 6.666666666666735130e-01),
    )
    half_square = 0.5 * f * f
    rest = fma(k, _LN2_LO, s * (half_square + (even + odd)))
    finite = fma(k, _LN2_HI, f - (half_square - rest))

    result = finite if x < _INF else x
    result = result if x != 0.0 else -_INF
    return result if x >= 0.0 else _NAN


@inlined
def exp(x: float) -> float:
    """Exponential, error under 1 ulp; 0 below -745.2, inf above 709.8, subnormals in between.

    Source
    ------
    Cody and Waite's reduction to |r| <= log(2) / 2, then the Taylor series to r**13 / 13!.
    """
    bounded = x if x < 710.0 else 710.0
    bounded = bounded if bounded > -746.0 else -746.0
    shifted = fma(bounded, _LOG2_E, _ROUNDER)
    k = shifted - _ROUNDER
    r = fma(-k, _LN2_LO, fma(-k, _LN2_HI, bounded))

    r2 = r * r
    r4 = r2 * r2
    low = fma(r2, fma(r, 1.0 / 120.0, 1.0 / 24.0), fma(r, 1.0 / 6.0, 0.5))
    mid = fma(r2, fma(r, 1.0 / 362880.0, 1.0 / 40320.0), fma(r, 1.0 / 5040.0, 1.0 / 720.0))
    high = fma(
        r2,
        fma(r, 1.0 / 6227020800.0, 1.0 / 479001600.0),
        fma(r, 1.0 / 39916800.0, 1.0 / 3628800.0),
    )
    value = 1.0 + fma(r2, fma(r4, fma(r4, high, mid), low), r)

    # 2**k in two factors: one alone would overflow or underflow before the product does.
    power = (bits_of(shifted) - _ROUNDER_BITS) + _OFFSET
    half = power >> _ONE_BIT
    first = float_of(((half + _BIAS) - _HALF_OFFSET) << _EXPONENT_SHIFT)
    second = float_of((((power - half) + _BIAS) - _HALF_OFFSET) << _EXPONENT_SHIFT)
    result = (value * first) * second
    return result if x == x else x


@inlined
def power(x: float, y: float) -> float:
    """x**y as exp(y * log(x)) for x > 0, and 0 for x == 0 whatever y; nan below 0.

    The relative error grows as |y * log(x)| * 1e-16.
    """
    positive = exp(y * log(x))
    return positive if x != 0.0 else 0.0


@inlined
def logistic(x: float) -> float:
    """1 / (1 + exp(-x)): 0 below -709.8, 1 above 37."""
    return 1.0 / (1.0 + exp(-x))


@inlined
def normal_quantile(u: float) -> float:
    """Quantile of the standard normal distribution at u in (0, 1); nan at 0 and 1.

    Relative error under 1e-10 for u in [2**-53, 1 - 2**-53], growing smoothly to 1e-6 at 1e-22
    and 2e-4 at 1e-40. Antisymmetric about 0.5 to the last bit, and without seams: one rational
    function of w = -log(4 u (1 - u)) multiplies u - 0.5.

    Source
    ------
    The variable is Giles's ("Approximating the erfinv function", GPU Computing Gems, 2011). The
    rational function of degree (8, 8) was fitted to scipy.special.ndtri by iteratively reweighted
    least squares on 0 <= w <= 35.36; all its coefficients are positive, so that no digit cancels.
    """
    w = -log(4.0 * (u * (1.0 - u)))
    # 4 u (1 - u) may round to just above 1 next to the median.
    w = w if w > 0.0 else 0.0
    # Powers of w are shared and paired (Estrin): a nested chain would wait on its own latency.
    w2 = w * w
    w4 = w2 * w2
    w8 = w4 * w4
    top_low = fma(
        w2,
        fma(w, 2.4262690068962176e-02, 1.701224633779878e-01),
        fma(w, 8.355331499307209e-01, 2.506628274835613e00),
    )
    top_high = fma(
        w2,
        fma(w, 6.526586974147925e-07, 9.311264234511785e-06),
        fma(w, 1.7253150555541496e-04, 2.4410099249496256e-03),
    )
    bottom_low = fma(
        w2,
        fma(w, 1.9283424855484716e-03, 3.611048301633551e-02),
        fma(w, 7.153011167040293e-02, 1.0),
    )
    bottom_high = fma(
        w2,
        fma(w, 2.6069137049832233e-08, 1.1888844915122691e-06),
        fma(w, 9.689763428218786e-06, 3.314630072862503e-04),
    )
    top = fma(w8, 4.456932137355434e-09, fma(w4, top_high, top_low))
    bottom = fma(w8, 4.0358478441669725e-11, fma(w4, bottom_high, bottom_low))
    return float((u - 0.5) * (top / bottom))
