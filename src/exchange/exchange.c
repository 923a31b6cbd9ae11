/* struct liq_exchange over HTTP: what it knows of itself, its budget, its
 * life. */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t now_ms(struct liq_exchange *x)
{
    return liq_limiter_now(((struct liq_live_exchange *)x)->limiter);
}

static void count(struct liq_exchange *x, struct liq_exchange_counts *out)
{
    struct liq_live_exchange *l = (struct liq_live_exchange *)x;

    *out = (struct liq_exchange_counts){.good = atomic_load(&l->good),
                                        .failed = atomic_load(&l->failed),
                                        .took_ms = atomic_load(&l->took_ms)};
    liq_limiter_count(l->limiter, &out->spent, &out->ceiling, &out->shut_ms);
}

static int64_t engine_ms(struct liq_exchange *x, int64_t display_ms)
{
    const struct liq_interval *i =
        liq_row_interval(((struct liq_live_exchange *)x)->row, display_ms);

    return i != NULL ? i->engine_ms : 0;
}

static void set_budget(struct liq_exchange *exchange, int budget)
{
    struct liq_live_exchange *x = (struct liq_live_exchange *)exchange;

    /* Of one that shares a limiter the first one's budget counts. */
    if (x->limiter == &x->own)
        liq_limiter_set_budget(x->limiter, x->row, budget);
}

static void divide(struct liq_exchange *exchange, int hosts)
{
    struct liq_live_exchange *x = (struct liq_live_exchange *)exchange;

    if (x->limiter == &x->own)
        liq_limiter_divide(x->limiter, x->row, hosts);
}

static void free_exchange(struct liq_exchange *exchange)
{
    struct liq_live_exchange *x = (struct liq_live_exchange *)exchange;

    if (x == NULL)
        return;
    if (x->limiter == &x->own)
        liq_limiter_free(&x->own);
    liq_lock_free(&x->share_lock);
    free(x->base_url);
    free(x->other_url);
    free(x);
}

/* The base URL with the other host in it; a URL that does not name the first
 * host, such as that of a mock exchange, serves for both. */
static char *other_url(const char *base_url, const char *const other_host[2])
{
    const char *at =
        other_host[0] != NULL ? strstr(base_url, other_host[0]) : NULL;
    char url[LIQ_URL_SIZE];

    if (at == NULL)
        return strdup(base_url);
    snprintf(url, sizeof url, "%.*s%s%s", (int)(at - base_url), base_url,
             other_host[1], at + strlen(other_host[0]));
    return strdup(url);
}

/* Exchanges count requests by host, whatever kind of contract they are about.
 */
static enum liq_err set_limiter(struct liq_live_exchange *x,
                                const struct liq_exchange_row *row,
                                const struct liq_exchange_options *o)
{
    size_t i;

    for (i = 0; i < o->n_made; i++) {
        struct liq_live_exchange *other =
            (struct liq_live_exchange *)o->made[i];

        if (strcmp(other->row->info.base_url, row->info.base_url) == 0) {
            x->limiter = other->limiter;
            return LIQ_OK;
        }
    }
    x->limiter = &x->own;
    return liq_limiter_init(&x->own, o->clock, row, o->budget);
}

static enum liq_err set_locks(struct liq_live_exchange *x,
                              const struct liq_exchange_row *row,
                              const struct liq_exchange_options *o)
{
    enum liq_err err = liq_lock_init(&x->share_lock);

    if (err != LIQ_OK)
        return err;
    err = set_limiter(x, row, o);
    if (err != LIQ_OK)
        liq_lock_free(&x->share_lock);
    return err;
}

struct liq_exchange *liq_exchange_of(const struct liq_exchange_row *row,
                                     const struct liq_exchange_options *o)
{
    const char *url = o->base_url != NULL ? o->base_url : row->info.base_url;
    struct liq_live_exchange *x = calloc(1, sizeof *x);

    if (x == NULL)
        return NULL;
    x->base_url = strdup(url);
    x->other_url = other_url(url, row->other_host);
    if (x->base_url == NULL || x->other_url == NULL ||
        set_locks(x, row, o) != LIQ_OK) {
        free(x->base_url);
        free(x->other_url);
        free(x);
        return NULL;
    }
    x->row = row;
    x->http = o->http;
    x->cache = o->cache;
    x->work = o->work;
    x->clock = o->clock;
    x->observe = o->observe;
    x->lenders = o->lenders;
    x->observe_arg = o->observe_arg;
    x->x = (struct liq_exchange){.name = row->info.name,
                                 .kind = row->kind,
                                 .source = "live",
                                 .inverse = row->inverse,
                                 .note = row->note,
                                 .depth_ms = row->depth.used_ms,
                                 .liquidations =
                                     row->liquidations.request.path != NULL,
                                 .engine_ms = engine_ms,
                                 .now_ms = now_ms,
                                 .fetch = liq_fetch_begin,
                                 .count = count,
                                 .set_budget = set_budget,
                                 .divide = divide,
                                 .free = free_exchange};
    return &x->x;
}
