#include "lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "band.h"
#include "decade.h"

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
 * in z^2.  HERMITE[n][i] is the coefficient of z^2i in He_2n(z).
 */
#define TERMS 8
/* How high rows may be, in sigma, where so many terms are enough: the error in
 * a row 4 sigma out is 1e-10 there.  Higher rows are differences of the masses
 * below their edges. */
#define PITCH_OF_3 0.056
#define PITCH_OF_4 0.205
#define PITCH_OF_5 0.37
#define PITCH_OF_6 0.66
#define PITCH_OF_7 0.88
/* 8 sigma are 9 of the higher ones, and at each end some of one more: not above
 * 2 LANES.  Their edges are so many registers where those are the smallest. */
#define TAILS_MAX LANES

static const double HERMITE[TERMS][TERMS] = {
    {1.0},
    {-1.0, 1.0},
    {3.0, -6.0, 1.0},
    {-15.0, 45.0, -15.0, 1.0},
    {105.0, -420.0, 210.0, -28.0, 1.0},
    {-945.0, 4725.0, -3150.0, 630.0, -45.0, 1.0},
    {10395.0, -62370.0, 51975.0, -13860.0, 1485.0, -66.0, 1.0},
    {-135135.0, 945945.0, -945945.0, 315315.0, -45045.0, 3003.0, -91.0, 1.0},
};
/* (2n + 1)! / (2n + 3)! */
static const double INVERSE[TERMS] = {
    1.0 / 6.0,   1.0 / 20.0,  1.0 / 42.0,  1.0 / 72.0,
    1.0 / 110.0, 1.0 / 156.0, 1.0 / 210.0, 1.0 / 272.0,
};

static const double LANE_NUMBER[2 * LANES + 1] = {
    0.0, 1.0,  2.0,  3.0,  4.0,  5.0,  6.0,  7.0, 8.0,
    9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0};
static const uint64_t LANE_COUNT[2 * LANES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                               8, 9, 10, 11, 12, 13, 14, 15};

#define LANE_BYTES 16
#define LANE_TARGET
#define LANE_NAME(x) x##_any
#define LANE_PREV(a, b) __builtin_shufflevector(a, b, 1, 2)
#include "lanes_body.h"

#if defined(__x86_64__)
#define LANE_BYTES 32
#define LANE_TARGET __attribute__((target("avx2")))
#define LANE_NAME(x) x##_avx2
#define LANE_PREV(a, b) __builtin_shufflevector(a, b, 3, 4, 5, 6)
#include "lanes_body.h"

#define LANE_BYTES 64
#define LANE_TARGET __attribute__((target("avx512f")))
#define LANE_NAME(x) x##_avx512
#define LANE_PREV(a, b)                                                        \
    __builtin_shufflevector(a, b, 7, 8, 9, 10, 11, 12, 13, 14)
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
