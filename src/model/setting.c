#include "setting.h"

#include <string.h>

static const double MS_PER_HOUR = 3600000.0;

/* MODEL.md (6), (6a) */
static double liquidation_factor(const struct liq_contract *c, double leverage,
                                 enum liq_side side)
{
    double sign = side == LIQ_LONG ? 1.0 : -1.0;
    double m = sign * c->maintenance_margin_rate, margin = sign / leverage;

    return c->inverse ? (1.0 + m) / (1.0 + margin) : (1.0 - margin) / (1.0 - m);
}

void setting_init(struct setting *s, const struct liq_params *params,
                  const struct liq_contract *contract,
                  const struct liq_axis *axis)
{
    s->params = *params;
    s->contract = *contract;
    s->axis = *axis;
    liq_inflow_shares(params, s->inflow);
    s->inflow[LIQ_TIERS] = 0.0;
    for (size_t i = 0; i < BANDS; i++)
        s->factor[i] = s->spread[i] = 1.0;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double leverage = liq_tier_leverage(params, contract, tier);

        for (size_t side = 0; side < LIQ_SIDES; side++) {
            s->factor[BAND(tier, side)] =
                liquidation_factor(contract, leverage, (enum liq_side)side);
            s->spread[BAND(tier, side)] = params->leverage_spread / leverage;
        }
    }
    s->ops = lanes_ops();
}

bool setting_same(const struct setting *s, const struct liq_params *params,
                  const struct liq_contract *contract,
                  const struct liq_axis *axis)
{
    const struct liq_contract *c = &s->contract;
    const struct liq_axis *a = &s->axis;

    return a->price_min == axis->price_min &&
           a->price_step == axis->price_step && a->rows == axis->rows &&
           c->max_leverage == contract->max_leverage &&
           c->maintenance_margin_rate == contract->maintenance_margin_rate &&
           c->inverse == contract->inverse &&
           memcmp(&s->params, params, sizeof *params) == 0;
}

double setting_decay(const struct setting *s, size_t tier, int64_t elapsed_ms)
{
    double hours = (double)elapsed_ms / MS_PER_HOUR;

    return exp2(-hours / s->params.tier[tier].half_life_hours);
}
