#include "gather.h"

#include <math.h>
#include <string.h>
#include "internal.h"
#include "liqmap/log.h"

/* auto keeps to an exchange's last data this long before it changes over: the
 * maps of two exchanges differ, and most failures pass. */
#define PATIENCE_MS 60000
/* An exchange found down is not tried again by auto before. */
#define DOWN_MS 30000

/* --- one exchange ----------------------------------------------------------
 */

/* A symbol nobody knows is looked up before its candles are asked for; an
 * exchange that cannot say is asked for the candles all the same. */
static enum liq_err check_listed(struct liq_api *a, const struct liq_query *q,
                                 struct liq_market *m, int64_t now_ms,
                                 struct liq_reason *why)
{
    struct liq_listing *l;
    struct liq_reason ignored;
    bool unknown;

    if (liq_query_symbol_common(q->symbol))
        return LIQ_OK;
    if (liq_api_listing(a, m, now_ms, &l, &ignored) != LIQ_OK && !l)
        return LIQ_OK;
    unknown = !liq_listing_has(l, q->symbol);
    liq_item_release(&l->item);
    return unknown ? liq_fail(why, LIQ_ENOTFOUND, "%s is not listed by %s",
                              q->symbol, m->name)
                   : LIQ_OK;
}

struct errand {
    struct liq_api *api;
    const struct liq_query *query;
    int64_t now_ms;
    bool background;
    struct liq_part *part;
};

static void fetch_part(void *arg)
{
    struct errand *e = arg;
    struct liq_part *p = e->part;
    const struct liq_query *q = e->query;

    p->view = NULL;
    p->usd = NAN;
    memset(&p->why, 0, sizeof p->why);
    if (p->market->engine_ms(p->market, q->display_ms) <= 0) {
        p->err =
            liq_fail(&p->why, LIQ_ENOTFOUND,
                     "%s has no candles of that interval", p->market->name);
        return;
    }
    p->err = check_listed(e->api, q, p->market, e->now_ms, &p->why);
    if (p->err)
        return;
    p->err =
        liq_feeds_get(e->api->feeds, p->market, q->symbol, q->display_ms,
                      q->end_ms, e->now_ms, e->background, &p->view, &p->why);
    if (p->view)
        p->usd = liq_open_interest_usd(&p->view->answer);
}

static void drop(struct liq_part *p)
{
    if (p->view)
        liq_view_release(p->view);
    p->view = NULL;
}

/* --- auto: the first that answers ------------------------------------------
 */

static bool is_down(struct liq_outlook *o, size_t i, int64_t now_ms,
                    struct liq_reason *why)
{
    bool down;

    pthread_mutex_lock(&o->lock);
    down = now_ms < o->market[i].down_until_ms;
    if (down)
        *why = o->market[i].why;
    pthread_mutex_unlock(&o->lock);
    return down;
}

/* A symbol that is not listed says nothing about the exchange. */
static void mark_down(struct liq_outlook *o, size_t i, int64_t now_ms,
                      const struct liq_part *p)
{
    int64_t wait_ms =
        p->why.retry_after_ms > DOWN_MS ? p->why.retry_after_ms : DOWN_MS;

    if (p->err == LIQ_ENOTFOUND || p->err == LIQ_ENOMEM ||
        p->err == LIQ_ELIMIT || p->err == LIQ_OK)
        return;
    pthread_mutex_lock(&o->lock);
    o->market[i].down_until_ms = now_ms + wait_ms;
    o->market[i].why = p->why;
    pthread_mutex_unlock(&o->lock);
}

static bool good_enough(const struct liq_api *a, const struct liq_part *p)
{
    if (!p->view)
        return false;
    if (p->err == LIQ_OK)
        return true;
    return p->err != LIQ_EBLOCKED && p->err != LIQ_ERATE &&
           liq_api_now(a) - p->view->fetched_ms < PATIENCE_MS;
}

/* Remember the first one passed over: it is the one that was wanted. */
static void pass_over(struct liq_gathered *g, struct liq_market *m,
                      const struct liq_reason *why)
{
    if (g->passed)
        return;
    g->passed = m;
    g->passed_why = *why;
}

/* Into *p the view of market i; false: try the next. */
static bool try_market(struct liq_api *a, const struct liq_query *q, size_t i,
                       int64_t now_ms, bool background, struct liq_gathered *g,
                       struct liq_part *p)
{
    struct errand e = {a, q, now_ms, background, p};

    *p = (struct liq_part){.market = a->scope.market[i], .usd = NAN};
    if (is_down(&a->outlook, i, now_ms, &p->why)) {
        p->err = p->why.code;
        pass_over(g, p->market, &p->why);
        return false;
    }
    fetch_part(&e);
    if (good_enough(a, p))
        return true;
    mark_down(&a->outlook, i, now_ms, p);
    pass_over(g, p->market, &p->why);
    return false;
}

static enum liq_err gather_auto(struct liq_api *a, const struct liq_query *q,
                                int64_t now_ms, bool background,
                                struct liq_gathered *out,
                                struct liq_reason *why)
{
    struct liq_part last = {.view = NULL}, p;
    bool found = false;

    for (size_t i = 0; i < a->scope.n_market && !found; i++) {
        found = try_market(a, q, i, now_ms, background, out, &p);
        if (!found && p.view && !last.view)
            last = p; /* old data of the one wanted most beats none */
        else if (!found)
            drop(&p);
    }
    if (!found && !last.view) {
        *why = out->passed_why;
        if (a->scope.n_market > 1)
            liq_fail(why, why->code,
                     "%.150s; none of the other %zu exchanges answers either",
                     out->passed_why.text, a->scope.n_market - 1);
        why->retry_after_ms = out->passed_why.retry_after_ms;
        return why->code;
    }
    if (found)
        drop(&last);
    else
        p = last;
    if (out->passed == p.market)
        out->passed = NULL;
    out->part[0] = p;
    out->n = out->n_used = 1;
    return LIQ_OK;
}

/* --- all of them ------------------------------------------------------------
 */

static bool usable(const struct liq_part *p)
{
    return p->view && p->usd > 0.0;
}

/* Those that can be weighed first, by open interest; the rest in their
 * order. */
static void sort_parts(struct liq_gathered *g)
{
    for (size_t i = 1; i < g->n; i++) {
        struct liq_part p = g->part[i];
        size_t at = i;

        while (at > 0 && usable(&p) &&
               (!usable(&g->part[at - 1]) || g->part[at - 1].usd < p.usd)) {
            g->part[at] = g->part[at - 1];
            at--;
        }
        g->part[at] = p;
    }
    while (g->n_used < g->n && usable(&g->part[g->n_used]))
        g->n_used++;
}

/* Nobody's open interest is known: the first that has candles, by itself. */
static bool any_alone(struct liq_gathered *g)
{
    for (size_t i = 0; i < g->n; i++) {
        if (g->part[i].view) {
            struct liq_part p = g->part[i];

            g->part[i] = g->part[0];
            g->part[0] = p;
            g->n_used = 1;
            return true;
        }
    }
    return false;
}

static enum liq_err gather_all(struct liq_api *a, const struct liq_query *q,
                               int64_t now_ms, bool background,
                               struct liq_gathered *out, struct liq_reason *why)
{
    struct errand errand[LIQ_FAN_MAX];

    out->n = a->scope.n_market < LIQ_FAN_MAX ? a->scope.n_market : LIQ_FAN_MAX;
    for (size_t i = 0; i < out->n; i++) {
        out->part[i] = (struct liq_part){.market = a->scope.market[i]};
        errand[i] = (struct errand){a, q, now_ms, background, &out->part[i]};
    }
    liq_fan_out(fetch_part, errand, sizeof *errand, out->n);
    sort_parts(out);
    if (out->n_used > 0 || any_alone(out))
        return LIQ_OK;
    *why = out->part[0].why;
    return out->part[0].err;
}

static enum liq_err gather_one(struct liq_api *a, const struct liq_query *q,
                               int64_t now_ms, bool background,
                               struct liq_gathered *out, struct liq_reason *why)
{
    struct errand e = {a, q, now_ms, background, &out->part[0]};

    out->part[0] = (struct liq_part){.market = q->market};
    out->n = out->n_used = 1;
    fetch_part(&e);
    if (out->part[0].view)
        return LIQ_OK;
    *why = out->part[0].why;
    return out->part[0].err;
}

enum liq_err liq_gather(struct liq_api *a, const struct liq_query *q,
                        int64_t now_ms, bool background,
                        struct liq_gathered *out, struct liq_reason *why)
{
    enum liq_err err;

    memset(out, 0, sizeof *out);
    if (q->pick == LIQ_PICK_AUTO)
        err = gather_auto(a, q, now_ms, background, out, why);
    else if (q->pick == LIQ_PICK_ALL)
        err = gather_all(a, q, now_ms, background, out, why);
    else
        err = gather_one(a, q, now_ms, background, out, why);
    if (err)
        liq_gathered_free(out);
    return err;
}

void liq_gathered_free(struct liq_gathered *g)
{
    for (size_t i = 0; i < g->n; i++)
        drop(&g->part[i]);
    g->n = g->n_used = 0;
}
