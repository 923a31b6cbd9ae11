/* The profile: the newest column by tier, and summed outward from the price. */
#include "delta.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a quantum, the resolution of the grid's cells. */
static const double THOUSANDTHS = 1000.0;
static const double TENTHS = 10.0;

static void encode_rows(struct liq_jsonw *w, const char *key,
                        const double *mass, size_t rows, double quantum,
                        double per_unit)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t r = 0; r < rows; r++)
        liq_encode_rounded(w, NULL, mass[r] / quantum, per_unit);
    liq_jsonw_close_array(w);
}

static void encode_by_tier(struct liq_jsonw *w, const struct liq_snapshot *m,
                           const double *mass, double per_unit)
{
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_object(w);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        char leverage[16];

        if (!(m->layer[0].run.tiers >> k & 1U))
            continue;
        snprintf(leverage, sizeof leverage, "%.0f",
                 m->layer[0].run.params->tier[k].leverage);
        encode_rows(w, leverage, mass + k * m->grid.rows, m->grid.rows,
                    m->quantum, per_unit);
    }
    liq_jsonw_close_object(w);
}

/* What follows from the tiers.  scratch [rows] is overwritten. */
static void encode_sums(struct liq_jsonw *w, const struct liq_snapshot *m,
                        double *scratch)
{
    const struct liq_grid *g = &m->grid;

    encode_rows(w, "total", g->cell + (g->columns - 1) * g->rows, g->rows,
                m->quantum, THOUSANDTHS);
    liq_map_cumulative(m->map, scratch);
    encode_rows(w, "cumulative", scratch, g->rows, m->quantum, THOUSANDTHS);
}

static void encode_outside(struct liq_jsonw *w, const struct liq_snapshot *m)
{
    static const char *const below[LIQ_SIDES] = {"long_below", "short_below"};
    static const char *const above[LIQ_SIDES] = {"long_above", "short_above"};

    liq_jsonw_key(w, "outside");
    liq_jsonw_open_object(w);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        double sum_below = 0.0, sum_above = 0.0;

        for (size_t k = 0; k < LIQ_TIERS; k++) {
            if (!(m->layer[0].run.tiers >> k & 1U) ||
                !(m->layer[0].run.sides >> side & 1U))
                continue;
            sum_below += m->book.below[k][side];
            sum_above += m->book.above[k][side];
        }
        liq_encode_rounded(w, below[side], sum_below / m->quantum, THOUSANDTHS);
        liq_encode_rounded(w, above[side], sum_above / m->quantum, THOUSANDTHS);
    }
    liq_jsonw_close_object(w);
}

enum liq_err liq_encode_profile_member(struct liq_jsonw *w,
                                       const struct liq_snapshot *m,
                                       bool compact, struct liq_holes *holes,
                                       struct liq_reason *why)
{
    const struct liq_grid *g = &m->grid;
    double per_unit = compact ? TENTHS : THOUSANDTHS;
    double *scratch = calloc(LIQ_TIERS * g->rows, sizeof *scratch);

    if (!scratch)
        return liq_fail(why, LIQ_ENOMEM, "no memory for a profile");

    liq_jsonw_key(w, "profile");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price_min", g->axis.price_min);
    liq_jsonw_key_number(w, "price_step", g->axis.price_step);
    liq_jsonw_key_int(w, "rows", (int64_t)g->rows);
    liq_jsonw_key_number(w, "quantum", m->quantum);
    liq_jsonw_key_number(w, "max", m->max);
    liq_jsonw_key_number(w, "usd_per_unit", m->usd_per_unit);
    liq_map_by_tier(m->map, scratch);
    liq_hole_begin(holes, w);
    encode_by_tier(w, m, scratch, per_unit);
    liq_hole_end(holes, w);
    if (!compact)
        encode_sums(w, m, scratch);
    encode_outside(w, m);
    liq_jsonw_close_object(w);
    free(scratch);
    return LIQ_OK;
}

enum liq_err liq_encode_profile(const struct liq_content *s,
                                const struct liq_snapshot *m,
                                struct liq_buf *body, struct liq_reason *why)
{
    struct liq_jsonw w;
    enum liq_err err;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_epoch(&w, m);
    liq_jsonw_key_number(&w, "price", m->book.close);
    liq_encode_filter(&w, s->query);
    err = liq_encode_profile_member(&w, m, false, NULL, why);
    if (err)
        return err;
    liq_encode_imbalance(&w, m);
    err = liq_encode_level_lists(&w, m, why);
    liq_jsonw_close_object(&w);
    return err;
}
