/* What one answer of an exchange means, before anybody reads what is in it. */
#include "venue.h"

#include <string.h>
#include "liqmap/interval.h"

/* Longer bodies are no error messages. */
#define ERROR_MAX_BYTES (64 * 1024)

/* The longest ban that any exchange hands out is three days. */
#define WAIT_MIN_MS INT64_C(1000)
#define WAIT_MAX_MS (3 * LIQ_DAY_MS)

/* -1 when the row names no such header, or it is missing or no number. */
static int64_t header_number(const struct liq_http_response *r,
                             const char *name)
{
    char text[32];
    int64_t x = 0;
    size_t i;

    if (name == NULL)
        return -1;
    liq_http_header(r, name, text, sizeof text);
    for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 14; i++)
        x = 10 * x + (text[i] - '0');
    return i > 0 && text[i] == '\0' ? x : -1;
}

bool liq_venue_learn_time(struct liq_venue_market *v,
                          const struct liq_http_response *r, int64_t asked_ms)
{
    int64_t t;

    if (v->row->read_time == NULL || r->err != LIQ_OK || r->status != 200 ||
        !v->row->read_time(r->body.data, r->body.len, &t))
        return false;
    liq_venue_gate_learn_time(&v->gate, t, t, asked_ms);
    return true;
}

void liq_venue_learn_date(struct liq_venue_market *v,
                          const struct liq_http_response *r, int64_t asked_ms)
{
    int64_t date_ms = liq_http_date_ms(r);

    if (r->err == LIQ_OK && date_ms > 0)
        liq_venue_gate_learn_time(&v->gate, date_ms, date_ms + 999, asked_ms);
}

/* What is spent of the row's limit, from headers that say what is left; the
 * limit they speak of may be larger than the one that is documented. */
static int64_t used_of_remaining(const struct liq_venue_market *v,
                                 const struct liq_http_response *r, int pool)
{
    int64_t left = header_number(r, v->row->remain_header);
    int64_t of = header_number(r, v->row->limit_header);
    int64_t limit = v->row->pool[pool].limit;

    if (left < 0)
        return -1;
    if (of <= 0)
        of = limit;
    return left <= of && of < INT32_MAX ? (of - left) * limit / of : -1;
}

void liq_venue_learn_weight(struct liq_venue_market *v,
                            const struct liq_http_response *r, int pool)
{
    int64_t used = header_number(r, v->row->used_header);

    if (r->err != LIQ_OK)
        return;
    if (used >= 0)
        pool = 0;
    else
        used = used_of_remaining(v, r, pool);
    if (used >= 0)
        liq_venue_gate_learn_weight(&v->gate, pool, used, liq_http_date_ms(r));
}

static enum liq_err kind_of(int status, const struct liq_venue_error *e)
{
    if (status == 429 || status == 418 || e->kind == LIQ_ERATE)
        return LIQ_ERATE;
    if (status == 451 || status == 403)
        return LIQ_EBLOCKED;
    if (e->kind != LIQ_OK)
        return e->kind;
    return status == 408 || status >= 500 ? LIQ_ENET : LIQ_EFORMAT;
}

/* How long the row's reset header asks us to wait; -1: it does not. */
static int64_t reset_wait_ms(const struct liq_venue_market *v,
                             const struct liq_http_response *r, int64_t now_ms)
{
    int64_t reset = header_number(r, v->row->reset_header);

    if (reset < 0 || v->row->reset == LIQ_RESET_AFTER_MS)
        return reset;
    if (v->row->reset == LIQ_RESET_AT_S)
        reset *= 1000;
    return now_ms > 0 && reset > now_ms ? reset - now_ms : -1;
}

static int64_t rate_wait_ms(struct liq_venue_market *v,
                            const struct liq_http_response *r,
                            const struct liq_venue_error *e)
{
    int64_t wait_ms =
        r->status == 418 ? v->row->ban_wait_ms : v->row->rate_wait_ms;
    int64_t retry_s = header_number(r, "retry-after");
    int64_t now_ms = liq_venue_gate_now(&v->gate);
    int64_t reset_ms = reset_wait_ms(v, r, now_ms);

    if (retry_s >= 0)
        wait_ms = retry_s * 1000;
    else if (e->wait_ms > 0)
        wait_ms = e->wait_ms;
    else if (e->until_ms > 0 && now_ms > 0)
        wait_ms = e->until_ms - now_ms;
    else if (reset_ms >= 0)
        wait_ms = reset_ms;
    if (wait_ms < WAIT_MIN_MS)
        wait_ms = WAIT_MIN_MS;
    return wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS;
}

/* Say what went wrong, and shut the gate if the exchange wants to be left
 * alone. */
static enum liq_err refuse(struct liq_venue_market *v,
                           const struct liq_http_response *r,
                           const struct liq_venue_error *e,
                           struct liq_reason *why)
{
    enum liq_err err = kind_of(r->status, e);

    liq_fail(why, err, "HTTP %d%s%s", r->status, e->message[0] ? ": " : "",
             e->message);
    if (err == LIQ_ERATE)
        why->retry_after_ms = rate_wait_ms(v, r, e);
    else if (err == LIQ_EBLOCKED)
        why->retry_after_ms = v->row->blocked_wait_ms;
    else
        return err;
    liq_venue_gate_shut(&v->gate, why->retry_after_ms, why);
    return err;
}

enum liq_err liq_venue_judge(struct liq_venue_market *v,
                             const struct liq_http_response *r,
                             struct liq_reason *why)
{
    struct liq_venue_error e;
    bool is_error = false;

    memset(why, 0, sizeof *why);
    memset(&e, 0, sizeof e);
    if (r->err != LIQ_OK)
        return liq_fail(why, r->err, "%s", r->error);
    /* Errors have come with status 200 too, but never at length. */
    if (r->body.len > 0 && r->body.len <= ERROR_MAX_BYTES &&
        (r->status != 200 || r->body.data[0] == '{'))
        is_error = v->row->read_error(r->body.data, r->body.len, &e);
    if (r->status == 200 && !is_error)
        return LIQ_OK;
    return refuse(v, r, &e, why);
}
