/* The letters: there are all of them, each in its box, none like another. */
#include "picture.h"
#include "render/canvas.h"

#define SIDE 64

static struct liq_canvas canvas_new(double zoom)
{
    struct liq_canvas c = {.ink = liq_ink_of(LIQ_DARK),
                           .zoom = zoom,
                           .width = SIDE,
                           .height = SIDE};

    c.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
    c.cr = cairo_create(c.surface);
    return c;
}

static void canvas_free(struct liq_canvas *c)
{
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
}

/* Draw a text alone; how many pixels have some of it. */
static int ink_of(struct liq_canvas *c, const char *text, int from, int to)
{
    struct liq_type type = {20.0, false, LIQ_ALIGN_LEFT, 0xffffff};
    int n = 0;

    liq_canvas_colour(c, 0, 1.0);
    cairo_paint(c->cr);
    liq_text_draw(c, &type, 10.0, 40.0, text);
    cairo_surface_flush(c->surface);
    for (int y = 0; y < SIDE; y++) {
        for (int x = from; x < to; x++)
            n += pixel(c->surface, x, y) != 0;
    }
    return n;
}

static void every_letter_is_drawn_in_its_box(void **state)
{
    struct liq_canvas c = canvas_new(1.0);
    struct liq_type type = {20.0, false, LIQ_ALIGN_LEFT, 0xffffff};

    (void)state;
    for (char letter = '!'; letter <= '~'; letter++) {
        char text[2] = {letter, '\0'};
        int right = 10 + (int)ceil(liq_text_width(&c, &type, text));

        if (ink_of(&c, text, 10, right) < 4)
            fail_msg("%s is not drawn", text);
        if (ink_of(&c, text, 0, 9) || ink_of(&c, text, right + 1, SIDE))
            fail_msg("%s leaves its box", text);
    }
    assert_int_equal(ink_of(&c, " ", 0, SIDE), 0);
    canvas_free(&c);
}

static void no_letter_is_like_another(void **state)
{
    (void)state;
    for (uint32_t a = ' '; a <= '~'; a++) {
        const struct liq_glyph *g = liq_glyph_of(a);

        assert_int_equal(g->code, a);
        for (uint32_t b = ' '; b < a; b++) {
            const struct liq_glyph *other = liq_glyph_of(b);
            bool same = strcmp(g->path, other->path) == 0;

            assert_false(same);
        }
    }
    assert_int_equal(liq_glyph_of(0x2264)->code, 0x2264);
    assert_int_equal(liq_glyph_of(0x4e2d)->code, '?');
}

/* All that the images write outside ASCII has a letter, and bytes that are no
 * UTF-8 end. */
static void utf8_is_read(void **state)
{
    static const char *const good[] = {"·", "×", "–", "’", "…",
                                       "−", "≤", "≥", "▲", "▼"};
    static const char *const odd[] = {"\xff",     "\xc3",     "\xe2\x82",
                                      "\xf0\x9f", "\x80\x80", "\xe2"};
    struct liq_canvas c = canvas_new(1.0);
    struct liq_type type = {20.0, false, LIQ_ALIGN_LEFT, 0xffffff};
    double unknown = liq_text_width(&c, &type, "?");
    static const uint32_t codes[] = {0xb7,   0xd7,   0x2013, 0x2019, 0x2026,
                                     0x2212, 0x2264, 0x2265, 0x25b2, 0x25bc};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(ink_of(&c, good[i], 0, SIDE) > 3 &&
                    liq_glyph_of(codes[i])->code == codes[i]);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        double width = liq_text_width(&c, &type, odd[i]);

        assert_true(fabs(width - unknown * (double)strlen(odd[i])) < 1e-9);
        (void)ink_of(&c, odd[i], 0, SIDE);
    }
    canvas_free(&c);
}

static void texts_are_placed_and_cut(void **state)
{
    struct liq_canvas c = canvas_new(1.0);
    struct liq_type type = {10.0, false, LIQ_ALIGN_RIGHT, 0xffffff};
    char path[1024];

    (void)state;
    liq_canvas_colour(&c, 0, 1.0);
    cairo_paint(c.cr);
    liq_text_draw(&c, &type, 40.0, 20.0, "MM");
    cairo_surface_flush(c.surface);
    assert_int_equal(count_in(c.surface, 41, 0, SIDE, SIDE, 0), 23 * SIDE);
    assert_true(count_in(c.surface, 30, 10, 40, 22, 0) < 110);
    type.align = LIQ_ALIGN_LEFT;
    memset(path, 'W', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    liq_canvas_colour(&c, 0, 1.0);
    cairo_paint(c.cr);
    liq_text_fit(&c, &type, 0.0, 40.0, 50.0, path);
    cairo_surface_flush(c.surface);
    assert_true(count_in(c.surface, 0, 30, 50, 42, 0) < 580);
    assert_int_equal(count_in(c.surface, 51, 0, SIDE, SIDE, 0), 13 * SIDE);
    /* No room for anything. */
    liq_text_fit(&c, &type, 0.0, 40.0, 0.0, path);
    canvas_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_drawn_in_its_box),
        cmocka_unit_test(no_letter_is_like_another),
        cmocka_unit_test(utf8_is_read),
        cmocka_unit_test(texts_are_placed_and_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
