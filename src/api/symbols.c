/* The symbols route: exchanges, symbols, intervals and limits. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include "liqmap/interval.h"
#include "liqmap/model.h"

static const int64_t displays[] = {5 * LIQ_MINUTE_MS, 15 * LIQ_MINUTE_MS,
                                   LIQ_HOUR_MS, 4 * LIQ_HOUR_MS, LIQ_DAY_MS};
static const int bars[] = {100, 200, 500, 1000, 1500};

static void encode_intervals(struct liq_jsonw *w, struct liq_exchange *x)
{
    liq_jsonw_key(w, "intervals");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < sizeof displays / sizeof *displays; i++) {
        if (x->engine_ms(x, displays[i]) > 0)
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

/* The list; without one the three common symbols. */
static void encode_symbols(struct liq_jsonw *w,
                           const struct liq_query_scope *scope,
                           const struct liq_symbol_list *l)
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

static void encode_exchange(struct liq_jsonw *w,
                            const struct liq_query_scope *scope,
                            const struct liq_source *p)
{
    struct liq_exchange *x = p->exchange;

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", x->name);
    liq_jsonw_key_string(w, "market", x->kind);
    liq_jsonw_key_string(w, "contract", x->inverse ? "inverse" : "linear");
    liq_jsonw_key_string(w, "source", x->source);
    encode_intervals(w, x);
    liq_jsonw_key_bool(w, "listed", p->list != NULL);
    encode_symbols(w, scope, p->list);
    liq_jsonw_close_object(w);
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

enum liq_err liq_encode_symbols(const struct liq_content *c,
                                struct liq_buf *body, struct liq_reason *why)
{
    const struct liq_sources *s = c->sources;
    struct liq_jsonw w;

    (void)why;
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "api", 1);
    liq_jsonw_key(&w, "exchanges");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < s->n; i++)
        encode_exchange(&w, &c->api->scope, &s->at[i]);
    liq_jsonw_close_array(&w);
    encode_limits(&w);
    liq_jsonw_key(&w, "warnings");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].why.code != LIQ_OK)
            liq_jsonw_string(&w, s->at[i].why.text);
    }
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
    return LIQ_OK;
}
