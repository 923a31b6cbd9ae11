/* The live mass and how one engine candle changes it; private to the model. */
#ifndef LIQMAP_MODEL_BOOK_H
#define LIQMAP_MODEL_BOOK_H

#include <stddef.h>
#include "band.h"
#include "entries.h"
#include "setting.h"

/*
 * Live mass by tier.  A cell, and what is outside far or near, times the scale
 * of its tier is a mass: decay changes the seven scales and nothing else.
 *
 * cell       [LIQ_TIERS][rows], owned by whoever made the book.  Rows below
 *            close_row hold longs, rows above it shorts, close_row nothing
 * scale      [SIDE_BANDS] of the tiers; 1 for the unused band
 * close_row  of the newest candle, -1 below the axis, rows above it
 * open_ms    of the newest candle taken in, -1 before the first
 */
/* How many cells a book has: some are needed behind the last row. */
#define BOOK_CELLS(rows) (LIQ_TIERS * (rows) + LANES)

struct book {
    double *cell;
    double scale[SIDE_BANDS];
    struct outside outside;
    ptrdiff_t close_row;
    int64_t open_ms;
};

/* A candle and the rows that hold its prices, counted on beyond the axis. */
struct visit {
    const struct liq_kline *candle;
    double low, high, close;
};

struct visit visit_of(const struct liq_axis *axis, const struct liq_kline *k);

/* What one candle's calculation leaves for the next one; all zero before the
 * first.  It saves time and changes no result. */
struct pace {
    int64_t elapsed_ms;
    double keep[LIQ_TIERS];
    struct round_unit unit;
};

void book_reset(struct book *b, size_t rows);
/* Both have room for rows. */
void book_copy(struct book *to, const struct book *from, size_t rows);

/* Decay, clear, seed: MODEL.md 5.  next is the candle that will follow, NULL
 * when another may: what it clears is not computed. */
void book_step(struct book *b, const struct setting *s, struct pace *pace,
               const struct visit *now, const struct visit *next);

/* The last of the three alone. */
void book_seed(struct book *b, const struct setting *s, struct pace *pace,
               const struct visit *now, const struct visit *next);

/* MODEL.md (9) over the chosen tiers and sides, and the largest of it;
 * out[rows + LANES] is overwritten. */
double book_snapshot(const struct book *b, const struct setting *s,
                     unsigned tiers, unsigned sides, double *out);

/* All live mass. */
double book_total(const struct book *b, size_t rows);

#endif
