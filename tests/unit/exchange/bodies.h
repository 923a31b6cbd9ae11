/* Any bytes through every reader of an exchange, whose promises are checked:
 * for unit tests and for fuzzers. */
#ifndef LIQMAP_TEST_EXCHANGE_BODIES_H
#define LIQMAP_TEST_EXCHANGE_BODIES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "exchange/json.h"
#include "exchange/plan.h"

static inline void promise(int kept)
{
    if (!kept)
        abort();
}

static inline struct liq_query query_of(const struct liq_exchange_row *row,
                                        int64_t to_ms)
{
    struct liq_query q = {.interval = row->interval,
                          .now_ms = INT64_C(1760132345678),
                          .to_ms = to_ms,
                          .contract_size = 1.0};

    promise(liq_name_there(row, "BTCUSDT", &q));
    if (row->size != NULL)
        q.contract_size = row->size[0].scale;
    return q;
}

static inline struct liq_reading reading_of(const struct liq_exchange_row *row,
                                            const struct liq_query *q,
                                            const struct cJSON *root)
{
    struct liq_reading r = {row, q, root, q->now_ms};

    return r;
}

/* Absent, or a number above (or at) 0. */
static inline int is_amount(double x)
{
    return isnan(x) || (isfinite(x) && x >= 0.0);
}

static inline void check_found(const struct liq_found *f)
{
    const struct liq_ticker *t = &f->ticker;
    const struct liq_statistics *s = &f->statistics;

    promise(is_amount(t->last) && is_amount(t->high_24h));
    promise(is_amount(t->low_24h) && is_amount(t->volume_24h));
    promise(is_amount(t->quote_volume_24h) && t->time_ms >= 0);
    promise(!isinf(t->change_percent_24h));
    promise(is_amount(s->open_interest) && is_amount(s->open_interest_usd));
    promise(is_amount(s->mark_price) && !isinf(s->funding_rate));
    promise(is_amount(f->contract.max_leverage) &&
            is_amount(f->contract.maintenance_margin_rate));
    promise(s->next_funding_ms >= 0 && is_amount(f->contract_size));
    promise(isnan(s->long_account_share) ||
            (s->long_account_share >= 0.0 && s->long_account_share <= 1.0));
}

static inline void read_endpoints(const struct liq_exchange_row *row,
                                  const struct cJSON *root, int64_t to_ms)
{
    struct liq_query q = query_of(row, to_ms);
    struct liq_reading r = reading_of(row, &q, root);
    const struct liq_endpoint *e;
    struct liq_reason why;

    for (e = row->endpoint; e->path != NULL; e++) {
        struct liq_found found = liq_found_nothing();

        promise(liq_read_clock(e, root) >= 0);
        if (e->field == NULL && e->finish == NULL)
            continue;
        memset(&why, 0, sizeof why);
        if (liq_read_endpoint(&r, e, &found, &why) != LIQ_OK)
            promise(why.code != LIQ_OK && why.text[0] != '\0');
        check_found(&found);
    }
}

static inline void read_candles(const struct liq_exchange_row *row,
                                const struct cJSON *root)
{
    struct liq_query q = query_of(row, 0);
    struct liq_reading r = reading_of(row, &q, root);
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_reason why;
    size_t i;

    if (liq_read_candles(&r, &list, &why) == LIQ_OK)
        for (i = 0; i < list.n; i++)
            promise(liq_kline_fault(&list.at[i]) == NULL);
    free(list.at);
}

static inline void read_symbols(const struct liq_exchange_row *row,
                                const struct cJSON *root)
{
    struct liq_symbols s = {NULL, 0};
    struct liq_reason why;
    size_t i;

    if (liq_read_symbols(row, root, &s, &why) == LIQ_OK) {
        liq_symbols_sort(&s);
        for (i = 0; i < s.n; i++) {
            promise(liq_symbol_valid(s.at[i].name));
            promise(isnan(s.at[i].tick) || s.at[i].tick > 0.0);
            promise(i == 0 || strcmp(s.at[i - 1].name, s.at[i].name) < 0);
        }
    }
    liq_symbols_free(&s);
}

/* Both sides hold something, the best price first, and do not cross. */
static inline void read_depth(const struct liq_exchange_row *row,
                              const struct cJSON *root)
{
    struct liq_query q = query_of(row, 0);
    struct liq_reading r = reading_of(row, &q, root);
    struct liq_depth d = {NULL, NULL, 0, 0};
    struct liq_reason why;
    size_t i;

    if (row->depth.request.path == NULL)
        return;
    memset(&why, 0, sizeof why);
    if (liq_read_depth(&r, q.contract_size, &d, &why) != LIQ_OK) {
        promise(d.bid == NULL && d.ask == NULL && why.text[0] != '\0');
        return;
    }
    promise(d.n_bid > 0 && d.n_ask > 0 && d.bid[0].price <= d.ask[0].price);
    for (i = 0; i < d.n_bid; i++)
        promise(d.bid[i].price > 0.0 && d.bid[i].base > 0.0 &&
                (i == 0 || d.bid[i].price <= d.bid[i - 1].price));
    for (i = 0; i < d.n_ask; i++)
        promise(isfinite(d.ask[i].price) && isfinite(d.ask[i].base) &&
                (i == 0 || d.ask[i].price >= d.ask[i - 1].price));
    liq_depth_free(&d);
}

/* Everything there is to read of row in a body: its text, with a NUL behind it,
 * and what was parsed of it, or NULL. */
static inline void read_parsed(const struct liq_exchange_row *row,
                               const struct cJSON *root, const char *text)
{
    struct liq_error e;

    (void)liq_judge_body(row, root, text, &e);
    promise(memchr(e.message, '\0', sizeof e.message) != NULL);
    promise(e.wait_ms >= 0 && e.until_ms >= 0);
    if (root == NULL)
        return;
    read_candles(row, root);
    read_endpoints(row, root, 0);
    read_endpoints(row, root, INT64_C(1760132100000));
    read_symbols(row, root);
    read_depth(row, root);
}

/* The same of body[n]; text is body with a NUL behind it. */
static inline void read_everything(const struct liq_exchange_row *row,
                                   const char *body, size_t n, const char *text)
{
    struct cJSON *root = liq_json_parse(body, n);

    read_parsed(row, root, text);
    liq_json_free(root);
}

#endif
