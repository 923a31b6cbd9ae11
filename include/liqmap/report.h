/* What the map is worth on data of the past: MODEL.md 11, docs/truth.md.  Pure
 * computing but for liq_executed_read and liq_interest_read, which read files.
 */
#ifndef LIQMAP_REPORT_H
#define LIQMAP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/err.h"
#include "liqmap/model.h"
#include "liqmap/series.h"

#define LIQ_REPORT_DRAWS_MIN 300
#define LIQ_REPORT_DRAWS_MAX 10000
#define LIQ_REPORT_DRAWS_DEFAULT 1000

/* A reported liquidation, or the sum of a bar.  side: of the position that was
 * closed. */
struct liq_executed {
    int64_t time_ms;
    enum liq_side side;
    double usd;
};

/* Open interest of one side; usd is NaN where the file does not say it. */
struct liq_interest {
    int64_t time_ms;
    double coins, usd;
};

struct liq_executed_list {
    struct liq_executed *at; /* [n] ascending in time, owned */
    size_t n;
};

struct liq_interest_list {
    struct liq_interest *at; /* [n] ascending in time, owned */
    size_t n;
};

/*
 * Add what a file holds to the list and sort it.
 *
 * Liquidations: time,side,usd with side long or short; or a list of orders:
 * time,side (SELL closed a long, BUY a short) and a quantity
 * (accumulated_fill_quantity or quantity) with average_price or price.  Rows of
 * another symbol are skipped where there is such a column.
 * Open interest: create_time (or time), sum_open_interest, and if there
 * sum_open_interest_value and symbol.  0 and nothing are absent.
 *
 * LIQ_OK, or LIQ_EIO, LIQ_EFORMAT with file and line in *why; LIQ_ENOMEM.  The
 * list is then unchanged.
 */
LIQ_MUST_CHECK enum liq_err liq_executed_read(const char *path,
                                              const char *symbol,
                                              struct liq_executed_list *list,
                                              struct liq_reason *why);
LIQ_MUST_CHECK enum liq_err liq_interest_read(const char *path,
                                              const char *symbol,
                                              struct liq_interest_list *list,
                                              struct liq_reason *why);

/*
 * What a report is made of; all borrowed for the call.
 *
 * kline       [n], n >= 1, ascending; of an interval that divides engine_ms
 * engine_ms   what the model runs on; divides display_ms
 * display_ms  of the bars that are judged
 * from_ms     bars that open in [from_ms, to_ms) are judged; 0: all but the
 *             warm-up.  The model always runs from the first candle
 * executed    [n_executed] may be empty, as interest may
 * draws       LIQ_REPORT_DRAWS_MIN .. LIQ_REPORT_DRAWS_MAX
 */
struct liq_report_input {
    const struct liq_kline *kline;
    size_t n;
    int64_t engine_ms, display_ms, from_ms, to_ms;
    const struct liq_executed *executed;
    size_t n_executed;
    const struct liq_interest *interest;
    size_t n_interest;
    struct liq_contract contract;
    uint64_t seed;
    size_t draws;
};

enum liq_measure {
    LIQ_MEASURE_SWEEPS,
    LIQ_MEASURE_DENSE,
    LIQ_MEASURE_FALSE,
    LIQ_MEASURE_TOUCH,
    LIQ_MEASURE_LEVELS,
    LIQ_MEASURE_AFTER,
    LIQ_MEASURE_CALIBRATION,
    LIQ_MEASURE_INTEREST,
    LIQ_MEASURES
};

/* "sweeps", ...: the key in JSON. */
const char *liq_measure_name(enum liq_measure m);

#define LIQ_FIGURE_TEXT 64

/*
 * One number with its uncertainty.
 *
 * map       which map: "map", or the name of a placebo
 * what      beyond, between or under what; a few words
 * unit      "points", "x", "%", "% px" or "R2"
 * none      what it would be if the map meant nothing; NaN: no such value
 * low, high of the 95 % interval; NaN: too few rows for one
 * n, blocks rows, and days (weeks) with such rows
 * gain      only a value above none means something: a column that explains
 *           nothing makes predictions out of fold a little worse
 * spoiled   a placebo of the same figure scores, so it says nothing of the map
 * draw      [draws] its value in each draw, for a difference; owned
 */
struct liq_figure {
    enum liq_measure measure;
    const char *map;
    char what[LIQ_FIGURE_TEXT];
    const char *unit;
    double value, low, high, none;
    size_t n, blocks;
    bool gain, spoiled;
    double *draw;
};

/* Whether the interval excludes what nothing would give, and no placebo scores
 * in the same figure. */
bool liq_figure_established(const struct liq_figure *f);
/* Whether the figure is of a placebo and scores beyond noise: the measure is
 * broken. */
bool liq_figure_broken(const struct liq_figure *f);

/*
 * missing   [LIQ_MEASURES] why a measure has no figures; NULL: it has
 * bars      display candles that were judged, from first_ms to last_ms
 * minus     of a comparison: the parameters of b
 * weekly    blocks are weeks, not days
 */
struct liq_report {
    struct liq_figure *figure; /* [n], owned */
    size_t n, room, draws;
    const char *missing[LIQ_MEASURES];
    struct liq_params params, minus;
    struct liq_contract contract;
    int64_t engine_ms, display_ms, first_ms, last_ms;
    size_t bars, n_executed, n_interest, rows;
    double step;
    uint64_t seed;
    bool weekly;
};

/* LIQ_OK; LIQ_EINVAL for intervals that do not divide each other or an input
 * out of range, LIQ_ENOTFOUND when no bar is left to judge, both with *why;
 * LIQ_ENOMEM.  *out is for liq_report_free. */
LIQ_MUST_CHECK enum liq_err liq_report_run(const struct liq_report_input *in,
                                           const struct liq_params *params,
                                           struct liq_report **out,
                                           struct liq_reason *why);
void liq_report_free(struct liq_report *r);

/*
 * The figures of a minus those of b: same input, other parameters.  The
 * interval is that of the differences draw by draw, the same days in both, and
 * none is 0.  Only figures of the map itself.  LIQ_EINVAL when the two do not
 * fit together; LIQ_ENOMEM.
 */
LIQ_MUST_CHECK enum liq_err liq_report_compare(const struct liq_report *a,
                                               const struct liq_report *b,
                                               struct liq_report **out);

/* What a report is of, for its head lines; any may be NULL. */
struct liq_report_title {
    const char *symbol, *candles, *metrics, *liquidations, *build, *command;
    const char *compared; /* NULL: no comparison; else "A minus B" */
};

/* The report as text of about 100 columns, as JSON, as one HTML page that
 * needs nothing else; appended to out, whose err is to be checked. */
void liq_report_table(const struct liq_report *r,
                      const struct liq_report_title *t, struct liq_buf *out);
void liq_report_json(const struct liq_report *r,
                     const struct liq_report_title *t, struct liq_buf *out);
void liq_report_html(const struct liq_report *r,
                     const struct liq_report_title *t, struct liq_buf *out);

#endif
