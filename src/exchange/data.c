/* What every exchange needs: data made and freed, candles put in order. */
#include "liqmap/exchange.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/interval.h"

void liq_market_data_init(struct liq_market_data *d)
{
    struct liq_ticker no_ticker = {NAN, NAN, NAN, NAN, NAN, NAN, 0};
    struct liq_statistics no_statistics = {NAN, NAN, NAN, NAN, 0, NAN, 0};
    struct liq_contract no_contract = {NAN, NAN, false, NULL};

    memset(d, 0, sizeof *d);
    d->ticker = no_ticker;
    d->statistics = no_statistics;
    d->contract = no_contract;
}

void liq_market_data_free(struct liq_market_data *d)
{
    if (d == NULL)
        return;
    free(d->klines.at);
    d->klines.at = NULL;
    d->klines.n = 0;
}

void liq_symbols_free(struct liq_symbols *s)
{
    if (s == NULL)
        return;
    free(s->at);
    s->at = NULL;
    s->n = 0;
}

void liq_market_data_warn(struct liq_market_data *d, const char *format, ...)
{
    va_list ap;

    if (d->n_warning == LIQ_WARNINGS)
        return;
    va_start(ap, format);
    vsnprintf(d->warning[d->n_warning], sizeof d->warning[0], format, ap);
    va_end(ap);
    d->n_warning++;
}

bool liq_symbol_valid(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    return name[n] == '\0' && n >= 2 && n < LIQ_SYMBOL_SIZE;
}

int64_t liq_usual_engine_ms(int64_t display_ms)
{
    static const struct {
        int64_t display_ms, engine_ms;
    } table[] = {
        {5 * LIQ_MINUTE_MS, LIQ_MINUTE_MS},
        {15 * LIQ_MINUTE_MS, 5 * LIQ_MINUTE_MS},
        {LIQ_HOUR_MS, 15 * LIQ_MINUTE_MS},
        {4 * LIQ_HOUR_MS, LIQ_HOUR_MS},
        {LIQ_DAY_MS, 4 * LIQ_HOUR_MS},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].display_ms == display_ms)
            return table[i].engine_ms;
    return 0;
}

/* --- candles ------------------------------------------------------------ */

enum liq_err liq_kline_list_add(struct liq_kline_list *list,
                                const struct liq_kline *k)
{
    struct liq_kline *grown;
    size_t size;

    if (list->n == list->size) {
        size = list->size > 0 ? 2 * list->size : 512;
        if (size > SIZE_MAX / sizeof *grown)
            return LIQ_ENOMEM;
        grown = realloc(list->at, size * sizeof *grown);
        if (grown == NULL)
            return LIQ_ENOMEM;
        list->at = grown;
        list->size = size;
    }
    list->at[list->n++] = *k;
    return LIQ_OK;
}

/* What the model takes without loss: wider than any price or volume of a
 * candle, and far from where squares and quotients leave the range of a double.
 */
#define PRICE_MIN 1e-12
#define PRICE_MAX 1e12
#define VOLUME_MAX 1e24

bool liq_price_fits(double x)
{
    return isfinite(x) && x >= PRICE_MIN && x <= PRICE_MAX;
}

const char *liq_kline_fault(const struct liq_kline *k)
{
    if (k->open_ms <= 0)
        return "open time is not a time";
    if (!liq_price_fits(k->open) || !liq_price_fits(k->high) ||
        !liq_price_fits(k->low) || !liq_price_fits(k->close))
        return "a price is not within 1e-12 .. 1e12";
    if (!(k->low <= k->open && k->low <= k->close && k->open <= k->high &&
          k->close <= k->high))
        return "open or close lies outside low .. high";
    if (!(isfinite(k->volume) && k->volume >= 0.0 && k->volume <= VOLUME_MAX))
        return "volume is not within 0 .. 1e24";
    if (!(isfinite(k->quote_volume) && k->quote_volume >= 0.0 &&
          k->quote_volume <= VOLUME_MAX))
        return "quote volume is not within 0 .. 1e24";
    return NULL;
}

double liq_market_data_usd(const struct liq_market_data *d)
{
    const struct liq_statistics *s = &d->statistics;
    double price = isfinite(s->mark_price) ? s->mark_price : d->ticker.last;

    if (isfinite(s->open_interest_usd))
        return s->open_interest_usd;
    return s->open_interest * price; /* NaN when either is */
}

double liq_kline_guess_quote(const struct liq_kline *k)
{
    return k->volume * ((k->high + k->low + k->close) / 3.0);
}

double liq_kline_part(const struct liq_kline *k, double volume)
{
    return volume >= 0.0 && volume <= k->volume ? volume : NAN;
}

void liq_klines_cut(struct liq_klines *k, int64_t interval_ms, int64_t from_ms,
                    int64_t to_ms)
{
    size_t i, kept = 0;

    for (i = 0; i < k->n; i++) {
        int64_t open_ms = k->at[i].open_ms;

        if (open_ms < from_ms || (to_ms != 0 && open_ms > to_ms - interval_ms))
            continue;
        k->at[kept++] = k->at[i];
    }
    k->n = kept;
}

/* --- order -------------------------------------------------------------- */

/* By open time; of two with the same one, that which comes first in memory. */
static int by_time(const void *a, const void *b)
{
    const struct liq_kline *const *x = a, *const *y = b;

    if ((*x)->open_ms != (*y)->open_ms)
        return (*x)->open_ms < (*y)->open_ms ? -1 : 1;
    return *x < *y ? -1 : *x > *y;
}

static bool in_order(const struct liq_klines *k)
{
    size_t i;

    for (i = 1; i < k->n; i++)
        if (k->at[i - 1].open_ms >= k->at[i].open_ms)
            return false;
    return true;
}

/* The candles in order, [k->n] for free; NULL when there is no memory. */
static const struct liq_kline **in_time(const struct liq_klines *k)
{
    const struct liq_kline **order = malloc(k->n * sizeof *order);
    size_t i;

    if (order == NULL)
        return NULL;
    for (i = 0; i < k->n; i++)
        order[i] = &k->at[i];
    qsort(order, k->n, sizeof *order, by_time);
    return order;
}

enum liq_err liq_klines_normalise(struct liq_klines *k)
{
    const struct liq_kline **order;
    struct liq_kline *sorted;
    size_t i, n = 0;

    if (in_order(k))
        return LIQ_OK;
    order = in_time(k);
    sorted = malloc(k->n * sizeof *sorted);
    if (order == NULL || sorted == NULL) {
        free(order);
        free(sorted);
        return LIQ_ENOMEM;
    }
    for (i = 0; i < k->n; i++) {
        if (n > 0 && sorted[n - 1].open_ms == order[i]->open_ms)
            n--;
        sorted[n++] = *order[i];
    }
    memcpy(k->at, sorted, n * sizeof *sorted);
    k->n = n;
    free(order);
    free(sorted);
    return LIQ_OK;
}

static bool same_prices(const struct liq_kline *a, const struct liq_kline *b)
{
    return a->open == b->open && a->high == b->high && a->low == b->low &&
           a->close == b->close;
}

bool liq_klines_contradict(const struct liq_klines *k, int64_t before_ms)
{
    const struct liq_kline **order;
    bool found = false;
    size_t i;

    if (in_order(k))
        return false;
    order = in_time(k);
    for (i = 1; order != NULL && i < k->n && !found; i++)
        found = order[i]->open_ms < before_ms &&
                order[i - 1]->open_ms == order[i]->open_ms &&
                !same_prices(order[i - 1], order[i]);
    free(order);
    return found;
}

enum liq_err liq_kline_list_end(struct liq_kline_list *list,
                                struct liq_klines *out)
{
    struct liq_klines k = {list->at, list->n};

    if (liq_klines_normalise(&k) != LIQ_OK)
        return LIQ_ENOMEM;
    *out = k;
    list->at = NULL;
    list->n = list->size = 0;
    return LIQ_OK;
}
