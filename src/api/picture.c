/* The heatmap as an image. */
#include "snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compact.h"
#include "liqmap/interval.h"
#include "liqmap/render.h"

#define WORDS 320

/* Why the data is stale, else the exchange that a sum lacks, else the first
 * warning; false: there is nothing to say. */
static bool problem_of(const struct liq_content *c, char *out, size_t size)
{
    const struct liq_sources *s = c->sources;

    out[0] = '\0';
    if (c->stale_reason)
        snprintf(out, size, "Stale: %s", c->stale_reason);
    for (size_t i = 0; !out[0] && i < s->n; i++) {
        if (liq_source_missing(&s->at[i]))
            snprintf(out, size, "Incomplete: without %s for now",
                     s->at[i].exchange->name);
    }
    if (!out[0] && c->series->data.n_warning > 0)
        snprintf(out, size, "%s", c->series->data.warning[0]);
    return out[0] != '\0';
}

/* Which part of the positions is shown; "": all. */
static void filter_of(const struct liq_query *q, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    if (q->sides != LIQ_BOTH_SIDES)
        n = (size_t)snprintf(out, size, " \xc2\xb7 only %s",
                             q->sides == 1U << LIQ_LONG ? "longs" : "shorts");
    if (q->tiers == LIQ_ALL_TIERS)
        return;
    n += (size_t)snprintf(out + n, size - n, " \xc2\xb7 only");
    for (unsigned k = 0; k < LIQ_TIERS && n < size; k++) {
        if (q->tiers & 1U << k)
            n += (size_t)snprintf(out + n, size - n, " %.0f\xc3\x97",
                                  liq_params_gauss7.tier[k].leverage);
    }
}

/* "binance usdm-perpetual"; of a sum, how many exchanges it has. */
static void where_of(const struct liq_content *c, char *out, size_t size)
{
    const struct liq_exchange *x = c->series->exchange;
    char filter[96];

    filter_of(c->query, filter, sizeof filter);
    if (c->query->choice == LIQ_CHOOSE_ALL)
        snprintf(out, size, "all: %zu exchange%s%s", c->sources->n_used,
                 c->sources->n_used == 1 ? "" : "s", filter);
    else if (strcmp(x->name, x->kind) == 0)
        snprintf(out, size, "%s%s", x->name, filter);
    else
        snprintf(out, size, "%s %s%s", x->name, x->kind, filter);
}

static double last_of(const struct liq_content *c, const struct liq_grid *g)
{
    double last = c->series->data.ticker.last;

    return isfinite(last) && last > 0.0 ? last
                                        : g->candle[g->columns - 1].close;
}

/* tier [LIQ_TIERS + 1][rows]: the profile, and the sums outward. */
static enum liq_err draw(const struct liq_content *c,
                         const struct liq_snapshot *m, double *tier,
                         struct liq_buf *body)
{
    char problem[WORDS], where[WORDS];
    double *sum = tier + LIQ_TIERS * m->grid.rows;
    struct liq_levels levels;
    struct liq_picture p = {
        .look = c->query->look,
        .grid = m->grid,
        .params = &c->api->params,
        .levels = &levels,
        .by_tier = tier,
        .cumulative = sum,
        /* The page's: it asks for compact maps. */
        .quantum = liq_compact_quantum(m->quantum, m->max),
        .usd_per_unit = m->usd_per_unit,
        .last = last_of(c, &m->grid),
        .whole = c->query->range_tenths > 0,
        .past = c->series->end_ms > 0,
        .stale = c->stale_reason != NULL,
        .symbol = c->series->symbol,
        .where = where,
        .interval = liq_interval_name(c->series->display_ms),
        .source = c->series->exchange->source,
        .problem = problem_of(c, problem, sizeof problem) ? problem : NULL,
        .interval_ms = c->series->display_ms,
        .time_ms =
            c->series->end_ms ? c->series->end_ms : c->series->data.server_ms};

    where_of(c, where, sizeof where);
    if (liq_map_levels(m->map, &levels))
        return LIQ_ENOMEM;
    liq_map_by_tier(m->map, tier);
    liq_map_cumulative(m->map, sum);
    return liq_render(&p, body);
}

enum liq_err liq_encode_picture(const struct liq_content *c,
                                const struct liq_snapshot *m,
                                struct liq_buf *body, struct liq_reason *why)
{
    double *tier = calloc((LIQ_TIERS + 1) * m->grid.rows, sizeof *tier);
    enum liq_err err = tier ? draw(c, m, tier, body) : LIQ_ENOMEM;

    free(tier);
    if (err == LIQ_ENOMEM)
        return liq_fail(why, err, "no memory for an image");
    return err;
}
