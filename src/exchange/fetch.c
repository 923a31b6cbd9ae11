/* One fetch from its start to its outcome.  No thread waits for it: each of its
 * steps is a task. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

#define PAGE_MAX_BYTES ((size_t)2 * 1024 * 1024)
#define SYMBOLS_MAX_BYTES ((size_t)16 * 1024 * 1024)
/* Requests that could only be sent this late are not worth waiting for. */
#define ROUND_TRIP_MS 500

/* --- the outcome ---------------------------------------------------------- */

/* Called last: done may free f. */
void liq_plan_finish(struct liq_plan *p, enum liq_err err,
                     const struct liq_reason *why)
{
    struct liq_fetch *f = p->fetch;

    if (err == LIQ_OK) {
        f->data.age_ms = p->age_ms;
        f->data.server_ms = liq_limiter_now(p->x->limiter);
        if (f->data.server_ms > p->age_ms)
            f->data.server_ms -= p->age_ms;
    } else {
        liq_market_data_free(&f->data);
        liq_market_data_init(&f->data);
        liq_symbols_free(&f->symbols);
        liq_depth_free(&f->depth);
        liq_liquidations_free(&f->liquidations);
        liq_fail(&f->why, err, "%s: %.180s", p->x->row->info.name, why->text);
        f->why.retry_after_ms = why->retry_after_ms;
        f->why.own_budget = why->own_budget;
    }
    liq_plan_free(p);
    f->done(f);
}

/* --- sending -------------------------------------------------------------- */

/* All that the plan requested or followed is there. */
static void go_on(struct liq_task *t)
{
    struct liq_plan *p =
        (struct liq_plan *)((char *)t - offsetof(struct liq_plan, wait));

    if (p->failed.code != LIQ_OK)
        liq_plan_finish(p, p->failed.code, &p->failed);
    else
        p->next(p);
}

static void batch_ended(struct liq_plan *p)
{
    p->wait.run = go_on;
    if (liq_share_end(p))
        go_on(&p->wait);
}

static void judge(struct liq_plan *p)
{
    liq_judge_batch(p);
    batch_ended(p);
}

static size_t max_bytes(const struct liq_plan *p, const struct liq_request *r)
{
    if (r->endpoint == NULL)
        return PAGE_MAX_BYTES;
    if (r->endpoint->max_bytes != 0)
        return r->endpoint->max_bytes;
    return p->fetch->kind == LIQ_FETCH_SYMBOLS ? SYMBOLS_MAX_BYTES
                                               : LIQ_SMALL_BYTES;
}

static void start(struct liq_task *t)
{
    struct liq_plan *p =
        (struct liq_plan *)((char *)t - offsetof(struct liq_plan, wait));
    size_t i, n = 0;

    for (i = 0; i < p->n; i++) {
        struct liq_request *r = &p->request[i];

        if (!r->send)
            continue;
        p->out[n].url = r->url;
        p->out[n].post = r->post[0] != '\0' ? r->post : NULL;
        p->out[n].max_bytes = max_bytes(p, r);
        p->out[n].max_age_ms = liq_max_age_ms(p, i);
        p->pick[n++] = i;
    }
    memset(p->in, 0, n * sizeof *p->in);
    memset(&p->batch, 0, sizeof p->batch);
    p->batch.request = p->out;
    p->batch.response = p->in;
    p->batch.n = n;
    p->batch.deadline_ms = p->fetch->deadline_ms;
    liq_judge_prepare(p, judge);
    p->sent_ms = p->x->clock->mono_ms(p->x->clock);
    p->x->http->start(p->x->http, &p->batch);
}

/* Which requests: those that a series cannot do without, those that are waited
 * for with them, and those that are not (table.h). */
enum need { CANDLES, WITH_THEM, SPARE };

static enum need need_of(const struct liq_request *r)
{
    if (r->endpoint == NULL || r->pool == 0 ||
        (r->endpoint->flags & LIQ_LISTING))
        return CANDLES;
    return r->endpoint->flags & LIQ_SPARE ? SPARE : WITH_THEM;
}

/* What the requests to send cost that are needed as much as this, or more. */
static void add_up(const struct liq_plan *p, enum need least, int *cost)
{
    size_t i;

    memset(cost, 0, LIQ_POOLS * sizeof *cost);
    for (i = 0; i < p->n; i++)
        if (p->request[i].send && need_of(&p->request[i]) <= least)
            cost[p->request[i].pool] += p->request[i].weight;
}

static enum liq_claim claim_of(const struct liq_plan *p)
{
    const struct liq_fetch *f = p->fetch;

    if (f->background)
        return LIQ_CLAIM_BACKGROUND;
    /* A diagnosis competes with nobody. */
    if (f->kind == LIQ_FETCH_SERIES && f->to_ms != 0 && p->x->observe == NULL)
        return LIQ_CLAIM_PAST;
    return f->first ? LIQ_CLAIM_FIRST : LIQ_CLAIM_LIVE;
}

/* Requests needed less than this: each is sent too if there is a place for it
 * at that time. */
static void reserve_rest(struct liq_plan *p, enum need least, int64_t at_ms)
{
    int64_t ignored;
    size_t i;

    for (i = 0; i < p->n; i++) {
        struct liq_request *r = &p->request[i];
        int cost[LIQ_POOLS] = {0};

        if (!r->send || need_of(r) <= least)
            continue;
        cost[r->pool] = r->weight;
        r->send = liq_limiter_reserve(p->x->limiter, cost, claim_of(p), at_ms,
                                      at_ms + 1, &ignored, &r->why) == LIQ_OK;
    }
}

/* Places for all that is waited for; if that would be too late, for candles
 * alone. */
static enum liq_err reserve(struct liq_plan *p, int64_t *at_ms,
                            struct liq_reason *why)
{
    int64_t last_ms = p->fetch->deadline_ms - ROUND_TRIP_MS;
    enum liq_err err = LIQ_ERATE;
    int cost[LIQ_POOLS];
    int least;

    for (least = WITH_THEM; least >= CANDLES; least--) {
        add_up(p, (enum need)least, cost);
        err = liq_limiter_reserve(p->x->limiter, cost, claim_of(p), 0, last_ms,
                                  at_ms, why);
        if (err == LIQ_OK)
            reserve_rest(p, (enum need)least, *at_ms);
        if (err != LIQ_ERATE && err != LIQ_ELIMIT)
            break;
    }
    return err;
}

static bool make_batch(struct liq_plan *p)
{
    free(p->out);
    free(p->in);
    free(p->pick);
    free(p->arrival);
    p->out = calloc(p->n, sizeof *p->out);
    p->in = calloc(p->n, sizeof *p->in);
    p->pick = calloc(p->n, sizeof *p->pick);
    p->arrival = calloc(p->n, sizeof *p->arrival);
    return p->out != NULL && p->in != NULL && p->pick != NULL &&
           p->arrival != NULL;
}

static size_t count_sent(const struct liq_plan *p)
{
    size_t i, n = 0;

    for (i = 0; i < p->n; i++)
        n += p->request[i].send;
    return n;
}

void liq_plan_send(struct liq_plan *p, void (*next)(struct liq_plan *p))
{
    struct liq_reason why;
    int64_t at_ms = 0;
    enum liq_err err;

    memset(&why, 0, sizeof why);
    p->next = next;
    liq_share_follow(p);
    if (count_sent(p) == 0) {
        batch_ended(p);
        return;
    }
    err = make_batch(p) ? reserve(p, &at_ms, &why)
                        : liq_fail(&why, LIQ_ENOMEM, "no memory");
    if (err != LIQ_OK) {
        p->failed = why;
        p->failed.code = err;
        batch_ended(p);
        return;
    }
    /* There may be a place for none of what is left, if candles are not. */
    if (count_sent(p) == 0) {
        batch_ended(p);
        return;
    }
    liq_share_lead(p);
    p->wait.run = start;
    if (at_ms > p->x->clock->mono_ms(p->x->clock))
        liq_work_post_at(p->x->work, &p->wait, LIQ_LANE_LIGHT, at_ms);
    else
        start(&p->wait);
}

/* --- a series ------------------------------------------------------------- */

static void read_borrowed(struct liq_plan *p)
{
    struct liq_reason why;

    memset(&why, 0, sizeof why);
    liq_plan_finish(p, liq_plan_read(p, &why), &why);
}

static void read_series(struct liq_plan *p)
{
    liq_borrow(p, read_borrowed);
}

/* How many pages of candles were lost to the network; 0 also when anything
 * else is wrong with one. */
static size_t lost_pages(struct liq_plan *p)
{
    size_t i, n = 0;

    for (i = 0; i < p->n_page; i++) {
        enum liq_err code = p->request[i].why.code;

        if (code != LIQ_OK && code != LIQ_ENET)
            return 0;
        n += code == LIQ_ENET;
    }
    return n;
}

static void begin_series(struct liq_plan *p);

/* Once more for lost pages, if there is budget for that at once. */
static void retry_pages(struct liq_plan *p)
{
    int64_t now_ms = p->x->clock->mono_ms(p->x->clock), at_ms;
    struct liq_reason ignored;
    int cost[LIQ_POOLS];
    size_t i;

    if (lost_pages(p) == 0 || now_ms >= p->fetch->deadline_ms) {
        read_series(p);
        return;
    }
    for (i = 0; i < p->n_page; i++)
        p->request[i].send = p->request[i].why.code == LIQ_ENET;
    add_up(p, CANDLES, cost);
    if (liq_limiter_reserve(p->x->limiter, cost, claim_of(p), 0, now_ms + 1,
                            &at_ms, &ignored) != LIQ_OK) {
        read_series(p);
        return;
    }
    p->next = read_series;
    liq_share_follow(p);
    start(&p->wait);
}

/* The pages are there, but for those that were lost or cut. */
static void after_series(struct liq_plan *p)
{
    if (!p->x->short_pages && liq_plan_is_short(p)) {
        p->x->short_pages = true;
        begin_series(p);
        return;
    }
    retry_pages(p);
}

static void begin_series(struct liq_plan *p)
{
    int64_t now_ms = liq_limiter_now(p->x->limiter);
    struct liq_reason why;
    enum liq_err err;

    memset(&why, 0, sizeof why);
    err = liq_plan_series(p, now_ms, &why);
    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_series);
}

/* --- the clock ------------------------------------------------------------ */

static void after_clock(struct liq_plan *p)
{
    struct liq_reason why = p->request[0].why;

    if (liq_limiter_now(p->x->limiter) == 0 || why.code == LIQ_ERATE ||
        why.code == LIQ_EBLOCKED) {
        if (why.code == LIQ_OK)
            liq_fail(&why, LIQ_EFORMAT, "no time in the response of %s",
                     p->x->row->clock.path);
        p->request[0].read = why;
        liq_plan_finish(p, why.code, &why);
    } else if (p->fetch->kind == LIQ_FETCH_SERIES) {
        begin_series(p);
    } else if (p->fetch->kind == LIQ_FETCH_LIQUIDATIONS) {
        liq_liquidations_begin(p);
    } else {
        liq_plan_finish(p, LIQ_OK, NULL);
    }
}

static void begin_clock(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err = liq_plan_one(p, &p->x->row->clock, &why);

    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_clock);
}

/* --- the symbol list ------------------------------------------------------ */

static void after_symbols(struct liq_plan *p);

static void begin_symbols(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err = liq_plan_one(p, &p->x->row->symbols.endpoint, &why);

    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_symbols);
}

static void after_symbols(struct liq_plan *p)
{
    struct liq_symbols *out = &p->fetch->symbols;
    struct liq_reason why = p->request[0].why;
    enum liq_err err = why.code;

    if (err == LIQ_OK)
        err = liq_read_symbols(p->x->row, p->request[0].root, out, &why);
    p->request[0].read = why;
    if (err == LIQ_OK && liq_plan_has_more(p)) {
        begin_symbols(p);
        return;
    }
    if (err == LIQ_OK && out->n == 0)
        err = liq_fail(&why, LIQ_EFORMAT, "the symbol list is empty");
    if (err == LIQ_OK)
        liq_symbols_sort(out);
    liq_plan_finish(p, err, &why);
}

/* --- the interface -------------------------------------------------------- */

static enum liq_err check_fetch(const struct liq_exchange_row *row,
                                const struct liq_fetch *f,
                                struct liq_reason *why)
{
    bool series = f->kind == LIQ_FETCH_SERIES;

    if ((series || f->kind == LIQ_FETCH_DEPTH) && !liq_symbol_valid(f->symbol))
        return liq_fail(why, LIQ_EINVAL, "a symbol is 2 to 31 of A-Z and 0-9");
    if (!series)
        return LIQ_OK;
    if (liq_row_interval(row, f->interval_ms) == NULL)
        return liq_fail(why, LIQ_EINVAL, "no candles of that interval");
    if (f->from_ms <= 0 || f->from_ms % f->interval_ms != 0)
        return liq_fail(why, LIQ_EINVAL,
                        "the range does not start on the interval");
    return LIQ_OK;
}

static void begin(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err;

    memset(&why, 0, sizeof why);
    err = check_fetch(p->x->row, p->fetch, &why);
    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else if (p->fetch->kind == LIQ_FETCH_SYMBOLS)
        begin_symbols(p);
    else if (p->fetch->kind == LIQ_FETCH_LIMITS)
        liq_limits_begin(p);
    else if (p->fetch->kind == LIQ_FETCH_DEPTH)
        liq_depth_begin(p);
    else if (liq_limiter_now(p->x->limiter) == 0)
        begin_clock(p);
    else if (p->fetch->kind == LIQ_FETCH_SERIES)
        begin_series(p);
    else if (p->fetch->kind == LIQ_FETCH_LIQUIDATIONS)
        liq_liquidations_begin(p);
    else
        liq_plan_finish(p, LIQ_OK, NULL);
}

void liq_fetch_begin(struct liq_exchange *x, struct liq_fetch *f)
{
    struct liq_plan *p = liq_plan_new((struct liq_live_exchange *)x, f);

    memset(&f->why, 0, sizeof f->why);
    memset(&f->symbols, 0, sizeof f->symbols);
    memset(&f->depth, 0, sizeof f->depth);
    memset(&f->liquidations, 0, sizeof f->liquidations);
    liq_market_data_init(&f->data);
    if (p != NULL) {
        begin(p);
        return;
    }
    liq_fail(&f->why, LIQ_ENOMEM, "%s: no memory", x->name);
    f->done(f);
}
