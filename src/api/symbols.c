/* What can be asked for: exchanges, symbols, intervals, limits. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include "liqmap/interval.h"
#include "liqmap/model.h"

/* The body is made anew this often; the lists in it are older. */
#define FRESH_MS LIQ_HOUR_MS

static const int64_t displays[] = {5 * LIQ_MINUTE_MS, 15 * LIQ_MINUTE_MS,
                                   LIQ_HOUR_MS, 4 * LIQ_HOUR_MS, LIQ_DAY_MS};
static const int bars[] = {100, 200, 500, 1000, 1500};

static void encode_intervals(struct liq_jsonw *w, struct liq_market *m)
{
    liq_jsonw_key(w, "intervals");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < sizeof displays / sizeof *displays; i++) {
        if (m->engine_ms(m, displays[i]) > 0)
            liq_jsonw_string(w, liq_interval_name(displays[i]));
    }
    liq_jsonw_close_array(w);
}

static void encode_symbol(struct liq_jsonw *w, const char *name,
                          const char *base, double tick)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "symbol", name);
    liq_jsonw_key_string(w, "base", base);
    liq_jsonw_key_number(w, "tick", tick);
    liq_jsonw_close_object(w);
}

/* The list, or without one the three that are served in any case. */
static void encode_symbols(struct liq_jsonw *w,
                           const struct liq_query_scope *scope,
                           const struct liq_listing *l)
{
    liq_jsonw_key(w, "symbols");
    liq_jsonw_open_array(w);
    if (!l) {
        encode_symbol(w, "BTCUSDT", "BTC", NAN);
        encode_symbol(w, "ETHUSDT", "ETH", NAN);
        encode_symbol(w, "SOLUSDT", "SOL", NAN);
    }
    for (size_t i = 0; l && i < l->symbols.n; i++) {
        const struct liq_symbol *s = &l->symbols.at[i];

        if (liq_query_symbol_allowed(scope, s->name))
            encode_symbol(w, s->name, s->base, s->tick);
    }
    liq_jsonw_close_array(w);
}

/* What one exchange lists; listing NULL: not known, why says for what reason.
 */
struct errand {
    struct liq_api *api;
    struct liq_market *market;
    int64_t now_ms;
    struct liq_listing *listing;
    struct liq_reason why;
};

static void fetch_listing(void *arg)
{
    struct errand *e = arg;

    (void)!liq_api_listing(e->api, e->market, e->now_ms, &e->listing, &e->why);
}

static void encode_exchange(struct liq_jsonw *w, const struct errand *e)
{
    struct liq_market *m = e->market;

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", m->name);
    liq_jsonw_key_string(w, "market", m->kind);
    liq_jsonw_key_string(w, "source", m->source);
    encode_intervals(w, m);
    liq_jsonw_key_bool(w, "listed", e->listing != NULL);
    encode_symbols(w, &e->api->scope, e->listing);
    liq_jsonw_close_object(w);
}

/* All lists at once; how many there are. */
static size_t fetch_listings(struct liq_api *a, int64_t now_ms,
                             struct errand *errand)
{
    size_t n =
        a->scope.n_market < LIQ_FAN_MAX ? a->scope.n_market : LIQ_FAN_MAX;

    for (size_t i = 0; i < n; i++) {
        errand[i] = (struct errand){
            .api = a, .market = a->scope.market[i], .now_ms = now_ms};
    }
    liq_fan_out(fetch_listing, errand, sizeof *errand, n);
    return n;
}

static void encode_limits(struct liq_jsonw *w)
{
    liq_jsonw_key(w, "bars");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
        liq_jsonw_int(w, bars[i]);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_array(w);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        liq_jsonw_number(w, liq_params_gauss7.tier[k].leverage);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "limits");
    liq_jsonw_open_object(w);
    liq_jsonw_key_int(w, "rows_min", LIQ_ROWS_MIN);
    liq_jsonw_key_int(w, "rows_max", LIQ_ROWS_MAX);
    liq_jsonw_key_int(w, "range_percent_min", 1);
    liq_jsonw_key_int(w, "range_percent_max", 90);
    liq_jsonw_key_int(w, "klines_max", 1500);
    liq_jsonw_close_object(w);
}

enum liq_err liq_api_make_symbols(struct liq_api *a, int64_t now_ms,
                                  struct liq_made *out, struct liq_reason *why)
{
    struct errand errand[LIQ_FAN_MAX];
    size_t n = fetch_listings(a, now_ms, errand);
    struct liq_jsonw w;
    bool complete = true;

    liq_jsonw_init(&w, &out->body);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "api", 1);
    liq_jsonw_key(&w, "exchanges");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < n; i++)
        encode_exchange(&w, &errand[i]);
    liq_jsonw_close_array(&w);
    encode_limits(&w);
    liq_jsonw_key(&w, "warnings");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < n; i++) {
        complete = complete && errand[i].listing;
        if (errand[i].why.code != LIQ_OK)
            liq_jsonw_string(&w, errand[i].why.text);
        if (errand[i].listing)
            liq_item_release(&errand[i].listing->item);
    }
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
    out->fetched_ms = liq_api_now(a);
    out->fresh_until_ms =
        out->fetched_ms + (complete ? FRESH_MS : a->options.config->error_ms);
    out->usable_until_ms = out->fresh_until_ms + FRESH_MS;
    if (out->body.err)
        return liq_fail(why, out->body.err, "the answer is too large");
    return LIQ_OK;
}
