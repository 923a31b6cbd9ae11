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
 * cell       [LIQ_TIERS][rows] of book_cells_new, owned by whoever made the
 *            book.  Rows below close_row hold longs, rows above it shorts,
 *            close_row nothing
 * scale      [SIDE_BANDS] of the tiers; 1 for the unused band
 * close_row  of the newest candle, -1 below the axis, rows above it
 * open_ms    of the newest candle taken in, -1 before the first
 */
struct book {
    double *cell;
    double scale[SIDE_BANDS];
    struct outside outside;
    ptrdiff_t close_row;
    int64_t open_ms;
};

/* Memory that begins with a cache line, for free(); NULL when there is none. */
void *lines_alloc(size_t bytes);
/* Memory for the cells of rows, all 0; NULL when there is none.  It begins
 * NARROW_ROWS before them and ends as many behind. */
double *book_cells_new(size_t rows);
void book_cells_free(double *cell);

/* Rows from low to high, -1 below the axis and the number of its rows above
 * it; none while low > high. */
struct rows {
    int32_t low, high;
};

static const struct rows NO_ROWS = {INT32_MAX, -1};

static inline void rows_add(struct rows *to, const struct rows *more)
{
    to->low = more->low < to->low ? more->low : to->low;
    to->high = more->high > to->high ? more->high : to->high;
}

/* A candle, the rows that it visits, and the row of its close counted on beyond
 * the axis. */
struct visit {
    const struct liq_kline *candle;
    struct rows rows;
    double close;
};

/* What is known to be visited after a candle: until somebody looks at the rows,
 * and until anybody asks for what is outside. */
struct later {
    struct rows next, end;
};

/* Candles that follow each other, as far as nobody looks at the book between
 * them: components up to number `end`, the rows they visited, and what the book
 * is after them. */
struct stretch {
    size_t end;
    struct rows rows;
    double close;
    double scale[SIDE_BANDS];
    int64_t open_ms;
};

#define STRETCHES_MAX COMPONENTS_MAX

/*
 * Candles whose components are computed together.
 *
 * n          components so far
 * stretch    [stretches] the newest one is open
 * taken      components of the newest candle that are in the seeding before
 * elapsed_ms, keep  time between two candles, and what the tiers keep over it
 */
struct seeding {
    struct components of;
    struct bands at[LIQ_TIERS][LIQ_SIDES][COMPONENTS_MAX / LANES];
    struct stretch stretch[STRETCHES_MAX];
    size_t n, stretches;
    bool open;
    double taken;
    int64_t elapsed_ms;
    double keep[SIDE_BANDS];
    struct round_unit unit;
};

void book_reset(struct book *b, size_t rows);
/* Both have room for rows. */
void book_copy(struct book *to, const struct book *from, size_t rows);

/* Once in a run. */
void seeding_init(struct seeding *seeding);
/* Empty, for the candles that come after those of the book. */
void seeding_begin(struct seeding *seeding, const struct book *b);
/* Take another candle.  False when it is not whole in this seeding, and is to
 * be taken again by the next one.  later knows of the candles that this seeding
 * will take at least. */
bool seeding_take(struct seeding *seeding, struct book *b,
                  const struct setting *s, const struct visit *now,
                  const struct later *later);
/* End a stretch: somebody will look at the book then. */
void seeding_cut(struct seeding *seeding);
/* End the last stretch, and find where the bands of all components are. */
void seeding_place(struct seeding *seeding, struct book *b,
                   const struct setting *s);

/* Decay, clear, seed: MODEL.md 5 for the candles of stretch number i, one after
 * another. */
void book_step(struct book *b, const struct setting *s, struct seeding *seeding,
               size_t i);

/* MODEL.md (9) over the chosen tiers and sides, and the largest of it;
 * out[rows + LANES] is overwritten. */
double book_snapshot(const struct book *b, const struct setting *s,
                     unsigned tiers, unsigned sides, double *out);
/* Only the rows below `low` and from `high` on, low <= high <= rows; the others
 * are overwritten with anything. */
void book_snapshot_rows(const struct book *b, const struct setting *s,
                        unsigned tiers, unsigned sides, size_t low, size_t high,
                        double *out);

/* All live mass. */
double book_total(const struct book *b, size_t rows);

#endif
