/* The living mass and how one engine candle changes it; private to the model.
 */
#ifndef LIQMAP_MODEL_BOOK_H
#define LIQMAP_MODEL_BOOK_H

#include <stddef.h>
#include "liqmap/model.h"

/*
 * cell     [LIQ_TIERS][LIQ_SIDES][rows], owned by whoever made the book
 * open_ms  of the newest candle taken in, -1 before the first
 */
struct book {
    double *cell;
    double below[LIQ_TIERS][LIQ_SIDES], above[LIQ_TIERS][LIQ_SIDES];
    double discarded;
    int64_t open_ms;
};

/* What stays the same through a run. */
struct setting {
    struct liq_params params;
    struct liq_contract contract;
    double inflow[LIQ_TIERS];
    struct liq_axis axis;
};

double *book_cells(const struct book *b, size_t rows, size_t tier, size_t side);
void book_reset(struct book *b, size_t rows);
/* Both have room for rows. */
void book_copy(struct book *to, const struct book *from, size_t rows);

/* Decay, clear, seed: MODEL.md 5. */
void book_step(struct book *b, const struct setting *s,
               const struct liq_kline *k);

/* The last of the three alone. */
void book_seed(struct book *b, const struct setting *s,
               const struct liq_kline *k);

/* MODEL.md (9) over the chosen tiers and sides; out[rows] is overwritten. */
void book_snapshot(const struct book *b, size_t rows, unsigned tiers,
                   unsigned sides, double *out);

/* All live mass. */
double book_total(const struct book *b, size_t rows);

/*
 * The entry components of a candle, MODEL.md (5): the Gaussian first, then the
 * round prices.  Calls see for each with the share of the entries it holds.
 */
void book_entries(const struct liq_params *p, const struct liq_kline *k,
                  void (*see)(void *arg, double entry, double sigma,
                              double share),
                  void *arg);

/* What tier k keeps over this time, MODEL.md (4). */
double book_decay(const struct liq_params *p, size_t tier, int64_t elapsed_ms);

#endif
