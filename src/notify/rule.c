#include "rule.h"

#include <math.h>
#include <string.h>

const char *const liq_notify_kinds[4] = {"approached", "touched", "swept",
                                         "faded"};
const char *const liq_notify_sides[2] = {"long", "short"};

double liq_band_distance(const struct liq_band *b, double price)
{
    double away = fmax(0.0, fmax(b->from - price, price - b->to));

    return 100.0 * away / price;
}

/* The same level in two readings: it moves a little as candles close. */
static bool same_band(const struct liq_band *a, const struct liq_band *b)
{
    return a->side == b->side && a->from < b->to && b->from < a->to;
}

static const struct liq_band *find_band(const struct liq_reading *r,
                                        const struct liq_band *b)
{
    for (size_t i = 0; i < r->n; i++) {
        if (same_band(&r->band[i], b))
            return &r->band[i];
    }
    return NULL;
}

/* --- where price has been ------------------------------------------------- */

struct range {
    double low, high;
};

/* Since the reading before: a candle that is longer than the pause between two
 * readings holds extremes of before it as well. */
static struct range range_since(const struct liq_follow *f,
                                const struct liq_reading *r)
{
    struct range since = {r->price, r->price};
    bool first = f->candle_ms == 0, newer = r->candle_ms > f->candle_ms;

    if (first || r->candle_ms < f->candle_ms)
        return since;
    if (newer || r->high > f->high)
        since.high = fmax(since.high, r->high);
    if (newer || r->low < f->low)
        since.low = fmin(since.low, r->low);
    return since;
}

static void keep_candle(struct liq_follow *f, const struct liq_reading *r)
{
    if (r->candle_ms < f->candle_ms)
        return;
    f->candle_ms = r->candle_ms;
    f->high = r->high;
    f->low = r->low;
}

/* Longs lie below price and shorts above it: who came to the near edge was
 * there, wherever he is now. */
static bool is_hit(const struct liq_band *b, struct range since)
{
    return b->side == LIQ_NOTIFY_LONG ? since.low <= b->to
                                      : since.high >= b->from;
}

/* --- levels that were reported -------------------------------------------- */

struct look {
    const struct liq_config_watch *config;
    const struct liq_reading *reading;
    struct range since;
    int64_t now_ms;
    struct liq_happened *out;
    size_t n;
};

static void report(struct look *l, enum liq_notify_kind kind,
                   const struct liq_band *b)
{
    struct liq_happened *h = &l->out[l->n++];

    h->kind = kind;
    h->band = *b;
    h->distance_percent = liq_band_distance(b, l->reading->price);
}

static bool cooled(const struct look *l, const struct liq_followed *f)
{
    return l->now_ms - f->at_ms >= l->config->cooldown_ms;
}

static bool is_away(const struct look *l, const struct liq_band *b)
{
    return liq_band_distance(b, l->reading->price) >
           l->config->within_percent * l->config->leave_factor;
}

/* Another exchange, or a sum that lacks one, has other levels. */
static bool may_be_gone(const struct look *l, const struct liq_followed *f)
{
    return l->reading->whole && strcmp(l->reading->exchange, f->exchange) == 0;
}

/* One whose approach goes on.  hit: of the band as it was, for what price
 * clears is not in the new one. */
static void follow_near(struct look *l, struct liq_followed *f, bool hit,
                        bool gone)
{
    if (gone) {
        report(l, hit || f->touched ? LIQ_NOTIFY_SWEPT : LIQ_NOTIFY_FADED,
               &f->band);
        f->ended = true;
        f->near = false;
    } else if (hit && !f->touched) {
        report(l, LIQ_NOTIFY_TOUCHED, &f->band);
        f->touched = true;
    } else if (!hit && is_away(l, &f->band)) {
        f->near = false;
    }
}

/* Whether it may be forgotten, and be reported as a new one then. */
static bool follow_one(struct look *l, struct liq_followed *f)
{
    const struct liq_band *now = find_band(l->reading, &f->band);
    bool hit = is_hit(&f->band, l->since);

    if (now)
        f->band = *now;
    if (f->near)
        follow_near(l, f, hit, !now && may_be_gone(l, f));
    return !f->near && cooled(l, f);
}

static void follow_all(struct look *l, struct liq_follow *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->n; i++) {
        bool was_near = f->at[i].near, old = follow_one(l, &f->at[i]);

        f->changes += old || f->at[i].near != was_near;
        if (!old)
            f->at[kept++] = f->at[i];
    }
    f->n = kept;
}

/* --- new ones ------------------------------------------------------------- */

static bool is_due(const struct look *l, const struct liq_follow *f,
                   const struct liq_band *b)
{
    const struct liq_config_watch *c = l->config;

    /* Dollars that are not known do not pass a bound. */
    if (!(b->density >= c->min_density) ||
        (c->min_usd > 0.0 && !(b->usd >= c->min_usd)) ||
        liq_band_distance(b, l->reading->price) > c->within_percent)
        return false;
    for (size_t i = 0; i < f->n; i++) {
        if (same_band(&f->at[i].band, b))
            return false;
    }
    return true;
}

/* Room for one more: the oldest goes, if possible one that has ended. */
static struct liq_followed *make_room(struct liq_follow *f)
{
    size_t oldest = 0;

    if (f->n < LIQ_FOLLOWED_MAX)
        return &f->at[f->n++];
    for (size_t i = 1; i < f->n; i++) {
        const struct liq_followed *a = &f->at[i], *b = &f->at[oldest];

        if (a->near != b->near ? b->near : a->at_ms < b->at_ms)
            oldest = i;
    }
    return &f->at[oldest];
}

static const struct liq_band *nearest_due(const struct look *l,
                                          const struct liq_follow *f)
{
    const struct liq_band *best = NULL;

    for (size_t i = 0; i < l->reading->n; i++) {
        const struct liq_band *b = &l->reading->band[i];

        if (is_due(l, f, b) &&
            (!best || liq_band_distance(b, l->reading->price) <
                          liq_band_distance(best, l->reading->price)))
            best = b;
    }
    return best;
}

static void add_new(struct look *l, struct liq_follow *f)
{
    const struct liq_band *b;

    /* Not more than there are: one whose place another took is due again. */
    for (size_t i = 0; i < l->reading->n && (b = nearest_due(l, f)); i++) {
        struct liq_followed *to = make_room(f);

        memset(to, 0, sizeof *to);
        to->band = *b;
        memcpy(to->exchange, l->reading->exchange, sizeof to->exchange);
        to->at_ms = l->now_ms;
        to->near = true;
        report(l, LIQ_NOTIFY_APPROACHED, b);
    }
}

size_t liq_rule_follow(const struct liq_config_watch *c, struct liq_follow *f,
                       const struct liq_reading *r, int64_t now_ms,
                       struct liq_happened out[LIQ_HAPPENED_MAX])
{
    struct look l = {.config = c,
                     .reading = r,
                     .since = range_since(f, r),
                     .now_ms = now_ms,
                     .out = out};

    if (r->stale)
        return 0;
    follow_all(&l, f);
    add_new(&l, f);
    keep_candle(f, r);
    return l.n;
}
