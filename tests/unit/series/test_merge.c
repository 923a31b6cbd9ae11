#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int fail_malloc;
static void *failing_malloc(size_t size)
{
    return fail_malloc ? NULL : malloc(size);
}
#define malloc failing_malloc
#include "series/merge.c"
#undef malloc

/* Candles from text: "1 2 3*" opens at 1, 2, 3; the starred one has another
 * volume. */
static struct liq_klines klines(const char *text)
{
    struct liq_klines k = {calloc(16, sizeof *k.at), 0};

    for (const char *p = text; *p; p++) {
        if (*p == '*')
            k.at[k.n - 1].volume = 7.0;
        else if (*p != ' ')
            k.at[k.n++] = (struct liq_kline){*p - '0', 1, 1, 1, 1, 1, 1, NAN};
    }
    return k;
}

static void expect(const struct liq_klines *k, const char *text)
{
    struct liq_klines want = klines(text);

    assert_int_equal(k->n, want.n);
    for (size_t i = 0; i < want.n; i++) {
        assert_int_equal(k->at[i].open_ms, want.at[i].open_ms);
        assert_true(k->at[i].volume == want.at[i].volume);
    }
    free(want.at);
}

static const struct {
    const char *name, *old;
    int64_t from;
    const char *fresh;
    enum liq_merge result;
    const char *all;
} cases[] = {
    {"nothing new", "1 2 3 4", 2, "2 3 4", LIQ_MERGE_APPENDED, "1 2 3 4"},
    {"the newest moves", "1 2 3 4", 2, "2 3 4*", LIQ_MERGE_APPENDED,
     "1 2 3 4*"},
    {"newer ones", "1 2 3 4", 2, "2 3 4* 5 6", LIQ_MERGE_APPENDED,
     "1 2 3 4* 5 6"},
    {"newer ones after a gap", "1 2 3 4", 2, "2 3 4 7", LIQ_MERGE_APPENDED,
     "1 2 3 4 7"},
    {"a gap in both", "1 2 4", 2, "2 4 5", LIQ_MERGE_APPENDED, "1 2 4 5"},
    {"a closed one changed", "1 2 3 4", 2, "2 3* 4 5", LIQ_MERGE_REVISED,
     "1 2 3* 4 5"},
    {"one appeared in a gap", "1 2 4", 2, "2 3 4", LIQ_MERGE_REVISED,
     "1 2 3 4"},
    {"one appeared in front", "1 3 4", 2, "2 3 4", LIQ_MERGE_REVISED,
     "1 2 3 4"},
    {"a closed one vanished", "1 2 3 4", 2, "2 4", LIQ_MERGE_BROKEN, "2 4"},
    {"the newest vanished", "1 2 3 4", 2, "2 3", LIQ_MERGE_BROKEN, "2 3"},
    {"a gap opened", "1 2 3 4", 2, "6 7", LIQ_MERGE_BROKEN, "6 7"},
    {"nothing came", "1 2 3 4", 2, "", LIQ_MERGE_BROKEN, ""},
    {"all is overlap", "3 4", 2, "3 4 5", LIQ_MERGE_APPENDED, "3 4 5"},
};

static void merges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_klines old = klines(cases[i].old);
        struct liq_klines fresh = klines(cases[i].fresh);
        enum liq_merge result;

        print_message("  %s\n", cases[i].name);
        assert_int_equal(liq_klines_merge(&old, cases[i].from, &fresh, &result),
                         LIQ_OK);
        assert_int_equal(result, cases[i].result);
        expect(&fresh, cases[i].all);
        expect(&old, cases[i].old);
        free(old.at);
        free(fresh.at);
    }
}

static void no_memory_changes_nothing(void **state)
{
    struct liq_klines old = klines("1 2 3"), fresh = klines("2 3 4");
    enum liq_merge result;

    (void)state;
    fail_malloc = 1;
    assert_int_equal(liq_klines_merge(&old, 2, &fresh, &result), LIQ_ENOMEM);
    fail_malloc = 0;
    expect(&fresh, "2 3 4");
    free(old.at);
    free(fresh.at);
}

static void trims(void **state)
{
    struct liq_klines k = klines("3 4 6");

    (void)state;
    assert_false(liq_klines_trim(&k, 3));
    expect(&k, "3 4 6");
    assert_true(liq_klines_trim(&k, 5));
    expect(&k, "6");
    assert_true(liq_klines_trim(&k, 9));
    expect(&k, "");
    free(k.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges),
        cmocka_unit_test(no_memory_changes_nothing),
        cmocka_unit_test(trims),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
