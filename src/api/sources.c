/* The series that a response is made from: of one exchange, of the first that
 * responds (auto), or of all. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* auto shows an exchange's stale data this long before it changes to another:
 * the maps of two exchanges differ, and most failures are short. */
#define PATIENCE_MS 60000

static void begin_source(struct liq_sources *s, size_t i, int64_t deadline_ms);
static void begin_next(struct liq_sources *s, size_t i);

/* --- which of them are used ----------------------------------------------- */

bool liq_source_missing(const struct liq_source *p)
{
    return !p->series && (p->why.code == LIQ_ETIMEOUT || p->why.own_budget);
}

bool liq_sources_incomplete(const struct liq_sources *s)
{
    bool all = s->query->choice == LIQ_CHOOSE_ALL &&
               s->query->route != LIQ_ROUTE_SYMBOLS;

    for (size_t i = 0; all && i < s->n; i++) {
        if (liq_source_missing(&s->at[i]))
            return true;
    }
    return false;
}

static void drop(struct liq_source *p)
{
    if (p->series)
        liq_item_release(&p->series->item);
    if (p->list)
        liq_item_release(&p->list->item);
    p->series = NULL;
    p->list = NULL;
}

void liq_sources_exclude(struct liq_sources *s, size_t i,
                         const struct liq_reason *why)
{
    struct liq_source p = s->at[i];

    drop(&p);
    p.why = *why;
    for (s->n_used--; i < s->n_used; i++)
        s->at[i] = s->at[i + 1];
    s->at[i] = p;
}

enum liq_err liq_refused_candles(const struct liq_exchange *x,
                                 struct liq_reason *why)
{
    return liq_fail(why, LIQ_EFORMAT,
                    "%s: the exchange returned candles the model cannot use",
                    x->name);
}

void liq_sources_free(struct liq_sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        drop(&s->at[i]);
    s->n = s->n_used = 0;
}

static bool usable(const struct liq_source *p)
{
    return p->series && p->usd > 0.0 && !p->odd;
}

/* Sources with candles and open interest first, the largest first; then the
 * others.  Equal ones in the order of the settings. */
static bool goes_before(const struct liq_source *p, const struct liq_source *q)
{
    if (usable(p) != usable(q))
        return usable(p);
    return usable(p) && p->usd > q->usd;
}

static void sort_sources(struct liq_sources *s)
{
    for (size_t i = 1; i < s->n; i++) {
        struct liq_source p = s->at[i];
        size_t j = i;

        for (; j > 0 && goes_before(&p, &s->at[j - 1]); j--)
            s->at[j] = s->at[j - 1];
        s->at[j] = p;
    }
}

/* Why there is nothing: rather that an exchange failed than that another does
 * not list the symbol. */
static struct liq_reason why_none(const struct liq_sources *s)
{
    size_t i = 0;

    while (i < s->n &&
           (s->at[i].why.code == LIQ_OK || s->at[i].why.code == LIQ_ENOTFOUND))
        i++;
    return s->at[i < s->n ? i : 0].why;
}

static void finish_all(struct liq_sources *s)
{
    liq_sources_find_odd(s);
    sort_sources(s);
    while (s->n_used < s->n && usable(&s->at[s->n_used]))
        s->n_used++;
    /* No open interest is known: the first source with candles, alone. */
    for (size_t i = 0; s->n_used == 0 && i < s->n; i++) {
        if (s->at[i].series && !s->at[i].odd) {
            struct liq_source p = s->at[i];

            s->at[i] = s->at[0];
            s->at[0] = p;
            s->n_used = 1;
        }
    }
    if (s->n_used == 0)
        s->why = why_none(s);
}

static void finish_one(struct liq_sources *s)
{
    s->n_used = s->at[0].series ? 1 : 0;
    if (s->n_used == 0)
        s->why = s->at[0].why;
}

/* auto: source i alone, or nothing. */
static void finish_auto(struct liq_sources *s, size_t i)
{
    struct liq_source p = s->at[i];

    for (size_t j = 0; j < s->n; j++) {
        if (j != i)
            drop(&s->at[j]);
    }
    s->at[0] = p;
    s->n = 1;
    s->n_used = 1;
    if (s->passed == p.exchange)
        s->passed = NULL;
    s->done(s);
}

static void fail_auto(struct liq_sources *s)
{
    const struct liq_reason why = why_none(s);
    size_t others = s->n - 1;

    s->why = why;
    if (others > 0)
        liq_fail(&s->why, why.code,
                 "%.150s; none of the other %zu exchanges responds either",
                 why.text, others);
    s->why.retry_after_ms = why.retry_after_ms;
    s->done(s);
}

/* --- auto: the first that responds ---------------------------------------- */

static bool good_enough(const struct liq_api *a, const struct liq_source *p)
{
    if (!p->series || atomic_load(&p->series->refused))
        return false;
    if (p->why.code == LIQ_OK)
        return true;
    return p->why.code != LIQ_EBLOCKED &&
           (p->why.code != LIQ_ERATE || p->why.own_budget) &&
           liq_api_now(a) - p->series->fetched_ms < PATIENCE_MS;
}

/* Half of the time left for each but the last, so that a stalled exchange
 * leaves time for the next; its refresh goes on. */
static int64_t share_of_deadline(const struct liq_sources *s, size_t i)
{
    int64_t now_ms = liq_api_now(s->api);

    if (i + 1 == s->n || s->ctx.deadline_ms <= now_ms)
        return s->ctx.deadline_ms;
    return now_ms + (s->ctx.deadline_ms - now_ms) / 2;
}

/* Whether a failed exchange's response came after its waiters had left. */
static bool came_late(struct liq_sources *s, struct liq_exchange *x)
{
    const struct liq_query *q = s->query;
    struct liq_series *late = liq_series_peek(
        &s->api->series, x, q->symbol, q->display_ms, q->end_ms, s->ctx.now_ms);
    bool fresh = late && s->ctx.now_ms < late->item.fresh_until_ms &&
                 !atomic_load(&late->refused);

    if (late)
        liq_item_release(&late->item);
    return fresh;
}

/* Remember the first exchange passed over, for "fallback". */
static void pass_over(struct liq_sources *s, const struct liq_source *p)
{
    if (s->passed)
        return;
    s->passed = p->exchange;
    s->passed_why = p->why;
}

/* The outcome of source i is known. */
static void auto_done(struct liq_sources *s, size_t i)
{
    struct liq_source *p = &s->at[i];

    if (good_enough(s->api, p)) {
        finish_auto(s, i);
        return;
    }
    if (p->why.code == LIQ_OK)
        (void)liq_refused_candles(p->exchange, &p->why);
    liq_source_note_down(s->api, p->exchange, &p->why);
    pass_over(s, p);
    begin_next(s, i + 1);
}

/* Begin with the first source from i on that did not fail lately. */
static void begin_next(struct liq_sources *s, size_t i)
{
    for (; i < s->n; i++) {
        struct liq_source *p = &s->at[i];

        if (i > 0 && liq_api_now(s->api) >= s->ctx.deadline_ms)
            break;
        if (!liq_source_is_down(s->api, p->exchange, s->ctx.now_ms, &p->why) ||
            came_late(s, p->exchange)) {
            begin_source(s, i, share_of_deadline(s, i));
            return;
        }
        pass_over(s, p);
    }
    for (; i < s->n; i++)
        liq_fail(&s->at[i].why, LIQ_ETIMEOUT,
                 "%s: no response before the deadline",
                 s->at[i].exchange->name);
    /* Stale data of the first that has any is better than none, but not of a
     * symbol that is no longer listed. */
    for (i = 0; i < s->n; i++) {
        struct liq_source *p = &s->at[i];

        if (p->why.code == LIQ_ENOTFOUND)
            continue;
        if (!p->series)
            p->series = liq_series_peek(&s->api->series, p->exchange,
                                        s->query->symbol, s->query->display_ms,
                                        s->query->end_ms, liq_api_now(s->api));
        if (p->series) {
            p->usd = liq_market_data_usd(&p->series->data);
            finish_auto(s, i);
            return;
        }
    }
    fail_auto(s);
}

/* --- one source ----------------------------------------------------------- */

static void end_of_all(struct liq_sources *s)
{
    if (atomic_fetch_sub(&s->left, 1) != 1)
        return;
    if (s->query->route == LIQ_ROUTE_SYMBOLS)
        s->n_used = s->n;
    else if (s->query->choice == LIQ_CHOOSE_ALL)
        finish_all(s);
    else
        finish_one(s);
    s->done(s);
}

static void end_source(struct liq_sources *s, size_t i)
{
    struct liq_source *p = &s->at[i];

    if (s->query->choice == LIQ_CHOOSE_AUTO &&
        s->query->route != LIQ_ROUTE_SYMBOLS) {
        auto_done(s, i);
        return;
    }
    if (s->query->choice == LIQ_CHOOSE_ALL && p->why.code != LIQ_OK)
        liq_source_note_down(s->api, p->exchange, &p->why);
    end_of_all(s);
}

/* A wait may end a moment before its fetch, which would have said who. */
static void name_exchange(const struct liq_exchange *e, struct liq_reason *why)
{
    if (why->code == LIQ_ETIMEOUT && !strstr(why->text, e->name))
        liq_fail(why, LIQ_ETIMEOUT, "%s: no response before the deadline",
                 e->name);
}

static void on_series(struct liq_task *t)
{
    struct liq_source_wait *wait = (struct liq_source_wait *)(void *)t;
    struct liq_source *p = &wait->sources->at[wait->i];

    p->series = (struct liq_series *)(void *)wait->waiter.item;
    p->why = wait->waiter.why;
    name_exchange(p->exchange, &p->why);
    if (p->series)
        p->usd = liq_market_data_usd(&p->series->data);
    if (p->why.code == LIQ_OK)
        liq_source_note_up(wait->sources->api, p->exchange);
    end_source(wait->sources, wait->i);
}

static void ask_series(struct liq_source_wait *wait)
{
    struct liq_sources *s = wait->sources;
    const struct liq_query *q = s->query;

    wait->waiter.task.run = on_series;
    if (liq_series_ask(&s->api->series, s->at[wait->i].exchange, q->symbol,
                       q->display_ms, q->end_ms, &s->ctx, &wait->waiter))
        on_series(&wait->waiter.task);
}

/* The outcome of the list is known.  Only a fresh list excludes a symbol: since
 * an old one the symbol may have been listed. */
static void on_list(struct liq_task *t)
{
    struct liq_source_wait *wait = (struct liq_source_wait *)(void *)t;
    struct liq_sources *s = wait->sources;
    struct liq_source *p = &s->at[wait->i];
    bool fresh;

    p->list = (struct liq_symbol_list *)(void *)wait->waiter.item;
    fresh = p->list && s->ctx.now_ms < p->list->item.fresh_until_ms;
    if (s->query->route == LIQ_ROUTE_SYMBOLS) {
        p->why = wait->waiter.why;
        end_source(s, wait->i);
    } else if (fresh && !liq_symbol_list_has(p->list, s->query->symbol)) {
        liq_fail(&p->why, LIQ_ENOTFOUND, "%s is not listed by %s",
                 s->query->symbol, p->exchange->name);
        end_source(s, wait->i);
    } else {
        ask_series(wait);
    }
}

static void begin_source(struct liq_sources *s, size_t i, int64_t deadline_ms)
{
    struct liq_source_wait *wait = &s->wait[i];
    struct liq_source *p = &s->at[i];
    const struct liq_query *q = s->query;

    wait->sources = s;
    wait->i = i;
    wait->waiter.lane = LIQ_LANE_LIGHT;
    wait->waiter.deadline_ms = deadline_ms;
    if (q->route != LIQ_ROUTE_SYMBOLS &&
        p->exchange->engine_ms(p->exchange, q->display_ms) <= 0) {
        liq_fail(&p->why, LIQ_ENOTFOUND, "%s does not offer this interval",
                 p->exchange->name);
        end_source(s, i);
        return;
    }
    /* Not every exchange has the other symbols: look them up before candles are
     * requested. */
    if (q->route != LIQ_ROUTE_SYMBOLS && liq_query_symbol_common(q->symbol)) {
        ask_series(wait);
        return;
    }
    wait->waiter.task.run = on_list;
    if (liq_symbol_list_ask(s->api, p->exchange, &s->ctx, &wait->waiter))
        on_list(&wait->waiter.task);
}

/* --- all of them ---------------------------------------------------------- */

static void add_exchanges(struct liq_sources *s)
{
    const struct liq_query_scope *scope = &s->api->scope;
    struct liq_exchange *x[LIQ_SOURCES_MAX];
    size_t n;

    if (s->query->route == LIQ_ROUTE_SYMBOLS) {
        n = scope->n_exchange < LIQ_SOURCES_MAX ? scope->n_exchange
                                                : LIQ_SOURCES_MAX;
        memcpy(x, scope->exchange, n * sizeof *x);
    } else {
        n = liq_query_exchanges(scope, s->query, x, LIQ_SOURCES_MAX);
    }
    s->n = n;
    for (size_t i = 0; i < n; i++)
        s->at[i] = (struct liq_source){.exchange = x[i], .usd = NAN};
}

void liq_sources_start(struct liq_sources *s)
{
    size_t n;

    add_exchanges(s);
    n = s->n;
    if (s->query->choice == LIQ_CHOOSE_AUTO &&
        s->query->route != LIQ_ROUTE_SYMBOLS) {
        begin_next(s, 0);
        return;
    }
    /* One more, so that the count cannot reach 0 before all have begun. */
    atomic_store(&s->left, n + 1);
    for (size_t i = 0; i < n; i++)
        begin_source(
            s, i,
            liq_source_deadline(s->api, s->query, s->at[i].exchange, &s->ctx));
    end_of_all(s);
}
