/* The key of a query's response, and the query of a key. */
#include "query_key.h"

#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/model.h"
#include "look.h"

#define SINGLE_RANGE_TENTHS 100

void liq_query_defaults(const struct liq_query_scope *scope,
                        enum liq_route route, struct liq_query *out)
{
    *out = (struct liq_query){
        .route = route,
        .choice = scope->n_exchange > 1 ? LIQ_CHOOSE_AUTO : LIQ_CHOOSE_ONE,
        .exchange = scope->exchange[0],
        .symbol = "BTCUSDT",
        .symbols = "BTCUSDT,ETHUSDT,SOLUSDT",
        .display_ms = LIQ_HOUR_MS,
        .bars = 200,
        .rows = LIQ_ROWS_DEFAULT,
        .tiers = LIQ_ALL_TIERS,
        .sides = LIQ_BOTH_SIDES,
        .single = {.leverage = 25.0, .margin_rate = 0.004, .lambda = 0.2}};
    if (route == LIQ_ROUTE_SINGLE)
        out->range_tenths = SINGLE_RANGE_TENTHS;
    if (route == LIQ_ROUTE_PICTURE)
        out->look = liq_look_default;
}

struct liq_key liq_query_key(const struct liq_query *q)
{
    bool chosen = OF_EXCHANGE & 1U << q->route;
    bool one = chosen && q->choice == LIQ_CHOOSE_ONE;
    struct liq_key key =
        liq_key_of(LIQ_KIND_RESPONSE, one ? q->exchange->name : NULL,
                   chosen ? q->symbol : NULL);

    key.number = (int32_t)q->route;
    if (!chosen)
        return key;
    key.choice = (int32_t)q->choice;
    key.contracts = (int32_t)q->contracts;
    if (!(OF_SERIES & 1U << q->route))
        return key;
    key.display_ms = q->display_ms;
    key.end_ms = q->end_ms;
    key.bars = q->bars;
    key.range_tenths = q->range_tenths;
    if (OF_MAP & 1U << q->route) {
        key.rows = q->rows;
        key.tiers = q->tiers;
        key.sides = q->sides;
    }
    if (q->route == LIQ_ROUTE_PICTURE)
        key.look = liq_look_pack(&q->look);
    key.time_ms = q->time_ms;
    key.price = q->price;
    if (q->route == LIQ_ROUTE_SINGLE) {
        key.leverage = q->single.leverage;
        key.margin_rate = q->single.margin_rate;
        key.lambda = q->single.lambda;
        key.band = q->single.band;
    }
    return key;
}

bool liq_query_of_key(const struct liq_query_scope *scope,
                      const struct liq_key *key, struct liq_query *out)
{
    liq_query_defaults(scope, (enum liq_route)key->number, out);
    if (!(OF_EXCHANGE & 1U << out->route))
        return true;
    memcpy(out->symbol, key->symbol, sizeof out->symbol);
    out->choice = (enum liq_choice)key->choice;
    out->contracts = (enum liq_contracts)key->contracts;
    for (size_t i = 0; out->choice == LIQ_CHOOSE_ONE; i++) {
        if (i == scope->n_exchange)
            return false;
        out->exchange = scope->exchange[i];
        if (strcmp(out->exchange->name, key->exchange) == 0)
            break;
    }
    if (!(OF_SERIES & 1U << out->route))
        return true;
    out->display_ms = key->display_ms;
    out->end_ms = key->end_ms;
    out->bars = key->bars;
    out->range_tenths = key->range_tenths;
    if (OF_MAP & 1U << out->route) {
        out->rows = key->rows;
        out->tiers = key->tiers;
        out->sides = key->sides;
    }
    if (out->route == LIQ_ROUTE_PICTURE)
        out->look = liq_look_unpack(key->look);
    out->time_ms = key->time_ms;
    out->price = key->price;
    if (out->route == LIQ_ROUTE_SINGLE) {
        out->single.leverage = key->leverage;
        out->single.margin_rate = key->margin_rate;
        out->single.lambda = key->lambda;
        out->single.band = key->band;
    }
    return true;
}
