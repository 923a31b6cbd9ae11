/* What every market needs: answers born and freed, candles put in order. */
#include "liqmap/market.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/interval.h"

void liq_market_answer_init(struct liq_market_answer *a)
{
    struct liq_ticker no_ticker = {NAN, NAN, NAN, NAN, NAN, NAN, 0};
    struct liq_statistics no_statistics = {NAN, NAN, NAN, NAN, 0, NAN};

    memset(a, 0, sizeof *a);
    a->ticker = no_ticker;
    a->statistics = no_statistics;
}

void liq_market_answer_free(struct liq_market_answer *a)
{
    if (a == NULL)
        return;
    free(a->klines.at);
    a->klines.at = NULL;
    a->klines.n = 0;
}

void liq_symbols_free(struct liq_symbols *s)
{
    if (s == NULL)
        return;
    free(s->at);
    s->at = NULL;
    s->n = 0;
}

void liq_market_warn(struct liq_market_answer *a, const char *format, ...)
{
    va_list ap;

    if (a->n_warning == LIQ_MARKET_WARNINGS)
        return;
    va_start(ap, format);
    vsnprintf(a->warning[a->n_warning], sizeof a->warning[0], format, ap);
    va_end(ap);
    a->n_warning++;
}

bool liq_symbol_valid(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    return name[n] == '\0' && n >= 2 && n < LIQ_SYMBOL_SIZE;
}

int64_t liq_market_engine_ms(int64_t display_ms)
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

static bool is_price(double x)
{
    return isfinite(x) && x > 0.0;
}

const char *liq_kline_fault(const struct liq_kline *k)
{
    if (k->open_ms <= 0)
        return "open time is not a time";
    if (!is_price(k->open) || !is_price(k->high) || !is_price(k->low) ||
        !is_price(k->close))
        return "a price is not a positive number";
    if (!(k->low <= k->open && k->low <= k->close && k->open <= k->high &&
          k->close <= k->high))
        return "open or close lies outside low .. high";
    if (!(isfinite(k->volume) && k->volume >= 0.0))
        return "volume is not a number >= 0";
    if (!(isfinite(k->quote_volume) && k->quote_volume >= 0.0))
        return "quote volume is not a number >= 0";
    return NULL;
}

double liq_kline_guess_quote(const struct liq_kline *k)
{
    return k->volume * ((k->high + k->low + k->close) / 3.0);
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

static void reverse(struct liq_kline *k, size_t n)
{
    size_t i;

    for (i = 0; i < n / 2; i++) {
        struct liq_kline swap = k[i];

        k[i] = k[n - 1 - i];
        k[n - 1 - i] = swap;
    }
}

/* How many of k[n], ascending, open before time_ms, or at it if or_equal. */
static size_t count_before(const struct liq_kline *k, size_t n, int64_t time_ms,
                           bool or_equal)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (k[mid].open_ms < time_ms || (or_equal && k[mid].open_ms == time_ms))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/*
 * Merge k[0 .. na) and k[na .. na + nb), each ascending, in place and stable:
 * split the longer one in the middle, exchange the two inner parts by three
 * reversals, and merge what is left on either side.
 */
static void merge(struct liq_kline *k, size_t na, size_t nb)
{
    size_t left, right;

    if (na == 0 || nb == 0 || k[na - 1].open_ms <= k[na].open_ms)
        return;
    if (na + nb == 2) {
        reverse(k, 2);
        return;
    }
    if (na > nb) {
        left = na / 2;
        right = count_before(k + na, nb, k[left].open_ms, false);
    } else {
        right = nb / 2;
        left = count_before(k, na, k[na + right].open_ms, true);
    }
    reverse(k + left, na - left);
    reverse(k + na, right);
    reverse(k + left, na - left + right);
    merge(k, left, right);
    merge(k + left + right, na - left, nb - right);
}

static void sort(struct liq_kline *k, size_t n)
{
    if (n < 2)
        return;
    sort(k, n / 2);
    sort(k + n / 2, n - n / 2);
    merge(k, n / 2, n - n / 2);
}

void liq_klines_normalise(struct liq_klines *k)
{
    size_t i, kept = 0;

    sort(k->at, k->n);
    for (i = 0; i < k->n; i++) {
        if (kept > 0 && k->at[kept - 1].open_ms == k->at[i].open_ms)
            kept--;
        k->at[kept++] = k->at[i];
    }
    k->n = kept;
}
