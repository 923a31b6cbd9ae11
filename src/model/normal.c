#include "normal.h"

/* (-1)^n w^n / n! times this and the density is the n-th coefficient: Hermite's
 * polynomial of degree n - 1. */
static void hermite(double z, double out[NORMAL_TERMS])
{
    out[0] = 1.0;
    out[1] = z;
    for (int n = 2; n < NORMAL_TERMS; n++)
        out[n] = z * out[n - 1] - (double)(n - 1) * out[n - 2];
}

static void node_init(double z, double term[NORMAL_TERMS + 1])
{
    const double root_two_pi = 2.50662827463100050242;
    double density = exp(-0.5 * z * z) / root_two_pi, factor = density;
    double he[NORMAL_TERMS];

    hermite(z, he);
    term[0] = 0.5 * erfc(z * sqrt(0.5));
    for (int n = 1; n <= NORMAL_TERMS; n++) {
        factor *= -1.0 / (NORMAL_PER_SIGMA * n);
        term[n] = factor * he[n - 1];
    }
    /* With v = 2 u in -1 .. 1: v^7 = (112 v^5 - 56 v^3 + 7 v + T7(v)) / 64. */
    term[5] += term[7] * 112.0 / 64.0 / 4.0;
    term[3] -= term[7] * 56.0 / 64.0 / 16.0;
    term[1] += term[7] * 7.0 / 64.0 / 64.0;
    term[7] = 0.0;
}

void normal_init(struct normal *t)
{
    for (int i = 0; i < NORMAL_NODES; i++)
        node_init(((double)i + 0.5) / NORMAL_PER_SIGMA, t->term[i]);
    for (int n = 0; n <= NORMAL_TERMS; n++)
        t->term[NORMAL_NODES][n] = 0.0;
}
