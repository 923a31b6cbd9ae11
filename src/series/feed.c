/* Views of a series live in a cache, one key per market, symbol, display
 * interval and end; this file is what fills it. */
#include "liqmap/feed.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "merge.h"
#include "liqmap/interval.h"

/* Warm-up, MODEL.md 2: so many display intervals before the newest one, down
 * to a multiple of so many. */
#define WARM_UP_BARS 1500
#define START_STEP_BARS 375

/* A refresh asks again for this many candles before the newest one known: the
 * exchange may still have been completing them. */
#define OVERLAP_CANDLES 2

/* The past does not change; asked again now and then all the same, for what
 * was missing the first time. */
#define PAST_FRESH_MS LIQ_HOUR_MS

/* Waiters get the result of a refresh that ends at its deadline. */
#define WAIT_GRACE_MS 1000

struct liq_feeds {
    struct liq_feeds_options options;
    struct liq_cache *cache;
};

struct call {
    struct liq_feeds *feeds;
    struct liq_market *market;
    const char *symbol;
    int64_t display_ms, engine_ms, end_ms, deadline_ms;
    bool background;
};

static uint64_t next_epoch(void)
{
    static atomic_uint_fast64_t last;

    return atomic_fetch_add(&last, 1) + 1;
}

static void view_destroy(struct liq_item *item)
{
    struct liq_view *v = (struct liq_view *)(void *)item;

    liq_market_answer_free(&v->answer);
    free(v);
}

/* Where the series of a view whose newest moment is at_ms begins. */
static int64_t start_of(int64_t at_ms, int64_t display_ms)
{
    int64_t newest = liq_interval_floor(at_ms, display_ms);
    int64_t start = newest - WARM_UP_BARS * display_ms;

    return start > 0 ? liq_interval_floor(start, START_STEP_BARS * display_ms)
                     : 0;
}

static enum liq_err fetch(const struct call *c, int64_t from_ms,
                          struct liq_market_answer *out, struct liq_reason *why)
{
    struct liq_market_ask ask = {.symbol = c->symbol,
                                 .interval_ms = c->engine_ms,
                                 .from_ms = from_ms,
                                 .to_ms = c->end_ms,
                                 .background = c->background};
    enum liq_err err;

    liq_market_answer_init(out);
    err = c->market->fetch(c->market, &ask, c->deadline_ms, out, why);
    if (err)
        liq_market_answer_init(out);
    return err;
}

static enum liq_err fetch_all(const struct call *c,
                              struct liq_market_answer *out,
                              struct liq_reason *why)
{
    int64_t at_ms = c->end_ms;
    enum liq_err err;

    if (at_ms == 0) {
        err = c->market->now(c->market, c->deadline_ms, &at_ms, why);
        if (err)
            return err;
    }
    err = fetch(c, start_of(at_ms, c->display_ms), out, why);
    if (!err && out->klines.n == 0) {
        liq_market_answer_free(out);
        return liq_fail(why, LIQ_ENOTFOUND, "%s has no candles of %s then",
                        c->market->name, c->symbol);
    }
    return err;
}

/* Fetch what may have changed since old and lay it over; LIQ_MERGE_BROKEN in
 * *merge when that cannot be done, with nothing in *out. */
static enum liq_err fetch_newest(const struct call *c,
                                 const struct liq_view *old,
                                 struct liq_market_answer *out,
                                 enum liq_merge *merge, struct liq_reason *why)
{
    const struct liq_klines *known = &old->answer.klines;
    int64_t from_ms =
        known->at[known->n - 1].open_ms - OVERLAP_CANDLES * c->engine_ms;
    enum liq_err err;

    if (from_ms < old->start_ms)
        from_ms = old->start_ms;
    err = fetch(c, from_ms, out, why);
    if (err)
        return err;
    if (liq_feed_merge(known, from_ms, &out->klines, merge) != LIQ_OK) {
        liq_market_answer_free(out);
        return liq_fail(why, LIQ_ENOMEM, "no memory for candles");
    }
    if (*merge == LIQ_MERGE_BROKEN)
        liq_market_answer_free(out);
    return LIQ_OK;
}

/* The whole answer, cheaply if old allows.  *appended: no candle that old had
 * has changed but its newest. */
static enum liq_err refresh(const struct call *c, const struct liq_view *old,
                            struct liq_market_answer *out, bool *appended,
                            struct liq_reason *why)
{
    enum liq_merge merge = LIQ_MERGE_BROKEN;
    enum liq_err err;

    if (old && old->engine_ms == c->engine_ms) {
        err = fetch_newest(c, old, out, &merge, why);
        if (err)
            return err;
    }
    *appended = merge == LIQ_MERGE_APPENDED;
    return merge == LIQ_MERGE_BROKEN ? fetch_all(c, out, why) : LIQ_OK;
}

static void warn_if_late(struct liq_market_answer *a, int64_t engine_ms)
{
    int64_t age_ms = a->server_ms - a->klines.at[a->klines.n - 1].open_ms;

    if (age_ms <= 2 * engine_ms + LIQ_MINUTE_MS ||
        a->n_warning == LIQ_MARKET_WARNINGS)
        return;
    snprintf(a->warning[a->n_warning++], sizeof a->warning[0],
             "newest candle is %lld minutes old",
             (long long)(age_ms / LIQ_MINUTE_MS));
}

static void view_set_times(struct liq_view *v, const struct liq_feeds *f)
{
    v->fetched_ms = f->options.clock->mono_ms(f->options.clock);
    if (v->end_ms > 0) {
        v->item.fresh_until_ms = v->fetched_ms + PAST_FRESH_MS;
        v->item.meanwhile_until_ms = INT64_MAX;
        v->item.usable_until_ms = INT64_MAX;
        return;
    }
    v->item.fresh_until_ms = v->fetched_ms + f->options.ttl_ms;
    /* After an idle while the series may be minutes old: who comes second waits
     * for the refresh as well. */
    v->item.meanwhile_until_ms = v->item.fresh_until_ms;
    v->item.usable_until_ms = v->fetched_ms + f->options.stale_ms;
    if (v->item.usable_until_ms < v->item.fresh_until_ms)
        v->item.usable_until_ms = v->item.fresh_until_ms;
}

static struct liq_view *view_new(const struct call *c)
{
    struct liq_view *v = calloc(1, sizeof *v);

    if (!v)
        return NULL;
    liq_item_init(&v->item, view_destroy);
    liq_market_answer_init(&v->answer);
    v->market = c->market;
    snprintf(v->symbol, sizeof v->symbol, "%s", c->symbol);
    v->display_ms = c->display_ms;
    v->engine_ms = c->engine_ms;
    v->end_ms = c->end_ms;
    return v;
}

/* Make the view that follows old (NULL: the first). */
static enum liq_err view_make(const struct call *c, const struct liq_view *old,
                              struct liq_view **out, struct liq_reason *why)
{
    struct liq_view *v = view_new(c);
    struct liq_market_answer *a;
    bool appended, trimmed;
    enum liq_err err;

    if (!v)
        return liq_fail(why, LIQ_ENOMEM, "no memory for a view");
    a = &v->answer;
    err = refresh(c, old, a, &appended, why);
    if (err)
        goto fail;
    /* By the clock of the answer itself, so that every process agrees. */
    v->start_ms = start_of(c->end_ms ? c->end_ms : a->server_ms, c->display_ms);
    trimmed = liq_feed_trim(&a->klines, v->start_ms);
    if (a->klines.n == 0) {
        err = liq_fail(why, LIQ_ENOTFOUND, "%s has no recent candles of %s",
                       c->market->name, c->symbol);
        goto fail;
    }
    v->epoch = appended && !trimmed ? old->epoch : next_epoch();
    if (c->end_ms == 0)
        warn_if_late(a, c->engine_ms);
    view_set_times(v, c->feeds);
    *out = v;
    return LIQ_OK;
fail:
    liq_item_release(&v->item);
    return err;
}

/* Once the old view may not be shown any more, what is wrong is that: say so,
 * with the cause. */
static enum liq_err too_old(const struct liq_view *old, int64_t now_ms,
                            struct liq_reason *why)
{
    struct liq_reason cause = *why;

    liq_fail(why, LIQ_ELIMIT, "no fresh data for %lld s: %.150s",
             (long long)((now_ms - old->fetched_ms) / 1000), cause.text);
    why->retry_after_ms = cause.retry_after_ms;
    return LIQ_ELIMIT;
}

static enum liq_err fill(void *arg, const char *key, struct liq_item *old,
                         int64_t now_ms, struct liq_item **out,
                         struct liq_reason *why)
{
    struct call *c = arg;
    const struct liq_view *before = (const struct liq_view *)(void *)old;
    const struct liq_clock *clock = c->feeds->options.clock;
    struct liq_view *v = NULL;
    enum liq_err err;

    (void)key;
    c->engine_ms = c->market->engine_ms(c->market, c->display_ms);
    if (c->engine_ms <= 0)
        return liq_fail(why, LIQ_EINVAL, "%s does not offer this interval",
                        c->market->name);
    c->deadline_ms = clock->mono_ms(clock) + c->feeds->options.deadline_ms;
    err = view_make(c, before, &v, why);
    if (err) {
        why->code = err;
        if (before && before->item.usable_until_ms <= now_ms)
            err = too_old(before, now_ms, why);
        return err;
    }
    *out = &v->item;
    return LIQ_OK;
}

enum liq_err liq_feeds_get(struct liq_feeds *f, struct liq_market *m,
                           const char *symbol, int64_t display_ms,
                           int64_t end_ms, int64_t now_ms, bool background,
                           const struct liq_view **out, struct liq_reason *why)
{
    struct call c = {.feeds = f,
                     .market = m,
                     .symbol = symbol,
                     .display_ms = display_ms,
                     .end_ms = end_ms,
                     .background = background};
    char key[LIQ_CACHE_KEY_SIZE];
    struct liq_item *item;
    enum liq_err err;

    *out = NULL;
    if (strlen(symbol) >= LIQ_SYMBOL_SIZE || display_ms <= 0 || end_ms < 0)
        return liq_fail(why, LIQ_EINVAL, "no such series");
    snprintf(key, sizeof key, "%.32s|%s|%lld|%lld", m->name, symbol,
             (long long)display_ms, (long long)end_ms);
    /* Even in the background: what is kept warm is not to be pushed out. */
    err = liq_cache_get(f->cache, key, now_ms,
                        f->options.deadline_ms + WAIT_GRACE_MS, false, fill, &c,
                        &item, why);
    *out = (const struct liq_view *)(void *)item;
    return err;
}

void liq_view_release(const struct liq_view *v)
{
    if (v)
        liq_item_release((struct liq_item *)(uintptr_t)&v->item);
}

struct liq_cache *liq_feeds_cache(struct liq_feeds *f)
{
    return f->cache;
}

struct liq_feeds *liq_feeds_new(const struct liq_feeds_options *o)
{
    struct liq_cache_options cache = {.max_keys = o->max_feeds,
                                      .error_ms = o->error_ms};
    struct liq_feeds *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    f->options = *o;
    f->cache = liq_cache_new(&cache);
    if (!f->cache) {
        free(f);
        return NULL;
    }
    return f;
}

void liq_feeds_free(struct liq_feeds *f)
{
    if (!f)
        return;
    liq_cache_free(f->cache);
    free(f);
}
