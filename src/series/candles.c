#include "candles.h"

#include <math.h>
#include <stdlib.h>
#include "liqmap/model.h"
#include "packed.h"

enum liq_err liq_series_candles(const struct liq_series *s,
                                struct liq_klines *out)
{
    return liq_unpack(s->candles, out);
}

enum liq_err liq_series_display(const struct liq_series *s,
                                struct liq_klines *out)
{
    struct liq_klines k;
    enum liq_err err = liq_unpack(s->candles, &k);

    if (err)
        return err;
    err = liq_klines_aggregate(k.at, k.n, s->display_ms, out);
    free(k.at);
    return err;
}

/* What before saw of each of now's candles; both ascending. */
static void align(const struct liq_series *before, const struct liq_klines *was,
                  const struct liq_klines *now, double *interest)
{
    size_t j = 0;

    for (size_t i = 0; i < now->n; i++) {
        int64_t open_ms = now->at[i].open_ms;

        while (j < was->n && was->at[j].open_ms < open_ms)
            j++;
        interest[i] = j < was->n && was->at[j].open_ms == open_ms
                          ? before->interest[j]
                          : NAN;
    }
}

static enum liq_err interest_of(const struct liq_klines *display,
                                const struct liq_series *before, double **out)
{
    struct liq_klines was = {0};
    double *interest;

    if (before && liq_series_display(before, &was) != LIQ_OK)
        return LIQ_ENOMEM;
    interest = malloc(display->n * sizeof *interest);
    if (interest) {
        align(before, &was, display, interest);
        *out = interest;
    }
    free(was.at);
    return interest ? LIQ_OK : LIQ_ENOMEM;
}

static bool gives_taker(const struct liq_klines *k)
{
    size_t i = k->n;

    while (i > 0 && isnan(k->at[i - 1].taker_buy_volume))
        i--;
    return i > 0;
}

static void take(struct liq_series *s, const struct liq_klines *k,
                 const struct liq_klines *display, struct liq_packed *packed,
                 double *interest)
{
    free(s->candles);
    free(s->interest);
    s->candles = packed;
    s->interest = interest;
    s->n = k->n;
    s->n_display = display->n;
    s->first_ms = k->at[0].open_ms;
    s->newest_ms = k->at[k->n - 1].open_ms;
    s->close = k->at[k->n - 1].close;
    s->gives_taker = gives_taker(display);
    s->item.bytes =
        sizeof *s + liq_packed_bytes(packed) + s->n_display * sizeof *interest;
}

enum liq_err liq_series_set_candles(struct liq_series *s,
                                    const struct liq_klines *k,
                                    const struct liq_series *before)
{
    struct liq_packed *packed = NULL;
    struct liq_klines display;
    double *interest;
    enum liq_err err =
        liq_klines_aggregate(k->at, k->n, s->display_ms, &display);

    if (err)
        return err;
    err = liq_pack(k, &packed);
    if (!err)
        err = interest_of(&display, before, &interest);
    if (!err)
        take(s, k, &display, packed, interest);
    else
        free(packed);
    free(display.at);
    return err;
}
