/* The live mass, candle by candle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "gen.h"
#include "model/book.h"

static void run_book(struct book *b, const struct setting *s,
                     const struct liq_kline *k, size_t n, bool look_ahead)
{
    struct pace pace = {0};

    b->cell = malloc(BOOK_CELLS(s->axis.rows) * sizeof *b->cell);
    assert_non_null(b->cell);
    book_reset(b, s->axis.rows);
    for (size_t i = 0; i < n; i++) {
        struct visit now = visit_of(&s->axis, &k[i]);
        struct visit next = visit_of(&s->axis, &k[i + 1 < n ? i + 1 : i]);

        book_step(b, s, &pace, &now, look_ahead && i + 1 < n ? &next : NULL);
    }
}

/* What the next candle clears is left out, and nothing else, though the price
 * leaves the axis and comes back. */
static void test_looking_ahead_changes_nothing(void **state)
{
    struct liq_kline k[40];
    size_t outside = 0;

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(2000); seed++) {
        size_t n = 8 + seed % 32;
        struct book with = {0}, without = {0};
        struct setting s;
        struct liq_run run;

        gen_series(seed, k, n);
        run = gen_run(k, 4, 4, 50);
        setting_init(&s, &liq_params_gauss7, &liq_contract_default, &run.axis);
        run_book(&with, &s, k, n, true);
        run_book(&without, &s, k, n, false);
        for (size_t i = 0; i < BANDS; i++)
            outside += without.outside.near[i] > 0.0;
        assert_memory_equal(&with.outside, &without.outside,
                            sizeof with.outside);
        assert_memory_equal(with.cell, without.cell,
                            LIQ_TIERS * s.axis.rows * sizeof *with.cell);
        free(with.cell);
        free(without.cell);
    }
    assert_true(outside > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looking_ahead_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
