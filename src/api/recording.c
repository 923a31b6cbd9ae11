/* The recorder's clock: asks for what is to be recorded when it is due, and
 * hands over what comes. */
#include "recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"
#include "liqmap/names.h"

#define TICK_MS 1000
/* Statistics are recorded this often, levels at each close of an hour, and
 * liquidations of exchanges without a stream are asked for this often. */
#define STATISTICS_MS (5 * LIQ_MINUTE_MS)
#define LEVELS_MS LIQ_HOUR_MS
#define LIQUIDATIONS_MS LIQ_MINUTE_MS
/* So long after a close exchanges have the candle. */
#define LAG_MS 3000
/* Pause between two tries. */
#define AGAIN_MS 15000
/* A body of liquidations goes back so far; what is older is a gap. */
#define REACH_MS LIQ_HOUR_MS
/* Bitget reports so many at most; Gate 1000. */
#define FULL_ROWS 100

/*
 * One symbol of one exchange.
 *
 * query        whose levels are recorded, key its key
 * close_ms     of the newest candle whose levels are recorded
 * slot         of STATISTICS_MS: the newest that is recorded
 * asked_ms     monotonic: when levels or statistics were asked for last
 * polled_ms    monotonic: the same of liquidations
 * covered_ms   exchange clock: liquidations are known up to there, from from_ms
 *              on
 * asking, polling  something is in flight; then its members are whoever's ends
 *              it
 */
struct pair {
    struct liq_recording *recording;
    struct liq_exchange *exchange;
    struct liq_query query;
    struct liq_key key;
    _Atomic int64_t close_ms, slot;
    int64_t asked_ms, polled_ms;
    int64_t from_ms, covered_ms;
    bool failed;
    atomic_bool asking, polling;
    struct liq_waiter waiter;
    struct liq_fetch fetch;
};

struct liq_recording {
    struct liq_api *api;
    struct liq_task tick;
    struct pair *pair;
    size_t n;
};

static struct liq_row row_of(const struct pair *p, enum liq_row_kind kind,
                             int64_t time_ms)
{
    struct liq_row r = {.kind = kind, .time_ms = time_ms};

    snprintf(r.exchange, sizeof r.exchange, "%s", p->exchange->name);
    snprintf(r.symbol, sizeof r.symbol, "%s", p->query.symbol);
    return r;
}

/* --- statistics and levels ------------------------------------------------ */

/* Whether the exchange said any of them: candles may come alone. */
static bool any_said(const struct liq_statistics *s)
{
    return isfinite(s->open_interest) || isfinite(s->open_interest_usd) ||
           isfinite(s->mark_price) || isfinite(s->funding_rate) ||
           isfinite(s->long_account_share);
}

static void record_statistics(struct pair *p, const struct liq_series *s)
{
    struct liq_row r = row_of(p, LIQ_ROW_STATISTICS, s->data.server_ms);
    int64_t slot = s->data.server_ms / STATISTICS_MS;

    if (s->data.server_ms <= 0 || slot == atomic_load(&p->slot))
        return;
    atomic_store(&p->slot, slot);
    r.statistics = s->data.statistics;
    r.statistics.open_interest_usd = liq_market_data_usd(&s->data);
    if (any_said(&r.statistics))
        (void)liq_recorder_put(p->recording->api->options.recorder, &r);
}

static void write_parameters(const struct liq_params *p, char *out, size_t size)
{
    struct liq_jsonw w;
    struct liq_buf b;

    liq_buf_init(&b, size - 1);
    liq_jsonw_init(&w, &b);
    liq_jsonw_open_object(&w);
    liq_jsonw_key(&w, "standing_shares");
    liq_jsonw_open_array(&w);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        liq_jsonw_number(&w, p->tier[k].standing_share);
    liq_jsonw_close_array(&w);
    liq_jsonw_key(&w, "half_life_hours");
    liq_jsonw_open_array(&w);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        liq_jsonw_number(&w, p->tier[k].half_life_hours);
    liq_jsonw_close_array(&w);
    liq_jsonw_key_number(&w, "leverage_spread", p->leverage_spread);
    liq_jsonw_key_number(&w, "round_number_share", p->round_number_share);
    liq_jsonw_key_number(&w, "maintenance_margin_rate",
                         p->maintenance_margin_rate);
    liq_jsonw_close_object(&w);
    snprintf(out, size, "%s", b.err || !b.data ? "" : b.data);
    liq_buf_free(&b);
}

static bool copy_levels(const struct liq_snapshot *m,
                        struct liq_publication *out)
{
    struct liq_levels levels;

    if (liq_map_levels(m->map, &levels) != LIQ_OK)
        return false;
    out->level = calloc((size_t)LIQ_SIDES * LIQ_LEVELS_MAX, sizeof *out->level);
    if (!out->level)
        return false;
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i < levels.n[side]; i++) {
            const struct liq_level *l = &levels.at[side][i];

            out->level[out->n_level++] = (struct liq_stored_level){
                side == LIQ_LONG, l->price,
                l->from,          l->to,
                l->mass,          liq_snapshot_usd(m, l->mass)};
        }
    }
    return true;
}

static void record_levels(struct pair *p, const struct liq_content *c,
                          const struct liq_snapshot *m, int64_t close_ms)
{
    const struct liq_clock *clock = c->api->options.clock;
    struct liq_row r = row_of(p, LIQ_ROW_LEVELS, clock->wall_ms(clock));

    r.levels.interval_ms = LEVELS_MS;
    r.levels.close_ms = close_ms;
    r.levels.price = m->book.close;
    r.levels.open_interest_usd = liq_sources_usd(c->sources);
    snprintf(r.levels.model, sizeof r.levels.model, "%s/%d", LIQ_MODEL_NAME,
             LIQ_MODEL_VERSION);
    write_parameters(&c->api->params, r.levels.parameters,
                     sizeof r.levels.parameters);
    if (!copy_levels(m, &r.levels))
        return;
    atomic_store(&p->close_ms, close_ms);
    (void)liq_recorder_put(c->api->options.recorder, &r);
}

void liq_recording_see(struct liq_recording *r, const struct liq_content *c,
                       const struct liq_snapshot *m)
{
    const struct liq_series *s = c->series;
    struct liq_key key;

    if (c->query->route != LIQ_ROUTE_LEVELS || c->stale_reason)
        return;
    key = liq_query_key(c->query);
    for (size_t i = 0; i < r->n; i++) {
        struct pair *p = &r->pair[i];
        /* The newest candle forms: the close is its open. */
        int64_t close_ms = liq_interval_floor(s->newest_ms, s->display_ms);

        if (memcmp(&key, &p->key, sizeof key) == 0 &&
            close_ms > atomic_load(&p->close_ms))
            record_levels(p, c, m, close_ms);
    }
}

static void end_asking(struct liq_task *t)
{
    struct liq_waiter *w = (struct liq_waiter *)(void *)t;
    struct pair *p =
        (struct pair *)(void *)((char *)w - offsetof(struct pair, waiter));
    struct liq_api *a = p->recording->api;
    struct liq_series *s;

    /* Not listed: it hardly will be soon. */
    if (!w->item && w->why.code == LIQ_ENOTFOUND)
        p->asked_ms = liq_api_now(a) + LIQ_HOUR_MS;
    liq_item_release(w->item);
    s = liq_series_peek(&a->series, p->exchange, p->query.symbol, LEVELS_MS, 0,
                        liq_api_now(a));
    if (s)
        record_statistics(p, s);
    liq_item_release(s ? &s->item : NULL);
    atomic_store(&p->asking, false);
}

static struct liq_context context_of(struct liq_api *a)
{
    int64_t now_ms = liq_api_now(a);

    return (struct liq_context){.now_ms = now_ms,
                                .deadline_ms =
                                    now_ms + liq_api_config(a)->deadline_ms,
                                .background = true};
}

/* The levels, which need the series, whose statistics are recorded, too. */
static void ask_levels(struct pair *p)
{
    struct liq_api *a = p->recording->api;
    struct liq_context ctx = context_of(a);

    atomic_store(&p->asking, true);
    p->asked_ms = ctx.now_ms;
    p->waiter =
        (struct liq_waiter){.task = {.run = end_asking},
                            .lane = LIQ_LANE_LIGHT,
                            .deadline_ms = ctx.deadline_ms + LIQ_MAKE_MS};
    if (liq_response_ask(a, &p->query, &ctx, &p->waiter))
        end_asking(&p->waiter.task);
}

/* --- liquidations that are asked for -------------------------------------- */

static void record_all(struct pair *p, const struct liq_liquidations *l)
{
    for (size_t i = 0; i < l->n; i++) {
        struct liq_row r = row_of(p, LIQ_ROW_LIQUIDATION, l->at[i].time_ms);

        r.liquidation = l->at[i];
        (void)liq_recorder_put(p->recording->api->options.recorder, &r);
    }
}

/* What came reaches back to what was known: all is known up to now. */
static void record_cover(struct pair *p, const struct liq_liquidations *l,
                         int64_t now_ms)
{
    struct liq_row r = row_of(p, LIQ_ROW_COVER, p->from_ms);
    int64_t oldest_ms = now_ms;

    for (size_t i = 0; i < l->n; i++)
        oldest_ms = l->at[i].time_ms < oldest_ms ? l->at[i].time_ms : oldest_ms;
    if (p->covered_ms == 0 || now_ms - p->covered_ms >= REACH_MS ||
        (l->n >= FULL_ROWS && oldest_ms > p->covered_ms))
        p->from_ms = l->n >= FULL_ROWS ? oldest_ms : now_ms - LIQUIDATIONS_MS;
    p->covered_ms = now_ms;
    r.time_ms = p->from_ms;
    r.until_ms = now_ms;
    (void)liq_recorder_put(p->recording->api->options.recorder, &r);
}

static void end_polling(struct liq_fetch *f)
{
    struct pair *p =
        (struct pair *)(void *)((char *)f - offsetof(struct pair, fetch));
    bool failed = f->why.code != LIQ_OK && !f->why.own_budget;

    if (f->why.code == LIQ_OK) {
        record_all(p, &f->liquidations);
        record_cover(p, &f->liquidations, f->data.server_ms);
    }
    if (failed && !p->failed)
        liq_log(LIQ_LOG_WARN, "liquidations exchange=%s symbol=%s why=\"%s\"",
                p->exchange->name, p->query.symbol, f->why.text);
    p->failed = failed;
    liq_liquidations_free(&f->liquidations);
    liq_market_data_free(&f->data);
    atomic_store(&p->polling, false);
}

static void poll_liquidations(struct pair *p)
{
    struct liq_context ctx = context_of(p->recording->api);

    atomic_store(&p->polling, true);
    p->polled_ms = ctx.now_ms;
    memset(&p->fetch, 0, sizeof p->fetch);
    p->fetch.kind = LIQ_FETCH_LIQUIDATIONS;
    memcpy(p->fetch.symbol, p->query.symbol, sizeof p->fetch.symbol);
    p->fetch.deadline_ms = ctx.deadline_ms;
    p->fetch.background = true;
    p->fetch.done = end_polling;
    p->exchange->fetch(p->exchange, &p->fetch);
}

/* --- the clock ------------------------------------------------------------ */

static void look_at(struct pair *p)
{
    struct liq_api *a = p->recording->api;
    int64_t now_ms = liq_api_now(a);
    int64_t clock_ms = p->exchange->now_ms(p->exchange);
    /* Of statistics as well: a slot begins at the close of an hour, and who
     * asks for them gets the levels. */
    int64_t due_ms = clock_ms - LAG_MS;
    bool levels = due_ms >= atomic_load(&p->close_ms) + LEVELS_MS;
    bool statistics = due_ms / STATISTICS_MS > atomic_load(&p->slot);

    /* A clock that is not known yet comes with the first response. */
    if ((clock_ms == 0 || levels || statistics) && !atomic_load(&p->asking) &&
        (p->asked_ms == 0 || now_ms - p->asked_ms >= AGAIN_MS))
        ask_levels(p);
    if (p->exchange->liquidations && !atomic_load(&p->polling) &&
        (p->polled_ms == 0 || now_ms - p->polled_ms >= LIQUIDATIONS_MS))
        poll_liquidations(p);
}

static void post_tick(struct liq_recording *r)
{
    liq_work_post_at(r->api->options.work, &r->tick, LIQ_LANE_LIGHT,
                     liq_api_now(r->api) + TICK_MS);
}

static void tick(struct liq_task *t)
{
    struct liq_recording *r =
        (struct liq_recording *)(void *)((char *)t -
                                         offsetof(struct liq_recording, tick));

    for (size_t i = 0; i < r->n; i++)
        look_at(&r->pair[i]);
    post_tick(r);
}

/* --- its life ------------------------------------------------------------- */

static void add_pair(struct liq_recording *r, struct liq_exchange *x,
                     const char *symbol, size_t n)
{
    struct pair *p = &r->pair[r->n];
    struct liq_refusal refusal;
    char text[128];

    snprintf(text, sizeof text, "symbol=%.*s&exchange=%s&interval=1h", (int)n,
             symbol, x->name);
    if (!liq_query_parse(&r->api->scope, LIQ_ROUTE_LEVELS, text, &p->query,
                         &refusal)) {
        liq_log(LIQ_LOG_WARN, "recorder: not recorded: %s: %s", text,
                refusal.message);
        return;
    }
    p->recording = r;
    p->exchange = x;
    p->key = liq_query_key(&p->query);
    r->n++;
}

struct liq_recording *liq_recording_new(struct liq_api *a)
{
    struct liq_recording *r = calloc(1, sizeof *r);
    const char *symbols = liq_api_config(a)->recorder_symbols, *symbol;
    size_t n = 1, len;

    for (const char *p = symbols; *p; p++)
        n += *p == ',';
    if (r)
        r->pair = calloc(n * a->scope.n_exchange, sizeof *r->pair);
    if (!r || !r->pair) {
        free(r);
        return NULL;
    }
    r->api = a;
    r->tick.run = tick;
    while ((symbol = liq_names_next(&symbols, &len)) != NULL) {
        for (size_t i = 0; i < a->scope.n_exchange; i++)
            add_pair(r, a->scope.exchange[i], symbol, len);
    }
    post_tick(r);
    return r;
}

void liq_recording_free(struct liq_recording *r)
{
    if (!r)
        return;
    free(r->pair);
    free(r);
}
