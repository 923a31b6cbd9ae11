/* What outlives a restart: levels that were reported, and events that are not
 * delivered.  Ages are written as times of day, for the monotonic clock begins
 * anew. */
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/json.h"
#include "liqmap/jsonw.h"
#include "liqmap/log.h"

#define VERSION 1
#define STATE_MAX_BYTES ((size_t)4 << 20)

static const char *path_of(const struct liq_notify *n)
{
    return n->options.config->state_file;
}

/* --- writing -------------------------------------------------------------- */

/* The time of day of a moment of the monotonic clock. */
static int64_t wall_of(const struct liq_notify *n, int64_t at_ms)
{
    const struct liq_clock *c = n->options.clock;

    return c->wall_ms(c) - (c->mono_ms(c) - at_ms);
}

static void write_followed(struct liq_jsonw *w, const struct liq_notify *n,
                           const struct liq_follow *f,
                           const struct liq_followed *l)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "symbol", f->symbol);
    liq_jsonw_key_string(w, "exchange", l->exchange);
    liq_jsonw_key_string(w, "side", liq_notify_sides[l->band.side]);
    liq_jsonw_key_number(w, "price", l->band.price);
    liq_jsonw_key_number(w, "from", l->band.from);
    liq_jsonw_key_number(w, "to", l->band.to);
    liq_jsonw_key_number(w, "density", l->band.density);
    liq_jsonw_key_number(w, "usd", l->band.usd);
    liq_jsonw_key_int(w, "at", wall_of(n, l->at_ms));
    liq_jsonw_key_bool(w, "near", l->near);
    liq_jsonw_key_bool(w, "touched", l->touched);
    liq_jsonw_key_bool(w, "ended", l->ended);
    liq_jsonw_close_object(w);
}

static void write_notice(struct liq_jsonw *w, const struct liq_notify *n,
                         const struct liq_notice *t)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "id", t->id);
    liq_jsonw_key_int(w, "at", wall_of(n, t->made_ms));
    liq_jsonw_key(w, "to");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        if (t->pending & n->way[i].bit)
            liq_jsonw_string(w, liq_way_names[i]);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_key_string(w, "body", t->body);
    liq_jsonw_close_object(w);
}

static void write_all(const struct liq_notify *n, struct liq_buf *text)
{
    struct liq_jsonw w;

    liq_jsonw_init(&w, text);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "liqmap_watch", VERSION);
    liq_jsonw_key_string(&w, "interval", n->options.config->interval);
    liq_jsonw_key(&w, "levels");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < n->n_follow; i++) {
        for (size_t k = 0; k < n->follow[i].n; k++)
            write_followed(&w, n, &n->follow[i], &n->follow[i].at[k]);
    }
    liq_jsonw_close_array(&w);
    liq_jsonw_key(&w, "events");
    liq_jsonw_open_array(&w);
    for (const struct liq_notice *t = n->first; t; t = t->next) {
        if (t->pending)
            write_notice(&w, n, t);
    }
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
    liq_buf_char(text, '\n');
}

/* Those that were put into the text are in the file now.  Also when that could
 * not be written: an alert that a restart may repeat is better than none. */
static void mark_saved(struct liq_notify *n)
{
    liq_lock_take(&n->lock);
    for (struct liq_notice *t = n->first; t; t = t->next)
        t->saved |= t->saving;
    liq_lock_give(&n->lock);
}

static void write_file(struct liq_notify *n, const struct liq_buf *text)
{
    const char *path = path_of(n);
    enum liq_err err = text->err;

    if (path[0] == '\0')
        return;
    if (!err)
        err = liq_buf_write_file(text, path);
    if (err && !n->save_failed)
        liq_log(LIQ_LOG_WARN, "watch file=%s why=\"cannot be written: %s\"",
                path, err == LIQ_EIO ? strerror(errno) : liq_err_name(err));
    n->save_failed = err != LIQ_OK;
}

static void save(struct liq_notify *n)
{
    struct liq_buf text;

    liq_buf_init(&text, STATE_MAX_BYTES);
    liq_lock_take(&n->lock);
    for (struct liq_notice *t = n->first; t; t = t->next)
        t->saving = true;
    write_all(n, &text);
    liq_lock_give(&n->lock);
    write_file(n, &text);
    liq_buf_free(&text);
    mark_saved(n);
}

static void on_turn(struct liq_task *t)
{
    struct liq_notify *n =
        (struct liq_notify *)(void *)((char *)t -
                                      offsetof(struct liq_notify, save));
    size_t changes = atomic_load(&n->changes);

    save(n);
    if (atomic_fetch_sub(&n->changes, changes) > changes)
        liq_work_post(n->options.work, &n->save, LIQ_LANE_HEAVY);
    liq_queue_kick(n);
}

void liq_memory_changed(struct liq_notify *n)
{
    /* One write at a time: while it is queued or runs, count only. */
    if (atomic_fetch_add(&n->changes, 1) > 0)
        return;
    n->save.run = on_turn;
    liq_work_post(n->options.work, &n->save, LIQ_LANE_HEAVY);
}

void liq_memory_end(struct liq_notify *n)
{
    if (atomic_load(&n->changes) > 0)
        save(n);
}

/* --- reading -------------------------------------------------------------- */

/* A time of day on the monotonic clock; one of the future is now. */
static int64_t mono_of(const struct liq_notify *n, int64_t wall_ms)
{
    const struct liq_clock *c = n->options.clock;
    int64_t age_ms = c->wall_ms(c) - wall_ms;

    return c->mono_ms(c) - (age_ms > 0 ? age_ms : 0);
}

static bool is_yes(const struct cJSON *item, const char *path)
{
    return liq_json_is(liq_json_at(item, path), "true", 4);
}

static bool is_text(const struct cJSON *item, const char *path,
                    const char *text)
{
    return strcmp(liq_json_text(liq_json_at(item, path)), text) == 0;
}

/* False for what no writer of ours wrote. */
static bool read_band(const struct cJSON *item, struct liq_band *b)
{
    b->side = is_text(item, "side", liq_notify_sides[LIQ_NOTIFY_LONG])
                  ? LIQ_NOTIFY_LONG
                  : LIQ_NOTIFY_SHORT;
    b->price = liq_json_number(liq_json_at(item, "price"));
    b->from = liq_json_number(liq_json_at(item, "from"));
    b->to = liq_json_number(liq_json_at(item, "to"));
    b->density = liq_json_number(liq_json_at(item, "density"));
    b->usd = liq_json_number(liq_json_at(item, "usd"));
    return b->from > 0.0 && b->to > b->from && isfinite(b->price);
}

/* A level of a symbol that is not watched any more is skipped. */
static bool read_followed(struct liq_notify *n, const struct cJSON *item)
{
    struct liq_followed l = {
        .at_ms = mono_of(n, liq_json_time(liq_json_at(item, "at"))),
        .near = is_yes(item, "near"),
        .touched = is_yes(item, "touched"),
        .ended = is_yes(item, "ended")};

    if (!read_band(item, &l.band))
        return false;
    liq_json_copy_printable(l.exchange, sizeof l.exchange,
                            liq_json_text(liq_json_at(item, "exchange")));
    for (size_t i = 0; i < n->n_follow; i++) {
        struct liq_follow *f = &n->follow[i];

        if (is_text(item, "symbol", f->symbol) && f->n < LIQ_FOLLOWED_MAX)
            f->at[f->n++] = l;
    }
    return true;
}

static unsigned read_ways(const struct liq_notify *n, const struct cJSON *list)
{
    const struct cJSON *item;
    unsigned bits = 0;

    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
            if (strcmp(liq_json_text(item), liq_way_names[i]) == 0)
                bits |= n->way[i].bit;
        }
    }
    return bits & liq_ways_on(n);
}

/* One that none of today's ways is to deliver is skipped. */
static bool read_notice(struct liq_notify *n, const struct cJSON *item)
{
    const char *id = liq_json_text(liq_json_at(item, "id"));
    const char *body = liq_json_text(liq_json_at(item, "body"));
    int64_t at_ms = mono_of(n, liq_json_time(liq_json_at(item, "at")));
    unsigned ways = read_ways(n, liq_json_at(item, "to"));
    char *copy;

    if (strlen(id) != LIQ_ID_SIZE - 1 ||
        strspn(id, "0123456789abcdef") != LIQ_ID_SIZE - 1 || *body == '\0')
        return false; /* the id goes into a header */
    if (ways == 0)
        return true;
    copy = strdup(body);
    if (copy && liq_queue_add(n, id, copy, ways, at_ms, true))
        return true;
    free(copy);
    return false;
}

static bool read_list(struct liq_notify *n, const struct cJSON *list,
                      bool (*read)(struct liq_notify *n,
                                   const struct cJSON *item))
{
    const struct cJSON *item;

    if (!liq_json_is_array(list))
        return false;
    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        if (!read(n, item))
            return false;
    }
    return true;
}

/* Levels of another interval are others. */
static bool read_all(struct liq_notify *n, const struct cJSON *root)
{
    bool same = is_text(root, "interval", n->options.config->interval);

    return liq_json_number(liq_json_at(root, "liqmap_watch")) == VERSION &&
           (!same ||
            read_list(n, liq_json_at(root, "levels"), read_followed)) &&
           read_list(n, liq_json_at(root, "events"), read_notice);
}

static void forget(struct liq_notify *n)
{
    for (size_t i = 0; i < n->n_follow; i++)
        n->follow[i].n = 0;
    liq_queue_free(n);
}

void liq_memory_read(struct liq_notify *n)
{
    const char *path = path_of(n);
    struct cJSON *root = NULL;
    struct liq_buf text;
    enum liq_err err;

    if (path[0] == '\0')
        return;
    liq_buf_init(&text, STATE_MAX_BYTES);
    err = liq_buf_read_file(&text, path);
    if (!err)
        root = liq_json_parse(text.data, text.len);
    if (err && !(err == LIQ_EIO && errno == ENOENT)) {
        liq_log(LIQ_LOG_WARN, "watch file=%s why=\"cannot be read: %s\"", path,
                err == LIQ_EIO ? strerror(errno) : liq_err_name(err));
    } else if (!err && !(root && read_all(n, root))) {
        forget(n);
        liq_log(LIQ_LOG_WARN, "watch file=%s why=\"damaged; starting without\"",
                path);
    }
    liq_json_free(root);
    liq_buf_free(&text);
}
