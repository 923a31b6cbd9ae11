#include "lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "band.h"
#include "decade.h"
#include "entries.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ROOT_TWO_PI 2.50662827463100050242

/* An approximation of 1 / sqrt(x) in bits: half of x's exponent, negated. */
#define PER_ROOT_GUESS UINT64_C(0x5fe6eb50c7b537a9)

/* e^x: adding ROUND rounds to an integer, which is then in the lowest bits; ln
 * 2 is in two parts, the first short enough for exact products. */
#define ROUND 0x1.8p52
#define LOG2_E 0x1.71547652b82fep0
#define LN2_HIGH 0x1.62e42fefap-1
#define LN2_LOW 0x1.cf79abc9e3b3ap-40
/* The Chebyshev series through 11 nodes of |x| <= ln 2 / 2, to 3e-16. */
#define EXP_TERMS 11
static const double EXP_SERIES[EXP_TERMS] = {
    1.0,
    0x1.000000000001ep+0,
    0x1.0000000000005p-1,
    0x1.555555554b757p-3,
    0x1.55555555520afp-5,
    0x1.1111112dd67c5p-7,
    0x1.6c16c17f43a58p-10,
    0x1.a01978c6baf81p-13,
    0x1.a019a66a75dd4p-16,
    0x1.72faf024b693bp-19,
    0x1.28a2c0a7209fbp-22,
};

/*
 * The tail of the normal distribution beyond x, times e^(x^2/2) (x +
 * TAIL_SHIFT), as a polynomial in w = A / (x + TAIL_SHIFT) + B, which goes from
 * 1 to -1 as x goes from 0 (from 4, for the shorter one) to TAIL_REACH:
 * Chebyshev series through as many nodes, computed with 50 digits.
 */
#define TAIL_SHIFT 5.0
#define TAIL_A 0x1.f1c71c71c71c7p+3
#define TAIL_B (-0x1.0e38e38e38e39p+1)
#define TAIL_TERMS 16
static const double TAIL_SERIES[TAIL_TERMS] = {
    0x1.1661314f8c46bp+0,   0x1.82f0cda495ae7p-1,   0x1.a4cf457f86b5ep-2,
    0x1.65ddf915850a5p-3,   0x1.d00fa3a5e9d27p-5,   0x1.aa5fe44903abep-7,
    0x1.af18f22c708f0p-10,  -0x1.5480f98a90d0ep-14, -0x1.28c924b7a6f4ap-14,
    -0x1.8950ea627ac9dp-18, 0x1.35840b2160840p-19,  0x1.af2f08d409537p-22,
    -0x1.736cca0c734f4p-24, -0x1.58ada748b7dedp-26, 0x1.df02500e29128p-29,
    0x1.b02f4e3ffe556p-31,
};
#define FAR_FROM 4.0
#define FAR_A 0x1.9333333333333p+5
#define FAR_B (-0x1.2666666666666p+2)
#define FAR_TERMS 8
static const double FAR_SERIES[FAR_TERMS] = {
    0x1.6dea8083896c8p-1,  0x1.dbf4e081f45d1p-4,  0x1.0f16cd9097964p-6,
    0x1.0b1dafe26104fp-9,  0x1.bdc76caa804b9p-13, 0x1.2effa87e8072fp-16,
    0x1.33cc803b3140ep-20, 0x1.5e6157c632beap-25,
};
/* Sigma.  What is farther out, 1e-19 of a band, is left out. */
#define TAIL_REACH 9.0

/*
 * Integral over a row of height d about z, divided by the density at z and d:
 * sum of He_2n(z) (d/2)^2n / (2n + 1)! for n = 0 .. TERMS - 1, as a polynomial
 * in z^2.  HERMITE[n][i] is the coefficient of z^2i in He_2n(z) / (2n + 1)!.
 */
#define TERMS BAND_TERMS
/* How high rows may be, in sigma, where so many terms are enough: the error in
 * a row 4 sigma out is 1e-10 there.  Higher rows are differences of the masses
 * below their edges, of which 8 sigma and a row have not more than LANES. */
#define PITCH_OF_4 0.205
#define PITCH_OF_7 0.88
#define PITCH_OF_10 1.84
/* Bands with higher rows than this have not more than NARROW_ROWS of them, and
 * are computed as a whole. */
#define PITCH_NARROW 0.54
/* Bands begin at -4 sigma less one row, or later; what is farther out than this
 * has no rows on the axis. */
#define X_MAX 8.0
#define DENSITY_OF_0 (1.0 / ROOT_TWO_PI)
/* Registers of tails at once, at most. */
#define TAILS_MAX 4

#define FACTORIAL_1 1.0
#define FACTORIAL_3 6.0
#define FACTORIAL_5 120.0
#define FACTORIAL_7 5040.0
#define FACTORIAL_9 362880.0
#define FACTORIAL_11 39916800.0
#define FACTORIAL_13 6227020800.0
#define FACTORIAL_15 1307674368000.0
#define FACTORIAL_17 355687428096000.0
#define FACTORIAL_19 121645100408832000.0
static const double HERMITE[TERMS][TERMS] = {
    {1.0 / FACTORIAL_1},
    {-1.0 / FACTORIAL_3, 1.0 / FACTORIAL_3},
    {3.0 / FACTORIAL_5, -6.0 / FACTORIAL_5, 1.0 / FACTORIAL_5},
    {-15.0 / FACTORIAL_7, 45.0 / FACTORIAL_7, -15.0 / FACTORIAL_7,
     1.0 / FACTORIAL_7},
    {105.0 / FACTORIAL_9, -420.0 / FACTORIAL_9, 210.0 / FACTORIAL_9,
     -28.0 / FACTORIAL_9, 1.0 / FACTORIAL_9},
    {-945.0 / FACTORIAL_11, 4725.0 / FACTORIAL_11, -3150.0 / FACTORIAL_11,
     630.0 / FACTORIAL_11, -45.0 / FACTORIAL_11, 1.0 / FACTORIAL_11},
    {10395.0 / FACTORIAL_13, -62370.0 / FACTORIAL_13, 51975.0 / FACTORIAL_13,
     -13860.0 / FACTORIAL_13, 1485.0 / FACTORIAL_13, -66.0 / FACTORIAL_13,
     1.0 / FACTORIAL_13},
    {-135135.0 / FACTORIAL_15, 945945.0 / FACTORIAL_15,
     -945945.0 / FACTORIAL_15, 315315.0 / FACTORIAL_15, -45045.0 / FACTORIAL_15,
     3003.0 / FACTORIAL_15, -91.0 / FACTORIAL_15, 1.0 / FACTORIAL_15},
    {2027025.0 / FACTORIAL_17, -16216200.0 / FACTORIAL_17,
     18918900.0 / FACTORIAL_17, -7567560.0 / FACTORIAL_17,
     1351350.0 / FACTORIAL_17, -120120.0 / FACTORIAL_17, 5460.0 / FACTORIAL_17,
     -120.0 / FACTORIAL_17, 1.0 / FACTORIAL_17},
    {-34459425.0 / FACTORIAL_19, 310134825.0 / FACTORIAL_19,
     -413513100.0 / FACTORIAL_19, 192972780.0 / FACTORIAL_19,
     -41351310.0 / FACTORIAL_19, 4594590.0 / FACTORIAL_19,
     -278460.0 / FACTORIAL_19, 9180.0 / FACTORIAL_19, -153.0 / FACTORIAL_19,
     1.0 / FACTORIAL_19},
};

static const double LANE_UP[LANES] = {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
static const double LANE_DOWN[LANES] = {7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0};

#define LANE_BYTES 16
#if defined(__x86_64__)
#define LANE_LEAST(a, b) ((vec)_mm_min_pd((__m128d)(a), (__m128d)(b)))
#define LANE_MOST(a, b) ((vec)_mm_max_pd((__m128d)(a), (__m128d)(b)))
#else
#define LANE_LEAST(a, b) choose((bits)((a) < (b)), a, b)
#define LANE_MOST(a, b) choose((bits)((a) > (b)), a, b)
#endif
#if defined(__x86_64__)
#define LANE_ANY(m) (_mm_movemask_pd((__m128d)(m)) != 0)
#else
#define LANE_ANY(m) (((m)[0] | (m)[1]) != 0)
#endif
#define LANE_LARGEST(x) ((x)[0] > (x)[1] ? (x)[0] : (x)[1])
#define LANE_FLOOR(x) LANE_NAME(floor)(x)
#define LANE_WHERE(a, b, x) ((vec)((bits)((a) < (b)) & (bits)(x)))
#define LANE_CHOOSE(a, b, x, y) choose((bits)((a) < (b)), x, y)
#define LANE_TARGET
#define LANE_NAME(x) x##_any
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define LANE_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2)
#define LANE_REVERSE(a) __builtin_shufflevector(a, a, 1, 0)
#include "lanes_body.h"

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline double largest_of_4(__m256d x)
{
    __m128d y =
        _mm_max_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));

    return y[0] > y[1] ? y[0] : y[1];
}

#define LANE_BYTES 32
#define LANE_LEAST(a, b) ((vec)_mm256_min_pd((__m256d)(a), (__m256d)(b)))
#define LANE_MOST(a, b) ((vec)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#define LANE_ANY(m) (_mm256_movemask_pd((__m256d)(m)) != 0)
#define LANE_LARGEST(x) largest_of_4((__m256d)(x))
#define LANE_FLOOR(x) ((vec)_mm256_floor_pd((__m256d)(x)))
#define LANE_WHERE(a, b, x) ((vec)((bits)((a) < (b)) & (bits)(x)))
#define LANE_CHOOSE(a, b, x, y) choose((bits)((a) < (b)), x, y)
#define LANE_TARGET __attribute__((target("avx2")))
#define LANE_NAME(x) x##_avx2
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define LANE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4)
#define LANE_REVERSE(a) __builtin_shufflevector(a, a, 3, 2, 1, 0)
#include "lanes_body.h"

#define LANE_BYTES 64
#define LANE_LEAST(a, b) ((vec)_mm512_min_pd((__m512d)(a), (__m512d)(b)))
#define LANE_MOST(a, b) ((vec)_mm512_max_pd((__m512d)(a), (__m512d)(b)))
#define LANE_ANY(m) (_mm512_test_epi64_mask((__m512i)(m), (__m512i)(m)) != 0)
#define LANE_LARGEST(x) _mm512_reduce_max_pd((__m512d)(x))
#define LANE_FLOOR(x) ((vec)_mm512_floor_pd((__m512d)(x)))
#define LANE_LESS(a, b)                                                        \
    _mm512_cmp_pd_mask((__m512d)(a), (__m512d)(b), _CMP_LT_OQ)
#define LANE_WHERE(a, b, x)                                                    \
    ((vec)_mm512_maskz_mov_pd(LANE_LESS(a, b), (__m512d)(x)))
#define LANE_CHOOSE(a, b, x, y)                                                \
    ((vec)_mm512_mask_mov_pd((__m512d)(y), LANE_LESS(a, b), (__m512d)(x)))
#define LANE_TARGET __attribute__((target("avx512f")))
#define LANE_NAME(x) x##_avx512
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define LANE_HIGH(a, b)                                                        \
    __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8)
#define LANE_REVERSE(a) __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0)
#include "lanes_body.h"
#undef LANE_LESS

const struct lanes_ops *lanes_ops(void)
{
    if (__builtin_cpu_supports("avx512f"))
        return &ops_avx512;
    return __builtin_cpu_supports("avx2") ? &ops_avx2 : &ops_any;
}
#else
const struct lanes_ops *lanes_ops(void)
{
    return &ops_any;
}
#endif
