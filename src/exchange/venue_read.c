/* What the answers of one fetch say together. */
#include "venue.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

/* Contracts are resized once in years, and then under notice. */
#define MULTIPLIER_KEEP_MS (12 * LIQ_HOUR_MS)

/* --- candles -------------------------------------------------------------- */

static enum liq_err read_page(const struct liq_venue_row *row,
                              const struct liq_venue_call *c,
                              const struct liq_venue_query *q,
                              struct liq_kline_list *list,
                              struct liq_reason *why)
{
    size_t first = list->n, i;
    enum liq_err err;

    err =
        row->klines(c->response.body.data, c->response.body.len, q, list, why);
    for (i = first; err == LIQ_OK && i < list->n; i++)
        if (list->at[i].open_ms % q->interval->ms != 0)
            err = liq_fail(why, LIQ_EFORMAT,
                           "candles: row %zu does not open on its interval",
                           i - first);
    return err;
}

/* All pages or none: a missing one would be a hole in the series. */
static enum liq_err check_pages(const struct liq_venue_job *j,
                                struct liq_reason *why)
{
    size_t i;

    for (i = 0; i < j->n_page; i++) {
        if (j->call[i].verdict.code == LIQ_OK)
            continue;
        *why = j->call[i].verdict;
        return why->code;
    }
    return LIQ_OK;
}

static enum liq_err read_klines(const struct liq_venue_market *v,
                                const struct liq_venue_job *j,
                                const struct liq_market_ask *ask,
                                struct liq_klines *out, struct liq_reason *why)
{
    struct liq_kline_list list = {NULL, 0, 0};
    enum liq_err err = LIQ_OK;
    size_t i;

    for (i = 0; err == LIQ_OK && i < j->n_page; i++)
        err = read_page(v->row, &j->call[i], &j->query, &list, why);
    out->at = list.at;
    out->n = list.n;
    if (err != LIQ_OK)
        return err;
    liq_klines_normalise(out);
    liq_klines_cut(out, ask->interval_ms, j->from_ms,
                   ask->to_ms != 0 ? j->last_ms + ask->interval_ms : 0);
    if (out->n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candles of %s in that range",
                        ask->symbol);
    return LIQ_OK;
}

/* --- the rest ------------------------------------------------------------- */

static enum liq_err read_part(const struct liq_venue_job *j,
                              const struct liq_venue_call *c,
                              struct liq_venue_found *found,
                              struct liq_market_answer *out,
                              struct liq_reason *why)
{
    *why = c->verdict;
    if (c->part->read == NULL)
        return LIQ_OK;
    if (why->code == LIQ_OK &&
        c->part->read(c->response.body.data, c->response.body.len, &j->query,
                      found, why) == LIQ_OK)
        return LIQ_OK;
    if (c->part->name != NULL)
        liq_market_warn(out, "%s: %.120s", c->part->name, why->text);
    return why->code;
}

/* Parts that say whether the symbol exists come first. */
static enum liq_err read_listing(const struct liq_venue_job *j,
                                 struct liq_venue_found *found,
                                 struct liq_market_answer *out,
                                 struct liq_reason *why)
{
    size_t i;

    for (i = j->n_page; i < j->n; i++)
        if ((j->call[i].part->flags & LIQ_VENUE_LISTING) &&
            read_part(j, &j->call[i], found, out, why) == LIQ_ENOTFOUND)
            return LIQ_ENOTFOUND;
    return LIQ_OK;
}

static void read_others(const struct liq_venue_row *row,
                        const struct liq_venue_job *j,
                        struct liq_venue_found *found,
                        struct liq_market_answer *out)
{
    struct liq_reason ignored;
    size_t i;

    for (i = j->n_page; i < j->n; i++)
        if (!(j->call[i].part->flags & LIQ_VENUE_LISTING))
            (void)read_part(j, &j->call[i], found, out, &ignored);
    if (j->history_gone && row->history_end != NULL)
        liq_market_warn(out, "%s", row->history_end);
    if (j->query.to_ms != 0 && row->past != NULL)
        liq_market_warn(out, "%s", row->past);
}

/* --- contract sizes ------------------------------------------------------- */

static void multiplier_key(const struct liq_venue_query *q, char key[80])
{
    snprintf(key, 80, "multiplier %s", q->symbol);
}

/* What was read a few hours ago at most; NaN if nothing was. */
static double known_multiplier(struct liq_venue_market *v,
                               const struct liq_venue_query *q)
{
    int64_t now_ms = v->clock->mono_ms(v->clock);
    struct liq_buf bytes;
    double x = NAN;
    char key[80];

    multiplier_key(q, key);
    liq_buf_init(&bytes, sizeof x);
    if (liq_venue_memo_get(&v->memo, key, now_ms, MULTIPLIER_KEEP_MS, &bytes) &&
        bytes.len == sizeof x)
        memcpy(&x, bytes.data, sizeof x);
    liq_buf_free(&bytes);
    return x;
}

static enum liq_err set_multiplier(struct liq_venue_market *v,
                                   struct liq_venue_query *q, double read,
                                   const char *symbol,
                                   struct liq_market_answer *out,
                                   struct liq_reason *why)
{
    char key[80];

    if (v->row->fallback == NULL)
        return LIQ_OK;
    q->multiplier = read;
    if (read > 0.0) {
        multiplier_key(q, key);
        liq_venue_memo_put(&v->memo, key, &read, sizeof read,
                           v->clock->mono_ms(v->clock));
        return LIQ_OK;
    }
    q->multiplier = known_multiplier(v, q);
    if (q->multiplier > 0.0)
        return LIQ_OK;
    q->multiplier = v->row->fallback(symbol);
    if (!(q->multiplier > 0.0))
        return liq_fail(why, LIQ_EFORMAT,
                        "the size of a contract of %s is not known", symbol);
    liq_market_warn(out, "contract size: not answered, taken for %g of old",
                    q->multiplier);
    return LIQ_OK;
}

/* --- together ------------------------------------------------------------- */

/* The exchange gives open interest in coins; the mark price is what it values
 * positions at. */
static void value_open_interest(struct liq_market_answer *out)
{
    double price = out->statistics.mark_price;

    if (isnan(price))
        price = out->ticker.last;
    if (isnan(price))
        price = out->klines.at[out->klines.n - 1].close;
    if (isnan(out->statistics.open_interest_usd))
        out->statistics.open_interest_usd =
            out->statistics.open_interest * price;
    if (isinf(out->statistics.open_interest_usd))
        out->statistics.open_interest_usd = NAN;
}

enum liq_err liq_venue_job_read(struct liq_venue_market *v,
                                struct liq_venue_job *j,
                                const struct liq_market_ask *ask,
                                struct liq_market_answer *out,
                                struct liq_reason *why)
{
    struct liq_venue_found found = {out->ticker, out->statistics, NAN};
    enum liq_err err = read_listing(j, &found, out, why);

    if (err == LIQ_OK)
        err = check_pages(j, why);
    if (err == LIQ_OK)
        err = set_multiplier(v, &j->query, found.multiplier, ask->symbol, out,
                             why);
    if (err == LIQ_OK)
        err = read_klines(v, j, ask, &out->klines, why);
    if (err != LIQ_OK)
        return err;
    read_others(v->row, j, &found, out);
    out->ticker = found.ticker;
    out->statistics = found.statistics;
    value_open_interest(out);
    return LIQ_OK;
}
