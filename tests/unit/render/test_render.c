/* Whole images. */
#include "picture.h"

#define GROUND 0x0b0d14
#define UP 0x2fd08a
#define DOWN 0xff5d63
#define WARN 0xf0a83a

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    struct liq_buf a, b;

    (void)state;
    liq_buf_init(&a, PICTURE_MAX_BYTES);
    liq_buf_init(&b, PICTURE_MAX_BYTES);
    assert_int_equal(liq_render(&s->p, &a), LIQ_OK);
    assert_int_equal(liq_render(&s->p, &b), LIQ_OK);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    assert_memory_equal(a.data, "\x89PNG\r\n\x1a\n", 8);
    liq_buf_free(&a);
    liq_buf_free(&b);
    scene_free(s);
}

/* Text, candles, cells and the scale are where they should be. */
static void the_parts_are_there(void **state)
{
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    cairo_surface_t *i = rendered(&s->p);
    uint32_t palette[LIQ_COLOURS];

    (void)state;
    liq_palette_colours(LIQ_VIRIDIS, palette);
    assert_int_equal(pixel(i, 1, 1), GROUND);
    /* Title, and what stands at the right of it. */
    assert_true(count_in(i, 10, 5, 200, 30, 0xe8ebf2) > 100);
    assert_true(count_in(i, 900, 5, 1190, 30, 0xa4adbf) > 100);
    assert_true(count_in(i, 0, 70, 900, 520, UP) > 100);
    assert_true(count_in(i, 0, 70, 900, 520, DOWN) > 100);
    /* The scale from dark to bright, and cells of both ends. */
    assert_int_equal(pixel(i, 14, 572), palette[0]);
    assert_int_equal(pixel(i, 420, 572), palette[LIQ_COLOURS - 1]);
    assert_true(count_in(i, 0, 70, 900, 520, palette[LIQ_COLOURS - 1]) > 10);
    /* Numbers of both axes, and the note below. */
    assert_true(count_in(i, 1150, 70, 1200, 520, GROUND) < 50 * 450 - 500);
    assert_true(count_in(i, 0, 530, 900, 550, GROUND) < 900 * 20 - 200);
    assert_true(count_in(i, 900, 560, 1190, 585, GROUND) < 290 * 25 - 200);
    cairo_surface_destroy(i);
    scene_free(s);
}

/* Pixels that differ. */
static int differences(cairo_surface_t *a, cairo_surface_t *b)
{
    int n = 0;

    for (int y = 0; y < cairo_image_surface_get_height(a); y++) {
        for (int x = 0; x < cairo_image_surface_get_width(a); x++)
            n += pixel(a, x, y) != pixel(b, x, y);
    }
    return n;
}

static void states_are_written_on_it(void **state)
{
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    cairo_surface_t *live = rendered(&s->p), *other;

    (void)state;
    assert_int_equal(count_in(live, 0, 0, 1200, 70, WARN), 0);
    s->p.stale = true;
    s->p.problem = "Stale: binance does not respond";
    other = rendered(&s->p);
    assert_true(count_in(other, 800, 0, 1200, 60, WARN) > 50);
    assert_true(count_in(other, 0, 60, 400, 80, WARN) > 50);
    cairo_surface_destroy(other);
    s->p.stale = false;
    s->p.problem = NULL;
    s->p.source = "demo";
    other = rendered(&s->p);
    /* The mark is large: it cannot be cut off. */
    assert_true(differences(live, other) > 20000);
    cairo_surface_destroy(other);
    s->p.source = "file";
    other = rendered(&s->p);
    assert_true(differences(live, other) > 50);
    cairo_surface_destroy(other);
    s->p.source = "live";
    s->p.usd_per_unit = NAN;
    other = rendered(&s->p);
    assert_true(differences(live, other) > 200);
    cairo_surface_destroy(other);
    cairo_surface_destroy(live);
    scene_free(s);
}

static void every_look_changes_it(void **state)
{
    static const struct liq_look looks[] = {
        {1200, 630, 0, 995, .theme = LIQ_LIGHT},
        {1200, 630, 0, 995, .palette = LIQ_EMBER},
        {1200, 630, 0, 995, .palette = LIQ_STEEL},
        {1200, 630, 0, 995, .profile = LIQ_PROFILE_OFF},
        {1200, 630, 0, 995, .hollow = true},
        {1200, 630, 0, 995, .log_colour = true},
        {1200, 630, 0, 995, .log_price = true},
        {1200, 630, 0, 995, .plain = true},
        {1200, 630, 500, 995, .theme = LIQ_DARK},
        {1200, 630, 0, 900, .theme = LIQ_DARK},
    };
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    cairo_surface_t *usual = rendered(&s->p);

    (void)state;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        cairo_surface_t *other;

        s->p.look = looks[i];
        other = rendered(&s->p);
        if (differences(usual, other) < 200)
            fail_msg("look %zu changes next to nothing", i);
        cairo_surface_destroy(other);
    }
    cairo_surface_destroy(usual);
    scene_free(s);
}

/* Prices of 1e-8 and 1e8, crashes, flat candles, few candles, any size. */
static void any_series_can_be_drawn(void **state)
{
    static const int sizes[][2] = {{320, 200},  {2400, 200}, {320, 1600},
                                   {1200, 630}, {640, 480},  {800, 320}};

    (void)state;
    for (uint64_t seed = 1; seed <= GEN_SEEDS(30); seed++) {
        size_t n = seed % 7 == 0 ? 1 + seed % 5 : PICTURE_CANDLES;
        struct scene *s = scene_new(seed, n, seed % 5 ? 200 : 8);
        struct liq_look *look = &s->p.look;

        look->width = sizes[seed % 6][0];
        look->height = sizes[seed % 6][1];
        look->log_price = seed % 2;
        look->log_colour = seed % 3 == 0;
        look->hollow = seed % 4 == 0;
        s->p.whole = seed % 3 == 1;
        s->p.problem = seed % 4 ? NULL : "something is wrong with it";
        if (seed % 8 == 0)
            s->p.usd_per_unit = NAN;
        cairo_surface_destroy(rendered(&s->p));
        scene_free(s);
    }
}

/* The price that the ticker says may lie far off the candles. */
static void a_price_off_the_chart_is_drawn(void **state)
{
    static const double factor[] = {1e-6, 0.5, 2.0, 1e6};
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    double close = s->p.last;

    (void)state;
    for (size_t i = 0; i < sizeof factor / sizeof *factor; i++) {
        s->p.last = factor[i] * close;
        cairo_surface_destroy(rendered(&s->p));
    }
    scene_free(s);
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    struct scene *s = scene_new(3, PICTURE_CANDLES, 200);
    struct liq_buf png;
    size_t columns = s->p.grid.columns;

    (void)state;
    liq_buf_init(&png, 1000);
    assert_int_equal(liq_render(&s->p, &png), LIQ_ELIMIT);
    liq_buf_free(&png);
    liq_buf_init(&png, PICTURE_MAX_BYTES);
    s->p.grid.columns = 0;
    assert_int_equal(liq_render(&s->p, &png), LIQ_EINVAL);
    s->p.grid.columns = 1501;
    assert_int_equal(liq_render(&s->p, &png), LIQ_EINVAL);
    s->p.grid.columns = columns;
    assert_int_equal(png.len, 0);
    liq_buf_free(&png);
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(the_parts_are_there),
        cmocka_unit_test(states_are_written_on_it),
        cmocka_unit_test(every_look_changes_it),
        cmocka_unit_test(any_series_can_be_drawn),
        cmocka_unit_test(a_price_off_the_chart_is_drawn),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
