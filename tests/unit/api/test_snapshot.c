/* Maps: used again for the same series, continued in a copy for the next one,
 * never changed once published. */
#include "server.h"

/* The file itself, so that its calloc can be made to fail. */
static bool no_memory;
static void *failing_calloc(size_t n, size_t size)
{
    return no_memory ? NULL : calloc(n, size);
}
#define calloc failing_calloc
#include "api/snapshot.c"
#undef calloc

/* What a response is made from, without the response. */
struct made {
    struct liq_query query;
    struct liq_sources sources; /* must stay where it is */
    struct liq_content content;
    struct liq_reason why;
    bool done;
};

static void made_done(struct liq_sources *s)
{
    ((struct made *)(void *)((char *)s - offsetof(struct made, sources)))
        ->done = true;
}

static struct made *made_new(struct server *s, const char *query)
{
    struct made *d = calloc(1, sizeof *d);
    struct liq_refusal refusal;
    int64_t now_ms = s->clock.held_mono_ms;

    assert_true(liq_query_parse(&s->api->scope, LIQ_ROUTE_HEATMAP, query,
                                &d->query, &refusal));
    d->sources.api = s->api;
    d->sources.query = &d->query;
    d->sources.ctx =
        (struct liq_context){.now_ms = now_ms, .deadline_ms = now_ms + 8000};
    d->sources.done = made_done;
    liq_sources_start(&d->sources);
    pump(s);
    assert_true(d->done && d->sources.n_used > 0);
    d->content = (struct liq_content){.api = s->api,
                                      .query = &d->query,
                                      .sources = &d->sources,
                                      .series = d->sources.at[0].series,
                                      .now_ms = now_ms};
    return d;
}

static void made_free(struct made *d)
{
    liq_sources_free(&d->sources);
    free(d);
}

static struct liq_snapshot *snapshot_of(struct made *d)
{
    struct liq_snapshot *m = NULL;

    assert_int_equal(liq_snapshot_make(&d->content, &m, &d->why), LIQ_OK);
    assert_non_null(m);
    return m;
}

static struct liq_snapshot *snapshot(struct server *s, const char *query)
{
    struct made *d = made_new(s, query);
    struct liq_snapshot *m = snapshot_of(d);

    made_free(d);
    return m;
}

static void release(struct liq_snapshot *m)
{
    liq_item_release(&m->item);
}

static const char *const queries[] = {"bars=100&rows=100&exchange=first",
                                      "bars=100&rows=100&exchange=all"};

static void the_same_series_gives_the_same_snapshot(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = server_new(3);
        struct liq_snapshot *a = snapshot(s, queries[i]);
        struct liq_snapshot *b = snapshot(s, queries[i]);
        struct liq_snapshot *other = snapshot(s, "bars=200&exchange=all");

        assert_ptr_equal(a, b);
        assert_ptr_not_equal(a, other);
        assert_int_equal(a->n, i == 0 ? 1 : 3);
        release(a);
        release(b);
        release(other);
        server_free(s);
    }
}

/* The cache counts the series of all these maps once. */
static void maps_do_not_count_their_series(void **state)
{
    struct server *s = server_new(1);
    struct liq_cache_counts of_series, of_maps;
    size_t bytes = 0;

    (void)state;
    for (int rows = 50; rows < 60; rows++) {
        struct liq_snapshot *m;
        char query[64];

        snprintf(query, sizeof query, "bars=100&rows=%d", rows);
        m = snapshot(s, query);
        assert_int_equal(m->item.bytes, sizeof *m + liq_map_bytes(m->map));
        bytes += m->item.bytes;
        release(m);
    }
    liq_cache_count(s->cache, LIQ_KIND_SERIES, &of_series);
    liq_cache_count(s->cache, LIQ_KIND_MAP, &of_maps);
    assert_int_equal(of_series.keys, 1);
    assert_int_equal(of_maps.keys, 10);
    assert_in_range(of_maps.bytes, bytes, bytes + of_series.bytes / 2);
    server_free(s);
}

/* A refresh continues the map: it computes a few candles and says the same as
 * a process that saw nothing of before. */
static void a_continued_map_says_the_same(void **state)
{
    static const int minutes[] = {1, 14, 20, 60, 200};
    struct server *s = server_new(1);
    struct made *d = made_new(s, "bars=100&rows=100&range=20");
    struct liq_snapshot *m = snapshot_of(d);
    size_t whole = liq_map_steps(m->map);
    int continued = 0;

    (void)state;
    assert_true(whole > 5000);
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        struct server *new = server_new(1);
        struct liq_snapshot *scratch;
        struct made *fresh;
        size_t cells;

        made_free(d);
        release(m);
        pass(s, minutes[i] * LIQ_MINUTE_MS);
        new->fake[0]->time_ms = s->fake[0]->time_ms;
        d = made_new(s, "bars=100&rows=100&range=20");
        fresh = made_new(new, "bars=100&rows=100&range=20");
        m = snapshot_of(d);
        scratch = snapshot_of(fresh);
        /* Except when the close has moved the axis. */
        if (liq_map_steps(m->map) < whole - 100) {
            assert_true((int)liq_map_steps(m->map) <= 2 + minutes[i] / 15);
            continued++;
        }
        assert_true(liq_map_steps(scratch->map) > 5000);
        cells = m->grid.rows * m->grid.columns;
        assert_int_equal(scratch->grid.rows * scratch->grid.columns, cells);
        assert_memory_equal(m->grid.cell, scratch->grid.cell,
                            cells * sizeof(double));
        assert_memory_equal(m->book.below, scratch->book.below,
                            sizeof m->book.below);
        assert_true(m->book.total == scratch->book.total);
        assert_true(m->quantum == scratch->quantum && m->max == scratch->max);
        assert_true(m->usd_per_unit == scratch->usd_per_unit);
        made_free(fresh);
        release(scratch);
        server_free(new);
    }
    assert_true(continued >= 2);
    made_free(d);
    release(m);
    server_free(s);
}

static void a_refresh_computes_only_new_candles(void **state)
{
    struct server *s = server_new(3);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct liq_snapshot *before = snapshot(s, queries[i]), *after;

        pass(s, 30000);
        after = snapshot(s, queries[i]);
        assert_ptr_not_equal(before, after);
        if (i == 0)
            assert_int_equal(liq_map_steps(after->map), 1);
        release(before);
        release(after);
    }
    server_free(s);
}

/* A copy of all that a reader of a snapshot may see. */
struct seen {
    double *cell;
    struct liq_kline *candle;
    struct liq_grid grid;
    struct liq_book book;
    double quantum, max, usd_per_unit;
    size_t bytes;
};

static struct seen see(const struct liq_snapshot *m)
{
    struct seen x = {.grid = m->grid,
                     .book = m->book,
                     .quantum = m->quantum,
                     .max = m->max,
                     .usd_per_unit = m->usd_per_unit};

    x.bytes = m->grid.rows * m->grid.columns * sizeof(double);
    x.cell = malloc(x.bytes);
    memcpy(x.cell, m->grid.cell, x.bytes);
    x.candle = malloc(m->grid.columns * sizeof *x.candle);
    memcpy(x.candle, m->grid.candle, m->grid.columns * sizeof *x.candle);
    return x;
}

static void a_published_snapshot_never_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = server_new(3);
        struct liq_snapshot *held = snapshot(s, queries[i]);
        struct seen x = see(held);

        for (int step = 0; step < 6; step++) {
            s->fake[step % 3]->interest *= 1.3;
            pass(s, 40 * LIQ_MINUTE_MS);
            release(snapshot(s, queries[i]));
            release(snapshot(s, queries[1 - i]));
        }
        assert_memory_equal(&held->grid, &x.grid, sizeof x.grid);
        assert_memory_equal(&held->book, &x.book, sizeof x.book);
        assert_memory_equal(held->grid.cell, x.cell, x.bytes);
        assert_memory_equal(held->grid.candle, x.candle,
                            x.grid.columns * sizeof *x.candle);
        assert_true(held->quantum == x.quantum && held->max == x.max &&
                    held->usd_per_unit == x.usd_per_unit);
        free(x.cell);
        free(x.candle);
        release(held);
        server_free(s);
    }
}

/* A response made late of an older series does not take the place of the newer
 * map. */
static void an_older_series_publishes_nothing(void **state)
{
    struct server *s = server_new(1);
    struct made *late = made_new(s, "bars=100&rows=100"), *now;
    struct liq_snapshot *newer, *older, *again;

    (void)state;
    pass(s, 30 * LIQ_MINUTE_MS);
    now = made_new(s, "bars=100&rows=100");
    newer = snapshot_of(now);
    older = snapshot_of(late);
    assert_ptr_equal(older->layer[0].series, late->content.series);
    again = snapshot_of(now);
    assert_ptr_equal(again, newer);
    release(newer);
    release(older);
    release(again);
    made_free(late);
    made_free(now);
    server_free(s);
}

/* A map that is pushed out is made again, the same. */
static void an_evicted_map_comes_back(void **state)
{
    struct server *s = server_new(1);
    struct liq_snapshot *before = snapshot(s, "bars=100&rows=100"), *after;
    struct liq_key key;
    struct made *d = made_new(s, "bars=100&rows=100");

    (void)state;
    key = key_of(&d->query, s->exchange[0]);
    liq_cache_drop(s->cache, &key);
    after = snapshot_of(d);
    assert_ptr_not_equal(before, after);
    assert_memory_equal(before->grid.cell, after->grid.cell,
                        before->grid.rows * before->grid.columns *
                            sizeof(double));
    release(before);
    release(after);
    made_free(d);
    server_free(s);
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = server_new(3);
        struct made *d = made_new(s, queries[i]);
        struct liq_snapshot *m = NULL;

        no_memory = true;
        assert_int_equal(liq_snapshot_make(&d->content, &m, &d->why),
                         LIQ_ENOMEM);
        no_memory = false;
        assert_null(m);
        assert_int_equal(d->why.code, LIQ_ENOMEM);
        release(snapshot_of(d));
        made_free(d);
        server_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_series_gives_the_same_snapshot),
        cmocka_unit_test(maps_do_not_count_their_series),
        cmocka_unit_test(a_continued_map_says_the_same),
        cmocka_unit_test(a_refresh_computes_only_new_candles),
        cmocka_unit_test(a_published_snapshot_never_changes),
        cmocka_unit_test(an_older_series_publishes_nothing),
        cmocka_unit_test(an_evicted_map_comes_back),
        cmocka_unit_test(no_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
