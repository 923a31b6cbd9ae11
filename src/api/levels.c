/* The levels route: clusters of mass and the imbalance. */
#include "snapshot.h"

#include <math.h>
#include <stdio.h>

static const double TENTHS = 10.0, THOUSANDTHS = 1000.0, MILLIONTHS = 1e6;

void liq_encode_imbalance(struct liq_jsonw *w, const struct liq_snapshot *m)
{
    static const struct {
        const char *key;
        double percent;
    } within[] = {{"1", 1.0}, {"2", 2.0}, {"5", 5.0}, {"10", 10.0}};

    liq_jsonw_key(w, "imbalance");
    liq_jsonw_open_object(w);
    for (size_t i = 0; i < sizeof within / sizeof *within; i++)
        liq_encode_rounded(w, within[i].key,
                           liq_map_imbalance(m->map, within[i].percent),
                           MILLIONTHS);
    liq_jsonw_close_object(w);
}

static void encode_tier_shares(struct liq_jsonw *w, const struct liq_level *l)
{
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_object(w);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        char leverage[16];

        if (l->tier_share[k] < 0.5 / THOUSANDTHS)
            continue;
        snprintf(leverage, sizeof leverage, "%.0f",
                 liq_params_gauss7.tier[k].leverage);
        liq_encode_rounded(w, leverage, l->tier_share[k], THOUSANDTHS);
    }
    liq_jsonw_close_object(w);
}

static void encode_level(struct liq_jsonw *w, const struct liq_snapshot *m,
                         const struct liq_level *l)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price", l->price);
    liq_jsonw_key_number(w, "from", l->from);
    liq_jsonw_key_number(w, "to", l->to);
    liq_encode_rounded(w, "density",
                       100.0 * round(l->peak / m->quantum) / m->max, TENTHS);
    liq_encode_rounded(w, "mass", l->mass, 1.0);
    liq_jsonw_key_number(w, "modelled_usd", liq_snapshot_usd(m, l->mass));
    liq_encode_rounded(w, "side_share", l->side_share, MILLIONTHS);
    liq_encode_rounded(w, "distance_percent", l->distance_percent, MILLIONTHS);
    liq_jsonw_key_time(w, "since", l->since_ms);
    encode_tier_shares(w, l);
    liq_jsonw_close_object(w);
}

enum liq_err liq_encode_level_lists(struct liq_jsonw *w,
                                    const struct liq_snapshot *m,
                                    struct liq_reason *why)
{
    static const char *const names[LIQ_SIDES] = {"long", "short"};
    struct liq_levels levels;

    if (liq_map_levels(m->map, &levels))
        return liq_fail(why, LIQ_ENOMEM, "no memory for levels");
    liq_jsonw_key(w, "levels");
    liq_jsonw_open_object(w);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        liq_jsonw_key(w, names[side]);
        liq_jsonw_open_array(w);
        for (size_t i = 0; i < levels.n[side]; i++)
            encode_level(w, m, &levels.at[side][i]);
        liq_jsonw_close_array(w);
    }
    liq_jsonw_close_object(w);
    return LIQ_OK;
}

/* Who polls sees by its extremes where price has been in between. */
static void encode_newest_candle(struct liq_jsonw *w,
                                 const struct liq_snapshot *m)
{
    const struct liq_kline *k = &m->grid.candle[m->grid.columns - 1];

    liq_jsonw_key(w, "candle");
    liq_jsonw_open_object(w);
    liq_jsonw_key_time(w, "open_time", k->open_ms);
    liq_jsonw_key_number(w, "high", k->high);
    liq_jsonw_key_number(w, "low", k->low);
    liq_jsonw_close_object(w);
}

enum liq_err liq_encode_levels(const struct liq_content *s,
                               const struct liq_snapshot *m,
                               struct liq_buf *body, struct liq_reason *why)
{
    enum liq_err err;
    struct liq_jsonw w;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_epoch(&w, m);
    liq_jsonw_key_number(&w, "price", m->book.close);
    encode_newest_candle(&w, m);
    liq_jsonw_key_number(&w, "open_interest_usd", liq_sources_usd(s->sources));
    liq_jsonw_key_number(&w, "usd_per_unit", m->usd_per_unit);
    liq_jsonw_key_number(&w, "max", m->grid.max);
    liq_encode_imbalance(&w, m);
    liq_encode_filter(&w, s->query);
    err = liq_encode_level_lists(&w, m, why);
    liq_jsonw_close_object(&w);
    return err;
}
