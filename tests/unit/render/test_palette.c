/* The palettes are the page's: tests/js/palette.test.mjs compares the same file
 * with the page's module. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "liqmap/render.h"

static void every_colour_is_the_pages(void **state)
{
    static const char *const names[LIQ_PALETTES] = {"viridis", "ember",
                                                    "steel"};
    FILE *file = fopen("tests/fixtures/palettes.txt", "r");
    uint32_t colour[LIQ_COLOURS];
    char name[16];

    (void)state;
    assert_non_null(file);
    for (int p = 0; p < LIQ_PALETTES; p++) {
        assert_int_equal(fscanf(file, "%15s", name), 1);
        assert_string_equal(name, names[p]);
        liq_palette_colours((enum liq_palette)p, colour);
        for (int i = 0; i < LIQ_COLOURS; i++) {
            unsigned want;

            assert_int_equal(fscanf(file, "%6x", &want), 1);
            if (colour[i] != want)
                fail_msg("%s, colour %d: %06x, not %06x", name, i,
                         (unsigned)colour[i], want);
        }
    }
    assert_int_equal(fscanf(file, "%15s", name), EOF);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_is_the_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
