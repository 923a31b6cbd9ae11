#include "lanes.h"

#include <stdint.h>
#include <string.h>

#define ROOT_TWO_PI 2.50662827463100050242

/* e^x: adding ROUND rounds to an integer, which is then in the lowest bits; ln
 * 2 is in two parts, the first short enough for exact products. */
#define ROUND 0x1.8p52
#define LOG2_E 0x1.71547652b82fep0
#define LN2_HIGH 0x1.62e42fefap-1
#define LN2_LOW 0x1.cf79abc9e3b3ap-40
#define EXP_TERMS 14
static const double EXP_SERIES[EXP_TERMS] = {
    1.0,
    1.0,
    0.5,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40320.0,
    1.0 / 362880.0,
    1.0 / 3628800.0,
    1.0 / 39916800.0,
    1.0 / 479001600.0,
    1.0 / 6227020800.0,
};

/*
 * Integral over a row of height d about z, divided by the density at z and d:
 * sum of He_2n(z) (d/2)^2n / (2n + 1)! for n = 0 .. TERMS - 1, as a polynomial
 * in z^2.  HERMITE[n][i] is the coefficient of z^2i in He_2n(z).
 */
#define TERMS 8
/* Up to this height six terms are as good as eight. */
#define SHORT_PITCH_MAX 0.45
#define SHORT_TERMS 6

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

static const double LANE_NUMBER[LANES] = {0.0, 1.0, 2.0, 3.0,
                                          4.0, 5.0, 6.0, 7.0};
static const uint64_t LANE_COUNT[LANES] = {0, 1, 2, 3, 4, 5, 6, 7};

#define LANE_BYTES 16
#define LANE_TARGET
#define LANE_NAME(x) x##_any
#include "lanes_body.h"

#if defined(__x86_64__)
#define LANE_BYTES 32
#define LANE_TARGET __attribute__((target("avx2")))
#define LANE_NAME(x) x##_avx2
#include "lanes_body.h"

#define LANE_BYTES 64
#define LANE_TARGET __attribute__((target("avx512f")))
#define LANE_NAME(x) x##_avx512
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
