/* What SIGHUP takes over, and what the log says of the rest. */
#include "liqmap/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/config_key.h"

static char said[4000];

/* What the log says of settings that a restart alone changes. */
static void log_kept(const struct liq_config *now,
                     const struct liq_config *wanted)
{
    FILE *f = tmpfile();
    int kept = dup(STDERR_FILENO);
    size_t n;

    assert_non_null(f);
    assert_true(kept >= 0 && dup2(fileno(f), STDERR_FILENO) >= 0);
    liq_config_log_kept(now, wanted);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    rewind(f);
    n = fread(said, 1, sizeof said - 1, f);
    said[n] = '\0';
    (void)fclose(f);
}

static void each_setting_is_taken_or_named(void **state)
{
    const struct key *k;
    size_t live = 0, n = 0;

    (void)state;
    for (; (k = config_key_at(n)) != NULL; n++) {
        struct liq_config now, wanted;
        char name[80];

        liq_config_defaults(&now);
        liq_config_defaults(&wanted);
        ((char *)&wanted)[k->offset] ^= 1;
        log_kept(&now, &wanted);
        liq_config_take_over(&now, &wanted);
        snprintf(name, sizeof name, "settings: %s.%s changes", k->section,
                 k->name);
        if (memcmp(&now, &wanted, sizeof now) == 0) {
            assert_string_equal(said, "");
            live++;
        } else if (!strstr(said, name)) {
            fail_msg("'%s' is not in '%s'", name, said);
        }
    }
    assert_true(n > 60);
    assert_int_equal(live, 7 + LIQ_CONFIG_EXCHANGES);
}

static void set(struct liq_config *c, const char *assignment)
{
    struct liq_reason why = {0};

    assert_int_equal(liq_config_set(c, assignment, &why), LIQ_OK);
}

static void what_can_change(void **state)
{
    struct liq_config now, wanted;

    (void)state;
    liq_config_defaults(&now);
    liq_config_defaults(&wanted);
    set(&wanted, "server.log_level=error");
    set(&wanted, "cache.ttl_ms=7000");
    set(&wanted, "cache.max_bytes=20000000");
    set(&wanted, "fetch.deadline_ms=4000");
    set(&wanted, "exchange.okx.budget=7");
    set(&wanted, "exchange.okx.base_url=http://127.0.0.1:1");
    liq_config_take_over(&now, &wanted);
    assert_int_equal(now.log_level, LIQ_LOG_ERROR);
    assert_int_equal(now.ttl_ms, 7000);
    assert_int_equal(now.deadline_ms, 4000);
    assert_int_equal(now.exchange[2].budget, 7);
    assert_int_not_equal(now.max_bytes, wanted.max_bytes);
    assert_string_equal(now.exchange[2].base_url, "");
}

/* One value is one value, whatever was in the field before. */
static void the_same_again(void **state)
{
    struct liq_config now, wanted;

    (void)state;
    liq_config_defaults(&now);
    liq_config_defaults(&wanted);
    set(&now, "watch.webhook=http://127.0.0.1:1/hook");
    set(&wanted, "watch.webhook=http://127.0.0.1:1/a-longer-one");
    set(&wanted, "watch.webhook=http://127.0.0.1:1/hook");
    set(&now, "exchange.okx.base_url=http://127.0.0.1:1");
    set(&wanted, "exchange.okx.base_url=http://127.0.0.1:1//");
    log_kept(&now, &wanted);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_is_taken_or_named),
        cmocka_unit_test(what_can_change),
        cmocka_unit_test(the_same_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
