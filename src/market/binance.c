/*
 * Binance USD-M futures: joins what is asked (binance_url.c, binance_job.c),
 * what is answered (binance_parse.c, binance_judge.c) and what is allowed
 * (binance_gate.c) through http.h.
 */
#include "binance.h"

#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/interval.h"

#define SYMBOLS_MAX_BYTES (16 * 1024 * 1024)

/* --- asking one thing --------------------------------------------------- */

static enum liq_err ask_one(struct liq_binance *b, const char *path,
                            size_t max_bytes, int64_t deadline_ms,
                            struct liq_http_response *r, struct liq_reason *why)
{
    struct liq_http_request request = {NULL, NULL, max_bytes};
    int64_t asked_ms = b->clock->mono_ms(b->clock);
    char url[LIQ_BINANCE_URL_SIZE];
    enum liq_err err;

    memset(r, 0, sizeof *r);
    if (!liq_binance_url_plain(url, b->base_url, path, NULL))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    err = liq_binance_gate_enter(&b->gate, 1, why);
    if (err != LIQ_OK)
        return err;
    request.url = url;
    b->http->perform(b->http, &request, 1, deadline_ms, r);
    if (liq_binance_gate_now(&b->gate) == 0 &&
        !liq_binance_learn_time(b, r, asked_ms))
        liq_binance_learn_date(b, r, asked_ms);
    liq_binance_learn_weight(b, r);
    return liq_binance_judge(b, r, why);
}

static enum liq_err ask_time(struct liq_binance *b, int64_t deadline_ms,
                             int64_t *out, struct liq_reason *why)
{
    struct liq_http_response r;
    enum liq_err err;

    err = ask_one(b, "/fapi/v1/time", LIQ_BINANCE_SMALL_BYTES, deadline_ms, &r,
                  why);
    liq_http_response_free(&r);
    if (err == LIQ_ERATE || err == LIQ_EBLOCKED)
        return err;
    *out = liq_binance_gate_now(&b->gate);
    if (*out > 0)
        return LIQ_OK;
    return err != LIQ_OK ? err
                         : liq_fail(why, LIQ_EFORMAT,
                                    "no time in the answer to /fapi/v1/time");
}

/* The exchange's clock, asked for only if no answer ever told it. */
static enum liq_err exchange_now(struct liq_binance *b, int64_t deadline_ms,
                                 int64_t *out, struct liq_reason *why)
{
    int64_t now_ms = liq_binance_gate_now(&b->gate);

    if (now_ms == 0)
        return ask_time(b, deadline_ms, out, why);
    *out = now_ms;
    return LIQ_OK;
}

static enum liq_err check_ask(const struct liq_market_ask *ask,
                              struct liq_reason *why)
{
    if (ask->symbol == NULL || !liq_symbol_valid(ask->symbol))
        return liq_fail(why, LIQ_EINVAL, "a symbol is 2 to 31 of A-Z and 0-9");
    if (liq_interval_name(ask->interval_ms) == NULL)
        return liq_fail(why, LIQ_EINVAL, "no candles of that interval");
    if (ask->from_ms <= 0 || ask->from_ms % ask->interval_ms != 0)
        return liq_fail(why, LIQ_EINVAL,
                        "the range does not start on the interval");
    return LIQ_OK;
}

static enum liq_err gather(struct liq_binance *b,
                           const struct liq_market_ask *ask,
                           int64_t deadline_ms, struct liq_market_answer *out,
                           struct liq_reason *why)
{
    struct liq_binance_job j;
    int64_t now_ms;
    enum liq_err err = check_ask(ask, why);

    memset(&j, 0, sizeof j);
    if (err == LIQ_OK)
        err = exchange_now(b, deadline_ms, &now_ms, why);
    if (err == LIQ_OK)
        err = liq_binance_job_plan(b, ask, now_ms, &j, why);
    if (err == LIQ_OK)
        err = liq_binance_job_ask(b, &j, deadline_ms, why);
    if (err == LIQ_OK)
        err = liq_binance_job_read(&j, ask, out, why);
    if (err == LIQ_OK)
        out->server_ms = liq_binance_gate_now(&b->gate);
    liq_binance_job_free(&j);
    return err;
}

/* --- the interface ------------------------------------------------------ */

/* Say who speaks; retry_after_ms stays. */
static enum liq_err named(enum liq_err err, struct liq_reason *why)
{
    struct liq_reason was = *why;

    if (err == LIQ_OK)
        return LIQ_OK;
    liq_fail(why, err, "binance: %.180s", was.text);
    why->retry_after_ms = was.retry_after_ms;
    return err;
}

static enum liq_err fetch(struct liq_market *m,
                          const struct liq_market_ask *ask, int64_t deadline_ms,
                          struct liq_market_answer *out, struct liq_reason *why)
{
    struct liq_market_answer answer;
    enum liq_err err;

    memset(why, 0, sizeof *why);
    liq_market_answer_init(&answer);
    err = gather((struct liq_binance *)m, ask, deadline_ms, &answer, why);
    if (err != LIQ_OK) {
        liq_market_answer_free(&answer);
        liq_market_answer_init(&answer);
    }
    *out = answer;
    return named(err, why);
}

static enum liq_err now(struct liq_market *m, int64_t deadline_ms, int64_t *out,
                        struct liq_reason *why)
{
    memset(why, 0, sizeof *why);
    return named(exchange_now((struct liq_binance *)m, deadline_ms, out, why),
                 why);
}

static enum liq_err symbols(struct liq_market *m, int64_t deadline_ms,
                            struct liq_symbols *out, struct liq_reason *why)
{
    struct liq_binance *b = (struct liq_binance *)m;
    struct liq_http_response r;
    enum liq_err err;

    memset(why, 0, sizeof *why);
    memset(out, 0, sizeof *out);
    err = ask_one(b, "/fapi/v1/exchangeInfo", SYMBOLS_MAX_BYTES, deadline_ms,
                  &r, why);
    if (err == LIQ_OK)
        err = liq_binance_parse_symbols(r.body.data, r.body.len, out, why);
    liq_http_response_free(&r);
    return named(err, why);
}

static int64_t engine_ms(struct liq_market *m, int64_t display_ms)
{
    (void)m;
    return liq_market_engine_ms(display_ms);
}

static void binance_free(struct liq_market *m)
{
    struct liq_binance *b = (struct liq_binance *)m;

    if (b == NULL)
        return;
    liq_binance_gate_free(&b->gate);
    free(b->base_url);
    free(b);
}

struct liq_market *liq_binance_new(const struct liq_binance_options *o)
{
    struct liq_binance *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->base_url = strdup(o->base_url);
    if (b->base_url == NULL) {
        free(b);
        return NULL;
    }
    b->market.name = "binance";
    b->market.kind = "usdm-perpetual";
    b->market.source = "live";
    b->market.engine_ms = engine_ms;
    b->market.now = now;
    b->market.fetch = fetch;
    b->market.symbols = symbols;
    b->market.free = binance_free;
    b->http = o->http;
    b->clock = o->clock;
    liq_binance_gate_init(&b->gate, o->clock, o->weight_per_minute);
    return &b->market;
}
