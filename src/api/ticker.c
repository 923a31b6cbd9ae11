/* The day's numbers and the statistics of a symbol, without its candles. */
#include "internal.h"

enum liq_err liq_encode_quote(const struct liq_shown *s, struct liq_buf *body,
                              struct liq_reason *why)
{
    struct liq_jsonw w;

    (void)why;
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_ticker(&w, &s->view->answer.ticker);
    liq_jsonw_key(&w, "statistics");
    liq_jsonw_open_object(&w);
    liq_encode_statistics(&w, s);
    liq_jsonw_close_object(&w);
    liq_jsonw_close_object(&w);
    return LIQ_OK;
}
