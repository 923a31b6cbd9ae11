#include "liqmap/model.h"

#include <math.h>

const struct liq_params liq_params_gauss7 = {
    .tier =
        {
            {.leverage = 2, .standing_share = 0.15, .half_life_hours = 1440},
            {.leverage = 3, .standing_share = 0.15, .half_life_hours = 960},
            {.leverage = 5, .standing_share = 0.20, .half_life_hours = 480},
            {.leverage = 10, .standing_share = 0.25, .half_life_hours = 168},
            {.leverage = 25, .standing_share = 0.15, .half_life_hours = 48},
            {.leverage = 50, .standing_share = 0.06, .half_life_hours = 24},
            {.leverage = 100, .standing_share = 0.04, .half_life_hours = 12},
        },
    .leverage_spread = 0.04,
    .round_number_share = 0.05,
    .maintenance_margin_rate = 0.004,
};

const struct liq_contract liq_contract_default = {
    .max_leverage = 100.0,
    .maintenance_margin_rate = 0.004,
    .inverse = false,
    .source = "assumed",
};

bool liq_contract_valid(const struct liq_contract *c)
{
    return isfinite(c->max_leverage) && c->max_leverage > 1.0 &&
           c->maintenance_margin_rate >= 0.0 &&
           c->maintenance_margin_rate < 1.0 / c->max_leverage;
}

/* MODEL.md 3a */
double liq_tier_leverage(const struct liq_params *p,
                         const struct liq_contract *c, size_t tier)
{
    return fmin(p->tier[tier].leverage, c->max_leverage);
}

/* MODEL.md (1) */
void liq_inflow_shares(const struct liq_params *p, double share[LIQ_TIERS])
{
    double sum = 0.0;

    for (size_t k = 0; k < LIQ_TIERS; k++)
        sum += p->tier[k].standing_share / p->tier[k].half_life_hours;
    for (size_t k = 0; k < LIQ_TIERS; k++)
        share[k] = p->tier[k].standing_share / p->tier[k].half_life_hours / sum;
}

int64_t liq_engine_ms(int64_t display_ms)
{
    static const struct {
        int64_t display_min, engine_min;
    } table[] = {{5, 1}, {15, 5}, {60, 15}, {240, 60}, {1440, 240}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].display_min * 60000 == display_ms)
            return table[i].engine_min * 60000;
    }
    return 0;
}
