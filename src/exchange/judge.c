/* What the responses mean, before anybody reads the values in them. */
#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* Longer bodies are no error messages. */
#define ERROR_MAX_BYTES (64 * 1024)

#define WAIT_MIN_MS INT64_C(1000)
/* Bans (418) last up to three days; a Retry-After beyond ten minutes with any
 * other status is a mistake. */
#define BAN_MAX_MS (3 * LIQ_DAY_MS)
#define WAIT_MAX_MS INT64_C(600000)
/* Clocks may drift by so much in an hour that an older one says nothing. */
#define CLOCK_AGE_MAX_MS LIQ_MINUTE_MS

/* -1 when the row names no such header, or it is missing or no number. */
static int64_t header_number(const struct liq_http_response *in,
                             const char *name)
{
    char text[32];
    int64_t x = 0;
    size_t i;

    if (name == NULL)
        return -1;
    liq_http_header(in, name, text, sizeof text);
    for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 14; i++)
        x = 10 * x + (text[i] - '0');
    return i > 0 && text[i] == '\0' ? x : -1;
}

/* --- errors --------------------------------------------------------------- */

static bool rule_fits(const struct liq_error_rule *rule,
                      const struct cJSON *code, const char *message)
{
    if (rule->code != NULL &&
        (code == NULL || !liq_json_is_one_of(code, rule->code)))
        return false;
    return rule->says == NULL || strstr(message, rule->says) != NULL;
}

static void apply_rules(const struct liq_exchange_row *row,
                        const struct cJSON *code, const char *message,
                        struct liq_error *out)
{
    const struct liq_error_rule *rule = row->error;

    while (rule != NULL && rule->kind != LIQ_OK &&
           !rule_fits(rule, code, message))
        rule++;
    if (rule == NULL || rule->kind == LIQ_OK)
        return;
    out->kind = rule->kind;
    out->wait_ms = rule->wait_ms;
    if (out->message[0] == '\0' && rule->says != NULL)
        liq_json_copy_printable(out->message, sizeof out->message, rule->says);
}

/* A body that is no JSON: plain text, or a page of a proxy. */
static void judge_text(const struct liq_exchange_row *row, const char *body,
                       struct liq_error *out)
{
    if (strlen(body) > ERROR_MAX_BYTES)
        return;
    if (body[0] != '<' && body[0] != '{' && body[0] != '[')
        liq_json_copy_printable(out->message, sizeof out->message, body);
    apply_rules(row, NULL, body, out);
}

bool liq_judge_body(const struct liq_exchange_row *row,
                    const struct cJSON *root, const char *body,
                    struct liq_error *out)
{
    const struct liq_envelope *e = &row->envelope;
    bool is_error = false;
    const struct cJSON *code;
    const char *message;

    memset(out, 0, sizeof *out);
    if (root == NULL) {
        if (body != NULL)
            judge_text(row, body, out);
        return false;
    }
    if (!liq_json_is_object(root))
        return false;
    code = liq_json_at(root, e->code);
    message = liq_json_text(liq_json_at(root, e->message));
    if (code == NULL && e->other[0] != NULL) {
        code = liq_json_at(root, e->other[0]);
        is_error = !liq_json_is(code, e->other[1], strlen(e->other[1]));
    } else if (e->code != NULL) {
        is_error = !liq_json_is(code, e->good, strlen(e->good));
    }
    if (is_error) {
        if (*message == '\0')
            message = liq_json_text(code);
        if (*message == '\0' && isfinite(liq_json_number(code)))
            snprintf(out->message, sizeof out->message, "%.15g",
                     liq_json_number(code));
        else
            liq_json_copy_printable(out->message, sizeof out->message, message);
        apply_rules(row, code, message, out);
    }
    if (row->read_error != NULL)
        is_error = row->read_error(root, out) || is_error;
    return is_error;
}

static enum liq_err kind_of(int status, const struct liq_error *e)
{
    if (status == 429 || status == 418 || e->kind == LIQ_ERATE)
        return LIQ_ERATE;
    if (status == 451 || status == 403)
        return LIQ_EBLOCKED;
    if (e->kind != LIQ_OK)
        return e->kind;
    return status == 408 || status >= 500 ? LIQ_ENET : LIQ_EFORMAT;
}

/* How long to wait by the row's reset header; -1: it does not say. */
static int64_t reset_wait_ms(const struct liq_headers *header,
                             const struct liq_http_response *in, int64_t now_ms)
{
    int64_t reset = header_number(in, header->reset);

    if (reset < 0 || header->reset_is == LIQ_RESET_AFTER_MS)
        return reset;
    if (header->reset_is == LIQ_RESET_AT_S)
        reset *= 1000;
    return now_ms > 0 && reset > now_ms ? reset - now_ms : -1;
}

static int64_t bounded(int64_t wait_ms, int status)
{
    int64_t most = status == 418 ? BAN_MAX_MS : WAIT_MAX_MS;

    if (wait_ms < WAIT_MIN_MS)
        return WAIT_MIN_MS;
    return wait_ms < most ? wait_ms : most;
}

static int64_t rate_wait_ms(struct liq_live_exchange *x,
                            const struct liq_http_response *in,
                            const struct liq_error *e)
{
    int64_t now_ms = liq_limiter_now(x->limiter);
    int64_t reset_ms = reset_wait_ms(&x->row->header, in, now_ms);
    int64_t retry_s = header_number(in, "retry-after");

    if (retry_s >= 0)
        return retry_s * 1000 - in->age_ms;
    if (e->wait_ms > 0)
        return e->wait_ms - in->age_ms;
    if (e->until_ms > 0 && now_ms > 0)
        return e->until_ms - now_ms;
    if (reset_ms >= 0)
        return reset_ms;
    return in->status == 418 ? x->row->ban_wait_ms : x->row->rate_wait_ms;
}

/* Set *why, and shut the limiter where the exchange limits or blocks requests.
 */
static void refuse(struct liq_live_exchange *x,
                   const struct liq_http_response *in,
                   const struct liq_error *e, struct liq_reason *why)
{
    enum liq_err err = kind_of(in->status, e);
    int64_t retry_s = header_number(in, "retry-after");

    liq_fail(why, err, "HTTP %d%s%s", in->status, e->message[0] ? ": " : "",
             e->message);
    if (err == LIQ_ERATE)
        why->retry_after_ms = bounded(rate_wait_ms(x, in, e), in->status);
    else if (err == LIQ_EBLOCKED)
        why->retry_after_ms = x->row->blocked_wait_ms;
    else if (in->status == 503 && retry_s >= 0)
        why->retry_after_ms = bounded(retry_s * 1000, in->status);
    if (err == LIQ_ERATE || err == LIQ_EBLOCKED)
        liq_limiter_shut(x->limiter, why->retry_after_ms, why);
}

/* Whether the response is worth reading; else *e says what its body does. */
static bool is_good(const struct liq_exchange_row *row,
                    const struct liq_http_response *in,
                    const struct cJSON *root, struct liq_error *e)
{
    bool is_error = liq_judge_body(row, root, in->body.data, e);

    return in->err == LIQ_OK && in->status == 200 && !is_error && root != NULL;
}

static void judge(struct liq_live_exchange *x,
                  const struct liq_http_response *in, struct liq_request *r,
                  const struct cJSON *root)
{
    struct liq_error e;

    memset(&r->why, 0, sizeof r->why);
    if (in->err != LIQ_OK)
        liq_fail(&r->why, in->err, "%s", in->error);
    else if (is_good(x->row, in, root, &e))
        return;
    else if (in->status == 200 && root == NULL && e.kind == LIQ_OK)
        liq_fail(&r->why, LIQ_EFORMAT, "the body is not JSON");
    else
        refuse(x, in, &e, &r->why);
}

/* --- clock and weight ----------------------------------------------------- */

/* What is spent of the row's limit, from headers that say what is left; the
 * limit they speak of may be larger than the one that is documented. */
static int64_t used_of_remaining(const struct liq_exchange_row *row,
                                 const struct liq_http_response *in, int pool)
{
    int64_t left = header_number(in, row->header.remain);
    int64_t of = header_number(in, row->header.limit);
    int64_t limit = liq_pool_of(row, pool).limit;

    if (left < 0)
        return -1;
    if (of <= 0)
        of = limit;
    return left <= of && of < INT32_MAX ? (of - left) * limit / of : -1;
}

/* What the exchange counted; -1: not said. */
static int64_t learn_weight(struct liq_live_exchange *x,
                            const struct liq_http_response *in, int pool)
{
    int64_t used = header_number(in, x->row->header.used);

    if (in->err != LIQ_OK)
        return -1;
    if (used >= 0)
        pool = 0;
    else
        used = used_of_remaining(x->row, in, pool);
    if (used >= 0)
        liq_limiter_learn_weight(x->limiter, pool, used, in->date_ms);
    return used;
}

/* A response of another host holds the time of when it was made, between that
 * host's request and its response. */
static void learn_clock(struct liq_plan *p, const struct liq_http_response *in,
                        int64_t low_ms, int64_t high_ms)
{
    liq_limiter_learn_time(p->x->limiter, low_ms + in->age_ms - in->took_ms,
                           high_ms + in->age_ms, p->sent_ms);
}

/* A body that has the time; the Date header is cut to seconds and may be a
 * proxy's, so it is only the second choice. */
static void learn_time(struct liq_plan *p)
{
    struct liq_error e;
    bool learnt = false;
    size_t i;

    for (i = 0; i < p->batch.n; i++) {
        struct liq_request *r = &p->request[p->pick[i]];
        const struct cJSON *root = p->arrival[i].root;
        int64_t t = r->endpoint != NULL ? liq_read_clock(r->endpoint, root) : 0;

        r->clock_ms = t != 0 ? t : p->in[i].date_ms;
        if (p->in[i].age_ms > CLOCK_AGE_MAX_MS)
            continue;
        if (t == 0 || !is_good(p->x->row, &p->in[i], root, &e))
            continue;
        learn_clock(p, &p->in[i], t, t);
        learnt = true;
    }
    for (i = 0; i < p->batch.n && !learnt; i++)
        if (p->in[i].date_ms > 0 && p->in[i].age_ms <= CLOCK_AGE_MAX_MS &&
            is_good(p->x->row, &p->in[i], p->arrival[i].root, &e))
            learn_clock(p, &p->in[i], p->in[i].date_ms, p->in[i].date_ms + 999);
}

/* --- documents ------------------------------------------------------------ */

static void destroy(struct liq_item *item)
{
    struct liq_document *d = (struct liq_document *)item;

    liq_json_free(d->root);
    free(d);
}

static struct liq_document *new_document(const struct liq_endpoint *e,
                                         struct cJSON *root, int64_t at_ms,
                                         int64_t now_ms)
{
    struct liq_document *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    liq_item_init(&d->item, destroy);
    d->root = root;
    d->at_ms = at_ms;
    d->item.bytes = sizeof *d + liq_json_bytes(root);
    d->item.rank = LIQ_RANK_LIVE;
    d->item.order = now_ms;
    d->item.fresh_until_ms = d->item.meanwhile_until_ms = now_ms + e->keep_ms;
    d->item.usable_until_ms =
        now_ms + (e->stale_ms > e->keep_ms ? e->stale_ms : e->keep_ms);
    return d;
}

/* Take over a good root; what others may follow is a document, and what is good
 * for a while goes to the cache. */
static void take(struct liq_plan *p, struct liq_request *r, struct cJSON *root,
                 int64_t age_ms)
{
    const struct liq_endpoint *e = r->endpoint;
    int64_t now_ms = p->x->clock->mono_ms(p->x->clock);
    struct liq_document *d = NULL;
    struct liq_key key;
    int64_t at_ms = liq_limiter_now(p->x->limiter);

    if (r->document != NULL)
        liq_item_release(&r->document->item);
    r->document = NULL;
    r->root = root;
    r->at_ms = at_ms > age_ms ? at_ms - age_ms : at_ms;
    if (!r->leads)
        return;
    d = new_document(e, root, r->at_ms, now_ms - age_ms);
    r->document = d;
    if (d == NULL || (e->keep_ms == 0 && e->stale_ms == 0))
        return;
    key = liq_document_key(p, e);
    r->document = (struct liq_document *)liq_cache_offer(p->x->cache, &key,
                                                         now_ms, &d->item);
    r->root = r->document->root;
    r->at_ms = r->document->at_ms;
}

static void count(const struct liq_plan *p, const struct liq_request *r,
                  const struct liq_http_response *in)
{
    struct liq_live_exchange *x = p->x;

    if (in->shared) /* another host has counted it */
        return;
    atomic_fetch_add(r->why.code == LIQ_OK ? &x->good : &x->failed, 1);
    if (in->received_ms > p->sent_ms)
        atomic_fetch_add(&x->took_ms, (uint64_t)(in->received_ms - p->sent_ms));
}

/* A response that is no good is not to be shared. */
static void refuse_shared(struct liq_plan *p,
                          const struct liq_http_request *out,
                          const struct liq_http_response *in,
                          const struct liq_reason *why)
{
    bool shut = why->code == LIQ_ERATE || why->code == LIQ_EBLOCKED;

    if (why->code != LIQ_OK && in->err == LIQ_OK && p->x->http->refuse != NULL)
        p->x->http->refuse(p->x->http, out, in, shut ? why->retry_after_ms : 0);
}

/* --- a batch -------------------------------------------------------------- */

static void count_down(struct liq_plan *p)
{
    if (atomic_fetch_sub(&p->left, 1) == 1)
        p->parsed(p);
}

static void parse_arrival(struct liq_task *t)
{
    struct liq_arrival *a =
        (struct liq_arrival *)((char *)t - offsetof(struct liq_arrival, task));
    const struct liq_http_response *in = &a->plan->in[a - a->plan->arrival];

    if (in->err == LIQ_OK)
        a->root = liq_json_parse(in->body.data, in->body.len);
    count_down(a->plan);
}

static void post_parse(struct liq_http_batch *b, size_t i)
{
    struct liq_plan *p =
        (struct liq_plan *)((char *)b - offsetof(struct liq_plan, batch));

    liq_work_post(p->x->work, &p->arrival[i].task, LIQ_LANE_HEAVY);
}

static void end_batch(struct liq_task *t)
{
    count_down(
        (struct liq_plan *)((char *)t - offsetof(struct liq_plan, batch.done)));
}

void liq_judge_prepare(struct liq_plan *p, void (*next)(struct liq_plan *p))
{
    size_t i;

    for (i = 0; i < p->batch.n; i++) {
        struct liq_arrival *a = &p->arrival[i];

        memset(a, 0, sizeof *a);
        a->plan = p;
        a->task.run = parse_arrival;
    }
    p->batch.ended = post_parse;
    p->batch.done.run = end_batch;
    p->parsed = next;
    atomic_store(&p->left, p->batch.n + 1);
}

void liq_judge_batch(struct liq_plan *p)
{
    size_t i;

    learn_time(p);
    for (i = 0; i < p->batch.n; i++) {
        struct liq_request *r = &p->request[p->pick[i]];
        struct cJSON *root = p->arrival[i].root;

        r->send = false;
        r->sent = true;
        r->used = learn_weight(p->x, &p->in[i], r->pool);
        /* After learn_time: the end of a ban is by the exchange's clock. */
        judge(p->x, &p->in[i], r, root);
        if (r->why.code == LIQ_OK)
            take(p, r, root, p->in[i].age_ms);
        else
            liq_json_free(root);
        refuse_shared(p, &p->out[i], &p->in[i], &r->why);
        if (p->out[i].max_age_ms == 0 && p->in[i].age_ms > p->age_ms)
            p->age_ms = p->in[i].age_ms;
        count(p, r, &p->in[i]);
        liq_http_response_free(&p->in[i]);
    }
}
