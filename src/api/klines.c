/* The display candles alone. */
#include "internal.h"

#include <stdlib.h>
#include "liqmap/model.h"

enum liq_err liq_encode_klines(const struct liq_shown *s, struct liq_buf *body,
                               struct liq_reason *why)
{
    const struct liq_klines *k = &s->view->answer.klines;
    size_t n, bars = (size_t)s->query->bars;
    struct liq_klines shown;
    struct liq_jsonw w;

    if (liq_klines_aggregate(k->at, k->n, s->view->display_ms, &shown))
        return liq_fail(why, LIQ_ENOMEM, "no memory for candles");
    n = shown.n < bars ? shown.n : bars;
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_candles(&w, shown.at + (shown.n - n), n);
    liq_jsonw_close_object(&w);
    free(shown.at);
    return LIQ_OK;
}
