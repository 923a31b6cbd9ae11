/* The life of the notifications: look at one symbol after another, and queue
 * what has happened. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/json.h"
#include "liqmap/log.h"
#include "liqmap/names.h"

int64_t liq_notify_now(const struct liq_notify *n)
{
    return n->options.clock->mono_ms(n->options.clock);
}

/* --- what has happened ---------------------------------------------------- */

/* Its body is owned; NULL: there was no memory. */
struct event {
    enum liq_notify_kind kind;
    char id[LIQ_ID_SIZE];
    char *body;
};

static void encode(const struct liq_notify *n, const struct liq_reading *r,
                   const struct liq_happened *h, struct event *out)
{
    const struct liq_clock *c = n->options.clock;
    struct liq_buf body;

    out->kind = h->kind;
    liq_buf_init(&body, LIQ_EVENT_MAX_BYTES);
    if (liq_random_id(out->id))
        liq_event_encode(&body, h, r, out->id, c->wall_ms(c));
    if (body.err)
        liq_buf_free(&body);
    out->body = body.data;
}

/* Those of happened[n] that the settings name; how many. */
static size_t encode_all(const struct liq_notify *n,
                         const struct liq_reading *r,
                         const struct liq_happened *happened, size_t count,
                         struct event *out)
{
    size_t events = 0;

    for (size_t i = 0; i < count; i++) {
        if (liq_names_have(n->options.config->events,
                           liq_notify_kinds[happened[i].kind]))
            encode(n, r, &happened[i], &out[events++]);
    }
    return events;
}

/* The queue takes over its body.  With the lock taken; false when there is no
 * memory. */
static bool queue_event(struct liq_notify *n, struct event *e, unsigned ways)
{
    n->events[e->kind]++;
    if (!e->body)
        return false;
    if (ways &&
        liq_queue_add(n, e->id, e->body, ways, liq_notify_now(n), false))
        return true;
    free(e->body);
    return ways == 0;
}

/* What happened and that it is queued are one change: a memory that was
 * written between them would lose the events. */
static void take_reading(struct liq_notify *n, const struct liq_reading *r)
{
    struct liq_happened happened[LIQ_HAPPENED_MAX];
    struct event event[LIQ_HAPPENED_MAX];
    /* Only this task changes it, so it can be read without the lock. */
    struct liq_follow *f = &n->follow[n->at], next = *f;
    size_t count = liq_rule_follow(n->options.config, &next, r,
                                   liq_notify_now(n), happened);
    size_t events = encode_all(n, r, happened, count, event), missed = 0;
    bool changed = count > 0 || next.changes != f->changes;
    unsigned ways;

    /* Before the queue has them: a way that delivers one frees it. */
    for (size_t i = 0; n->options.print && i < events; i++) {
        if (event[i].body)
            n->options.print(event[i].body);
    }
    liq_lock_take(&n->lock);
    *f = next;
    ways = liq_ways_on(n);
    for (size_t i = 0; i < events; i++)
        missed += !queue_event(n, &event[i], ways);
    liq_lock_give(&n->lock);
    if (missed)
        liq_log(LIQ_LOG_ERROR, "watch symbol=%s why=\"no memory for an event\"",
                r->symbol);
    if (changed)
        liq_memory_changed(n);
}

/* --- looking -------------------------------------------------------------- */

static void look_at_next(struct liq_notify *n)
{
    const struct liq_config_watch *c = n->options.config;

    if (atomic_load(&n->stopping))
        return;
    if (++n->at < n->n_follow) {
        liq_work_post(n->options.work, &n->poll, LIQ_LANE_LIGHT);
        return;
    }
    n->at = 0;
    liq_work_post_at(n->options.work, &n->poll, LIQ_LANE_LIGHT,
                     liq_notify_now(n) + c->poll_ms);
}

/* why->code LIQ_OK: it went well. */
static void note_turn(struct liq_notify *n, const struct liq_reason *why)
{
    const char *symbol = n->follow[n->at].symbol;
    bool failed = why->code != LIQ_OK, *failing = &n->failing[n->at];

    if (failed && !*failing)
        liq_log(LIQ_LOG_WARN, "watch symbol=%s why=\"%s\"", symbol, why->text);
    else if (!failed && *failing)
        liq_log(LIQ_LOG_INFO, "watch symbol=%s levels are read again", symbol);
    *failing = failed;
    if (n->at == 0)
        n->round_error[0] = '\0';
    if (failed)
        (void)snprintf(n->round_error, sizeof n->round_error, "%s: %.80s",
                       symbol, why->text);
    if (n->at + 1 < n->n_follow)
        return;
    liq_lock_take(&n->lock);
    memcpy(n->error, n->round_error, sizeof n->error);
    liq_lock_give(&n->lock);
}

/* In the words of the response where it has some. */
static void refused(int status, const char *body, size_t len, const char *error,
                    struct liq_reason *why)
{
    struct cJSON *root = status ? liq_json_parse(body, len) : NULL;
    const char *said = liq_json_text(liq_json_at(root, "error.message"));

    if (status == 0)
        (void)liq_fail(why, LIQ_ENET, "%.150s", error);
    else if (*said)
        (void)liq_fail(why, LIQ_ENET, "%.150s", said);
    else
        (void)liq_fail(why, LIQ_ENET, "HTTP %d", status);
    liq_json_free(root);
}

static void on_levels(struct liq_notify_ask *a, int status, const char *body,
                      size_t len, const char *error)
{
    struct liq_notify *n =
        (struct liq_notify *)(void *)((char *)a -
                                      offsetof(struct liq_notify, ask));
    struct liq_reading *r = malloc(sizeof *r);
    struct liq_reason why = {0};

    if (!r)
        (void)liq_fail(&why, LIQ_ENOMEM, "no memory");
    else if (status != 200)
        refused(status, body, len, error, &why);
    else if (liq_reading_parse(body, len, n->follow[n->at].symbol, r, &why) ==
             LIQ_OK)
        take_reading(n, r);
    free(r);
    if (!atomic_load(&n->stopping))
        note_turn(n, &why);
    look_at_next(n);
}

static void on_poll(struct liq_task *t)
{
    struct liq_notify *n =
        (struct liq_notify *)(void *)((char *)t -
                                      offsetof(struct liq_notify, poll));
    const struct liq_config_watch *c = n->options.config;

    (void)snprintf(n->ask.query, sizeof n->ask.query,
                   "symbol=%s&interval=%s&exchange=%s", n->follow[n->at].symbol,
                   c->interval, c->exchange);
    n->ask.done = on_levels;
    n->options.source->ask(n->options.source, &n->ask);
}

/* --- life ----------------------------------------------------------------- */

bool liq_notify_needs_http(const struct liq_config_watch *c)
{
    return c->webhook[0] != '\0' || c->telegram;
}

static enum liq_err take_symbols(struct liq_notify *n, struct liq_reason *why)
{
    const char *symbols = n->options.config->symbols, *symbol;
    size_t len;

    while ((symbol = liq_names_next(&symbols, &len)) != NULL) {
        struct liq_follow *f = &n->follow[n->n_follow];

        if (n->n_follow == LIQ_WATCHED_MAX)
            return liq_fail(why, LIQ_EINVAL,
                            "watch.symbols: expected at most %d",
                            LIQ_WATCHED_MAX);
        if (len >= sizeof f->symbol)
            return liq_fail(why, LIQ_EINVAL,
                            "watch.symbols: expected names of at most %zu "
                            "characters",
                            sizeof f->symbol - 1);
        memcpy(f->symbol, symbol, len);
        n->n_follow++;
    }
    return LIQ_OK;
}

static enum liq_err open_all(struct liq_notify *n, struct liq_reason *why)
{
    enum liq_err err = take_symbols(n, why);

    liq_queue_open(n);
    if (!err)
        err = liq_webhook_open(n, why);
    if (!err)
        err = liq_command_open(n, why);
    if (!err)
        err = liq_telegram_open(n, why);
    return err;
}

enum liq_err liq_notify_new(const struct liq_notify_options *o,
                            struct liq_notify **out, struct liq_reason *why)
{
    struct liq_notify *n = calloc(1, sizeof *n);
    enum liq_err err;

    if (!n)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    n->options = *o;
    err = open_all(n, why);
    if (!err && liq_lock_init(&n->lock) != LIQ_OK)
        err = liq_fail(why, LIQ_ENOMEM, "no memory");
    if (err) {
        free(n);
        return err;
    }
    liq_memory_read(n);
    n->poll.run = on_poll;
    liq_queue_kick(n);
    if (n->n_follow > 0)
        liq_work_post(o->work, &n->poll, LIQ_LANE_LIGHT);
    *out = n;
    return LIQ_OK;
}

void liq_notify_stop(struct liq_notify *n)
{
    if (n)
        atomic_store(&n->stopping, true);
}

void liq_notify_free(struct liq_notify *n)
{
    if (!n)
        return;
    liq_command_close(n);
    liq_memory_end(n);
    liq_queue_free(n);
    liq_lock_free(&n->lock);
    free(n);
}

void liq_notify_count(struct liq_notify *n, struct liq_notices *out)
{
    memset(out, 0, sizeof *out);
    out->on = true;
    liq_lock_take(&n->lock);
    for (size_t i = 0; i < LIQ_NOTICE_KINDS; i++) {
        out->kind[i].name = liq_notify_kinds[i];
        out->kind[i].events = n->events[i];
    }
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        const struct liq_way *w = &n->way[i];

        out->way[i].name = liq_way_names[i];
        out->way[i].on = w->on;
        out->way[i].delivered = w->delivered;
        out->way[i].failed = w->failed;
        out->way[i].dropped = w->dropped;
        out->way[i].queued = liq_queue_count(n, w->bit);
        memcpy(out->way[i].error, w->error, sizeof w->error);
    }
    memcpy(out->error, n->error, sizeof n->error);
    liq_lock_give(&n->lock);
}
