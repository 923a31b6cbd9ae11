#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>

/* The file itself, so that its calloc can be made to fail. */
static int fail_after = -1;
static void *failing_calloc(size_t n, size_t size)
{
    if (fail_after == 0)
        return NULL;
    if (fail_after > 0)
        fail_after--;
    return calloc(n, size);
}
#define calloc failing_calloc
#include "api/maps.c"
#undef calloc

static struct liq_maps_entry *take(struct liq_maps *m, const char *key)
{
    struct liq_maps_entry *e = NULL;

    assert_int_equal(liq_maps_take(m, key, &e), LIQ_OK);
    assert_non_null(liq_maps_map(e));
    return e;
}

static struct liq_map *touch(struct liq_maps *m, const char *key)
{
    struct liq_maps_entry *e = take(m, key);
    struct liq_map *map = liq_maps_map(e);

    liq_maps_give(m, e);
    return map;
}

static void a_key_finds_its_map_again(void **state)
{
    struct liq_maps *m = liq_maps_new(2);
    struct liq_map *a = touch(m, "a"), *b = touch(m, "b");

    (void)state;
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(touch(m, "a"), a);
    assert_ptr_equal(touch(m, "b"), b);
    /* c takes the place of a, the one used longest ago. */
    assert_ptr_equal(touch(m, "c"), a);
    assert_ptr_equal(touch(m, "b"), b);
    liq_maps_free(m);
}

static void what_is_taken_stays(void **state)
{
    struct liq_maps *m = liq_maps_new(1);
    struct liq_maps_entry *a = take(m, "a"), *b = take(m, "b");

    (void)state;
    assert_ptr_not_equal(liq_maps_map(a), liq_maps_map(b));
    liq_maps_give(m, b);
    liq_maps_give(m, a);
    assert_ptr_equal(touch(m, "a"), liq_maps_map(a));
    liq_maps_free(m);
}

static void no_key_is_never_kept(void **state)
{
    struct liq_maps *m = liq_maps_new(1);
    struct liq_map *a = touch(m, "a");
    struct liq_maps_entry *e = take(m, NULL);

    (void)state;
    assert_ptr_not_equal(liq_maps_map(e), a);
    liq_maps_give(m, e);
    assert_ptr_equal(touch(m, "a"), a);
    liq_maps_free(m);
}

/* One map is one thread's at a time. */
struct worker {
    pthread_t thread;
    struct liq_maps *maps;
    int *count; /* guarded by nothing but the map being taken */
};

static void *work(void *arg)
{
    struct worker *w = arg;

    for (int i = 0; i < 500; i++) {
        struct liq_maps_entry *e = take(w->maps, "shared");
        char key[8];

        ++*w->count;
        liq_maps_give(w->maps, e);
        snprintf(key, sizeof key, "%d", i % 5);
        touch(w->maps, key);
    }
    return NULL;
}

static void a_taken_map_is_ones_own(void **state)
{
    struct liq_maps *m = liq_maps_new(8);
    struct worker w[4];
    int count = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        w[i] = (struct worker){.maps = m, .count = &count};
        pthread_create(&w[i].thread, NULL, work, &w[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(w[i].thread, NULL);
    assert_int_equal(count, 2000);
    liq_maps_free(m);
}

static void no_memory_is_an_error_and_no_leak(void **state)
{
    struct liq_maps_entry *e;
    struct liq_maps *m = NULL;
    int n;

    (void)state;
    for (n = 0; !m; n++) {
        fail_after = n;
        m = liq_maps_new(2);
    }
    assert_int_equal(n, 3);
    fail_after = 0;
    assert_int_equal(liq_maps_take(m, "a", &e), LIQ_ENOMEM);
    assert_int_equal(liq_maps_take(m, NULL, &e), LIQ_ENOMEM);
    fail_after = -1;
    touch(m, "a");
    fail_after = 0;
    touch(m, "a"); /* which is there */
    fail_after = -1;
    liq_maps_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_finds_its_map_again),
        cmocka_unit_test(what_is_taken_stays),
        cmocka_unit_test(no_key_is_never_kept),
        cmocka_unit_test(a_taken_map_is_ones_own),
        cmocka_unit_test(no_memory_is_an_error_and_no_leak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
