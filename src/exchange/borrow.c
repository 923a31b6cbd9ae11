/*
 * Limits that an exchange shows to its customers only are taken from another
 * one that lists the same coin (MODEL.md 3a).  What was lent, or that no
 * exchange lends, is kept in the cache by exchange and symbol.
 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

/* Candles wait no longer for a lender that does not respond. */
#define LENDER_MS INT64_C(2000)
#define KEEP_MS LIQ_DAY_MS
/* When none lists the coin, and when one could not be asked. */
#define KEEP_NONE_MS LIQ_HOUR_MS
#define KEEP_FAILED_MS LIQ_MINUTE_MS

/* No endpoint of a row has this number. */
#define LOAN_NUMBER 1000

struct loan {
    struct liq_item item; /* first */
    struct liq_contract contract;
};

/* --- what is kept --------------------------------------------------------- */

static struct liq_key loan_key(const struct liq_plan *p)
{
    struct liq_key key =
        liq_key_of(LIQ_KIND_DOCUMENT, p->x->row->info.name, p->fetch->symbol);

    key.number = LOAN_NUMBER;
    return key;
}

static void destroy(struct liq_item *item)
{
    free(item);
}

static void keep(const struct liq_plan *p, int64_t keep_ms)
{
    int64_t now_ms = p->x->clock->mono_ms(p->x->clock);
    struct liq_key key = loan_key(p);
    struct loan *loan = calloc(1, sizeof *loan);

    if (loan == NULL)
        return;
    liq_item_init(&loan->item, destroy);
    loan->contract = p->lent;
    loan->item.bytes = sizeof *loan;
    loan->item.rank = LIQ_RANK_LIVE;
    loan->item.order = now_ms;
    loan->item.fresh_until_ms = loan->item.meanwhile_until_ms =
        loan->item.usable_until_ms = now_ms + keep_ms;
    liq_item_release(liq_cache_offer(p->x->cache, &key, now_ms, &loan->item));
}

static bool recall(struct liq_plan *p)
{
    struct liq_key key = loan_key(p);
    struct loan *loan = (struct loan *)liq_cache_peek(
        p->x->cache, &key, p->x->clock->mono_ms(p->x->clock));

    if (loan == NULL)
        return false;
    p->lent = loan->contract;
    liq_item_release(&loan->item);
    return true;
}

/* --- asking --------------------------------------------------------------- */

static struct liq_exchange *find_lender(const struct liq_live_exchange *x,
                                        const char *name)
{
    struct liq_exchange *const *at = x->lenders;

    while (at != NULL && *at != NULL && strcmp((*at)->name, name) != 0)
        at++;
    return at != NULL ? *at : NULL;
}

static void ask(struct liq_plan *p, struct liq_exchange *lender);

static void ask_next(struct liq_plan *p)
{
    const struct liq_lender *l = p->x->row->lender;
    struct liq_exchange *lender = NULL;

    for (; l[p->lender].name != NULL && lender == NULL; p->lender++)
        lender = find_lender(p->x, l[p->lender].name);
    if (lender != NULL) {
        ask(p, lender);
        return;
    }
    keep(p, p->lender_failed ? KEEP_FAILED_MS : KEEP_NONE_MS);
    p->lent_to(p);
}

static void answered(struct liq_fetch *f)
{
    struct liq_plan *p =
        (struct liq_plan *)((char *)f - offsetof(struct liq_plan, loan));

    if (f->why.code != LIQ_OK) {
        p->lender_failed |= f->why.code != LIQ_ENOTFOUND;
        ask_next(p);
        return;
    }
    p->lent = f->data.contract;
    p->lent.source = p->x->row->lender[p->lender - 1].source;
    liq_market_data_free(&f->data);
    keep(p, KEEP_MS);
    p->lent_to(p);
}

static void ask(struct liq_plan *p, struct liq_exchange *lender)
{
    int64_t last_ms = p->x->clock->mono_ms(p->x->clock) + LENDER_MS;
    struct liq_fetch *f = &p->loan;

    memset(f, 0, sizeof *f);
    f->kind = LIQ_FETCH_LIMITS;
    memcpy(f->symbol, p->fetch->symbol, sizeof f->symbol);
    f->deadline_ms =
        last_ms < p->fetch->deadline_ms ? last_ms : p->fetch->deadline_ms;
    f->background = p->fetch->background;
    f->done = answered;
    lender->fetch(lender, f);
}

/* --- the interface -------------------------------------------------------- */

void liq_borrow(struct liq_plan *p, void (*next)(struct liq_plan *p))
{
    p->lent.source = NULL;
    p->lent_to = next;
    p->lender = 0;
    p->lender_failed = false;
    if (p->x->row->lender == NULL || p->x->lenders == NULL ||
        liq_limits_documented(p->x->row, p->query.base) != NULL || recall(p))
        next(p);
    else
        ask_next(p);
}
