/* The exchange's clock if it is not known yet, then the candles that may have
 * changed, or all of them. */
#include "refresh.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"
#include "candles.h"
#include "merge.h"
#include "recorded.h"

/* Warm-up, MODEL.md 2: so many display intervals before the newest one, down
 * to a multiple of so many. */
#define WARM_UP_BARS 1500
#define START_STEP_BARS 375

/* Requested again with the newest one known: candles not complete then. */
#define OVERLAP_CANDLES 2

/* The past does not change; again now and then, for what was missing. */
#define PAST_FRESH_MS LIQ_HOUR_MS

/* A series that could not be continued, or that the model refused, so often is
 * fetched from its start: what is held may be the cause. */
#define FAILURES_MAX 3

/* A page of the past is requested again so often, in the background. */
#define CHECK_EVERY_MS LIQ_HOUR_MS
#define CHECK_CANDLES 480

/* One refresh in flight; freed when it has settled its key. */
struct refresh {
    struct liq_fetch fetch; /* must be first */
    const struct liq_series_options *options;
    struct liq_exchange *exchange;
    struct liq_key key;
    struct liq_series *old; /* a reference, or NULL */
    int64_t engine_ms;
    bool whole;    /* the series is fetched from its start */
    bool appended; /* to the series before, nothing else has changed */
    bool again;    /* holes were found, and their range was requested again */
    struct liq_market_data first; /* what came before that, owned */
    struct liq_klines known;      /* old's candles, owned; of none: none */
    struct liq_series *made;      /* while its past is checked, owned */
    struct liq_history_ask ask;   /* of made */
};

static uint64_t next_epoch(void)
{
    static atomic_uint_fast64_t last;

    return atomic_fetch_add(&last, 1) + 1;
}

static void series_destroy(struct liq_item *item)
{
    struct liq_series *s = (struct liq_series *)(void *)item;

    liq_market_data_free(&s->data);
    free(s->candles);
    free(s->interest);
    free(s);
}

/* Where the series whose newest moment is at_ms begins. */
static int64_t start_of(int64_t at_ms, int64_t display_ms)
{
    int64_t newest = liq_interval_floor(at_ms, display_ms);
    int64_t start = newest - WARM_UP_BARS * display_ms;

    return start > 0 ? liq_interval_floor(start, START_STEP_BARS * display_ms)
                     : 0;
}

/* --- the series that a response makes ------------------------------------- */

static void set_times(const struct liq_series_options *o, struct liq_series *s)
{
    struct liq_item *item = &s->item;

    s->fetched_ms = o->clock->mono_ms(o->clock) - s->data.age_ms;
    item->order = s->fetched_ms;
    if (s->end_ms > 0) {
        item->rank = LIQ_RANK_PAST;
        item->fresh_until_ms = s->fetched_ms + PAST_FRESH_MS;
        item->meanwhile_until_ms = INT64_MAX;
        item->usable_until_ms = INT64_MAX;
        return;
    }
    item->rank = LIQ_RANK_LIVE;
    item->fresh_until_ms = s->fetched_ms + o->ttl_ms;
    /* After a pause the series may be minutes old: nobody is given it while it
     * is refreshed. */
    item->meanwhile_until_ms = item->fresh_until_ms;
    item->usable_until_ms = s->fetched_ms + o->stale_ms;
    if (item->usable_until_ms < item->fresh_until_ms)
        item->usable_until_ms = item->fresh_until_ms;
}

/* Of the start, of the warm-up's closed candles, and of corrections. */
static uint64_t history_of(const struct liq_series *s,
                           const struct liq_klines *k)
{
    uint64_t hash = liq_mix(liq_mix(s->corrections, (uint64_t)s->start_ms),
                            (uint64_t)s->engine_ms);

    return liq_klines_mix(k, s->start_ms + WARM_UP_BARS * s->display_ms, hash);
}

/* Corrections have the moment in them, so that no restart repeats a value. */
static void set_history(const struct refresh *r, const struct liq_klines *k,
                        struct liq_series *s)
{
    const struct liq_clock *clock = r->options->clock;
    const struct liq_series *old = r->old;
    bool same = old && liq_klines_continue(&r->known, k);

    s->corrections = old ? old->corrections : 0;
    if (old && !same)
        s->corrections = liq_mix(liq_mix(s->corrections, s->epoch),
                                 (uint64_t)clock->wall_ms(clock));
    s->history = same && old->start_ms == s->start_ms &&
                         old->first_ms == k->at[0].open_ms
                     ? old->history
                     : history_of(s, k);
}

static enum liq_err complete(const struct refresh *r, bool appended,
                             struct liq_series *s, struct liq_reason *why)
{
    struct liq_market_data *d = &s->data;
    double usd = liq_market_data_usd(d);
    bool trimmed;

    /* By the exchange's own clock, so that every process agrees. */
    s->start_ms = start_of(s->end_ms ? s->end_ms : d->server_ms, s->display_ms);
    /* If that clock went back: what was trimmed is not there any more. */
    if (!r->whole && s->start_ms < r->old->start_ms)
        s->start_ms = r->old->start_ms;
    trimmed = liq_klines_trim(&d->klines, s->start_ms);
    if (d->klines.n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "%s has no recent candles of %s",
                        r->exchange->name, s->symbol);
    if (liq_series_set_candles(s, &d->klines, r->old) != LIQ_OK)
        return liq_fail(why, LIQ_ENOMEM, "no memory for candles");
    if (isfinite(usd))
        s->interest[s->n_display - 1] = usd;
    /* What a contract allows changes once in months; that a request for it
     * failed is no reason to compute the map again. */
    if (!d->contract.source && r->old && r->old->data.contract.source)
        d->contract = r->old->data.contract;
    s->epoch = r->old && appended && !trimmed ? r->old->epoch : next_epoch();
    set_history(r, &d->klines, s);
    if (s->end_ms == 0)
        liq_series_warn_if_late(d, r->engine_ms);
    liq_series_warn_of_holes(d, r->engine_ms);
    free(d->klines.at);
    d->klines = (struct liq_klines){0};
    return LIQ_OK;
}

/* How many series in turn the model refused, with this one. */
static int refusals_of(const struct liq_series *s)
{
    return s && atomic_load(&s->refused) ? s->refusals + 1 : 0;
}

/* Takes over the data of the fetch. */
static enum liq_err series_new(struct refresh *r, bool appended,
                               struct liq_series **out, struct liq_reason *why)
{
    struct liq_series *s = calloc(1, sizeof *s);
    enum liq_err err;

    if (!s)
        return liq_fail(why, LIQ_ENOMEM, "no memory for a series");
    liq_item_init(&s->item, series_destroy);
    s->exchange = r->exchange;
    memcpy(s->symbol, r->fetch.symbol, sizeof s->symbol);
    s->display_ms = r->key.display_ms;
    s->engine_ms = r->engine_ms;
    s->end_ms = r->key.end_ms;
    s->data = r->fetch.data;
    liq_market_data_init(&r->fetch.data);
    err = complete(r, appended, s, why);
    if (err) {
        liq_item_release(&s->item);
        return err;
    }
    set_times(r->options, s);
    s->checked_ms = r->old ? r->old->checked_ms : s->fetched_ms;
    s->check_from_ms = r->old ? r->old->check_from_ms : 0;
    s->refusals = r->whole ? 0 : refusals_of(r->old);
    *out = s;
    return LIQ_OK;
}

/* --- the refresh ---------------------------------------------------------- */

/* Once the old series may not be shown any more, the reason is its age, with
 * the cause behind it. It holds until the next try, so what expires before that
 * counts. */
static void name_age(const struct refresh *r, int64_t now_ms,
                     struct liq_reason *why)
{
    struct liq_reason cause = *why;

    if (!r->old || now_ms + r->options->error_ms < r->old->item.usable_until_ms)
        return;
    liq_fail(why, LIQ_ELIMIT, "no fresh data for %lld s: %.150s",
             (long long)((now_ms - r->old->fetched_ms) / 1000), cause.text);
    why->retry_after_ms = cause.retry_after_ms;
}

/* A renewal that leaves its place in our budget to others is no failure: the
 * next who asks may take that place at once. */
static bool gave_way(const struct refresh *r, const struct liq_reason *why)
{
    return r->fetch.background && r->old && why->own_budget;
}

static void settle(struct refresh *r, struct liq_series *made,
                   struct liq_reason *why)
{
    const struct liq_clock *clock = r->options->clock;
    int64_t now_ms = clock->mono_ms(clock);

    if (!made && gave_way(r, why))
        made = (struct liq_series *)(void *)liq_item_hold(&r->old->item);
    if (!made && r->old)
        r->old->failures++;
    if (!made)
        name_age(r, now_ms, why);
    liq_cache_settle(r->options->cache, &r->key, now_ms,
                     made ? &made->item : NULL, why);
    if (r->old)
        liq_item_release(&r->old->item);
    liq_market_data_free(&r->fetch.data);
    liq_market_data_free(&r->first);
    free(r->known.at);
    free(r);
}

static void on_fetched(struct liq_fetch *f);

static void fetch_from(struct refresh *r, int64_t from_ms)
{
    r->fetch.kind = LIQ_FETCH_SERIES;
    r->fetch.from_ms = from_ms;
    r->exchange->fetch(r->exchange, &r->fetch);
}

static void fetch_whole(struct refresh *r)
{
    int64_t at_ms =
        r->key.end_ms ? r->key.end_ms : r->exchange->now_ms(r->exchange);

    r->whole = true;
    if (at_ms == 0) {
        r->fetch.kind = LIQ_FETCH_CLOCK;
        r->exchange->fetch(r->exchange, &r->fetch);
        return;
    }
    fetch_from(r, start_of(at_ms, r->key.display_ms));
}

static void fetch_newest(struct refresh *r)
{
    int64_t from_ms = r->old->newest_ms - OVERLAP_CANDLES * r->engine_ms;

    fetch_from(r, from_ms < r->old->start_ms ? r->old->start_ms : from_ms);
}

/* Lay what was fetched over what is known.  False: *why, or whole when all of
 * it must be fetched again. */
static bool merge(struct refresh *r, bool *appended, struct liq_reason *why)
{
    enum liq_merge merge;

    *appended = false;
    if (r->old && !r->known.at &&
        liq_series_candles(r->old, &r->known) != LIQ_OK) {
        liq_fail(why, LIQ_ENOMEM, "no memory for candles");
        return false;
    }
    if (r->whole)
        return true;
    if (liq_klines_merge(&r->known, r->fetch.from_ms, &r->fetch.data.klines,
                         &merge) != LIQ_OK) {
        liq_fail(why, LIQ_ENOMEM, "no memory for candles");
        return false;
    }
    *appended = merge == LIQ_MERGE_APPENDED;
    r->whole = merge == LIQ_MERGE_BROKEN;
    return !r->whole;
}

/* --- holes ---------------------------------------------------------------- */

/* Whether what came has holes that are requested again: once, from the candle
 * before the first one on. */
static bool fill_holes(struct refresh *r)
{
    struct liq_klines *k = &r->fetch.data.klines;
    int64_t from_ms = r->whole ? 0 : r->fetch.from_ms, hole_ms;

    if (r->again || liq_klines_missing(k, from_ms, r->engine_ms, &hole_ms) == 0)
        return false;
    r->again = true;
    r->first = r->fetch.data;
    liq_market_data_init(&r->fetch.data);
    fetch_from(r, hole_ms - r->engine_ms);
    return true;
}

/* The range came again, or not: what came first stays unless the second
 * continues it. */
static void join_again(struct refresh *r, struct liq_reason *why)
{
    struct liq_fetch *f = &r->fetch;
    enum liq_merge merge = LIQ_MERGE_BROKEN;

    if (why->code == LIQ_OK && f->data.klines.n > 0 &&
        liq_klines_merge(&r->first.klines, f->from_ms, &f->data.klines,
                         &merge) != LIQ_OK)
        merge = LIQ_MERGE_BROKEN;
    if (merge == LIQ_MERGE_BROKEN) {
        liq_market_data_free(&f->data);
        f->data = r->first;
        liq_market_data_init(&r->first);
    }
    *why = (struct liq_reason){0};
}

/* --- the past, again ------------------------------------------------------ */

/* Whether a page of the past is due; only where nobody waits for it. */
static bool begin_check(struct refresh *r, struct liq_series *s)
{
    int64_t from_ms, to_ms;

    if (!r->fetch.background || !r->old || s->end_ms != 0 ||
        s->fetched_ms - s->checked_ms < CHECK_EVERY_MS)
        return false;
    from_ms = s->check_from_ms > s->first_ms ? s->check_from_ms : s->first_ms;
    to_ms = from_ms + CHECK_CANDLES * r->engine_ms;
    if (to_ms > s->newest_ms - OVERLAP_CANDLES * r->engine_ms)
        to_ms = s->newest_ms - OVERLAP_CANDLES * r->engine_ms;
    s->checked_ms = s->fetched_ms;
    s->check_from_ms = 0;
    if (to_ms <= from_ms)
        return false;
    if (to_ms == from_ms + CHECK_CANDLES * r->engine_ms)
        s->check_from_ms = to_ms;
    r->made = s;
    r->fetch.to_ms = to_ms;
    r->fetch.check = true;
    fetch_from(r, from_ms);
    return true;
}

/* Lay page over the candles of s.  False: they were the same, or there is no
 * memory, and nothing has changed. */
static bool correct(struct liq_series *s, const struct liq_klines *page,
                    int64_t wall_ms)
{
    struct liq_klines k;
    bool changed = false;

    if (liq_series_candles(s, &k) != LIQ_OK)
        return false;
    if (liq_klines_replace(&k, page, &changed) != LIQ_OK || !changed ||
        liq_series_set_candles(s, &k, s) != LIQ_OK) {
        free(k.at);
        return false;
    }
    s->epoch = next_epoch();
    s->corrections =
        liq_mix(liq_mix(s->corrections, s->epoch), (uint64_t)wall_ms);
    s->history = history_of(s, &k);
    free(k.at);
    return true;
}

/* What differs replaces what was held. */
static void end_check(struct refresh *r)
{
    const struct liq_klines *page = &r->fetch.data.klines;
    const struct liq_clock *clock = r->options->clock;
    struct liq_series *s = r->made;
    char time[32];

    if (r->fetch.why.code != LIQ_OK || page->n == 0 ||
        !correct(s, page, clock->wall_ms(clock)))
        return;
    liq_time_format(page->at[0].open_ms, time, sizeof time);
    liq_log(LIQ_LOG_WARN,
            "series corrected exchange=%s symbol=%s from=%s candles=%zu",
            s->exchange->name, s->symbol, time, page->n);
}

static void on_recorded(struct liq_task *t)
{
    struct refresh *r =
        (struct refresh *)(void *)((char *)t - offsetof(struct refresh, ask));
    struct liq_reason why = {0};

    liq_recorded_take(&r->ask, r->made);
    settle(r, r->made, &why);
}

/* Publish what was made, after recorded open interest was added to it; or why
 * nothing was made. */
static void finish(struct refresh *r, struct liq_series *made,
                   struct liq_reason *why)
{
    r->made = made;
    if (!made ||
        !liq_recorded_ask(r->options, !r->old, made, &r->ask, on_recorded))
        settle(r, made, why);
}

static void on_series(struct refresh *r, struct liq_reason *why)
{
    struct liq_series *made = NULL;

    if (r->again) {
        join_again(r, why);
    } else if (why->code == LIQ_OK && !merge(r, &r->appended, why) &&
               r->whole) {
        liq_market_data_free(&r->fetch.data);
        liq_market_data_init(&r->fetch.data);
        fetch_whole(r);
        return;
    }
    if (why->code == LIQ_OK && fill_holes(r))
        return;
    if (why->code == LIQ_OK &&
        series_new(r, r->appended, &made, why) == LIQ_OK && made &&
        begin_check(r, made))
        return;
    finish(r, made, why);
}

static void on_fetched(struct liq_fetch *f)
{
    struct refresh *r = (struct refresh *)(void *)f;
    struct liq_reason why = f->why;

    if (r->made) {
        end_check(r);
        why = (struct liq_reason){0};
        settle(r, r->made, &why);
        return;
    }
    if (why.code == LIQ_OK && f->kind == LIQ_FETCH_CLOCK) {
        int64_t at_ms = r->exchange->now_ms(r->exchange);

        if (at_ms > 0) {
            fetch_from(r, start_of(at_ms, r->key.display_ms));
            return;
        }
        liq_fail(&why, LIQ_EFORMAT, "%s gives no time", r->exchange->name);
    } else if (why.code == LIQ_OK && f->data.klines.n == 0) {
        liq_fail(&why, LIQ_ENOTFOUND, "%s has no candles of %s then",
                 r->exchange->name, f->symbol);
    }
    on_series(r, &why);
}

/* Whether only the newest candles are needed: what is held can be continued. */
static bool can_continue(const struct refresh *r)
{
    const struct liq_series *old = r->old;
    int64_t now_ms = r->exchange->now_ms(r->exchange);

    return old && r->key.end_ms == 0 && old->engine_ms == r->engine_ms &&
           old->failures < FAILURES_MAX && refusals_of(old) < FAILURES_MAX &&
           (now_ms == 0 || old->newest_ms <= now_ms + r->engine_ms);
}

void liq_refresh_begin(const struct liq_series_options *o,
                       struct liq_exchange *x, const struct liq_context *ctx,
                       const struct liq_key *key, struct liq_item *old)
{
    struct refresh *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    if (!r) {
        liq_fail(&why, LIQ_ENOMEM, "no memory for a refresh");
        liq_cache_settle(o->cache, key, ctx->now_ms, NULL, &why);
        return;
    }
    r->options = o;
    r->exchange = x;
    r->key = *key;
    r->engine_ms = x->engine_ms(x, key->display_ms);
    r->old = (struct liq_series *)(void *)liq_item_hold(old);
    liq_market_data_init(&r->fetch.data);
    liq_market_data_init(&r->first);
    memcpy(r->fetch.symbol, key->symbol, sizeof r->fetch.symbol - 1);
    r->fetch.interval_ms = r->engine_ms;
    r->fetch.to_ms = key->end_ms;
    r->fetch.deadline_ms = ctx->deadline_ms;
    r->fetch.background = ctx->background;
    r->fetch.first = !old && key->end_ms == 0;
    r->fetch.done = on_fetched;
    if (can_continue(r))
        fetch_newest(r);
    else
        fetch_whole(r);
}
