#include "watch.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "http.h"
#include "liqmap/interval.h"
#include "snapshot.h"

/* 12 objects, each with the longest message of an error. */
#define WATCH_BODY_MAX 8192

/* A level this far away, percent of price, counts half of its mass. */
static const double HALF_AT_PERCENT = 3.0;
/* Of each side, the nearest of so many: the levels that the page labels. */
#define LABELLED 3
#define IMBALANCE_PERCENT 2.0
static const double HUNDREDTHS = 100.0, THOUSANDTHS = 1000.0;

/* --- the list ------------------------------------------------------------- */

static bool is_listed(const struct liq_watch_list *l, const char *symbol)
{
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->symbol[i], symbol) == 0)
            return true;
    }
    return false;
}

/* symbol[n] of the parameter. */
static bool add_symbol(const char *symbol, size_t n, struct liq_watch_list *l,
                       struct liq_refusal *why)
{
    size_t good = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    char name[LIQ_SYMBOL_SIZE];

    if (good != n || n < 2 || n >= sizeof name)
        return liq_refuse(why, 400, "bad_symbols", "",
                          "symbols has \"%.*s\", expected 2 to 31 upper-case "
                          "letters and digits",
                          (int)(n < 40 ? n : 40), symbol);
    memcpy(name, symbol, n);
    name[n] = '\0';
    if (is_listed(l, name))
        return liq_refuse(why, 400, "bad_symbols", "", "symbols has %s twice",
                          name);
    if (l->n == LIQ_WATCH_MAX)
        return liq_refuse(why, 400, "bad_symbols", "",
                          "symbols has more than %d, %s is one too many",
                          LIQ_WATCH_MAX, name);
    memcpy(l->symbol[l->n++], name, n + 1);
    return true;
}

bool liq_watch_parse(const char *symbols, struct liq_watch_list *out,
                     struct liq_refusal *why)
{
    out->n = 0;
    for (;;) {
        size_t n = strcspn(symbols, ",");

        if (!add_symbol(symbols, n, out, why))
            return false;
        if (symbols[n] == '\0')
            return true;
        symbols += n + 1;
    }
}

/* --- the object of a symbol ----------------------------------------------- */

/* The levels that count most on one side of price, by mass and distance. */
struct ranking {
    const struct liq_level *at[LABELLED];
    double score[LABELLED];
    size_t n;
};

static void rank(struct ranking *r, const struct liq_level *l, double price)
{
    double away = 100.0 * fabs(l->price / price - 1.0);
    double score = l->mass / (1.0 + away / HALF_AT_PERCENT);
    size_t i = r->n;

    for (; i > 0 && r->score[i - 1] < score; i--) {
        if (i == LABELLED)
            continue;
        r->at[i] = r->at[i - 1];
        r->score[i] = r->score[i - 1];
    }
    if (i == LABELLED)
        return;
    r->at[i] = l;
    r->score[i] = score;
    r->n += r->n < LABELLED;
}

static const struct liq_level *nearest(const struct ranking *r, double price)
{
    const struct liq_level *best = NULL;

    for (size_t i = 0; i < r->n; i++) {
        if (!best || fabs(r->at[i]->price - price) < fabs(best->price - price))
            best = r->at[i];
    }
    return best;
}

static void encode_level(struct liq_jsonw *w, const char *key,
                         const struct ranking *r, double price)
{
    const struct liq_level *l = nearest(r, price);

    liq_jsonw_key(w, key);
    if (!l) {
        liq_jsonw_null(w);
        return;
    }
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price", l->price);
    liq_encode_rounded(w, "distance_percent", 100.0 * (l->price / price - 1.0),
                       HUNDREDTHS);
    liq_jsonw_close_object(w);
}

static void encode_levels(struct liq_jsonw *w, const struct liq_levels *levels,
                          double price)
{
    struct ranking above = {.n = 0}, below = {.n = 0};

    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i < levels->n[side]; i++) {
            const struct liq_level *l = &levels->at[side][i];

            if (l->price != price)
                rank(l->price > price ? &above : &below, l, price);
        }
    }
    encode_level(w, "above", &above, price);
    encode_level(w, "below", &below, price);
}

enum liq_err liq_encode_watched(const struct liq_content *c,
                                const struct liq_snapshot *m,
                                struct liq_buf *body, struct liq_reason *why)
{
    bool all = c->query->choice == LIQ_CHOOSE_ALL;
    const struct liq_ticker *t = &c->series->data.ticker;
    double price = isfinite(t->last) ? t->last : m->book.close;
    struct liq_levels levels;
    struct liq_jsonw w;

    if (liq_map_levels(m->map, &levels))
        return liq_fail(why, LIQ_ENOMEM, "no memory for levels");
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "symbol", c->query->symbol);
    liq_jsonw_key_string(&w, "exchange",
                         all ? "all" : c->series->exchange->name);
    liq_jsonw_key_number(&w, "price", price);
    liq_encode_rounded(&w, "change_percent_24h", t->change_percent_24h,
                       HUNDREDTHS);
    encode_levels(&w, &levels, price);
    liq_encode_rounded(&w, "imbalance",
                       liq_map_imbalance(m->map, IMBALANCE_PERCENT),
                       THOUSANDTHS);
    liq_jsonw_key_bool(&w, "stale", c->stale_reason != NULL);
    liq_jsonw_close_object(&w);
    return LIQ_OK;
}

/* --- the response --------------------------------------------------------- */

struct watch;

/* One symbol while it is waited for.  refusal.status 0: it was asked for, and
 * the outcome is in the waiter. */
struct part {
    struct liq_waiter waiter; /* must be first */
    struct watch *watch;
    struct liq_refusal refusal;
};

struct watch {
    struct part part[LIQ_WATCH_MAX];
    struct liq_watch_list list;
    struct liq_query query;
    struct liq_context ctx;
    struct liq_api *api;
    struct liq_api_call *call;
    void (*done)(struct liq_api_call *c);
    atomic_size_t left; /* parts, and one until all are begun */
};

static const struct liq_body *body_of(const struct part *p)
{
    return (const struct liq_body *)(const void *)p->waiter.item;
}

static void write_error(struct liq_buf *out, const char *symbol,
                        const struct liq_refusal *refusal)
{
    struct liq_jsonw w;

    liq_jsonw_init(&w, out);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "symbol", symbol);
    liq_jsonw_key(&w, "error");
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "code", refusal->code);
    liq_jsonw_key_string(&w, "message", refusal->message);
    liq_jsonw_close_object(&w);
    liq_jsonw_close_object(&w);
}

static void write_part(struct liq_buf *out, struct watch *v, size_t i)
{
    struct part *p = &v->part[i];
    const struct liq_body *b = body_of(p);

    if (i > 0)
        liq_buf_char(out, ',');
    if (b) {
        assert(b->plain.len == b->len); /* far below LIQ_PLAIN_MAX */
        liq_buf_add(out, b->plain.data, b->plain.len);
        return;
    }
    if (p->refusal.status == 0)
        liq_refusal_of(v->api, false, &p->waiter.why, &p->refusal);
    write_error(out, v->list.symbol[i], &p->refusal);
}

static void write_all(struct liq_buf *out, struct watch *v)
{
    liq_buf_format(out,
                   "{\"api\":1,\"exchange\":\"%s\",\"contract\":\"%s\","
                   "\"interval\":\"%s\",\"bars\":%d,\"symbols\":[",
                   liq_query_exchange_name(&v->query),
                   liq_query_contracts_name(&v->query),
                   liq_interval_name(v->query.display_ms), v->query.bars);
    for (size_t i = 0; i < v->list.n; i++)
        write_part(out, v, i);
    liq_buf_text(out, "]}");
}

/* Fresh as long as every part is; what failed may be tried again soon. */
static void set_times(struct watch *v, struct liq_body *b)
{
    int64_t now_ms = liq_api_now(v->api);
    int64_t fresh_ms = INT64_MAX;

    b->made_ms = b->fetched_ms = now_ms;
    for (size_t i = 0; i < v->list.n; i++) {
        const struct liq_body *part = body_of(&v->part[i]);
        int64_t until_ms = part ? part->item.fresh_until_ms
                                : now_ms + liq_api_config(v->api)->error_ms;

        if (until_ms < fresh_ms)
            fresh_ms = until_ms;
        if (part && part->fetched_ms < b->fetched_ms)
            b->fetched_ms = part->fetched_ms;
    }
    b->item.fresh_until_ms = fresh_ms;
}

static void respond(struct watch *v)
{
    struct liq_api_call *c = v->call;
    struct liq_refusal refusal;
    struct liq_body *b;
    struct liq_buf body;

    liq_buf_init(&body, WATCH_BODY_MAX);
    write_all(&body, v);
    if (liq_body_new(&body, LIQ_GZIP_SMALL, &b) == LIQ_OK) {
        set_times(v, b);
        liq_respond_body(v->api, &c->request, b, &c->response);
    } else {
        liq_refuse(&refusal, 503, "memory", "", "no memory for a response");
        liq_respond_refusal(&c->request, &refusal, &c->response);
    }
    liq_buf_free(&body);
}

/* So many parts have ended, or have all been begun. */
static void end_parts(struct watch *v, size_t n)
{
    if (atomic_fetch_sub(&v->left, n) != n)
        return;
    respond(v);
    for (size_t i = 0; i < v->list.n; i++)
        liq_item_release(v->part[i].waiter.item);
    v->done(v->call);
    free(v);
}

static void on_part(struct liq_task *t)
{
    end_parts(((struct part *)(void *)t)->watch, 1);
}

/* False: the call is parked in the entry, and on_part will run. */
static bool begin_part(struct watch *v, size_t i)
{
    struct part *p = &v->part[i];
    struct liq_query q = v->query;

    p->watch = v;
    p->waiter.task.run = on_part;
    p->waiter.lane = LIQ_LANE_LIGHT;
    p->waiter.deadline_ms = v->ctx.deadline_ms + LIQ_MAKE_MS;
    memcpy(q.symbol, v->list.symbol[i], sizeof q.symbol);
    if (!liq_query_symbol_allowed(&v->api->scope, q.symbol))
        liq_refuse(&p->refusal, 404, "unknown_symbol", "",
                   "%s is not served here; see /api/v1/symbols", q.symbol);
    else if (liq_route_may_list(v->api, &q, &p->refusal))
        return liq_response_ask(v->api, &q, &v->ctx, &p->waiter);
    return true;
}

void liq_watch_start(struct liq_api *a, struct liq_api_call *c,
                     const struct liq_query *q,
                     const struct liq_watch_list *list,
                     void (*done)(struct liq_api_call *c))
{
    struct watch *v = calloc(1, sizeof *v);
    struct liq_refusal refusal;
    size_t ended = 1;

    if (!v) {
        liq_refuse(&refusal, 503, "memory", "", "no memory for a response");
        liq_respond_refusal(&c->request, &refusal, &c->response);
        done(c);
        return;
    }
    v->api = a;
    v->call = c;
    v->done = done;
    v->query = *q;
    v->list = *list;
    v->ctx.now_ms = liq_api_now(a);
    v->ctx.deadline_ms = v->ctx.now_ms + liq_api_config(a)->deadline_ms;
    /* One more, so that the count cannot reach 0 before all have begun. */
    atomic_store(&v->left, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        ended += begin_part(v, i);
    end_parts(v, ended);
}
