#include "depth.h"

#include <math.h>
#include <stdlib.h>
#include "http.h"
#include "order_book.h"

/* 1600 bins, walls, and sixteen exchanges with the longest reasons. */
#define DEPTH_BODY_MAX (64 * 1024)

/* --- a call --------------------------------------------------------------- */

struct depth;

/* One exchange while it is waited for; book NULL: nothing came, why says why.
 * why.code LIQ_OK: the book is fresh. */
struct part {
    struct liq_waiter waiter; /* must be first */
    struct depth *depth;
    struct liq_exchange *exchange;
    struct liq_order_book *book;
    struct liq_reason why;
    bool odd;
};

struct depth {
    struct part part[LIQ_SOURCES_MAX];
    size_t n;
    struct liq_query query;
    struct liq_context ctx;
    struct liq_api *api;
    struct liq_api_call *call;
    void (*done)(struct liq_api_call *c);
    atomic_size_t left; /* parts, and one until all are begun */
    struct liq_depth_bins bins;
};

static bool is_used(const struct part *p)
{
    return p->book && !p->odd;
}

/* --- the body ------------------------------------------------------------- */

/* Without the digits that multiplying by a step leaves behind. */
static void encode_price(struct liq_jsonw *w, const char *key, double price)
{
    liq_encode_rounded(w, key, price, pow(10.0, 11.0 - floor(log10(price))));
}

static void encode_side(struct liq_jsonw *w, const char *key,
                        const struct liq_depth_side *s, double step)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_object(w);
    encode_price(w, "price_min", (double)s->first * step);
    liq_encode_rounded(w, "usd_total", s->sum, 1.0);
    liq_jsonw_key(w, "usd");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < s->n; i++)
        liq_encode_rounded(w, NULL, s->usd[i], 1.0);
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}

static void encode_walls(struct liq_jsonw *w, const char *side,
                         const struct liq_depth_side *s, double step)
{
    struct liq_depth_wall wall[LIQ_DEPTH_WALLS];
    size_t n = liq_depth_walls(s, wall);

    for (size_t i = 0; i < n; i++) {
        double low = (double)(s->first + (int64_t)wall[i].bin) * step;

        liq_jsonw_open_object(w);
        liq_jsonw_key_string(w, "side", side);
        encode_price(w, "price_min", low);
        encode_price(w, "price_max", low + step);
        liq_encode_rounded(w, "usd", s->usd[wall[i].bin], 1.0);
        liq_encode_rounded(w, "times", wall[i].times, 10.0);
        liq_jsonw_close_object(w);
    }
}

static void encode_part(struct liq_jsonw *w, const struct part *p)
{
    const struct liq_depth *d = p->book ? &p->book->depth : NULL;

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", p->exchange->name);
    liq_jsonw_key_bool(w, "used", is_used(p));
    liq_jsonw_key_string(w, "reason", p->why.code ? p->why.text : NULL);
    if (d) {
        liq_jsonw_key_time(w, "time", p->book->time_ms);
        liq_jsonw_key_bool(w, "stale", p->why.code && !p->odd);
        encode_price(w, "price", liq_depth_price(d));
        liq_jsonw_key_number(w, "from", d->bid[d->n_bid - 1].price);
        liq_jsonw_key_number(w, "to", d->ask[d->n_ask - 1].price);
    }
    liq_jsonw_close_object(w);
}

/* The first that is used. */
static const struct part *first_of(const struct depth *d)
{
    size_t i = 0;

    while (i < d->n && !is_used(&d->part[i]))
        i++;
    return i < d->n ? &d->part[i] : NULL;
}

/* Nothing here says how old a book is now: the same books give the same bytes,
 * and so the same tag.  The age is in a header. */
static void encode(struct depth *d, struct liq_buf *out)
{
    const struct part *first = first_of(d);
    bool all = d->query.choice == LIQ_CHOOSE_ALL;
    bool stale = first->why.code != LIQ_OK;
    struct liq_jsonw w;

    liq_jsonw_init(&w, out);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "api", 1);
    liq_jsonw_key_string(&w, "symbol", d->query.symbol);
    liq_jsonw_key_string(&w, "exchange", all ? "all" : first->exchange->name);
    liq_jsonw_key_string(&w, "source", first->exchange->source);
    liq_jsonw_key_time(&w, "time", first->book->time_ms);
    liq_jsonw_key_bool(&w, "stale", stale);
    liq_jsonw_key_string(&w, "stale_reason", stale ? first->why.text : NULL);
    encode_price(&w, "price", d->bins.price);
    encode_price(&w, "price_step", d->bins.step);
    encode_side(&w, "bids", &d->bins.bid, d->bins.step);
    encode_side(&w, "asks", &d->bins.ask, d->bins.step);
    liq_jsonw_key(&w, "walls");
    liq_jsonw_open_array(&w);
    encode_walls(&w, "bid", &d->bins.bid, d->bins.step);
    encode_walls(&w, "ask", &d->bins.ask, d->bins.step);
    liq_jsonw_close_array(&w);
    liq_jsonw_key(&w, "exchanges");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < d->n; i++)
        encode_part(&w, &d->part[i]);
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
}

/* --- the end -------------------------------------------------------------- */

static int upward(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median price of those that came, the lower of two, so that there is one
 * that is not odd; sets odd. */
static double middle_price(struct depth *d)
{
    double price[LIQ_SOURCES_MAX] = {0.0}, middle;
    size_t n = 0;

    for (size_t i = 0; i < d->n; i++) {
        if (d->part[i].book)
            price[n++] = liq_depth_price(&d->part[i].book->depth);
    }
    qsort(price, n, sizeof *price, upward);
    middle = price[(n - 1) / 2];
    for (size_t i = 0; n >= LIQ_ODD_LEAST && i < d->n; i++) {
        struct part *p = &d->part[i];

        if (!p->book ||
            fabs(liq_depth_price(&p->book->depth) / middle - 1.0) <= LIQ_ODD)
            continue;
        p->odd = true;
        liq_fail(&p->why, LIQ_EFORMAT, "%s: its price is far from the others'",
                 p->exchange->name);
    }
    return middle;
}

static void add_up(struct depth *d)
{
    liq_depth_bins_init(&d->bins, middle_price(d));
    for (size_t i = 0; i < d->n; i++) {
        if (is_used(&d->part[i]))
            liq_depth_bins_add(&d->bins, &d->part[i].book->depth);
    }
    liq_depth_bins_end(&d->bins);
}

/* Fresh as long as every book is; what failed may be tried again soon. */
static void set_times(struct depth *d, struct liq_body *b, int64_t now_ms)
{
    int64_t soon_ms = now_ms + liq_api_config(d->api)->error_ms;
    int64_t fresh_ms = INT64_MAX;

    b->made_ms = b->fetched_ms = now_ms;
    for (size_t i = 0; i < d->n; i++) {
        const struct part *p = &d->part[i];
        int64_t until_ms =
            p->why.code || !p->book ? soon_ms : p->book->item.fresh_until_ms;

        if (until_ms < fresh_ms)
            fresh_ms = until_ms;
        if (p->book && !p->odd && p->book->fetched_ms < b->fetched_ms)
            b->fetched_ms = p->book->fetched_ms;
    }
    b->item.fresh_until_ms = fresh_ms;
}

static void respond(struct depth *d)
{
    struct liq_api_call *c = d->call;
    int64_t now_ms = liq_api_now(d->api);
    struct liq_refusal refusal;
    struct liq_body *b;
    struct liq_buf body;

    add_up(d);
    liq_buf_init(&body, DEPTH_BODY_MAX);
    encode(d, &body);
    if (liq_body_new(&body, LIQ_GZIP_SMALL, &b) == LIQ_OK) {
        set_times(d, b, now_ms);
        liq_respond_body(d->api, &c->request, b, &c->response);
    } else {
        liq_refuse(&refusal, 503, "memory", "", "no memory for a response");
        liq_respond_refusal(&c->request, &refusal, &c->response);
    }
    liq_buf_free(&body);
}

static void refuse(struct depth *d, const struct liq_reason *why)
{
    struct liq_refusal refusal;

    liq_refusal_of(d->api, false, why, &refusal);
    liq_respond_refusal(&d->call->request, &refusal, &d->call->response);
}

/* Why nothing came: rather a failure than that one has no such book. */
static const struct liq_reason *why_of(const struct depth *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->part[i].why.code != LIQ_ENOTFOUND)
            return &d->part[i].why;
    }
    return &d->part[0].why;
}

static void finish(struct depth *d)
{
    if (first_of(d))
        respond(d);
    else
        refuse(d, why_of(d));
    for (size_t i = 0; i < d->n; i++)
        liq_item_release(d->part[i].book ? &d->part[i].book->item : NULL);
    d->done(d->call);
    free(d);
}

/* --- one exchange --------------------------------------------------------- */

static void begin_next(struct depth *d, size_t i);

/* auto: the response names only this one. */
static void keep_only(struct depth *d, size_t i)
{
    struct part p = d->part[i];

    for (size_t j = 0; j < d->n; j++) {
        if (j != i && d->part[j].book)
            liq_item_release(&d->part[j].book->item);
    }
    d->part[0] = p;
    d->n = 1;
    finish(d);
}

/* auto: the outcome of the i-th is there. */
static void end_auto(struct depth *d, size_t i)
{
    if (d->part[i].book && d->part[i].why.code == LIQ_OK)
        keep_only(d, i);
    else
        begin_next(d, i + 1);
}

/* Of a sum, or of one: so many parts have ended, or have all been begun. */
static void end_parts(struct depth *d, size_t n)
{
    if (atomic_fetch_sub(&d->left, n) == n)
        finish(d);
}

static void take_outcome(struct part *p)
{
    p->book = (struct liq_order_book *)(void *)p->waiter.item;
    p->why = p->waiter.why;
}

static void on_book(struct liq_task *t)
{
    struct part *p = (struct part *)(void *)t;
    struct depth *d = p->depth;

    take_outcome(p);
    if (d->query.choice == LIQ_CHOOSE_AUTO)
        end_auto(d, (size_t)(p - d->part));
    else
        end_parts(d, 1);
}

/* False: the call is parked in the entry, and on_book will run. */
static bool begin_part(struct depth *d, size_t i, int64_t deadline_ms)
{
    struct part *p = &d->part[i];

    if (p->exchange->depth_ms == 0 ||
        !liq_symbol_list_may_have(d->api, p->exchange, d->query.symbol)) {
        liq_fail(&p->why, LIQ_ENOTFOUND,
                 p->exchange->depth_ms == 0 ? "no depth for %s"
                                            : "not listed by %s",
                 p->exchange->name);
        return true;
    }
    p->waiter.task.run = on_book;
    p->waiter.lane = LIQ_LANE_LIGHT;
    p->waiter.deadline_ms = deadline_ms;
    if (!liq_order_book_ask(d->api, p->exchange, d->query.symbol, &d->ctx,
                            &p->waiter))
        return false;
    take_outcome(p);
    return true;
}

/* auto: none has a fresh book, and those from the i-th on were not asked, as
 * the deadline has passed. */
static void end_without(struct depth *d, size_t i)
{
    for (; i < d->n; i++)
        liq_fail(&d->part[i].why, LIQ_ETIMEOUT,
                 "%s: no response before the deadline",
                 d->part[i].exchange->name);
    for (i = 0; i < d->n; i++) {
        if (d->part[i].book) {
            keep_only(d, i);
            return;
        }
    }
    finish(d);
}

/* auto: from the i-th on the first that did not fail lately; half of the time
 * that is left for each but the last. */
static void begin_next(struct depth *d, size_t i)
{
    int64_t now_ms = liq_api_now(d->api), end_ms = d->ctx.deadline_ms;

    for (; i < d->n && (i == 0 || now_ms < end_ms); i++) {
        struct part *p = &d->part[i];

        if (liq_source_is_down(d->api, p->exchange, d->ctx.now_ms, &p->why))
            continue;
        if (begin_part(d, i,
                       i + 1 == d->n ? end_ms : now_ms + (end_ms - now_ms) / 2))
            end_auto(d, i);
        return;
    }
    end_without(d, i);
}

/* --- all of them ---------------------------------------------------------- */

static void begin_all(struct depth *d)
{
    size_t n = d->n, ended = 1;

    /* One more, so that the count cannot reach 0 before all have begun. */
    atomic_store(&d->left, n + 1);
    for (size_t i = 0; i < n; i++)
        ended += begin_part(d, i,
                            liq_source_deadline(d->api, &d->query,
                                                d->part[i].exchange, &d->ctx));
    end_parts(d, ended);
}

/* The exchanges that the query admits; auto has no use for those without an
 * order book, a sum names them. */
static bool add_exchanges(struct depth *d, struct liq_refusal *why)
{
    bool one = d->query.choice == LIQ_CHOOSE_ONE, some = false;
    struct liq_exchange *x[LIQ_SOURCES_MAX];
    size_t n =
        liq_query_exchanges(&d->api->scope, &d->query, x, LIQ_SOURCES_MAX);

    for (size_t i = 0; i < n; i++) {
        some = some || x[i]->depth_ms > 0;
        if (x[i]->depth_ms > 0 || d->query.choice != LIQ_CHOOSE_AUTO)
            d->part[d->n++] = (struct part){.depth = d, .exchange = x[i]};
    }
    return some || liq_refuse(why, 404, "no_depth", "", "no depth for %s",
                              one ? d->query.exchange->name
                                  : "any of the exchanges served here");
}

void liq_depth_start(struct liq_api *a, struct liq_api_call *c,
                     const struct liq_query *q,
                     void (*done)(struct liq_api_call *c))
{
    struct depth *d = calloc(1, sizeof *d);
    struct liq_refusal refusal;

    if (d) {
        d->api = a;
        d->call = c;
        d->done = done;
        d->query = *q;
        d->ctx.now_ms = liq_api_now(a);
        d->ctx.deadline_ms = d->ctx.now_ms + liq_api_config(a)->deadline_ms;
    } else {
        liq_refuse(&refusal, 503, "memory", "", "no memory for a response");
    }
    if (!d || !add_exchanges(d, &refusal)) {
        free(d);
        liq_respond_refusal(&c->request, &refusal, &c->response);
        done(c);
    } else if (d->query.choice == LIQ_CHOOSE_AUTO) {
        begin_next(d, 0);
    } else {
        begin_all(d);
    }
}
