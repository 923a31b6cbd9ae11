#include "lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "band.h"
#include "decade.h"
#include "entries.h"

#define ROOT_TWO_PI 2.50662827463100050242

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
 * The tail of the normal distribution beyond x >= 0, times e^(x^2/2) (x +
 * TAIL_SHIFT), as a polynomial in w = TAIL_A / (x + TAIL_SHIFT) + TAIL_B, which
 * goes from 1 to -1 as x goes from 0 to 38: the Chebyshev series through 20
 * nodes, computed with 50 digits.
 */
#define TAIL_SHIFT 5.0
#define TAIL_A 0x1.6a1af286bca1bp+3
#define TAIL_B (-0x1.435e50d79435ep+0)
#define TAIL_TERMS 20
static const double TAIL_SERIES[TAIL_TERMS] = {
    0x1.b52343a6174dbp-1,   0x1.676f2e55dcb18p-1,   0x1.ef2f8c0e5979fp-2,
    0x1.1ae6d3e75ebbcp-2,   0x1.05c70b7d1a426p-3,   0x1.74a0cf80ecdfep-5,
    0x1.64ba35f6de2b8p-7,   0x1.b484e1471314ap-11,  -0x1.0f134dbb87be1p-11,
    -0x1.8a313c859cd9bp-13, 0x1.49640a62bdffap-18,  0x1.2231e0f679d63p-16,
    0x1.d05f7889a93d8p-20,  -0x1.9bd6bcf9654f9p-20, -0x1.25d3752b5748fp-22,
    0x1.483b4d3d9283fp-23,  0x1.02c6a069582a7p-25,  -0x1.177f9f9c85e27p-26,
    -0x1.2443ab572b892p-29, 0x1.5e3a78788e1d7p-30,
};
/* Sigma.  The tail there, 6e-300, is taken for all beyond it. */
#define TAIL_REACH 37.0

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
#define PITCH_OF_10 1.8
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

static const double LANE_NUMBER[2 * LANES + 1] = {
    0.0, 1.0,  2.0,  3.0,  4.0,  5.0,  6.0,  7.0, 8.0,
    9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0};
static const uint64_t LANE_COUNT[2 * LANES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                               8, 9, 10, 11, 12, 13, 14, 15};

#define LANE_BYTES 16
#define LANE_TARGET
#define LANE_NAME(x) x##_any
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2)
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define LANE_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#include "lanes_body.h"

#if defined(__x86_64__)
#define LANE_BYTES 32
#define LANE_TARGET __attribute__((target("avx2")))
#define LANE_NAME(x) x##_avx2
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4)
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define LANE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "lanes_body.h"

#define LANE_BYTES 64
#define LANE_TARGET __attribute__((target("avx512f")))
#define LANE_NAME(x) x##_avx512
#define LANE_NEXT(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8)
#define LANE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define LANE_HIGH(a, b)                                                        \
    __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "lanes_body.h"

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
