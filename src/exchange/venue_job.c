/* One fetch: asking everything at once, under one deadline. */
#include "venue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX_BYTES (1024 * 1024)

#define KEY_SIZE (LIQ_VENUE_URL_SIZE + LIQ_VENUE_POST_SIZE)

static bool is_clock(const struct liq_venue_call *c)
{
    return c->part != NULL && (c->part->flags & LIQ_VENUE_CLOCK);
}

/* What the answers say besides what was asked. */
static void learn(struct liq_venue_market *v, struct liq_venue_job *j,
                  const size_t *pick, size_t n, int64_t asked_ms)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (is_clock(&j->call[pick[i]]))
            j->told =
                liq_venue_learn_time(v, &j->call[pick[i]].response, asked_ms) ||
                j->told;
    for (i = 0; !j->told && i < n; i++)
        liq_venue_learn_date(v, &j->call[pick[i]].response, asked_ms);
    for (i = 0; i < n; i++)
        liq_venue_learn_weight(v, &j->call[pick[i]].response,
                               j->call[pick[i]].pool);
}

static void memo_key(const struct liq_venue_call *c, char key[KEY_SIZE])
{
    snprintf(key, KEY_SIZE, "%s%s", c->url, c->post);
}

static void remember(struct liq_venue_market *v, const struct liq_venue_call *c)
{
    char key[KEY_SIZE];

    if (c->part == NULL || c->part->keep_ms == 0 || c->verdict.code != LIQ_OK)
        return;
    memo_key(c, key);
    liq_venue_memo_put(&v->memo, key, c->response.body.data,
                       c->response.body.len, v->clock->mono_ms(v->clock));
}

static size_t max_bytes(const struct liq_venue_call *c)
{
    if (c->part == NULL)
        return PAGE_MAX_BYTES;
    return c->part->max_bytes != 0 ? c->part->max_bytes : LIQ_VENUE_SMALL_BYTES;
}

/* Perform those of the job's calls that pick holds, in parallel. */
static enum liq_err perform(struct liq_venue_market *v, struct liq_venue_job *j,
                            const size_t *pick, size_t n, int64_t deadline_ms)
{
    struct liq_http_request *request = calloc(n + 1, sizeof *request);
    struct liq_http_response *response = calloc(n + 1, sizeof *response);
    int64_t asked_ms = v->clock->mono_ms(v->clock);
    size_t i;

    if (request == NULL || response == NULL) {
        free(request);
        free(response);
        return LIQ_ENOMEM;
    }
    for (i = 0; i < n; i++) {
        const struct liq_venue_call *c = &j->call[pick[i]];

        request[i].url = c->url;
        request[i].post = c->post[0] != '\0' ? c->post : NULL;
        request[i].max_bytes = max_bytes(c);
    }
    v->http->perform(v->http, request, n, deadline_ms, response);
    for (i = 0; i < n; i++) {
        liq_http_response_free(&j->call[pick[i]].response);
        j->call[pick[i]].response = response[i];
    }
    learn(v, j, pick, n, asked_ms);
    /* Judged only now: a ban's end is told by the clock just learnt. */
    for (i = 0; i < n; i++) {
        struct liq_venue_call *c = &j->call[pick[i]];

        liq_venue_judge(v, &c->response, &c->verdict);
        remember(v, c);
    }
    free(request);
    free(response);
    return LIQ_OK;
}

/* One more try for candle pages lost to the network, if nothing else is wrong
 * with any page. */
static enum liq_err retry_pages(struct liq_venue_market *v,
                                struct liq_venue_job *j, size_t *pick,
                                int64_t deadline_ms)
{
    struct liq_reason ignored;
    int cost[LIQ_VENUE_POOLS] = {0};
    size_t i, n = 0;

    for (i = 0; i < j->n_page; i++) {
        enum liq_err code = j->call[i].verdict.code;

        if (code != LIQ_OK && code != LIQ_ENET)
            return LIQ_OK;
        if (code == LIQ_OK)
            continue;
        pick[n++] = i;
        cost[j->call[i].pool] += j->call[i].weight;
    }
    if (n == 0 ||
        liq_venue_gate_enter(&v->gate, cost, j->background, &ignored) != LIQ_OK)
        return LIQ_OK;
    return perform(v, j, pick, n, deadline_ms);
}

/* Parts that were answered lately need no asking. */
static void recall(struct liq_venue_market *v, struct liq_venue_job *j)
{
    int64_t now_ms = v->clock->mono_ms(v->clock);
    char key[KEY_SIZE];
    size_t i;

    for (i = j->n_page; i < j->n; i++) {
        struct liq_venue_call *c = &j->call[i];

        if (c->part->keep_ms == 0)
            continue;
        memo_key(c, key);
        liq_buf_init(&c->response.body, max_bytes(c));
        c->settled = liq_venue_memo_get(&v->memo, key, now_ms, c->part->keep_ms,
                                        &c->response.body);
    }
}

/* Book everything: all candles and what shares their limit, or nothing; parts
 * with limits of their own are left out where those are reached. */
static enum liq_err book(struct liq_venue_market *v, struct liq_venue_job *j,
                         struct liq_reason *why)
{
    int cost[LIQ_VENUE_POOLS] = {0};
    enum liq_err err;
    size_t i;

    for (i = 0; i < j->n; i++)
        if (i < j->n_page || (!j->call[i].settled && j->call[i].pool == 0))
            cost[j->call[i].pool] += j->call[i].weight;
    err = liq_venue_gate_enter(&v->gate, cost, j->background, why);
    for (i = j->n_page; err == LIQ_OK && i < j->n; i++) {
        struct liq_venue_call *c = &j->call[i];

        if (c->settled || c->pool == 0)
            continue;
        c->settled =
            liq_venue_gate_enter_pool(&v->gate, c->pool, c->weight,
                                      j->background, &c->verdict) != LIQ_OK;
    }
    return err;
}

enum liq_err liq_venue_job_ask(struct liq_venue_market *v,
                               struct liq_venue_job *j, int64_t deadline_ms,
                               struct liq_reason *why)
{
    enum liq_err err;
    size_t *pick, i, n = 0;

    recall(v, j);
    err = book(v, j, why);
    if (err != LIQ_OK)
        return err;
    pick = calloc(j->n + 1, sizeof *pick);
    if (pick == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (i = 0; i < j->n; i++)
        if (!j->call[i].settled)
            pick[n++] = i;
    err = perform(v, j, pick, n, deadline_ms);
    if (err == LIQ_OK)
        err = retry_pages(v, j, pick, deadline_ms);
    free(pick);
    return err == LIQ_OK ? LIQ_OK : liq_fail(why, err, "no memory");
}
