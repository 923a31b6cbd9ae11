/* The recorder's file, SQLite: what outlives the process.  A store belongs to
 * one thread at a time; other processes may read and write the file meanwhile.
 */
#ifndef LIQMAP_STORE_H
#define LIQMAP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/series.h"

#define LIQ_STORE_NAME 32

/* A level as it was published. */
struct liq_stored_level {
    bool is_long; /* longs would be closed there */
    double price, from, to, mass, usd;
};

/*
 * The levels of a map at a close.
 *
 * close_ms    of the newest closed candle
 * model       name and version
 * parameters  of the model, JSON
 * level       [n_level], owned by the row
 */
struct liq_publication {
    int64_t interval_ms, close_ms;
    char model[48];
    char parameters[512];
    double price, open_interest_usd;
    struct liq_stored_level *level;
    size_t n_level;
};

enum liq_row_kind {
    LIQ_ROW_STATISTICS,  /* as the exchange said them at time_ms */
    LIQ_ROW_LEVELS,      /* published at time_ms */
    LIQ_ROW_LIQUIDATION, /* executed at time_ms */
    LIQ_ROW_COVER        /* a feed was complete from time_ms to until_ms */
};

/* One thing to keep; times in ms UTC. */
struct liq_row {
    enum liq_row_kind kind;
    char exchange[16];
    char symbol[LIQ_STORE_NAME];
    int64_t time_ms, until_ms;
    struct liq_statistics statistics;
    struct liq_liquidation liquidation;
    struct liq_publication levels;
};

/* Frees what the row owns. */
void liq_row_free(struct liq_row *r);

struct liq_store;

/*
 * Open the file at path, making it or bringing it to this version's tables.
 * read_only: neither; it must exist.
 * LIQ_EIO, and why, when it cannot be read or written; LIQ_EFORMAT when it is
 * no such file, or of a newer version.
 */
LIQ_MUST_CHECK enum liq_err liq_store_open(const char *path, bool read_only,
                                           struct liq_store **out,
                                           struct liq_reason *why);
/* NULL is fine. */
void liq_store_close(struct liq_store *s);

/*
 * Write row[n], all or none; what is there already stays as it is, but a cover
 * grows, and statistics are filled in where they were absent.  Statistics are
 * kept once for their exchange, symbol and time, levels
 * once for a close, a liquidation once for all its fields.  Once LIQ_OK is
 * returned no end of this process loses them.  *added: how many were new; may
 * be NULL.  LIQ_EIO: the disk is full, the file read-only or damaged.
 */
LIQ_MUST_CHECK enum liq_err liq_store_put(struct liq_store *s,
                                          const struct liq_row *row, size_t n,
                                          size_t *added,
                                          struct liq_reason *why);

/* Delete what is older than before_ms. */
LIQ_MUST_CHECK enum liq_err
liq_store_trim(struct liq_store *s, int64_t before_ms, struct liq_reason *why);

/* Copy the file as it is now to path, which is replaced once the copy is
 * whole; others may write meanwhile. */
LIQ_MUST_CHECK enum liq_err
liq_store_backup(struct liq_store *s, const char *path, struct liq_reason *why);

/*
 * Open interest of [from_ms, from_ms + n * step_ms): usd[i] is the last one of
 * step i, unchanged where none was recorded.
 */
LIQ_MUST_CHECK enum liq_err
liq_store_interest(struct liq_store *s, const char *exchange,
                   const char *symbol, int64_t from_ms, int64_t step_ms,
                   size_t n, double *usd, struct liq_reason *why);

/* The newest statistics of [from_ms, to_ms] with open interest, LIQ_ENOTFOUND
 * when there are none. */
LIQ_MUST_CHECK enum liq_err
liq_store_statistics(struct liq_store *s, const char *exchange,
                     const char *symbol, int64_t from_ms, int64_t to_ms,
                     struct liq_statistics *out, int64_t *time_ms,
                     struct liq_reason *why);

/* Called for each row, in the order of time; false ends it. */
typedef bool liq_store_row_fn(void *arg, const struct liq_row *row);

/*
 * Rows of one kind with from_ms <= time < to_ms; of covers, those that overlap
 * it.  exchange, symbol NULL: all of them.  Of levels, row->levels.level is the
 * store's, for the call.
 */
LIQ_MUST_CHECK enum liq_err
liq_store_each(struct liq_store *s, enum liq_row_kind kind,
               const char *exchange, const char *symbol, int64_t from_ms,
               int64_t to_ms, liq_store_row_fn *each, void *arg,
               struct liq_reason *why);

#endif
