#include "liqmap/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void in_their_order(void **state)
{
    static const char *const names[] = {"BTCUSDT", "", "ETHUSDT"};
    const char *list = "BTCUSDT,,ETHUSDT,", *name;
    size_t n = 0, len;

    (void)state;
    while ((name = liq_names_next(&list, &len)) != NULL) {
        assert_in_range(n, 0, 2);
        assert_int_equal(len, strlen(names[n]));
        assert_memory_equal(name, names[n], len);
        n++;
    }
    assert_int_equal(n, 3);
    assert_string_equal(list, "");
    assert_null(liq_names_next(&list, &len));
}

static void whole_names_only(void **state)
{
    static const struct {
        const char *list, *name;
        int place;
    } cases[] = {
        {"okx,okx-coin,gate", "okx", 0},
        {"okx-coin,okx,gate", "okx", 1},
        {"okx-coin,gate,okx", "okx", 2},
        {"okx-coin,okx-", "okx", -1},
        {"okx", "okx-coin", -1},
        {"OKX", "okx", -1},
        {"okx,gate", "", -1},
        {"okx,gate", "okx,gate", -1},
        {"", "okx", -1},
        {"", "", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *list = cases[i].list, *name = cases[i].name;

        assert_int_equal(liq_names_place(list, name, strlen(name)),
                         cases[i].place);
        assert_int_equal(liq_names_have(list, name), cases[i].place >= 0);
    }
    assert_int_equal(liq_names_place("25,100", "100x", 3), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_their_order),
        cmocka_unit_test(whole_names_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
