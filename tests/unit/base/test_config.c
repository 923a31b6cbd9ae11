#include "base/config.c"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static struct liq_config config;
static struct liq_reason reason;

static int start(void **state)
{
    (void)state;
    liq_config_defaults(&config);
    memset(&reason, 0, sizeof reason);
    return 0;
}

/* Lay text over config, as a file of that content. */
static enum liq_err load(const char *text, size_t n)
{
    char path[] = "/tmp/liqmap-test-conf-XXXXXX";
    int fd = mkstemp(path);
    enum liq_err err;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
    err = liq_config_file(&config, path, &reason);
    assert_int_equal(unlink(path), 0);
    return err;
}

static void refused(const char *text)
{
    assert_int_equal(reason.code, LIQ_EINVAL);
    if (!strstr(reason.text, text))
        fail_msg("'%s' is not in '%s'", text, reason.text);
}

static void defaults(void **state)
{
    (void)state;
    assert_string_equal(config.listen, "run/liqmapd.sock");
    assert_int_equal(config.socket_mode, 0660);
    assert_int_equal(config.workers, 8);
    assert_string_equal(config.market_source, "live");
    assert_string_equal(config.symbols, "*");
    assert_int_equal(config.log_level, LIQ_LOG_INFO);
    assert_int_equal(config.fixed_clock_ms, 0);
    assert_int_equal(config.ttl_ms, 20000);
    assert_int_equal(config.swr_ms, 10000);
    assert_int_equal(config.stale_ms, 600000);
    assert_int_equal(config.hot_ms, 300000);
    assert_int_equal(config.lead_ms, 2000);
    assert_int_equal(config.error_ms, 3000);
    assert_int_equal(config.max_bytes, 96 << 20);
    assert_int_equal(config.deadline_ms, 8000);
    assert_int_equal(config.connect_ms, 3000);
    assert_int_equal(config.max_connections, 32);
    assert_string_equal(config.dump_dir, "");
    assert_string_equal(config.state_file, "");
    assert_string_equal(config.recorder_file, "");
    assert_int_equal(config.recorder_days, 400);
    assert_string_equal(config.recorder_symbols, "BTCUSDT");
    assert_string_equal(config.okx_stream, "");
    assert_string_equal(config.watch.symbols, "");
    assert_string_equal(config.watch.exchange, "auto");
    assert_true(config.watch.within_percent == 1.0);
    assert_true(config.watch.leave_factor == 1.5);
    assert_true(config.watch.min_density == 50.0);
    assert_int_equal(config.watch.cooldown_ms, 1800000);
    assert_false(config.watch.telegram);
    assert_string_equal(
        config.exchanges,
        "binance,bybit,okx,bitget,gate,kucoin,hyperliquid,htx,binance-spot,"
        "binance-coin,bybit-coin,okx-coin");
    assert_string_equal(config.exchange[0].base_url, "");
    assert_int_equal(config.exchange[0].budget, 0);
    assert_int_equal(liq_config_check(&config, &reason), LIQ_OK);
}

/* conf/liqmap.conf sets every setting, and each to its default: whatever was
 * there before, and there is nothing left of it after. */
static void shipped_file_is_the_defaults(void **state)
{
    struct liq_config file;

    (void)state;
    memset(&file, 0x5a, sizeof file);
    assert_int_equal(liq_config_file(&file, "conf/liqmap.conf", &reason),
                     LIQ_OK);
    for (size_t i = 0; i < N_KEYS; i++) {
        const char *a = (const char *)&file + keys[i].offset;
        const char *b = (const char *)&config + keys[i].offset;
        bool text = (keys[i].size > sizeof(int64_t) &&
                     strcmp(keys[i].section, "model") != 0) ||
                    keys[i].read == config_read_market;

        if (text ? strncmp(a, b, keys[i].size) : memcmp(a, b, keys[i].size))
            fail_msg("[%s] %s differs", keys[i].section, keys[i].name);
    }
}

/* Every byte of the structure belongs to a setting or is padding: a field
 * without a row would never be set. */
static void every_field_has_a_key(void **state)
{
    size_t end = 0;

    (void)state;
    for (size_t i = 0; i < N_KEYS; i++) {
        assert_in_range(keys[i].offset, end, end + 7);
        end = keys[i].offset + keys[i].size;
    }
    assert_in_range(sizeof config, end, end + 7);
}

static void file_overrides(void **state)
{
    static const char text[] = "\xef\xbb\xbf# comment\n"
                               "; comment\n"
                               "[server]\n"
                               "listen = /run/x.sock ; inline\n"
                               "socket_mode=600\n"
                               "   workers = 3\n"
                               "\tmarket: demo\n"
                               "log_level = debug\r\n"
                               "fixed_clock = 2025-10-10T21:15:00Z\n"
                               "symbols = BTCUSDT , ETHUSDT,1000PEPE-X_1\n"
                               "\n"
                               "[cache]\n"
                               "ttl_ms = 1\n"
                               "ttl_ms = 5000\n"
                               "[exchange.binance]\n"
                               "base_url = http://127.0.0.1:9000//";

    (void)state;
    if (load(text, strlen(text)))
        fail_msg("%s", reason.text);
    assert_string_equal(config.listen, "/run/x.sock");
    assert_int_equal(config.socket_mode, 0600);
    assert_int_equal(config.workers, 3);
    assert_string_equal(config.market_source, "demo");
    assert_int_equal(config.log_level, LIQ_LOG_DEBUG);
    assert_int_equal(config.fixed_clock_ms, 1760130900000);
    assert_string_equal(config.symbols, "BTCUSDT,ETHUSDT,1000PEPE-X_1");
    assert_int_equal(config.ttl_ms, 5000);
    assert_string_equal(config.exchange[0].base_url, "http://127.0.0.1:9000");
    assert_int_equal(config.max_bytes, 96 << 20);
}

static void file_refuses(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[server]\nworkers = 8\n\nworker = 1\n",
         ":4: [server] worker: no such setting"},
        {"workers = 8\n", ":1: [] workers: no such setting"},
        {"[sever]\nworkers = 8\n", ":2: [sever] workers: no such setting"},
        {"[cache]\n# x\nttl_ms = 20s\n",
         ":3: [cache] ttl_ms: expected milliseconds from 1 to 86400000, got "
         "'20s'"},
        {"[server]\nworkers\n",
         ":2: expected [section], key = value or a comment"},
        {"[server\n", ":1: expected [section], key = value or a comment"},
        /* the first one is told */
        {"[server]\nworkers = 0\nmarket = x\n", ":2: [server] workers: "},
        /* an indented line is no more of the value above it */
        {"[server]\nworkers = 8\n  worker = 1\n", ":3: [server] worker: "},
        {"[server]\nlisten = a:9000\n", "without a colon"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_config before = config;

        assert_int_equal(load(cases[i].text, strlen(cases[i].text)),
                         LIQ_EINVAL);
        refused(cases[i].message);
        refused("/tmp/liqmap-test-conf-");
        assert_memory_equal(&config, &before, sizeof before);
    }
}

static void file_that_is_no_settings(void **state)
{
    char text[300];
    char *big = calloc(FILE_MAX_BYTES + 1, 1);

    (void)state;
    assert_non_null(big);
    assert_int_equal(load("", 0), LIQ_OK);
    assert_int_equal(load("[server]\0", 9), LIQ_EINVAL);
    refused("NUL");
    memset(text, '#', sizeof text);
    text[0] = '\n';
    assert_int_equal(load(text, sizeof text), LIQ_EINVAL);
    refused(":2: expected lines of at most 198 bytes");
    assert_int_equal(load(text, 199), LIQ_OK); /* 198 and the first break */
    memset(big, '\n', FILE_MAX_BYTES + 1);
    assert_int_equal(load(big, FILE_MAX_BYTES + 1), LIQ_EINVAL);
    refused("expected at most 65536 bytes");
    assert_int_equal(load(big, FILE_MAX_BYTES), LIQ_OK);
    free(big);
}

static void file_that_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(liq_config_file(&config, "/nonexistent.conf", &reason),
                     LIQ_EIO);
    assert_string_equal(reason.text, "/nonexistent.conf: cannot be read");
    assert_int_equal(liq_config_file(&config, "/", NULL), LIQ_EIO);
}

/* With everything as long as it gets, the message still ends as it should. */
static void longest_message_is_whole(void **state)
{
    char path[200], value[600], where[300];

    (void)state;
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    for (size_t i = 0; i < N_KEYS; i++) {
        (void)snprintf(where, sizeof where, "%s:%d: [%s] %s", path_tail(path),
                       9999, keys[i].section, keys[i].name);
        assert_int_equal(set_key(&config, &keys[i], value, where, &reason),
                         LIQ_EINVAL);
        if (reason.text[strlen(reason.text) - 1] != '\'' ||
            !strstr(reason.text, "got '"))
            fail_msg("%s", reason.text);
    }
}

/* One line for each way a value can be wrong; all go through the table. */
static void values(void **state)
{
    static const struct {
        const char *assignment;
        bool good;
    } cases[] = {
        {"server.workers=1", true},
        {"server.workers=256", true},
        {"server.workers=0", false},
        {"server.workers=257", false},
        {"server.workers=-1", false},
        {"server.workers=+1", false},
        {"server.workers= 1", false},
        {"server.workers=", false},
        {"server.workers=8.0", false},
        {"server.workers=0x8", false},
        {"server.workers=99999999999999999999", false},
        {"cache.max_bytes=16777216", true},
        {"cache.max_bytes=16777215", false},
        {"cache.max_bytes=1099511627776", true},
        {"cache.max_bytes=1099511627777", false},
        {"watch.symbols=BTCUSDT, ETHUSDT", true},
        {"watch.symbols=*", false},
        {"watch.symbols=$(id)", false},
        {"watch.exchange=okx", true},
        {"watch.exchange=demo", true},
        {"watch.exchange=mtgox", false},
        {"watch.interval=15m", true},
        {"watch.interval=30m", false},
        {"watch.within_percent=0.05", true},
        {"watch.within_percent=20", true},
        {"watch.within_percent=0.04", false},
        {"watch.within_percent=nan", false},
        {"watch.within_percent=1 ", false},
        {"watch.leave_factor=0.9", false},
        {"watch.min_usd=50e6", true},
        {"watch.min_usd=-1", false},
        {"watch.min_usd=1e16", false},
        {"watch.min_density=100.1", false},
        {"watch.events=touched,swept", true},
        {"watch.events=touched,touched", false},
        {"watch.events=", false},
        {"watch.webhook=https://example.org/a?b=c&d", true},
        {"watch.webhook=http://user@[::1]:8080", true},
        {"watch.webhook=ftp://example.org/", false},
        {"watch.webhook=https:///a", false},
        {"watch.webhook=https://example.org/a b", false},
        {"watch.telegram=yes", true},
        {"watch.telegram=true", false},
        {"watch.poll_ms=99", false},
        {"server.socket_mode=0777", true},
        {"server.socket_mode=1777", false},
        {"server.socket_mode=0668", false},
        {"server.socket_mode=rw", false},
        {"server.market=live", true},
        {"server.market=Live", false},
        {"server.market=", false},
        {"server.log_level=warn", true},
        {"server.log_level=2", false},
        {"server.fixed_clock=", true},
        {"server.fixed_clock=0", true},
        {"server.fixed_clock=2025-10-10", true},
        {"server.fixed_clock=yesterday", false},
        {"server.listen=", true},
        {"server.listen=:9000", false},
        {"server.listen=a\nb", false},
        {"server.symbols=*", true},
        {"server.symbols=BTCUSDT", true},
        {"server.symbols=", false},
        {"server.symbols=BTCUSDT,", false},
        {"server.symbols=,BTCUSDT", false},
        {"server.symbols=BTC USDT", false},
        {"server.symbols=btcusdt", false},
        {"server.symbols=BTCUSDT,*", false},
        {"cache.stale_ms=604800000", true},
        {"cache.stale_ms=604800001", false},
        {"cache.ttl_ms=0", false},
        {"cache.swr_ms=0", true},
        {"fetch.dump_dir=/tmp/a:b", true},
        {"fetch.deadline_ms=120001", false},
        {"exchange.binance.base_url=https://x", true},
        {"exchange.binance.base_url=http://[::1]:80/a/", true},
        {"exchange.binance.base_url=", true},
        {"exchange.binance-spot.budget=5", true},
        {"exchange.nowhere.budget=5", false},
        {"server.exchanges=okx,binance", true},
        {"server.exchanges=okx,okx", false},
        {"server.exchanges=okx,", false},
        {"server.exchanges=", false},
        {"server.exchanges=mtgox", false},
        {"hosts.redis=", true},
        {"hosts.redis=/run/redis.sock", true},
        {"hosts.redis=127.0.0.1:6379", true},
        {"hosts.redis=::1:6379", true},
        {"hosts.redis=127.0.0.1", false},
        {"hosts.redis=:6379", false},
        {"hosts.redis=a:0", false},
        {"hosts.redis=a:65536", false},
        {"hosts.redis=a:63x", false},
        {"hosts.redis=user@a:6379", false},
        {"hosts.redis=redis://a:6379", false},
        {"hosts.timeout_ms=0", false},
        {"model.standing_shares=0.1, 0.1 ,0.1,0.1,0.1,0.1,0.4", true},
        {"model.standing_shares=0,0,0,0,0,0,1", true},
        {"model.standing_shares=0.1,0.1,0.1,0.1,0.1,0.1,0.41", false},
        {"model.standing_shares=-0.1,0.1,0.1,0.1,0.1,0.1,0.6", false},
        {"model.standing_shares=0.5,0.5", false},
        {"model.standing_shares=0,0,0,0,0,0,0,1", false},
        {"model.standing_shares=nan,0,0,0,0,0,1", false},
        {"model.half_life_hours=1,1,1,1,1,1,0.1", true},
        {"model.half_life_hours=1,1,1,1,1,1,0", false},
        {"model.half_life_hours=1,1,1,1,1,1", false},
        {"model.half_life_hours=1 1 1 1 1 1 1", false},
        {"model.leverage_spread=0.02", true},
        {"model.leverage_spread=0", false},
        {"model.leverage_spread=2%", false},
        {"model.round_number_share=0", true},
        {"model.round_number_share=1.01", false},
        {"model.maintenance_margin_rate=0.009", true},
        {"model.maintenance_margin_rate=0.01", false},
        {"model.leverages=2", false},
        {"exchange.binance.base_url=fapi.binance.com", false},
        {"exchange.binance.base_url=ftp://x", false},
        {"exchange.binance.base_url=https://", false},
        {"exchange.binance.base_url=https:///x", false},
        {"exchange.binance.base_url=https://x?y", false},
        {"exchange.binance.base_url=https://x y", false},
        {"exchange.binance.base_url=https://a@b", false},
        {"exchange.binance.budget=2400", true},
        {"exchange.base_url=https://x", false},
        {"exchange.binance.weight=1", false},
        {"server.=1", false},
        {"server=1", false},
        {"=1", false},
        {"server.workers", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_config before = config;
        enum liq_err err =
            liq_config_set(&config, cases[i].assignment, &reason);

        if (err != (cases[i].good ? LIQ_OK : LIQ_EINVAL))
            fail_msg("%s: %d", cases[i].assignment, err);
        if (err) {
            refused("--set");
            assert_memory_equal(&config, &before, sizeof before);
        }
    }
}

static void set_takes_effect(void **state)
{
    (void)state;
    assert_int_equal(
        liq_config_set(&config, "exchange.binance.base_url=http://a/?", NULL),
        LIQ_EINVAL);
    assert_int_equal(liq_config_set(&config,
                                    "exchange.binance.base_url=http://a:1/b=c/",
                                    &reason),
                     LIQ_OK);
    assert_string_equal(config.exchange[0].base_url, "http://a:1/b=c");
}

/* As long as it may be, and one more. */
static void lengths(void **state)
{
    static const struct {
        const char *start;
        size_t max;
    } cases[] = {
        {"server.listen=", 107},
        {"server.symbols=", 511},
        {"fetch.dump_dir=", 255},
        {"server.state_file=", 255},
        {"exchange.binance.base_url=http://", 255 - 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[700];
        size_t n = strlen(cases[i].start);

        memset(text, 'A', sizeof text);
        memcpy(text, cases[i].start, n);
        text[n + cases[i].max + 1] = '\0';
        assert_int_equal(liq_config_set(&config, text, &reason), LIQ_EINVAL);
        text[n + cases[i].max] = '\0';
        assert_int_equal(liq_config_set(&config, text, &reason), LIQ_OK);
    }
    assert_int_equal(strlen(config.symbols), 511);
}

static void environment(void **state)
{
    static char home[] = "HOME=/", test[] = "LIQMAP_TEST_LIMIT=x";
    static char ttl[] = "LIQMAP_CACHE_TTL_MS=7000", odd[] = "LIQMAP_";
    static char url[] = "LIQMAP_EXCHANGE_BINANCE_BASE_URL=http://h:1";
    static char servers[] = "LIQMAP_SERVERS=1", bare[] = "LIQMAP_CACHE_X";
    char *const variables[] = {home, test, ttl, odd, url, servers, bare, NULL};

    (void)state;
    assert_int_equal(liq_config_environment(&config, variables, &reason),
                     LIQ_OK);
    assert_int_equal(config.ttl_ms, 7000);
    assert_string_equal(config.exchange[0].base_url, "http://h:1");
    assert_int_equal(liq_config_environment(&config, NULL, &reason), LIQ_OK);
}

static void environment_refuses(void **state)
{
    static const struct {
        const char *variable, *message;
    } cases[] = {
        {"LIQMAP_RECORDER_PATH=x", "LIQMAP_RECORDER_PATH: no such setting"},
        {"LIQMAP_CACHE_TTL=1", "LIQMAP_CACHE_TTL: no such setting"},
        {"LIQMAP_SERVER_=1", "LIQMAP_SERVER_: no such setting"},
        {"LIQMAP_FETCH_deadline_ms=1", "no such setting"},
        {"LIQMAP_EXCHANGE_MTGOX_BASE_URL=https://x", "no such setting"},
        {"LIQMAP_SERVER_WORKERS=many",
         "LIQMAP_SERVER_WORKERS: expected a number from 1 to 256, got 'many'"},
    };
    static char good[] = "LIQMAP_CACHE_TTL_MS=7000";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[80];
        char *const variables[] = {good, text, NULL};

        (void)snprintf(text, sizeof text, "%s", cases[i].variable);
        assert_int_equal(liq_config_environment(&config, variables, &reason),
                         LIQ_EINVAL);
        refused(cases[i].message);
        assert_int_equal(config.ttl_ms, 20000);
    }
}

/* Every setting can be set each way, under the name that the file has. */
static void all_ways_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KEYS; i++) {
        char text[200];
        char *const variables[] = {text, NULL};
        size_t n;

        (void)snprintf(text, sizeof text, "%s.%s=%s", keys[i].section,
                       keys[i].name, keys[i].initial);
        assert_int_equal(liq_config_set(&config, text, &reason), LIQ_OK);
        n = (size_t)snprintf(text, sizeof text, "LIQMAP_%s_%s", keys[i].section,
                             keys[i].name);
        for (size_t c = 0; c < n; c++)
            text[c] = env_char(text[c]);
        (void)snprintf(text + n, sizeof text - n, "=%s", keys[i].initial);
        assert_ptr_equal(find_env(text + strlen(PREFIX)), &keys[i]);
        assert_int_equal(liq_config_environment(&config, variables, &reason),
                         LIQ_OK);
    }
}

static void check(void **state)
{
    static const struct {
        const char *assignment, *message;
    } cases[] = {
        {"cache.ttl_ms=2000", "[cache] lead_ms: expected less than ttl_ms "
                              "(2000), got 2000"},
        {"fetch.deadline_ms=2999", "[fetch] connect_ms: expected at most "
                                   "deadline_ms (2999), got 3000"},
        {"watch.give_up_ms=5000", "[watch] retry_ms: expected less than "
                                  "give_up_ms (5000), got 5000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_config_defaults(&config);
        assert_int_equal(liq_config_set(&config, cases[i].assignment, &reason),
                         LIQ_OK);
        assert_int_equal(liq_config_check(&config, &reason), LIQ_EINVAL);
        assert_string_equal(reason.text, cases[i].message);
    }
}

#define CONFIG_TEST(f) cmocka_unit_test_setup(f, start)

static void recorder_settings(void **state)
{
    static const struct {
        const char *assignment;
        enum liq_err err;
    } cases[] = {
        {"recorder.file=/var/lib/liqmap/r.db", LIQ_OK},
        {"recorder.days=0", LIQ_OK},
        {"recorder.days=36501", LIQ_EINVAL},
        {"recorder.symbols=BTCUSDT, ETHUSDT", LIQ_OK},
        {"recorder.symbols=*", LIQ_EINVAL},
        {"recorder.symbols=", LIQ_EINVAL},
        {"recorder.okx_stream=ws://127.0.0.1:9000/ws", LIQ_OK},
        {"recorder.okx_stream=http://127.0.0.1:9000/ws", LIQ_EINVAL},
        {"recorder.okx_stream=", LIQ_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(liq_config_set(&config, cases[i].assignment, &reason),
                         cases[i].err);
    assert_string_equal(config.recorder_symbols, "BTCUSDT,ETHUSDT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIG_TEST(defaults),
        CONFIG_TEST(shipped_file_is_the_defaults),
        CONFIG_TEST(every_field_has_a_key),
        CONFIG_TEST(file_overrides),
        CONFIG_TEST(file_refuses),
        CONFIG_TEST(file_that_is_no_settings),
        CONFIG_TEST(file_that_is_not_there),
        CONFIG_TEST(longest_message_is_whole),
        CONFIG_TEST(values),
        CONFIG_TEST(set_takes_effect),
        CONFIG_TEST(lengths),
        CONFIG_TEST(environment),
        CONFIG_TEST(environment_refuses),
        CONFIG_TEST(all_ways_agree),
        CONFIG_TEST(check),
        CONFIG_TEST(recorder_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
