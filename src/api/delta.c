#include "delta.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compact.h"
#include "liqmap/cache.h"
#include "patch.h"

/* The most columns that a delta has: a candle closed and the next ones formed
 * while a viewer was away for as long as marks are kept. */
#define TAIL 4
/* Of a delta: both texts, all tiers. */
#define DELTA_MAX ((size_t)1 << 20)
#define TIERS_PER_QUANTUM 10.0

/*
 * key       of the response
 * order     of all marks: the newer has the higher one
 * small     the response without its large members, a JSON object
 * hash      [columns] of each column and its candle
 * tail      [n_tail][rows] the levels of the newest columns, and of the one
 *           before them
 * candle    [n_tail] theirs
 * tiers     [LIQ_TIERS][rows] the profile in tenths of the quantum
 */
struct liq_mark {
    struct liq_item item; /* must be first */
    struct liq_key key;
    int64_t order;
    uint64_t cursor, epoch;
    struct liq_axis axis;
    double quantum, cell_quantum;
    struct liq_buf small;
    size_t columns, n_tail;
    uint32_t *hash;
    uint8_t *tail;
    uint16_t *tiers;
    unsigned shown_tiers;
    struct liq_kline candle[TAIL + 1];
};

static void mark_destroy(struct liq_item *item)
{
    struct liq_mark *k = (struct liq_mark *)(void *)item;

    liq_buf_free(&k->small);
    free(k->hash);
    free(k->tail);
    free(k->tiers);
    free(k);
}

struct liq_item *liq_mark_item(struct liq_mark *mark)
{
    return &mark->item;
}

uint64_t liq_mark_cursor(const struct liq_mark *mark)
{
    return mark->cursor;
}

void liq_encode_cursor(struct liq_jsonw *w, const char *key, uint64_t cursor)
{
    char text[20];

    snprintf(text, sizeof text, "%016llx", (unsigned long long)cursor);
    liq_jsonw_key_string(w, key, text);
}

/* --- holes ---------------------------------------------------------------- */

void liq_hole_begin(struct liq_holes *holes, const struct liq_jsonw *w)
{
    if (!holes)
        return;
    assert(holes->n < LIQ_HOLES);
    holes->at[holes->n].from = w->buf->len;
}

void liq_hole_end(struct liq_holes *holes, const struct liq_jsonw *w)
{
    if (holes)
        holes->at[holes->n++].to = w->buf->len;
}

static void copy_small(struct liq_buf *small, const struct liq_buf *text,
                       const struct liq_holes *holes)
{
    size_t at = 0;

    for (size_t i = 0; i < holes->n; i++) {
        (void)liq_buf_add(small, text->data + at, holes->at[i].from - at);
        at = holes->at[i].to;
    }
    (void)liq_buf_add(small, text->data + at, text->len - at);
    (void)liq_buf_char(small, '}');
    liq_buf_trim(small);
}

/* --- marks ---------------------------------------------------------------- */

#define HASH_PRIME UINT64_C(0x9e3779b97f4a7c15)
#define HASHES 4 /* independent of each other, so that none waits */

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_PRIME;
    return hash ^ (hash >> 32);
}

static uint64_t hash_numbers(uint64_t seed, const double *value, size_t n)
{
    uint64_t hash[HASHES] = {seed, seed + 1, seed + 2, seed + 3}, word;

    for (size_t i = 0; i < n; i++) {
        memcpy(&word, &value[i], sizeof word);
        hash[i % HASHES] = mixed(hash[i % HASHES], word);
    }
    for (size_t i = 1; i < HASHES; i++)
        hash[0] = mixed(hash[0], hash[i]);
    return hash[0];
}

/* Closed columns are the same bit for bit while axis and epoch are. */
static uint32_t hash_column(const struct liq_grid *g, size_t j)
{
    const struct liq_kline *k = &g->candle[j];
    const double shown[] = {k->open,  k->high,   k->low,
                            k->close, k->volume, k->quote_volume};
    uint64_t hash =
        hash_numbers((uint64_t)k->open_ms, shown, sizeof shown / sizeof *shown);

    return (uint32_t)(hash_numbers(hash, g->cell + j * g->rows, g->rows) >> 32);
}

static void keep_columns(struct liq_mark *k, const struct liq_grid *g)
{
    size_t first = g->columns - k->n_tail;

    for (size_t j = 0; j < g->columns; j++)
        k->hash[j] = hash_column(g, j);
    for (size_t i = 0; i < k->n_tail; i++) {
        const double *cell = g->cell + (first + i) * g->rows;

        k->candle[i] = g->candle[first + i];
        for (size_t r = 0; r < g->rows; r++)
            k->tail[i * g->rows + r] =
                (uint8_t)round(cell[r] / k->cell_quantum);
    }
}

/* False: a value is out of the range of tenths. */
static bool keep_tiers(struct liq_mark *k, const struct liq_snapshot *m)
{
    size_t n = LIQ_TIERS * m->grid.rows;
    double *mass = malloc(n * sizeof *mass);
    bool good = true;

    if (!mass)
        return false;
    liq_map_by_tier(m->map, mass);
    for (size_t i = 0; good && i < n; i++) {
        double tenths = round(mass[i] / m->quantum * TIERS_PER_QUANTUM);

        good = tenths >= 0.0 && tenths <= UINT16_MAX;
        k->tiers[i] = (uint16_t)(good ? tenths : 0.0);
    }
    free(mass);
    return good;
}

/* Other texts have other cursors; no more is asked of it. */
static uint64_t hash_text(const struct liq_buf *text)
{
    uint64_t hash = UINT64_C(14695981039346656037), word;
    size_t i = 0;

    for (; i + sizeof word <= text->len; i += sizeof word) {
        memcpy(&word, text->data + i, sizeof word);
        hash = mixed(hash, word);
    }
    for (; i < text->len; i++)
        hash = mixed(hash, (unsigned char)text->data[i]);
    return hash ? hash : 1; /* 0 is no cursor */
}

static struct liq_mark *mark_alloc(const struct liq_grid *g)
{
    struct liq_mark *k = calloc(1, sizeof *k);

    if (!k)
        return NULL;
    liq_item_init(&k->item, mark_destroy);
    liq_buf_init(&k->small, DELTA_MAX);
    k->columns = g->columns;
    k->n_tail = g->columns < TAIL + 1 ? g->columns : TAIL + 1;
    k->hash = calloc(g->columns, sizeof *k->hash);
    k->tail = calloc(k->n_tail * g->rows, sizeof *k->tail);
    k->tiers = calloc(LIQ_TIERS * g->rows, sizeof *k->tiers);
    if (k->hash && k->tail && k->tiers)
        return k;
    liq_item_release(&k->item);
    return NULL;
}

struct liq_mark *liq_mark_new(const struct liq_content *c,
                              const struct liq_snapshot *m,
                              const struct liq_buf *text,
                              const struct liq_holes *holes)
{
    static atomic_int_least64_t order = 0;
    const struct liq_grid *g = &m->grid;
    struct liq_mark *k = text->err ? NULL : mark_alloc(g);

    if (!k)
        return NULL;
    k->key = liq_query_key(c->query);
    k->order = atomic_fetch_add(&order, 1);
    k->cursor = hash_text(text);
    k->epoch = liq_snapshot_epoch(m);
    k->axis = g->axis;
    k->quantum = m->quantum;
    k->cell_quantum = liq_compact_quantum(m->quantum, m->max);
    k->shown_tiers = m->layer[0].run.tiers;
    copy_small(&k->small, text, holes);
    keep_columns(k, g);
    if (k->small.err || !keep_tiers(k, m)) {
        liq_item_release(&k->item);
        return NULL;
    }
    k->item.bytes = sizeof *k + k->small.size + k->columns * sizeof *k->hash +
                    k->n_tail * g->rows * sizeof *k->tail +
                    LIQ_TIERS * g->rows * sizeof *k->tiers;
    return k;
}

/* --- deltas --------------------------------------------------------------- */

static const struct liq_mark *mark_of(const struct liq_body *b)
{
    return (const struct liq_mark *)(const void *)b->mark[0];
}

/*
 * before, now  the two marks
 * dropped      columns of before that have left on the left
 * from         the first column of now that is sent
 */
struct delta {
    const struct liq_mark *before, *now;
    size_t dropped, from;
};

/* False: a delta cannot say what changed. */
static bool align(struct delta *d)
{
    const struct liq_mark *a = d->before, *b = d->now;
    size_t n = 0;

    d->dropped = 0;
    while (d->dropped < a->columns && a->hash[d->dropped] != b->hash[0])
        d->dropped++;
    while (d->dropped + n < a->columns && n < b->columns &&
           a->hash[d->dropped + n] == b->hash[n])
        n++;
    d->from = n;
    return b->columns - n <= TAIL && a->epoch == b->epoch &&
           a->quantum == b->quantum && a->cell_quantum == b->cell_quantum &&
           a->axis.price_min == b->axis.price_min &&
           a->axis.price_step == b->axis.price_step &&
           a->axis.rows == b->axis.rows && a->shown_tiers == b->shown_tiers;
}

/* Levels of column from + i, NULL before the first of all. */
static const uint8_t *levels(const struct delta *d, size_t i)
{
    const struct liq_mark *k = d->now;
    size_t column = d->from + i;

    if (column == 0)
        return NULL;
    return k->tail + (column - 1 - (k->columns - k->n_tail)) * k->axis.rows;
}

/* Each column as its difference from the one before it. */
static void encode_columns(struct liq_jsonw *w, const struct delta *d,
                           char *text)
{
    size_t rows = d->now->axis.rows;

    liq_jsonw_key(w, "cells");
    liq_jsonw_open_array(w);
    for (size_t i = 0; d->from + i < d->now->columns; i++) {
        const uint8_t *left = levels(d, i), *here = levels(d, i + 1);
        char *out = text;

        for (size_t r = 0; r < rows; r++)
            out = liq_put_whole(out, here[r] - (left ? left[r] : 0));
        *out = '\0';
        liq_jsonw_string(w, text);
    }
    liq_jsonw_close_array(w);
}

/* Each tier as its difference from before, in tenths of the quantum. */
static void encode_tiers(struct liq_jsonw *w, const struct delta *d, char *text)
{
    size_t rows = d->now->axis.rows;

    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_object(w);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        const uint16_t *before = d->before->tiers + k * rows;
        const uint16_t *now = d->now->tiers + k * rows;
        char leverage[16], *out = text;

        if (!(d->now->shown_tiers >> k & 1U))
            continue;
        for (size_t r = 0; r < rows; r++)
            out = liq_put_whole(out, now[r] - before[r]);
        *out = '\0';
        snprintf(leverage, sizeof leverage, "%.0f",
                 liq_params_gauss7.tier[k].leverage);
        liq_jsonw_key_string(w, leverage, text);
    }
    liq_jsonw_close_object(w);
}

/* text: for all rows of a column.  False: before has other members. */
static bool encode_delta(const struct delta *d, char *text,
                         struct liq_buf *body)
{
    const struct liq_mark *k = d->now;
    size_t first = d->from - (k->columns - k->n_tail);
    struct liq_jsonw w;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_cursor(&w, "since", d->before->cursor);
    liq_encode_cursor(&w, "cursor", k->cursor);
    liq_jsonw_key_int(&w, "dropped", (int64_t)d->dropped);
    liq_jsonw_key_int(&w, "from", (int64_t)d->from);
    if (d->from < k->columns)
        liq_encode_compact_candles(&w, k->candle + first, k->n_tail - first);
    encode_columns(&w, d, text);
    encode_tiers(&w, d, text);
    liq_jsonw_key(&w, "patch");
    if (!liq_encode_patch(&w, d->before->small.data, k->small.data))
        return false;
    liq_jsonw_close_object(&w);
    return true;
}

/* False: the full response is to be sent. */
static bool write_delta(const struct delta *d, struct liq_buf *body)
{
    char *text = malloc(LIQ_WHOLE_DIGITS * d->now->axis.rows + 1);
    bool good = text && encode_delta(d, text, body);

    free(text);
    return good;
}

/* The same. */
static struct liq_body *delta_new(const struct liq_body *b,
                                  const struct liq_item *before)
{
    struct delta d = {.before = (const struct liq_mark *)(const void *)before,
                      .now = mark_of(b)};
    struct liq_body *made = NULL;
    struct liq_buf text;

    if (!align(&d))
        return NULL;
    liq_buf_init(&text, DELTA_MAX);
    if (!write_delta(&d, &text) ||
        liq_body_new(&text, LIQ_GZIP_SMALL, &made) != LIQ_OK)
        made = NULL;
    liq_buf_free(&text);
    if (!made)
        return NULL;
    made->item.rank = LIQ_RANK_DERIVED;
    made->item.order = d.now->order;
    made->item.fresh_until_ms = b->item.fresh_until_ms;
    made->item.meanwhile_until_ms = b->item.meanwhile_until_ms;
    made->item.usable_until_ms = b->item.usable_until_ms;
    made->fetched_ms = b->fetched_ms;
    made->made_ms = b->made_ms;
    made->stale = b->stale;
    return made;
}

static struct liq_key delta_key(const struct liq_mark *now, size_t age)
{
    struct liq_key key = now->key;

    key.kind = LIQ_KIND_DELTA;
    key.age = (int32_t)age;
    return key;
}

/* The delta from the age-th mark of b to b that the cache holds, or NULL. */
static struct liq_body *kept_delta(struct liq_api *a, const struct liq_body *b,
                                   size_t age)
{
    struct liq_key key = delta_key(mark_of(b), age);
    struct liq_item *kept =
        liq_cache_peek(a->options.cache, &key, liq_api_now(a));

    if (kept && kept->order == mark_of(b)->order)
        return (struct liq_body *)(void *)kept;
    liq_item_release(kept);
    return NULL;
}

/* The same, made if need be: viewers refresh in step, so the first of them
 * makes it for all.  NULL: none can be made. */
static struct liq_body *share_delta(struct liq_api *a, const struct liq_body *b,
                                    size_t age)
{
    struct liq_key key = delta_key(mark_of(b), age);
    struct liq_body *delta = kept_delta(a, b, age);
    struct liq_item *kept;

    if (delta)
        return delta;
    delta = delta_new(b, b->mark[age]);
    if (!delta)
        return NULL;
    /* Not kept where a newer one is there already. */
    kept = liq_cache_offer(a->options.cache, &key, liq_api_now(a),
                           liq_item_hold(&delta->item));
    liq_item_release(kept);
    return delta;
}

/* The age of b's mark of the cursor; LIQ_MARKS: none. */
static size_t age_of(const struct liq_body *b, uint64_t since)
{
    for (size_t i = 0; i < LIQ_MARKS && b->mark[i]; i++) {
        if (((const struct liq_mark *)(const void *)b->mark[i])->cursor ==
            since)
            return i;
    }
    return LIQ_MARKS;
}

struct liq_body *liq_delta_of(struct liq_api *a, struct liq_body *b,
                              uint64_t since)
{
    size_t age = age_of(b, since);
    struct liq_body *delta = age < LIQ_MARKS ? share_delta(a, b, age) : NULL;

    if (!delta)
        return b;
    liq_item_release(&b->item);
    return delta;
}

struct liq_body *liq_delta_kept(struct liq_api *a, struct liq_body *b,
                                uint64_t since)
{
    size_t age = age_of(b, since);
    struct liq_body *delta = age < LIQ_MARKS ? kept_delta(a, b, age) : b;

    if (delta != b)
        liq_item_release(&b->item);
    return delta;
}
