#include "exchange/feed.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct liq_feed *feed(const char *name)
{
    size_t i = 0;

    while (liq_feed_at(i) && strcmp(liq_feed_at(i)->exchange, name) != 0)
        i++;
    assert_non_null(liq_feed_at(i));
    return liq_feed_at(i);
}

/* What was read, one line each. */
static char lines[1024];

static void take(void *arg, const char *symbol, const struct liq_liquidation *l)
{
    size_t n = strlen(lines);

    (void)arg;
    snprintf(lines + n, sizeof lines - n, "%s %lld %s %.6g %.6g %.6g%s;",
             symbol, (long long)l->time_ms, l->is_long ? "long" : "short",
             l->price, l->quantity, l->usd, l->sampled ? " sampled" : "");
}

static enum liq_err read_text(const char *exchange, const char *text,
                              struct liq_reason *why)
{
    lines[0] = '\0';
    memset(why, 0, sizeof *why);
    return liq_feed_read(feed(exchange), text, strlen(text), take, NULL, why);
}

static const struct {
    const char *exchange, *text, *lines;
} good[] = {
    {"binance",
     "{\"e\":\"forceOrder\",\"E\":5,\"o\":{\"s\":\"BTCUSDT\",\"S\":\"SELL\","
     "\"q\":\"0.5\",\"p\":\"9000\",\"ap\":\"10000\",\"z\":\"0.4\",\"T\":7}}",
     "BTCUSDT 7 long 10000 0.4 4000 sampled;"},
    {"binance",
     "{\"stream\":\"btcusdt@forceOrder\",\"data\":{\"e\":\"forceOrder\","
     "\"o\":{\"s\":\"1000PEPEUSDT\",\"S\":\"BUY\",\"q\":2,\"p\":3,\"ap\":\"0\","
     "\"T\":8}}}",
     "1000PEPEUSDT 8 short 3 2 6 sampled;"},
    {"binance", "{\"result\":null,\"id\":1}", ""},
    /* Margined in the coin: its sizes are contracts. */
    {"binance",
     "{\"e\":\"forceOrder\",\"o\":{\"s\":\"BTCUSD_PERP\",\"S\":\"BUY\","
     "\"q\":\"2\",\"p\":\"3\",\"T\":8}}",
     ""},
    {"bybit",
     "{\"topic\":\"allLiquidation.BTCUSDT\",\"ts\":9,\"data\":["
     "{\"T\":7,\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"v\":\"0.5\",\"p\":\"100\"},"
     "{\"T\":8,\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"2\",\"p\":\"101\"},"
     "{\"T\":8,\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"none\",\"p\":\"1\"}]}",
     "BTCUSDT 7 long 100 0.5 50;BTCUSDT 8 short 101 2 202;"},
    /* A side in other letters, and two that are none. */
    {"bybit",
     "{\"topic\":\"allLiquidation.BTCUSDT\",\"data\":["
     "{\"T\":7,\"s\":\"BTCUSDT\",\"S\":\"BUY\",\"v\":\"1\",\"p\":\"100\"},"
     "{\"T\":8,\"s\":\"BTCUSDT\",\"S\":\"None\",\"v\":\"1\",\"p\":\"100\"},"
     "{\"T\":9,\"s\":\"BTCUSDT\",\"S\":null,\"v\":\"1\",\"p\":\"100\"}]}",
     "BTCUSDT 7 long 100 1 100;"},
    {"bybit", "{\"success\":true,\"ret_msg\":\"\",\"op\":\"subscribe\"}", ""},
    {"bybit", "{\"success\":true,\"ret_msg\":\"pong\",\"op\":\"ping\"}", ""},
    {"okx",
     "{\"arg\":{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"},"
     "\"data\":[{\"instId\":\"BTC-USDT-SWAP\",\"details\":[{\"side\":\"sell\","
     "\"posSide\":\"long\",\"bkPx\":\"60000\",\"sz\":\"13\",\"ts\":\"7\"},"
     "{\"side\":\"buy\",\"bkPx\":\"60000\",\"sz\":\"1\",\"ts\":\"8\"}]},"
     "{\"instId\":\"IOST-USDT-SWAP\",\"details\":[{\"side\":\"buy\","
     "\"bkPx\":\"1\",\"sz\":\"13\",\"ts\":\"9\"}]}]}",
     "BTCUSDT 7 long 60000 0.13 7800 sampled;"
     "BTCUSDT 8 short 60000 0.01 600 sampled;"},
    {"okx", "pong", ""},
    {"okx", "{\"event\":\"subscribe\",\"arg\":{},\"connId\":\"a\"}", ""},
};

static void messages_are_read(void **state)
{
    struct liq_reason why;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(read_text(good[i].exchange, good[i].text, &why),
                         LIQ_OK);
        assert_string_equal(lines, good[i].lines);
    }
}

static const struct {
    const char *text;
    enum liq_err err;
} bad[] = {
    {"", LIQ_EFORMAT},
    {"[]", LIQ_EFORMAT},
    {"null", LIQ_EFORMAT},
    {"{\"e\":", LIQ_EFORMAT},
    {"<html>", LIQ_EFORMAT},
    {"{\"success\":false,\"ret_msg\":\"error\"}", LIQ_EINVAL},
    {"{\"event\":\"error\",\"msg\":\"\\u0001\",\"code\":\"60012\"}",
     LIQ_EINVAL},
    {"{\"error\":{\"code\":2,\"msg\":\"Invalid request\"}}", LIQ_EINVAL},
    /* Of the right topic, and nothing in it is what it should be. */
    {"{\"topic\":\"allLiquidation\",\"e\":\"forceOrder\",\"data\":5}", LIQ_OK},
    {"{\"topic\":\"allLiquidation\",\"e\":\"forceOrder\",\"o\":[1],"
     "\"data\":[1,null,[],{\"s\":5,\"S\":{},\"T\":\"x\"},"
     "{\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"T\":-1,\"v\":1e308,\"p\":1e308},"
     "{\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"T\":5,\"v\":1e308,\"p\":1e308},"
     "{\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"T\":5,\"v\":-1,\"p\":1}]}",
     LIQ_OK},
    {"{\"arg\":{\"channel\":\"liquidation-orders\"},\"data\":[{\"instId\":"
     "\"BTC-USDT-SWAP\",\"details\":{\"a\":1}},{\"details\":[{}]}]}",
     LIQ_OK},
};

static void hostile_messages_give_nothing(void **state)
{
    struct liq_reason why;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t k = 0; liq_feed_at(k); k++) {
            assert_int_equal(
                read_text(liq_feed_at(k)->exchange, bad[i].text, &why),
                bad[i].err);
            assert_string_equal(lines, "");
            assert_int_equal(why.code, bad[i].err);
        }
    }
}

/* Cut anywhere, a message gives nothing and breaks nothing. */
static void cut_messages_are_refused(void **state)
{
    struct liq_reason why;
    char text[512];

    (void)state;
    for (size_t n = 1; n < strlen(good[0].text); n++) {
        snprintf(text, sizeof text, "%.*s", (int)n, good[0].text);
        assert_int_equal(read_text("binance", text, &why), LIQ_EFORMAT);
        assert_string_equal(lines, "");
    }
}

static const struct {
    const char *exchange, *symbols, *text;
} subscriptions[] = {
    {"binance", "BTCUSDT,1000PEPEUSDT",
     "{\"method\":\"SUBSCRIBE\",\"id\":1,\"params\":[\"btcusdt@forceOrder\","
     "\"1000pepeusdt@forceOrder\"]}"},
    {"bybit", "BTCUSDT",
     "{\"op\":\"subscribe\",\"args\":[\"allLiquidation.BTCUSDT\"]}"},
    {"okx", "BTCUSDT,ETHUSDT",
     "{\"op\":\"subscribe\",\"args\":[{\"channel\":\"liquidation-orders\","
     "\"instType\":\"SWAP\"}]}"},
};

static void subscriptions_name_the_symbols(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof subscriptions / sizeof *subscriptions; i++) {
        struct liq_buf b;

        liq_buf_init(&b, 4096);
        assert_int_equal(liq_feed_subscribe(feed(subscriptions[i].exchange),
                                            subscriptions[i].symbols, &b),
                         LIQ_OK);
        assert_string_equal(b.data, subscriptions[i].text);
        liq_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(hostile_messages_give_nothing),
        cmocka_unit_test(cut_messages_are_refused),
        cmocka_unit_test(subscriptions_name_the_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
