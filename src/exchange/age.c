/* How old a response of another host may be. */
#include "plan.h"

#include "liqmap/interval.h"

/* Symbol lists are requested once in six hours.  Closed candles change seldom,
 * and a check every hour finds it. */
#define SYMBOLS_AGE_MS LIQ_HOUR_MS
#define CLOSED_AGE_MS LIQ_DAY_MS
#define CLOCK_AGE_MS INT64_C(10000)

/* Closed candles are the same at all hosts, so who did not have them may use
 * theirs.  A refresh or a check may not: it requests them to find errors. */
static bool is_closed(const struct liq_plan *p, size_t i)
{
    const struct liq_fetch *f = p->fetch;

    return (f->first || f->to_ms != 0) && !f->check &&
           p->request[i].page.end_ms != 0 &&
           (f->to_ms != 0 || i + 1 < p->n_page);
}

int64_t liq_max_age_ms(const struct liq_plan *p, size_t i)
{
    const struct liq_endpoint *e = p->request[i].endpoint;

    if (e == NULL)
        return is_closed(p, i) ? CLOSED_AGE_MS : 0;
    if (e == &p->x->row->clock)
        return CLOCK_AGE_MS;
    if (e == &p->x->row->depth.request)
        return p->x->row->depth.used_ms / 2;
    if (p->fetch->kind == LIQ_FETCH_SYMBOLS)
        return SYMBOLS_AGE_MS;
    return e->keep_ms;
}
