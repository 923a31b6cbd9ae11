/* What one answer of Binance means, before anybody reads what is in it. */
#include "binance.h"

#include <string.h>
#include "liqmap/interval.h"

/* Longer bodies are no error messages. */
#define ERROR_MAX_BYTES (64 * 1024)

/* Waits where the exchange names none (its own advice), and the longest ban it
 * hands out. */
#define RATE_WAIT_MS INT64_C(60000)
#define BAN_WAIT_MS INT64_C(120000)
#define BLOCKED_WAIT_MS INT64_C(300000)
#define WAIT_MIN_MS INT64_C(1000)
#define WAIT_MAX_MS (3 * LIQ_DAY_MS)

static int64_t header_number(const struct liq_http_response *r,
                             const char *name)
{
    char text[32];
    int64_t x = 0;
    size_t i;

    liq_http_header(r, name, text, sizeof text);
    for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 12; i++)
        x = 10 * x + (text[i] - '0');
    return i > 0 && text[i] == '\0' ? x : -1;
}

bool liq_binance_learn_time(struct liq_binance *b,
                            const struct liq_http_response *r, int64_t asked_ms)
{
    struct liq_reason ignored;
    int64_t t;

    if (r->err != LIQ_OK || r->status != 200 ||
        liq_binance_parse_time(r->body.data, r->body.len, &t, &ignored) !=
            LIQ_OK)
        return false;
    liq_binance_gate_learn_time(&b->gate, t, t, asked_ms);
    return true;
}

void liq_binance_learn_date(struct liq_binance *b,
                            const struct liq_http_response *r, int64_t asked_ms)
{
    int64_t date_ms = liq_http_date_ms(r);

    if (r->err == LIQ_OK && date_ms > 0)
        liq_binance_gate_learn_time(&b->gate, date_ms, date_ms + 999, asked_ms);
}

void liq_binance_learn_weight(struct liq_binance *b,
                              const struct liq_http_response *r)
{
    int64_t used = header_number(r, "x-mbx-used-weight-1m");

    if (r->err == LIQ_OK && used >= 0)
        liq_binance_gate_learn_weight(&b->gate, used, liq_http_date_ms(r));
}

static enum liq_err kind_of(int status, const struct liq_binance_error *e)
{
    if (status == 429 || status == 418 || e->code == -1003)
        return LIQ_ERATE;
    if (status == 451 || status == 403)
        return LIQ_EBLOCKED;
    if (e->code == -1121)
        return LIQ_ENOTFOUND;
    if (status == 408 || status >= 500 || e->maintenance || e->code == -1000 ||
        e->code == -1001 || e->code == -1007)
        return LIQ_ENET;
    return LIQ_EFORMAT;
}

static int64_t rate_wait_ms(struct liq_binance *b,
                            const struct liq_http_response *r,
                            const struct liq_binance_error *e)
{
    int64_t wait_ms = r->status == 418 ? BAN_WAIT_MS : RATE_WAIT_MS;
    int64_t retry_s = header_number(r, "retry-after");
    int64_t now_ms = liq_binance_gate_now(&b->gate);

    if (retry_s >= 0)
        wait_ms = retry_s * 1000;
    else if (e->banned_until_ms > 0 && now_ms > 0)
        wait_ms = e->banned_until_ms - now_ms;
    if (wait_ms < WAIT_MIN_MS)
        wait_ms = WAIT_MIN_MS;
    return wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS;
}

/* Say what went wrong, and shut the gate if the exchange wants to be left
 * alone. */
static enum liq_err refuse(struct liq_binance *b,
                           const struct liq_http_response *r,
                           const struct liq_binance_error *e,
                           struct liq_reason *why)
{
    enum liq_err err = kind_of(r->status, e);

    liq_fail(why, err, "HTTP %d%s%s", r->status, e->message[0] ? ": " : "",
             e->message);
    if (err == LIQ_ERATE)
        why->retry_after_ms = rate_wait_ms(b, r, e);
    else if (err == LIQ_EBLOCKED)
        why->retry_after_ms = BLOCKED_WAIT_MS;
    else
        return err;
    liq_binance_gate_shut(&b->gate, why->retry_after_ms, why);
    return err;
}

enum liq_err liq_binance_judge(struct liq_binance *b,
                               const struct liq_http_response *r,
                               struct liq_reason *why)
{
    struct liq_binance_error e;
    bool is_error = false;

    memset(why, 0, sizeof *why);
    memset(&e, 0, sizeof e);
    if (r->err != LIQ_OK)
        return liq_fail(why, r->err, "%s", r->error);
    /* Maintenance has come with status 200 too, but never at length. */
    if (r->body.len > 0 && r->body.len <= ERROR_MAX_BYTES &&
        r->body.data[0] == '{')
        is_error = liq_binance_parse_error(r->body.data, r->body.len, &e);
    if (r->status == 200 && !is_error)
        return LIQ_OK;
    return refuse(b, r, &e, why);
}
