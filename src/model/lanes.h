/* The two loops that take most of a run's time, several rows at once; private
 * to the model. */
#ifndef LIQMAP_MODEL_LANES_H
#define LIQMAP_MODEL_LANES_H

#include <stddef.h>
#include "liqmap/model.h"

/* Rows at once.  Up to one less than that behind the last row are read and
 * written back as they were. */
#define LANES 8
/* The highest rows that add_band takes, in sigma. */
#define LANES_PITCH_MAX 0.8

/*
 * Each operation is the same on every lane and in the same order, so the bytes
 * do not depend on what the processor has; wider registers only do more of
 * them at once.
 */
struct lanes_ops {
    /*
     * Add mass to n rows of a band: to each the integral of the normal density
     * over it, from its series about the middle of the row.  Relative error
     * below 1e-10 in a row 4 sigma out where a row is 0.45 or 0.8 sigma high,
     * far less elsewhere.
     *
     * z      middle of the first row, in sigma from the mean
     * pitch  height of a row in sigma, 0 .. LANES_PITCH_MAX
     */
    void (*add_band)(double *row, size_t n, double z, double pitch,
                     double mass);
    /* out[i] = the sum of weight[k] * cell[k * rows + i] over the tiers, for
     * i < n; out has room for n rounded up to whole LANES. */
    void (*weigh)(const double *cell, size_t rows, size_t n,
                  const double weight[LIQ_TIERS], double *out);
};

/* Those that suit the processor. */
const struct lanes_ops *lanes_ops(void);

#endif
