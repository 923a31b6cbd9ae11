/* An exchange as a market: joins its row with what all of them share. */
#include "venue.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

#define SYMBOLS_MAX_BYTES (16 * 1024 * 1024)

/* --- spelling ------------------------------------------------------------- */

bool liq_venue_spell_plain(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE])
{
    size_t n = strlen(symbol);

    if (n >= LIQ_VENUE_SYMBOL_SIZE)
        return false;
    memcpy(out, symbol, n + 1);
    return true;
}

bool liq_venue_spell_base(const char *symbol, const char *suffix,
                          char out[LIQ_VENUE_SYMBOL_SIZE])
{
    size_t n = strlen(symbol), end = strlen(suffix);

    if (n <= 4 || strcmp(symbol + n - 4, "USDT") != 0 ||
        n - 4 + end >= LIQ_VENUE_SYMBOL_SIZE)
        return false;
    memcpy(out, symbol, n - 4);
    memcpy(out + n - 4, suffix, end + 1);
    return true;
}

const struct liq_venue_interval *
liq_venue_interval(const struct liq_venue_row *row, int64_t ms)
{
    const struct liq_venue_interval *i;

    for (i = row->interval; i->ms != 0; i++)
        if (i->ms == ms)
            return i;
    return NULL;
}

/* --- asking one thing ----------------------------------------------------- */

static enum liq_err ask_one(struct liq_venue_market *v,
                            const struct liq_venue_part *part, size_t max_bytes,
                            int64_t deadline_ms, struct liq_http_response *r,
                            struct liq_reason *why)
{
    struct liq_venue_query none = {.base_url = v->base_url};
    struct liq_http_request request = {NULL, part->post, max_bytes};
    int64_t asked_ms = v->clock->mono_ms(v->clock);
    size_t n = strlen(v->base_url);
    char url[LIQ_VENUE_URL_SIZE];
    enum liq_err err;

    memset(r, 0, sizeof *r);
    if (n >= sizeof url)
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    memcpy(url, v->base_url, n);
    if (!liq_venue_expand(part->path, &none, NULL, url + n, sizeof url - n))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    err = liq_venue_gate_enter_pool(&v->gate, part->pool, part->weight, false,
                                    why);
    if (err != LIQ_OK)
        return err;
    request.url = url;
    v->http->perform(v->http, &request, 1, deadline_ms, r);
    if (liq_venue_gate_now(&v->gate) == 0 &&
        !liq_venue_learn_time(v, r, asked_ms))
        liq_venue_learn_date(v, r, asked_ms);
    liq_venue_learn_weight(v, r, part->pool);
    return liq_venue_judge(v, r, why);
}

static enum liq_err ask_time(struct liq_venue_market *v, int64_t deadline_ms,
                             int64_t *out, struct liq_reason *why)
{
    struct liq_http_response r;
    enum liq_err err;

    err =
        ask_one(v, &v->row->time, LIQ_VENUE_SMALL_BYTES, deadline_ms, &r, why);
    liq_http_response_free(&r);
    if (err == LIQ_ERATE || err == LIQ_EBLOCKED)
        return err;
    *out = liq_venue_gate_now(&v->gate);
    if (*out > 0)
        return LIQ_OK;
    return err != LIQ_OK
               ? err
               : liq_fail(why, LIQ_EFORMAT, "no time in the answer to %s",
                          v->row->time.path);
}

/* The exchange's clock, asked for only if no answer ever told it. */
static enum liq_err exchange_now(struct liq_venue_market *v,
                                 int64_t deadline_ms, int64_t *out,
                                 struct liq_reason *why)
{
    int64_t now_ms = liq_venue_gate_now(&v->gate);

    if (now_ms == 0)
        return ask_time(v, deadline_ms, out, why);
    *out = now_ms;
    return LIQ_OK;
}

static enum liq_err check_ask(const struct liq_venue_row *row,
                              const struct liq_market_ask *ask,
                              struct liq_reason *why)
{
    if (ask->symbol == NULL || !liq_symbol_valid(ask->symbol))
        return liq_fail(why, LIQ_EINVAL, "a symbol is 2 to 31 of A-Z and 0-9");
    if (liq_venue_interval(row, ask->interval_ms) == NULL)
        return liq_fail(why, LIQ_EINVAL, "no candles of that interval");
    if (ask->from_ms <= 0 || ask->from_ms % ask->interval_ms != 0)
        return liq_fail(why, LIQ_EINVAL,
                        "the range does not start on the interval");
    return LIQ_OK;
}

static enum liq_err gather(struct liq_venue_market *v,
                           const struct liq_market_ask *ask,
                           int64_t deadline_ms, struct liq_market_answer *out,
                           struct liq_reason *why)
{
    struct liq_venue_job j;
    int64_t now_ms;
    enum liq_err err = check_ask(v->row, ask, why);

    memset(&j, 0, sizeof j);
    if (err == LIQ_OK)
        err = exchange_now(v, deadline_ms, &now_ms, why);
    if (err == LIQ_OK)
        err = liq_venue_job_plan(v, ask, now_ms, &j, why);
    if (err == LIQ_OK)
        err = liq_venue_job_ask(v, &j, deadline_ms, why);
    if (err == LIQ_OK)
        err = liq_venue_job_read(v, &j, ask, out, why);
    if (err == LIQ_OK)
        out->server_ms = liq_venue_gate_now(&v->gate);
    liq_venue_job_free(&j);
    return err;
}

/* --- the interface -------------------------------------------------------- */

/* Say who speaks; retry_after_ms stays. */
static enum liq_err named(const struct liq_market *m, enum liq_err err,
                          struct liq_reason *why)
{
    struct liq_reason was = *why;

    if (err == LIQ_OK)
        return LIQ_OK;
    liq_fail(why, err, "%s: %.180s", m->name, was.text);
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
    err = gather((struct liq_venue_market *)m, ask, deadline_ms, &answer, why);
    if (err != LIQ_OK) {
        liq_market_answer_free(&answer);
        liq_market_answer_init(&answer);
    } else {
        memset(why, 0, sizeof *why);
    }
    *out = answer;
    return named(m, err, why);
}

static enum liq_err now(struct liq_market *m, int64_t deadline_ms, int64_t *out,
                        struct liq_reason *why)
{
    enum liq_err err;

    memset(why, 0, sizeof *why);
    err = exchange_now((struct liq_venue_market *)m, deadline_ms, out, why);
    return named(m, err, why);
}

static enum liq_err symbols(struct liq_market *m, int64_t deadline_ms,
                            struct liq_symbols *out, struct liq_reason *why)
{
    struct liq_venue_market *v = (struct liq_venue_market *)m;
    struct liq_http_response r;
    enum liq_err err;

    memset(why, 0, sizeof *why);
    memset(out, 0, sizeof *out);
    err = ask_one(v, &v->row->symbols, SYMBOLS_MAX_BYTES, deadline_ms, &r, why);
    if (err == LIQ_OK)
        err = v->row->read_symbols(r.body.data, r.body.len, out, why);
    liq_http_response_free(&r);
    return named(m, err, why);
}

static int64_t engine_ms(struct liq_market *m, int64_t display_ms)
{
    const struct liq_venue_row *row = ((struct liq_venue_market *)m)->row;
    const struct liq_venue_interval *i = liq_venue_interval(row, display_ms);

    return i != NULL ? i->engine_ms : 0;
}

static void venue_free(struct liq_market *m)
{
    struct liq_venue_market *v = (struct liq_venue_market *)m;

    if (v == NULL)
        return;
    liq_venue_gate_free(&v->gate);
    liq_venue_memo_free(&v->memo);
    free(v->base_url);
    free(v);
}

struct liq_market *liq_venue_new(const struct liq_venue_row *row,
                                 const struct liq_venue_options *o)
{
    struct liq_venue_market *v = calloc(1, sizeof *v);

    if (v == NULL)
        return NULL;
    v->base_url = strdup(o->base_url != NULL ? o->base_url : row->base_url);
    if (v->base_url == NULL) {
        free(v);
        return NULL;
    }
    v->row = row;
    v->market.name = row->name;
    v->market.kind = row->kind;
    v->market.source = "live";
    v->market.engine_ms = engine_ms;
    v->market.now = now;
    v->market.fetch = fetch;
    v->market.symbols = symbols;
    v->market.free = venue_free;
    v->http = o->http;
    v->clock = o->clock;
    if (row->elsewhere != NULL)
        row->elsewhere(v->base_url, v->elsewhere);
    liq_venue_gate_init(&v->gate, o->clock, row->pool, o->budget);
    liq_venue_memo_init(&v->memo);
    return &v->market;
}
