#include "liqmap/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "schema.h"
#include "statement.h"

/* How long another process may hold the file. */
#define BUSY_MS 5000

struct liq_store {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
};

void liq_row_free(struct liq_row *r)
{
    free(r->levels.level);
    r->levels.level = NULL;
    r->levels.n_level = 0;
}

static enum liq_err fail(struct liq_store *s, struct liq_reason *why)
{
    int code = sqlite3_errcode(s->db) & 0xff;

    return liq_fail(why,
                    code == SQLITE_NOTADB || code == SQLITE_NOMEM ? LIQ_EFORMAT
                                                                  : LIQ_EIO,
                    "recorder: %.150s", sqlite3_errmsg(s->db));
}

/* --- opening and closing -------------------------------------------------- */

static enum liq_err prepare(struct liq_store *s, struct liq_reason *why)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(s->db, liq_statements[i], -1,
                               SQLITE_PREPARE_PERSISTENT, &s->statement[i],
                               NULL) != SQLITE_OK)
            return fail(s, why);
    }
    return LIQ_OK;
}

static enum liq_err run(struct liq_store *s, const char *text,
                        struct liq_reason *why)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK
               ? LIQ_OK
               : fail(s, why);
}

/* With a write-ahead log a commit is in the file system when it returns: only a
 * power failure may lose the last ones, and nothing damages the file. */
static enum liq_err set_up(struct liq_store *s, bool read_only,
                           struct liq_reason *why)
{
    enum liq_err err;

    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    if (read_only)
        return liq_schema_check(s->db, why);
    err = run(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", why);
    if (err == LIQ_OK)
        err = liq_schema_migrate(s->db, LIQ_SCHEMA_VERSION, why);
    return err;
}

enum liq_err liq_store_open(const char *path, bool read_only,
                            struct liq_store **out, struct liq_reason *why)
{
    struct liq_store *s = calloc(1, sizeof *s);
    int flags = read_only ? SQLITE_OPEN_READONLY
                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    enum liq_err err;

    if (!s)
        return liq_fail(why, LIQ_ENOMEM, "recorder: no memory");
    if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        err = liq_fail(why, LIQ_EIO, "recorder: %.100s: %.60s", path,
                       s->db ? sqlite3_errmsg(s->db) : "no memory");
    else
        err = set_up(s, read_only, why);
    if (err == LIQ_OK)
        err = prepare(s, why);
    if (err != LIQ_OK) {
        liq_store_close(s);
        return err;
    }
    *out = s;
    return LIQ_OK;
}

void liq_store_close(struct liq_store *s)
{
    if (!s)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statement[i]);
    sqlite3_close(s->db);
    free(s);
}

/* --- binding -------------------------------------------------------------- */

/* NaN, which is absent, is NULL in SQL. */
static void bind_number(sqlite3_stmt *q, int i, double x)
{
    if (isfinite(x))
        sqlite3_bind_double(q, i, x);
    else
        sqlite3_bind_null(q, i);
}

/* Part of a key, where NULL would differ from NULL. */
static void bind_key_number(sqlite3_stmt *q, int i, double x)
{
    sqlite3_bind_double(q, i, isfinite(x) ? x : 0.0);
}

static void bind_text(sqlite3_stmt *q, int i, const char *text)
{
    sqlite3_bind_text(q, i, text, -1, SQLITE_TRANSIENT);
}

static const char *side_name(bool is_long)
{
    return is_long ? "long" : "short";
}

static void bind_row(sqlite3_stmt *q, const struct liq_row *r)
{
    bind_text(q, 1, r->exchange);
    bind_text(q, 2, r->symbol);
    sqlite3_bind_int64(q, 3, r->time_ms);
}

static double column(sqlite3_stmt *q, int i)
{
    return sqlite3_column_type(q, i) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(q, i);
}

static void column_text(sqlite3_stmt *q, int i, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(q, i);

    snprintf(out, size, "%s", text ? (const char *)text : "");
}

/* --- writing -------------------------------------------------------------- */

/* Runs a statement that gives no row, and adds what it changed to *added. */
static enum liq_err step(struct liq_store *s, sqlite3_stmt *q, size_t *added,
                         struct liq_reason *why)
{
    int status = sqlite3_step(q);
    enum liq_err err = status == SQLITE_DONE ? LIQ_OK : fail(s, why);

    if (err == LIQ_OK)
        *added += (size_t)sqlite3_changes(s->db);
    sqlite3_reset(q);
    return err;
}

static enum liq_err put_statistics(struct liq_store *s, const struct liq_row *r,
                                   size_t *added, struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[PUT_STATISTICS];

    bind_row(q, r);
    bind_number(q, 4, r->statistics.open_interest);
    bind_number(q, 5, r->statistics.open_interest_usd);
    bind_number(q, 6, r->statistics.mark_price);
    bind_number(q, 7, r->statistics.funding_rate);
    bind_number(q, 8, r->statistics.long_account_share);
    return step(s, q, added, why);
}

static enum liq_err put_liquidation(struct liq_store *s,
                                    const struct liq_row *r, size_t *added,
                                    struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[PUT_LIQUIDATION];

    bind_row(q, r);
    bind_text(q, 4, side_name(r->liquidation.is_long));
    bind_key_number(q, 5, r->liquidation.price);
    bind_key_number(q, 6, r->liquidation.quantity);
    bind_key_number(q, 7, r->liquidation.usd);
    sqlite3_bind_int(q, 8, r->liquidation.sampled);
    return step(s, q, added, why);
}

static enum liq_err put_cover(struct liq_store *s, const struct liq_row *r,
                              size_t *added, struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[PUT_COVER];

    bind_row(q, r);
    sqlite3_bind_int64(q, 4, r->until_ms);
    return step(s, q, added, why);
}

static enum liq_err put_level(struct liq_store *s, sqlite3_int64 publication,
                              const struct liq_stored_level *l,
                              struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[PUT_LEVEL];
    size_t ignored = 0;

    sqlite3_bind_int64(q, 1, publication);
    bind_text(q, 2, side_name(l->is_long));
    bind_key_number(q, 3, l->price);
    bind_number(q, 4, l->from);
    bind_number(q, 5, l->to);
    bind_number(q, 6, l->mass);
    bind_number(q, 7, l->usd);
    return step(s, q, &ignored, why);
}

/* The first levels of a close stay: they are those that were published. */
static enum liq_err put_levels(struct liq_store *s, const struct liq_row *r,
                               size_t *added, struct liq_reason *why)
{
    const struct liq_publication *p = &r->levels;
    sqlite3_stmt *q = s->statement[PUT_PUBLICATION];
    size_t new = 0;
    enum liq_err err;

    bind_row(q, r);
    sqlite3_bind_int64(q, 4, p->interval_ms);
    sqlite3_bind_int64(q, 5, p->close_ms);
    bind_text(q, 6, p->model);
    bind_text(q, 7, p->parameters);
    bind_number(q, 8, p->price);
    bind_number(q, 9, p->open_interest_usd);
    err = step(s, q, &new, why);
    if (err == LIQ_OK && new > 0) {
        sqlite3_int64 id = sqlite3_last_insert_rowid(s->db);

        for (size_t i = 0; err == LIQ_OK && i < p->n_level; i++)
            err = put_level(s, id, &p->level[i], why);
    }
    *added += new;
    return err;
}

static enum liq_err put_one(struct liq_store *s, const struct liq_row *r,
                            size_t *added, struct liq_reason *why)
{
    switch (r->kind) {
    case LIQ_ROW_STATISTICS:
        return put_statistics(s, r, added, why);
    case LIQ_ROW_LEVELS:
        return put_levels(s, r, added, why);
    case LIQ_ROW_LIQUIDATION:
        return put_liquidation(s, r, added, why);
    case LIQ_ROW_COVER:
        return put_cover(s, r, added, why);
    }
    return LIQ_OK;
}

enum liq_err liq_store_put(struct liq_store *s, const struct liq_row *row,
                           size_t n, size_t *added, struct liq_reason *why)
{
    size_t count = 0;
    enum liq_err err = run(s, "BEGIN IMMEDIATE", why);

    if (err != LIQ_OK)
        return err;
    for (size_t i = 0; err == LIQ_OK && i < n; i++)
        err = put_one(s, &row[i], &count, why);
    if (err == LIQ_OK)
        err = run(s, "COMMIT", why);
    if (err != LIQ_OK)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    else if (added)
        *added = count;
    return err;
}

enum liq_err liq_store_trim(struct liq_store *s, int64_t before_ms,
                            struct liq_reason *why)
{
    long long t = (long long)before_ms;
    char text[512];
    enum liq_err err;

    snprintf(text, sizeof text,
             "BEGIN IMMEDIATE;"
             "DELETE FROM statistics WHERE time_ms < %lld;"
             "DELETE FROM liquidation WHERE time_ms < %lld;"
             "DELETE FROM cover WHERE until_ms < %lld;"
             "DELETE FROM level WHERE publication IN"
             " (SELECT id FROM publication WHERE time_ms < %lld);"
             "DELETE FROM publication WHERE time_ms < %lld;"
             "COMMIT",
             t, t, t, t, t);
    err = run(s, text, why);
    if (err != LIQ_OK)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* --- reading -------------------------------------------------------------- */

static void read_statistics(sqlite3_stmt *q, struct liq_row *r)
{
    r->statistics.open_interest = column(q, 3);
    r->statistics.open_interest_usd = column(q, 4);
    r->statistics.mark_price = column(q, 5);
    r->statistics.funding_rate = column(q, 6);
    r->statistics.long_account_share = column(q, 7);
}

static void read_liquidation(sqlite3_stmt *q, struct liq_row *r)
{
    struct liq_liquidation *l = &r->liquidation;
    char side[8];

    column_text(q, 3, side, sizeof side);
    l->time_ms = r->time_ms;
    l->is_long = strcmp(side, "long") == 0;
    l->price = sqlite3_column_double(q, 4);
    l->quantity = sqlite3_column_double(q, 5);
    l->usd = sqlite3_column_double(q, 6);
    l->sampled = sqlite3_column_int(q, 7) != 0;
    if (l->price == 0.0)
        l->price = NAN;
    if (l->quantity == 0.0)
        l->quantity = NAN;
}

static void read_cover(sqlite3_stmt *q, struct liq_row *r)
{
    r->until_ms = sqlite3_column_int64(q, 3);
}

static void read_publication(sqlite3_stmt *q, struct liq_row *r)
{
    struct liq_publication *p = &r->levels;

    p->interval_ms = sqlite3_column_int64(q, 3);
    p->close_ms = sqlite3_column_int64(q, 4);
    column_text(q, 5, p->model, sizeof p->model);
    column_text(q, 6, p->parameters, sizeof p->parameters);
    p->price = column(q, 7);
    p->open_interest_usd = column(q, 8);
}

static enum liq_err add_level(struct liq_publication *p, sqlite3_stmt *q)
{
    struct liq_stored_level *more =
        realloc(p->level, (p->n_level + 1) * sizeof *more);
    char side[8];

    if (!more)
        return LIQ_ENOMEM;
    p->level = more;
    column_text(q, 0, side, sizeof side);
    more[p->n_level++] =
        (struct liq_stored_level){.is_long = strcmp(side, "long") == 0,
                                  .price = sqlite3_column_double(q, 1),
                                  .from = column(q, 2),
                                  .to = column(q, 3),
                                  .mass = column(q, 4),
                                  .usd = column(q, 5)};
    return LIQ_OK;
}

static enum liq_err read_levels(struct liq_store *s, sqlite3_int64 id,
                                struct liq_publication *p,
                                struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[GET_LEVELS];
    enum liq_err err = LIQ_OK;
    int status = SQLITE_DONE;

    sqlite3_bind_int64(q, 1, id);
    while (err == LIQ_OK && (status = sqlite3_step(q)) == SQLITE_ROW)
        err = add_level(p, q);
    if (err == LIQ_ENOMEM)
        liq_fail(why, err, "recorder: no memory");
    else if (status != SQLITE_DONE)
        err = fail(s, why);
    sqlite3_reset(q);
    return err;
}

static void bind_range(sqlite3_stmt *q, const char *exchange,
                       const char *symbol, int64_t from_ms, int64_t to_ms)
{
    sqlite3_clear_bindings(q);
    if (exchange)
        bind_text(q, 1, exchange);
    if (symbol)
        bind_text(q, 2, symbol);
    sqlite3_bind_int64(q, 3, from_ms);
    sqlite3_bind_int64(q, 4, to_ms);
}

/* The row that q is at; its levels with it. */
static enum liq_err read_row(struct liq_store *s, sqlite3_stmt *q,
                             struct liq_row *r, struct liq_reason *why)
{
    column_text(q, 0, r->exchange, sizeof r->exchange);
    column_text(q, 1, r->symbol, sizeof r->symbol);
    r->time_ms = sqlite3_column_int64(q, 2);
    switch (r->kind) {
    case LIQ_ROW_STATISTICS:
        read_statistics(q, r);
        break;
    case LIQ_ROW_LIQUIDATION:
        read_liquidation(q, r);
        break;
    case LIQ_ROW_COVER:
        read_cover(q, r);
        break;
    case LIQ_ROW_LEVELS:
        read_publication(q, r);
        return read_levels(s, sqlite3_column_int64(q, 9), &r->levels, why);
    }
    return LIQ_OK;
}

static enum liq_err each_of(struct liq_store *s, sqlite3_stmt *q,
                            enum liq_row_kind kind, liq_store_row_fn *each,
                            void *arg, struct liq_reason *why)
{
    enum liq_err err = LIQ_OK;
    int status = SQLITE_DONE;
    bool more = true;

    while (more && err == LIQ_OK && (status = sqlite3_step(q)) == SQLITE_ROW) {
        struct liq_row r = {.kind = kind};

        err = read_row(s, q, &r, why);
        if (err == LIQ_OK)
            more = each(arg, &r);
        liq_row_free(&r);
    }
    if (err == LIQ_OK && more && status != SQLITE_DONE)
        err = fail(s, why);
    sqlite3_reset(q);
    return err;
}

enum liq_err liq_store_each(struct liq_store *s, enum liq_row_kind kind,
                            const char *exchange, const char *symbol,
                            int64_t from_ms, int64_t to_ms,
                            liq_store_row_fn *each, void *arg,
                            struct liq_reason *why)
{
    static const enum statement of[] = {
        [LIQ_ROW_STATISTICS] = GET_STATISTICS,
        [LIQ_ROW_LEVELS] = GET_PUBLICATIONS,
        [LIQ_ROW_LIQUIDATION] = GET_LIQUIDATIONS,
        [LIQ_ROW_COVER] = GET_COVERS,
    };
    int all = exchange && symbol ? 0 : ALL_STATISTICS - GET_STATISTICS;
    sqlite3_stmt *q = s->statement[(int)of[kind] + all];

    bind_range(q, exchange, symbol, from_ms, to_ms);
    return each_of(s, q, kind, each, arg, why);
}

struct interest {
    int64_t from_ms, step_ms;
    size_t n;
    double *usd;
};

static bool take_interest(void *arg, const struct liq_row *r)
{
    struct interest *a = arg;
    size_t i = (size_t)((r->time_ms - a->from_ms) / a->step_ms);

    if (i < a->n && isfinite(r->statistics.open_interest_usd))
        a->usd[i] = r->statistics.open_interest_usd;
    return true;
}

enum liq_err liq_store_interest(struct liq_store *s, const char *exchange,
                                const char *symbol, int64_t from_ms,
                                int64_t step_ms, size_t n, double *usd,
                                struct liq_reason *why)
{
    struct interest a = {from_ms, step_ms, n, usd};

    return liq_store_each(s, LIQ_ROW_STATISTICS, exchange, symbol, from_ms,
                          from_ms + (int64_t)n * step_ms, take_interest, &a,
                          why);
}

static bool take_row(void *arg, const struct liq_row *r)
{
    *(struct liq_row *)arg = *r;
    return true;
}

enum liq_err liq_store_statistics(struct liq_store *s, const char *exchange,
                                  const char *symbol, int64_t from_ms,
                                  int64_t to_ms, struct liq_statistics *out,
                                  int64_t *time_ms, struct liq_reason *why)
{
    sqlite3_stmt *q = s->statement[GET_NEWEST];
    struct liq_row r = {.time_ms = -1};
    enum liq_err err;

    bind_range(q, exchange, symbol, from_ms, to_ms + 1);
    err = each_of(s, q, LIQ_ROW_STATISTICS, take_row, &r, why);
    if (err == LIQ_OK && r.time_ms < 0)
        err = liq_fail(why, LIQ_ENOTFOUND, "recorder: nothing recorded then");
    if (err == LIQ_OK) {
        *out = r.statistics;
        *time_ms = r.time_ms;
    }
    return err;
}

enum liq_err liq_store_backup(struct liq_store *s, const char *path,
                              struct liq_reason *why)
{
    return liq_sqlite_backup(s->db, path, why);
}
