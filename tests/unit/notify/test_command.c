/* What a program of the owner's is told in its environment. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "notify/command.c"

/* What the field of this name is, for an event; for free. */
static char *field_of(const char *json, const char *name)
{
    struct cJSON *event = liq_json_parse(json, strlen(json));
    struct liq_buf text;
    size_t i = 0;

    assert_non_null(event);
    while (strcmp(fields[i].name, name) != 0)
        i++;
    liq_buf_init(&text, VARIABLES_MAX_BYTES);
    put_field(&text, event, i);
    assert_int_equal(text.err, LIQ_OK);
    liq_json_free(event);
    return text.data;
}

static void what_is_not_known_is_empty(void **state)
{
    static const struct {
        const char *json, *name, *field;
    } cases[] = {
        {"{\"price\":61234.5}", "LIQMAP_EVENT_PRICE",
         "LIQMAP_EVENT_PRICE=61234.5"},
        {"{\"level\":{\"modelled_usd\":null}}", "LIQMAP_EVENT_LEVEL_USD",
         "LIQMAP_EVENT_LEVEL_USD="},
        {"{}", "LIQMAP_EVENT_SIDE", "LIQMAP_EVENT_SIDE="},
        {"{\"source\":\"\"}", "LIQMAP_EVENT_SOURCE", "LIQMAP_EVENT_SOURCE="},
        {"{\"source\":\"live\"}", "LIQMAP_EVENT_SOURCE",
         "LIQMAP_EVENT_SOURCE=live"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *field = field_of(cases[i].json, cases[i].name);

        assert_string_equal(field, cases[i].field);
        free(field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
