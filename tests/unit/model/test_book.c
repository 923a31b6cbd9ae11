/* The live mass, candle by candle and several at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "gen.h"
#include "model/book.h"
#include "model/decade.h"

#define N_MAX 200

static const struct later NOTHING = {{INT32_MAX, -1}, {INT32_MAX, -1}};

static struct visit visit_of(const struct liq_axis *axis,
                             const struct liq_kline *k)
{
    return (struct visit){k,
                          {(int32_t)liq_axis_row(axis, k->low),
                           (int32_t)liq_axis_row(axis, k->high)},
                          liq_axis_row_unbounded(axis, k->close)};
}

static void book_new(struct book *b, size_t rows)
{
    *b = (struct book){.cell = book_cells_new(rows)};
    assert_non_null(b->cell);
    book_reset(b, rows);
}

/* Candles [0, n), as many at once as there is room for; `cut` says after which
 * of them nothing is left out. */
static void run_book(struct book *b, const struct setting *s,
                     const struct visit *v, const struct later *later,
                     const bool *cut, size_t n, struct seeding *seeding)
{
    for (size_t i = 0; i < n;) {
        seeding_begin(seeding, b);
        while (i < n && seeding_take(seeding, b, s, &v[i], &later[i])) {
            if (cut[i++])
                seeding_cut(seeding);
        }
        seeding_place(seeding, b, s);
        for (size_t j = 0; j < seeding->stretches; j++)
            book_step(b, s, seeding, j);
    }
}

/* What is visited after each candle: until the next cut, and until the last
 * candle. */
static void look_ahead(const struct visit *v, const bool *cut, size_t n,
                       struct later *later)
{
    struct later now = NOTHING;

    for (size_t i = n; i-- > 0;) {
        if (cut[i])
            now.next = NO_ROWS;
        later[i] = now;
        rows_add(&now.next, &v[i].rows);
        rows_add(&now.end, &v[i].rows);
    }
}

/* What later candles clear is left out, and nothing else, though the price
 * leaves the axis and comes back, time passes and candles have more entries
 * than fit. */
static void test_candles_at_once_are_candles_one_by_one(void **state)
{
    static struct liq_kline k[N_MAX];
    static struct visit v[N_MAX];
    static struct later later[N_MAX];
    bool cut[N_MAX];
    struct seeding *seeding = lines_alloc(sizeof *seeding);
    size_t outside = 0, split = 0;

    (void)state;
    assert_non_null(seeding);
    for (uint64_t seed = 0; seed < GEN_SEEDS(1500); seed++) {
        size_t n = 8 + seed % (N_MAX - 8);
        uint64_t rng = seed;
        struct book one, all;
        struct setting s;
        struct liq_run run;

        gen_series(seed, k, n);
        if (seed % 8 == 1) {
            /* Many round prices, and a pause that leaves next to nothing. */
            k[n / 2].low = k[n / 2].close / 3.0;
            for (size_t i = n / 2 + 1; i < n; i++)
                k[i].open_ms += INT64_C(20000000000) * (int64_t)(seed % 3);
        }
        run = gen_run(k, 4, 4, 50);
        setting_init(&s, &liq_params_gauss7, &liq_contract_default, &run.axis);
        for (size_t i = 0; i < n; i++) {
            v[i] = visit_of(&s.axis, &k[i]);
            cut[i] = gen_next(&rng) % (1 + seed % 50) == 0;
        }
        cut[n - 1] = true;
        look_ahead(v, cut, n, later);
        book_new(&one, s.axis.rows);
        book_new(&all, s.axis.rows);
        seeding_init(seeding);
        run_book(&all, &s, v, later, cut, n, seeding);
        seeding_init(seeding);
        for (size_t i = 0; i < n; i++) {
            const bool yes = true;

            run_book(&one, &s, &v[i], &NOTHING, &yes, 1, seeding);
        }
        for (size_t i = 0; i < BANDS; i++)
            outside += one.outside.near[i] > 0.0;
        split += k[n / 2].high / k[n / 2].low > 2.9;
        assert_memory_equal(&all.outside, &one.outside, sizeof all.outside);
        assert_memory_equal(all.scale, one.scale, sizeof all.scale);
        assert_memory_equal(all.cell, one.cell,
                            LIQ_TIERS * s.axis.rows * sizeof *all.cell);
        assert_true(all.close_row == one.close_row);
        assert_true(all.open_ms == one.open_ms);
        book_cells_free(one.cell);
        book_cells_free(all.cell);
    }
    assert_true(outside > 0 && split > 0);
    free(seeding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candles_at_once_are_candles_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
