/* Queries: read from text, checked, and turned into cache keys. */
#ifndef LIQMAP_API_QUERY_H
#define LIQMAP_API_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/derive.h"
#include "liqmap/exchange.h"
#include "liqmap/render.h"

enum liq_route {
    LIQ_ROUTE_HEATMAP,
    LIQ_ROUTE_KLINES,
    LIQ_ROUTE_TICKER,
    LIQ_ROUTE_LEVELS,
    LIQ_ROUTE_PROFILE,
    LIQ_ROUTE_EXPLAIN,
    LIQ_ROUTE_SYMBOLS,
    LIQ_ROUTE_HEALTH,
    LIQ_ROUTE_SINGLE,  /* profile?model=single, which has its own parameters */
    LIQ_ROUTE_COMPACT, /* heatmap?format=compact */
    LIQ_ROUTE_VOLUME,
    LIQ_ROUTE_WATCH,
    LIQ_ROUTE_DEPTH,
    LIQ_ROUTE_PICTURE, /* heatmap.png */
    LIQ_ROUTE_LIQUIDATIONS
};
#define LIQ_ROUTES 15

extern const char *const liq_route_names[LIQ_ROUTES];

/* Of a list of symbols: 12 of them, each with a comma or a NUL. */
#define LIQ_SYMBOLS_SIZE 384

/* Which exchange: a named one, the first that responds, or all added up. */
enum liq_choice { LIQ_CHOOSE_ONE, LIQ_CHOOSE_AUTO, LIQ_CHOOSE_ALL };

/* Which kind of contracts: margined in dollars, in the coin, or either. */
enum liq_contracts {
    LIQ_CONTRACTS_ANY, /* not said: both, of one exchange what it has */
    LIQ_CONTRACTS_LINEAR,
    LIQ_CONTRACTS_INVERSE,
    LIQ_CONTRACTS_BOTH
};

/* The exchanges and symbols that are served; all borrowed. */
struct liq_query_scope {
    struct liq_exchange *const *exchange; /* [n_exchange], the default first */
    size_t n_exchange;
    const char *symbols; /* "*" or a comma-separated list */
};

/* A valid query.  Fields that its route has no parameter for have their
 * default. */
struct liq_query {
    enum liq_route route;
    enum liq_choice choice;
    enum liq_contracts contracts;  /* of auto and all; else ANY */
    struct liq_exchange *exchange; /* borrowed; the first one unless chosen */
    char symbol[LIQ_SYMBOL_SIZE];
    char symbols[LIQ_SYMBOLS_SIZE]; /* watch: not checked, not in keys */
    int64_t display_ms;
    int bars, rows;
    int range_tenths; /* of a percent around the close; 0: fit the candles */
    unsigned tiers, sides;
    int64_t end_ms;  /* 0: now */
    uint64_t since;  /* heatmap: a cursor, not in keys; 0: none that we made */
    int64_t time_ms; /* explain: in which candle */
    double price;    /* explain: in which row */
    struct liq_single_params single; /* its range is range_tenths */
    struct liq_look look;            /* heatmap.png */
};

#define LIQ_ALLOWED_SIZE 512

/* Why a request is refused. */
struct liq_refusal {
    int status;
    char code[24]; /* "bad_interval" */
    char message[200];
    char allowed[LIQ_ALLOWED_SIZE]; /* comma-separated; "": nothing to list */
    int64_t retry_after_ms;         /* 0: not said */
};

/* Fill *out and return false, so that a refusal is one line. */
bool liq_refuse(struct liq_refusal *out, int status, const char *code,
                const char *allowed, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Read the query of a route; NULL and "" ask for the defaults.  False with
 * *why filled, and then *out is not to be used. */
bool liq_query_parse(const struct liq_query_scope *scope, enum liq_route route,
                     const char *text, struct liq_query *out,
                     struct liq_refusal *why);

/* The key of the query's response.  Fields that the route has no parameter for
 * are 0. */
struct liq_key liq_query_key(const struct liq_query *q);
/* The reverse; false when the exchange is not in the scope. */
bool liq_query_of_key(const struct liq_query_scope *scope,
                      const struct liq_key *key, struct liq_query *out);

/* Whether the query's choice and kind of contracts admit the exchange. */
bool liq_query_admits(const struct liq_query *q, const struct liq_exchange *x);
/* Those it admits, in the order of the settings but inverse contracts last; how
 * many, at most room. */
size_t liq_query_exchanges(const struct liq_query_scope *scope,
                           const struct liq_query *q, struct liq_exchange **out,
                           size_t room);
/* contract.c: check the kind of contracts once the exchange is known; one
 * exchange becomes its counterpart of the other kind, "binance-coin". */
bool liq_query_settle_contracts(const struct liq_query_scope *scope,
                                struct liq_query *q, struct liq_refusal *why);
/* "linear", "inverse" or "both", static. */
const char *liq_query_contracts_name(const struct liq_query *q);

/* "auto", "all" or the exchange's name, static. */
const char *liq_query_exchange_name(const struct liq_query *q);

/* The symbol is a common one, or the settings allow it. */
bool liq_query_symbol_allowed(const struct liq_query_scope *scope,
                              const char *symbol);
/* One of BTCUSDT, ETHUSDT, SOLUSDT, which are always served. */
bool liq_query_symbol_common(const char *symbol);

#endif
