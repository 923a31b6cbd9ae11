/* The normal distribution from a table; private to the model. */
#ifndef LIQMAP_MODEL_NORMAL_H
#define LIQMAP_MODEL_NORMAL_H

#include <math.h>

#define NORMAL_PER_SIGMA 16
#define NORMAL_REACH 10 /* sigma; the tail beyond it, 8e-24, counts as 0 */
#define NORMAL_NODES (NORMAL_REACH * NORMAL_PER_SIGMA)
#define NORMAL_TERMS 7

/*
 * The mass beyond x sigma, a polynomial for each 1/16 of a sigma: the Taylor
 * series about its middle up to the seventh power, of which the seventh is
 * spread over the lower ones by Chebyshev's polynomial.  Relative error below
 * 2e-10 for differences of neighbouring values up to 4 sigma, below 1e-14 of
 * the whole.
 */
struct normal {
    double term[NORMAL_NODES + 1][NORMAL_TERMS + 1]; /* a cache line each */
};

void normal_init(struct normal *t);

/* The mass beyond x / NORMAL_PER_SIGMA sigma, x >= 0. */
static inline double normal_tail(const struct normal *t, double x)
{
    double known = x < NORMAL_NODES ? x : NORMAL_NODES;
    int i = (int)known;
    const double *c = t->term[i];
    double u = known - ((double)i + 0.5);

    return c[0] +
           u * (c[1] +
                u * (c[2] + u * (c[3] + u * (c[4] + u * (c[5] + u * c[6])))));
}

#endif
