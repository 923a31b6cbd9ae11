/* What was recorded of open interest, for candles of which the exchange or this
 * process knows none. */
#ifndef LIQMAP_SERIES_RECORDED_H
#define LIQMAP_SERIES_RECORDED_H

#include "liqmap/history.h"
#include "liqmap/series_store.h"

/*
 * Ask for what a series that was not published yet lacks; first: nothing was
 * known of it before.  False: it lacks nothing, or nothing is recorded, and
 * done will not run.  Else s is not to be touched until done runs, which is to
 * call liq_recorded_take.
 */
bool liq_recorded_ask(const struct liq_series_options *o, bool first,
                      struct liq_series *s, struct liq_history_ask *ask,
                      void (*done)(struct liq_task *t));
/* Put what came into the series. */
void liq_recorded_take(const struct liq_history_ask *ask, struct liq_series *s);

#endif
