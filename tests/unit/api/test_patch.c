/* What turns one JSON text into another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../../src/api/patch.h"

static void says_what_differs(void **state)
{
    /* patch NULL: there is none */
    static const struct {
        const char *name, *before, *now, *patch;
    } cases[] = {
        {"nothing", "{\"a\":1,\"b\":[1,2]}", "{\"a\":1,\"b\":[1,2]}", "{}"},
        {"no members", "{}", "{}", "{}"},
        {"a number", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":25}", "{\"b\":25}"},
        {"null", "{\"a\":1,\"b\":null}", "{\"a\":null,\"b\":2}",
         "{\"a\":null,\"b\":2}"},
        {"texts with brackets and quotes",
         "{\"a\":\"x\\\"},{\",\"b\":\"\\\\\"}", "{\"a\":\"y\",\"b\":\"\\\\\"}",
         "{\"a\":\"y\"}"},
        {"a member of a member", "{\"a\":{\"b\":1,\"c\":{}},\"d\":true}",
         "{\"a\":{\"b\":2,\"c\":{}},\"d\":true}", "{\"a\":{\"b\":2}}"},
        {"items by index", "{\"a\":[{\"b\":1},{\"b\":1}]}",
         "{\"a\":[{\"b\":1},{\"b\":3}]}", "{\"a\":{\"1\":{\"b\":3}}}"},
        {"another length", "{\"a\":[1,2]}", "{\"a\":[1]}", "{\"a\":[[1]]}"},
        {"empty and not", "{\"a\":[],\"b\":[1]}", "{\"a\":[1],\"b\":[]}",
         "{\"a\":[[1]],\"b\":[[]]}"},
        {"other members", "{\"a\":{\"b\":1}}", "{\"a\":{\"c\":1}}",
         "{\"a\":[{\"c\":1}]}"},
        {"another kind", "{\"a\":{\"b\":1},\"c\":1}",
         "{\"a\":[1],\"c\":{\"d\":1}}", "{\"a\":[[1]],\"c\":[{\"d\":1}]}"},
        {"more members", "{\"a\":1}", "{\"a\":1,\"b\":2}", NULL},
        {"fewer members", "{\"a\":1,\"b\":2}", "{\"a\":1}", NULL},
        {"another order", "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_buf text;
        struct liq_jsonw w;
        bool good;

        liq_buf_init(&text, 4096);
        liq_jsonw_init(&w, &text);
        good = liq_encode_patch(&w, cases[i].before, cases[i].now);
        if (good != (cases[i].patch != NULL))
            fail_msg("%s: %d", cases[i].name, good);
        if (good && strcmp(text.data, cases[i].patch) != 0)
            fail_msg("%s: %s", cases[i].name, text.data);
        if (!good)
            assert_int_equal(text.len, 0);
        liq_buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
