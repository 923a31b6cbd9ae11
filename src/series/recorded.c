#include "recorded.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/interval.h"

bool liq_recorded_ask(const struct liq_series_options *o, bool first,
                      struct liq_series *s, struct liq_history_ask *ask,
                      void (*done)(struct liq_task *t))
{
    bool lacks = s->end_ms > 0 && isnan(liq_market_data_usd(&s->data));
    int64_t first_ms = liq_interval_floor(s->first_ms, s->display_ms);

    if (!o->history || (!first && !lacks) || s->n_display == 0)
        return false;
    *ask = (struct liq_history_ask){.done = {.run = done},
                                    .lane = LIQ_LANE_HEAVY,
                                    .from_ms = first_ms,
                                    .step_ms = s->display_ms,
                                    .at_ms = lacks ? s->end_ms : 0};
    snprintf(ask->exchange, sizeof ask->exchange, "%s", s->exchange->name);
    memcpy(ask->symbol, s->symbol, sizeof ask->symbol);
    /* Without a candle missing, step i is candle i. */
    ask->n = s->n_display;
    if (liq_interval_floor(s->newest_ms, s->display_ms) !=
        ask->from_ms + (int64_t)(ask->n - 1) * ask->step_ms)
        ask->n = 0;
    ask->usd = s->interest;
    return o->history->ask(o->history, ask);
}

void liq_recorded_take(const struct liq_history_ask *ask, struct liq_series *s)
{
    struct liq_statistics *to = &s->data.statistics;
    const struct liq_statistics *from = &ask->newest;

    if (ask->at_ms == 0 || ask->newest_ms == 0 ||
        isnan(from->open_interest_usd))
        return;
    to->open_interest = from->open_interest;
    to->open_interest_usd = from->open_interest_usd;
    if (isnan(to->mark_price))
        to->mark_price = from->mark_price;
    if (isnan(to->funding_rate))
        to->funding_rate = from->funding_rate;
    if (isnan(to->long_account_share))
        to->long_account_share = from->long_account_share;
    s->recorded_ms = ask->newest_ms;
    s->interest[s->n_display - 1] = from->open_interest_usd;
}
