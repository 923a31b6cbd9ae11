/* The bars, the maps before them, and what they are compared with; private to
 * the report. */
#ifndef LIQMAP_REPORT_STUDY_H
#define LIQMAP_REPORT_STUDY_H

#include "boot.h"
#include "table.h"
#include "liqmap/derive.h"
#include "liqmap/report.h"

/* A map by its distance from price: cells of so many percent each. */
#define CELL_PERCENT 0.025
#define CELLS 600

/*
 * share   [side][cell] of the side's live mass, nearest first; the last one is
 *         all that lies farther
 * weight  [side] the side's share of all live mass
 */
struct profile {
    double share[LIQ_SIDES][CELLS + 1], weight[LIQ_SIDES];
};

/* Share of the side's mass within so many percent of price. */
double profile_swept(const struct profile *p, size_t side, double percent);
/* Column c of the grid, seen from its close. */
void profile_of(const struct liq_grid *g, size_t c, struct profile *out);

#define BINS 5
extern const double bin_from[BINS], bin_to[BINS]; /* % from price */

/*
 * Touches within a day.
 *
 * reach    [bars][side] % that price moved to that side in the 24 h after the
 *          bar; NaN: not known
 * base     [side][n_base] ascending: reach in standard deviations, all moments
 * rows, levels  sums by (map, side, bin, block) and (side, bin, block): of
 *          lifts, and their number
 */
struct touch {
    double *reach, *base[LIQ_SIDES];
    size_t n_base;
    struct sums *rows, *levels;
    struct seen_level *seen;
    size_t n_seen, room_seen;
};

/*
 * engine   [n_engine] up to the end of the last whole bar
 * end      [bars.n] how many of them lie before the end of each bar
 * judged   bars [first, stop)
 * volatility  [bars.n] % a bar of the 48 h that end with it
 * usd      [bars.n][side] reported;  known: [bars.n] the reports cover the bar
 */
struct study {
    const struct liq_report_input *in;
    const struct liq_params *params;
    struct liq_klines engine, bars;
    size_t n_engine;
    size_t *end;
    size_t first, stop;
    double *volatility, *usd;
    bool *known;
    int64_t block_ms, first_block;
    size_t n_block;
    struct liq_axis axis, coarse;
    struct profile *ring; /* [n_ring] of the newest bars, by index modulo */
    size_t n_ring;
    struct profile *now; /* [MAPS] those that judge the next bar */
    struct profile sum;  /* of all maps so far */
    struct table sides, whole;
    struct touch touch;
    struct draws draws;
    struct liq_report *report;
};

/* How many bars are so many hours, at least 1. */
size_t study_bars(const struct study *s, double hours);
/* The block of a time that is judged. */
size_t study_block(const struct study *s, int64_t time_ms);

/* Bars, windows, blocks, axes, room.  What is made is for study_free, also
 * after a failure. */
LIQ_MUST_CHECK enum liq_err study_init(struct study *s,
                                       const struct liq_report_input *in,
                                       const struct liq_params *params,
                                       struct liq_reason *why);
void study_free(struct study *s);
/* Run the model through all bars; fills the tables and the touches. */
LIQ_MUST_CHECK enum liq_err study_run(struct study *s);

/* --- rows.c: what is known of bar t, the maps before it in s->now --- */
void rows_add(struct study *s, size_t t);

/* --- touch.c --- */
LIQ_MUST_CHECK enum liq_err touch_init(struct study *s);
void touch_free(struct touch *t);
/* Whether touches are counted from the end of bar j on. */
bool touch_moment(const struct study *s, size_t j);
/* The rows of s->now against what came after bar j. */
void touch_rows(struct study *s, size_t j);
LIQ_MUST_CHECK enum liq_err touch_levels(struct study *s, size_t j,
                                         const struct liq_levels *levels);
LIQ_MUST_CHECK enum liq_err touch_figures(struct study *s);

/* --- measures.c --- */
LIQ_MUST_CHECK enum liq_err measure_sweeps(struct study *s);
LIQ_MUST_CHECK enum liq_err measure_dense(struct study *s);
LIQ_MUST_CHECK enum liq_err measure_after(struct study *s);
LIQ_MUST_CHECK enum liq_err measure_calibration(struct study *s);
LIQ_MUST_CHECK enum liq_err measure_interest(struct study *s);

/* --- figure.c --- */

/* Below these a figure has no value. */
#define FIGURE_ROWS_MIN 50
#define FIGURE_BLOCKS_MIN 10

/* Mark the figures that a broken placebo makes worthless. */
void figures_spoil(struct liq_report *r);

struct figure_kind {
    enum liq_measure measure;
    const char *map, *unit;
    double none;
    stat_fn *stat;
    bool gain;
};

/* Append a figure: its value and its draws from block[n_block], which n rows
 * went into; count is which sum of a block is above 0 when it has rows. */
LIQ_MUST_CHECK enum liq_err figure_add(struct study *s,
                                       const struct figure_kind *kind,
                                       const char *what,
                                       const struct sums *block, size_t n);

#endif
