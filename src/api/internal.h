/* What the files of the api share. */
#ifndef LIQMAP_API_INTERNAL_H
#define LIQMAP_API_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "blob.h"
#include "gather.h"
#include "liqmap/api.h"
#include "liqmap/feed.h"
#include "liqmap/jsonw.h"
#include "maps.h"
#include "query.h"
#include "weights.h"

/* 1500 x 800 cells of up to four digits and a comma, and the rest. */
#define LIQ_BODY_MAX ((size_t)16 << 20)

/* How many keys one round of keep-warm renews at most. */
#define LIQ_WARM_KEYS 64

struct liq_api {
    struct liq_api_options options;
    struct liq_query_scope scope;
    struct liq_feeds *feeds;
    struct liq_cache *blobs;    /* canonical query -> struct liq_blob */
    struct liq_cache *listings; /* exchange -> what it lists */
    struct liq_maps *maps;
    struct liq_weights *weights;
    struct liq_outlook outlook;
    atomic_int waiting; /* requests inside a fill or a wait */
    int64_t started_ms; /* monotonic */
    char warm[LIQ_WARM_KEYS][LIQ_CACHE_KEY_SIZE]; /* keep-warm's alone */
};

int64_t liq_api_now(const struct liq_api *a);

/* --- the endpoints -----------------------------------------------------------
 * Each writes its body and says how long that is good; times are on the
 * monotonic clock. */

struct liq_made {
    struct liq_buf body; /* LIQ_BODY_MAX; the caller's, also on error */
    int64_t fetched_ms, fresh_until_ms, usable_until_ms;
    bool stale;
};

/* Heatmap, klines and ticker: fetch the view and encode it. */
enum liq_err liq_api_make_view(struct liq_api *a, const struct liq_query *q,
                               int64_t now_ms, bool background,
                               struct liq_made *out, struct liq_reason *why);
enum liq_err liq_api_make_symbols(struct liq_api *a, int64_t now_ms,
                                  struct liq_made *out, struct liq_reason *why);
/* Writes the body; the HTTP status. */
int liq_api_health(struct liq_api *a, struct liq_buf *body);

/* --- listings --- */

struct liq_listing {
    struct liq_item item; /* must be first */
    struct liq_symbols symbols;
};

/* What a market lists, asked for at most every six hours.  LIQ_OK, and *out
 * goes to liq_item_release(&->item); an error with NULL or an old list. */
enum liq_err liq_api_listing(struct liq_api *a, struct liq_market *m,
                             int64_t now_ms, struct liq_listing **out,
                             struct liq_reason *why);
/* False when the market's list is known and the symbol is not in it; asks
 * nobody. */
bool liq_api_may_list(struct liq_api *a, struct liq_market *m,
                      const char *symbol, int64_t now_ms);
bool liq_listing_has(const struct liq_listing *l, const char *symbol);

/* --- encoding --- */

/* One answer in the making; all borrowed. */
struct liq_shown {
    const struct liq_query *query;
    const struct liq_gathered *gathered;
    const struct liq_view *view; /* of the first part */
    int64_t now_ms;              /* monotonic */
    const char *stale_reason; /* NULL: the view is as fresh as it should be */
};

/* From "api" to "warnings": what, from where, how old. */
void liq_encode_head(struct liq_jsonw *w, const struct liq_shown *s);
void liq_encode_ticker(struct liq_jsonw *w, const struct liq_ticker *t);
/* The members of "statistics" that the market told, inside the object. */
void liq_encode_statistics(struct liq_jsonw *w, const struct liq_shown *s);
void liq_encode_candles(struct liq_jsonw *w, const struct liq_kline *at,
                        size_t n);
void liq_encode_refusal(struct liq_jsonw *w, const struct liq_refusal *r);

/* Open interest in quote currency, told or worked out; NaN when unknown. */
double liq_open_interest_usd(const struct liq_market_answer *a);
/* ... of all parts that are used. */
double liq_gathered_usd(const struct liq_gathered *g);
/* Funding, ratio and the like of the first part, open interest of all. */
struct liq_statistics liq_gathered_statistics(const struct liq_gathered *g);

/* The bodies. */
struct liq_mapped;
enum liq_err liq_encode_heatmap(const struct liq_shown *s,
                                const struct liq_mapped *m,
                                struct liq_buf *body, struct liq_reason *why);
enum liq_err liq_encode_levels(const struct liq_shown *s,
                               const struct liq_mapped *m, struct liq_buf *body,
                               struct liq_reason *why);
enum liq_err liq_encode_profile(const struct liq_shown *s,
                                const struct liq_mapped *m,
                                struct liq_buf *body, struct liq_reason *why);
enum liq_err liq_encode_explain(const struct liq_shown *s,
                                const struct liq_mapped *m,
                                struct liq_buf *body, struct liq_reason *why);
enum liq_err liq_encode_single(const struct liq_shown *s, struct liq_buf *body,
                               struct liq_reason *why);
enum liq_err liq_encode_klines(const struct liq_shown *s, struct liq_buf *body,
                               struct liq_reason *why);
enum liq_err liq_encode_quote(const struct liq_shown *s, struct liq_buf *body,
                              struct liq_reason *why);

/* The name of an interval as this API spells it. */
void liq_encode_interval(struct liq_jsonw *w, const char *key, int64_t ms);

#endif
