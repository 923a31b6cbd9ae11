/* Any bytes through every parser of an exchange, whose promises are checked:
 * for unit tests and for fuzzers. */
#ifndef LIQMAP_TEST_MARKET_VENUE_PARSE_H
#define LIQMAP_TEST_MARKET_VENUE_PARSE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "market/venue.h"

static inline void promise(int kept)
{
    if (!kept)
        abort();
}

static inline struct liq_venue_query
venue_query(const struct liq_venue_row *row, int64_t to_ms)
{
    struct liq_venue_query q = {.base_url = "http://x",
                                .interval = &row->interval[0],
                                .now_ms = INT64_C(1760132345678),
                                .to_ms = to_ms,
                                .multiplier = 1.0};

    promise(row->spell("BTCUSDT", q.symbol));
    if (row->fallback != NULL)
        q.multiplier = row->fallback("BTCUSDT");
    return q;
}

static inline struct liq_venue_found venue_nothing(void)
{
    struct liq_market_answer none;
    struct liq_venue_found found;

    liq_market_answer_init(&none);
    found.ticker = none.ticker;
    found.statistics = none.statistics;
    found.multiplier = NAN;
    return found;
}

/* Absent, or a number above (or at) 0. */
static inline int is_amount(double x)
{
    return isnan(x) || (isfinite(x) && x >= 0.0);
}

static inline void check_found(const struct liq_venue_found *f)
{
    const struct liq_ticker *t = &f->ticker;
    const struct liq_statistics *s = &f->statistics;

    promise(is_amount(t->last) && is_amount(t->high_24h));
    promise(is_amount(t->low_24h) && is_amount(t->volume_24h));
    promise(is_amount(t->quote_volume_24h) && t->time_ms >= 0);
    promise(!isinf(t->change_percent_24h));
    promise(is_amount(s->open_interest) && is_amount(s->open_interest_usd));
    promise(is_amount(s->mark_price) && !isinf(s->funding_rate));
    promise(s->next_funding_ms >= 0 && is_amount(f->multiplier));
    promise(isnan(s->long_account_share) ||
            (s->long_account_share >= 0.0 && s->long_account_share <= 1.0));
}

static inline void parse_parts(const struct liq_venue_row *row,
                               const char *body, size_t n, int64_t to_ms)
{
    struct liq_venue_query q = venue_query(row, to_ms);
    const struct liq_venue_part *part;
    struct liq_reason why;

    for (part = row->part; part->path != NULL; part++) {
        struct liq_venue_found found = venue_nothing();

        if (part->read == NULL)
            continue;
        memset(&why, 0, sizeof why);
        if (part->read(body, n, &q, &found, &why) != LIQ_OK)
            promise(why.code != LIQ_OK && why.text[0] != '\0');
        check_found(&found);
    }
}

static inline void parse_klines(const struct liq_venue_row *row,
                                const char *body, size_t n)
{
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_venue_query q = venue_query(row, 0);
    struct liq_reason why;
    size_t i;

    if (row->klines(body, n, &q, &list, &why) == LIQ_OK)
        for (i = 0; i < list.n; i++)
            promise(liq_kline_fault(&list.at[i]) == NULL);
    free(list.at);
}

static inline void parse_rest(const struct liq_venue_row *row, const char *body,
                              size_t n)
{
    struct liq_symbols s = {NULL, 0};
    struct liq_venue_error e;
    struct liq_reason why;
    int64_t t = -1;
    size_t i;

    if (row->read_symbols(body, n, &s, &why) == LIQ_OK) {
        for (i = 0; i < s.n; i++) {
            promise(liq_symbol_valid(s.at[i].name));
            promise(isnan(s.at[i].tick) || s.at[i].tick > 0.0);
            promise(i == 0 || strcmp(s.at[i - 1].name, s.at[i].name) < 0);
        }
        liq_symbols_free(&s);
    }
    if (row->read_time != NULL)
        promise(row->read_time(body, n, &t) ? t > 0 : t == -1);
    if (n > 0)
        (void)row->read_error(body, n, &e);
    promise(n == 0 || (memchr(e.message, '\0', sizeof e.message) != NULL &&
                       e.wait_ms >= 0 && e.until_ms >= 0));
}

/* Everything there is to parse of row. */
static inline void venue_parse_all(const struct liq_venue_row *row,
                                   const char *body, size_t n)
{
    parse_klines(row, body, n);
    parse_parts(row, body, n, 0);
    parse_parts(row, body, n, INT64_C(1760132100000));
    parse_rest(row, body, n);
}

#endif
