/* Cells, ranks and colours; and memory that fails. */
#include "picture.h"

static int calls_left = -1; /* before one fails; -1: none does */

static void *failing_calloc(size_t n, size_t size)
{
    if (calls_left == 0)
        return NULL;
    calls_left -= calls_left > 0;
    return calloc(n, size);
}

/* With these files included, their memory can fail. */
#define calloc failing_calloc
#include "render/cells.c"
#include "render/scale.c"
#undef calloc

static void blocks_are_means(void **state)
{
    uint16_t unit[] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28};
    struct liq_cells c = {unit, 3, 5, 28}, out;

    (void)state;
    assert_int_equal(liq_cells_reduce(&c, 2, 2, &out), LIQ_OK);
    assert_int_equal(out.columns, 2);
    assert_int_equal(out.rows, 3);
    /* Columns 0 and 1, rows 0 and 1: 0 2 10 12. */
    assert_int_equal(out.unit[0], 6);
    /* The last of the rows has one, the last of the columns, too. */
    assert_int_equal(out.unit[2], 13);
    assert_int_equal(out.unit[5], 28);
    liq_cells_free(&out);
}

static void ranks_count_closed_cells_that_hold_something(void **state)
{
    /* The last column is forming. */
    uint16_t unit[] = {0, 1, 1, 2, 4, 0, 9, 9, 9};
    struct liq_cells c = {unit, 3, 3, 9};
    struct liq_ranks r;

    (void)state;
    assert_int_equal(liq_ranks_of(&c, &r), LIQ_OK);
    assert_true(r.total == 4.0);
    assert_int_equal(liq_ranks_units(&r, 0.0), 0);
    assert_int_equal(liq_ranks_units(&r, 50.0), 1);
    assert_int_equal(liq_ranks_units(&r, 51.0), 2);
    assert_int_equal(liq_ranks_units(&r, 100.0), 4);
    assert_true(liq_ranks_percent(&r, 1.5) == 50.0);
    assert_true(liq_ranks_percent(&r, 100.0) == 100.0);
    assert_true(liq_ranks_percent(&r, 0.0) == 0.0);
    liq_ranks_free(&r);
}

static void colours_rise_from_the_dark_end_to_the_bright_one(void **state)
{
    struct liq_range r = {10.0, 110.0, 2.0};
    unsigned before = 0;

    (void)state;
    assert_int_equal(liq_range_index(&r, 10.0, false), 0);
    assert_int_equal(liq_range_index(&r, 60.0, false), 64);
    assert_int_equal(liq_range_index(&r, 110.0, false), 255);
    assert_int_equal(liq_range_index(&r, 1e9, false), 255);
    assert_int_equal(liq_range_index(&r, 110.0, true), 255);
    assert_int_equal(liq_range_index(&r, 9.0, true), 0);
    for (int log_on = 0; log_on < 2; log_on++) {
        for (int i = 0; i <= 110; i++) {
            unsigned now = liq_range_index(&r, i, log_on);

            assert_true(i == 0 || now >= before);
            before = now;
        }
    }
}

static void places_and_percents_are_inverse(void **state)
{
    (void)state;
    for (int i = 0; i <= 100; i++)
        assert_true(fabs(liq_place_percent(liq_place_of(i)) - i) < 1e-9);
    assert_true(liq_place_of(90.0) > 0.5 && liq_place_of(90.0) < 0.55);
}

static void a_map_without_mass_is_dark(void **state)
{
    struct scene *s = scene_new(3, 40, 10);
    double *none = calloc(s->p.grid.columns * s->p.grid.rows, sizeof *none);
    uint32_t palette[LIQ_COLOURS];
    cairo_surface_t *i;

    (void)state;
    liq_palette_colours(LIQ_VIRIDIS, palette);
    s->p.grid.cell = none;
    s->p.grid.max = 0.0;
    s->p.quantum = 1.0;
    i = rendered(&s->p);
    assert_true(count_in(i, 0, 70, 900, 520, palette[0]) > 200000);
    cairo_surface_destroy(i);
    free(none);
    scene_free(s);
}

/* Wherever memory is missing, nothing is lost and the next image is made. */
static void memory_may_fail_anywhere(void **state)
{
    struct scene *s = scene_new(3, PICTURE_CANDLES, 100);
    enum liq_err err = LIQ_ENOMEM;
    int n = 0;

    (void)state;
    for (; err == LIQ_ENOMEM; n++) {
        struct liq_buf png;

        liq_buf_init(&png, PICTURE_MAX_BYTES);
        calls_left = n;
        err = liq_render(&s->p, &png);
        calls_left = -1;
        assert_true(err == LIQ_OK || (err == LIQ_ENOMEM && png.len == 0));
        liq_buf_free(&png);
    }
    assert_int_equal(err, LIQ_OK);
    assert_int_equal(n, 5);
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_means),
        cmocka_unit_test(ranks_count_closed_cells_that_hold_something),
        cmocka_unit_test(colours_rise_from_the_dark_end_to_the_bright_one),
        cmocka_unit_test(places_and_percents_are_inverse),
        cmocka_unit_test(a_map_without_mass_is_dark),
        cmocka_unit_test(memory_may_fail_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
