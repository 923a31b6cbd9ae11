/* What a diagnosis needs to know of the requests of a fetch, beyond what the
 * fetch itself needs. */
#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- candles -------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void liq_observe_page(struct liq_request *r, const struct liq_kline *at,
                      size_t n)
{
    struct liq_observed_page *page = &r->page;
    int64_t *open_ms = malloc(n * sizeof *open_ms);
    size_t i;

    page->rows = n;
    if (open_ms == NULL)
        return;
    for (i = 0; i < n; i++)
        open_ms[i] = at[i].open_ms;
    qsort(open_ms, n, sizeof *open_ms, by_time);
    page->first_ms = open_ms[0];
    page->last_ms = open_ms[n - 1];
    for (i = 1; i < n; i++) {
        int64_t steps = (open_ms[i] - open_ms[i - 1]) / page->step_ms;

        page->repeated += steps == 0;
        page->missing += steps > 1 ? (size_t)(steps - 1) : 0;
    }
    free(open_ms);
}

/* --- values --------------------------------------------------------------- */

static bool is_absent(const struct liq_field *f, const struct liq_found *found)
{
    const char *target = (const char *)found + f->target;
    int64_t time;
    double x;

    if (f->unit >= LIQ_TIME) {
        memcpy(&time, target, sizeof time);
        return time == 0;
    }
    memcpy(&x, target, sizeof x);
    return isnan(x);
}

void liq_observe_absent(struct liq_request *r, const struct liq_found *found)
{
    const struct liq_field *f = r->endpoint->field;
    size_t n;

    r->absent[0] = '\0';
    for (; f != NULL && f->path != NULL; f++) {
        n = strlen(r->absent);
        if (is_absent(f, found))
            (void)snprintf(r->absent + n, sizeof r->absent - n, "%s%.40s",
                           n > 0 ? ", " : "", f->path);
    }
}

/* --- reports -------------------------------------------------------------- */

static const char *what_of(const struct liq_exchange_row *row,
                           const struct liq_request *r)
{
    if (r->endpoint == NULL)
        return "candles";
    if (r->endpoint == &row->symbols.endpoint)
        return "symbol list";
    return r->endpoint->name != NULL ? r->endpoint->name : "clock";
}

static void observe(const struct liq_plan *p, const struct liq_request *r)
{
    struct liq_pool pool = liq_pool_of(p->x->row, r->pool);
    struct liq_observation o = {.what = what_of(p->x->row, r),
                                .url = r->url,
                                .post = r->post,
                                .sent = r->sent,
                                .pool = r->pool,
                                .weight = r->weight,
                                .limit = pool.limit,
                                .window_ms = pool.window_ms,
                                .used = r->sent ? r->used : -1,
                                .clock_ms = r->clock_ms,
                                .absent = r->absent,
                                .page = r->page,
                                .why = r->why};

    if (o.why.code == LIQ_OK)
        o.why = r->read;
    p->x->observe(p->x->observe_arg, &o);
}

void liq_observe_requests(const struct liq_plan *p)
{
    size_t i;

    if (p->x->observe == NULL)
        return;
    for (i = 0; i < p->n; i++)
        if (p->request[i].sent || p->request[i].why.code != LIQ_OK)
            observe(p, &p->request[i]);
}
