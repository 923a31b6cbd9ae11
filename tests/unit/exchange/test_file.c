#include "liqmap/exchange.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "liqmap/buf.h"
#include "liqmap/interval.h"
#include "exchange/file_csv.h"
#include "unit/exchange/guard.h"

static char dir[] = "/tmp/liqmap-file-XXXXXX";
static char path[2][128];
static struct liq_reason why;

static struct liq_fetch got;

static void done(struct liq_fetch *f)
{
    assert_ptr_equal(f, &got);
}

/* The outcome of a fetch that is done before it returns. */
static enum liq_err run(struct liq_exchange *x, struct liq_fetch f)
{
    liq_market_data_free(&got.data);
    liq_symbols_free(&got.symbols);
    got = f;
    got.done = done;
    x->fetch(x, &got);
    return got.why.code;
}

static const char *put_bytes(int which, const void *bytes, size_t n)
{
    FILE *f;

    snprintf(path[which], sizeof path[which], "%s/%s", dir,
             which == 0 ? "klines" : "metrics");
    f = fopen(path[which], "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
    return path[which];
}

static const char *put(int which, const char *text)
{
    return put_bytes(which, text, strlen(text));
}

static enum liq_err open_text(const char *klines, const char *metrics,
                              int64_t as_of_ms, struct liq_exchange **m)
{
    struct liq_file_options o = {NULL, NULL, "BTCUSDT", as_of_ms, LIQ_HOUR_MS};

    o.klines = put(0, klines);
    o.metrics = metrics != NULL ? put(1, metrics) : NULL;
    memset(&why, 0, sizeof why);
    *m = NULL;
    return liq_file_new(&o, m, &why);
}

static enum liq_err fetch(struct liq_exchange *x, int64_t interval_ms,
                          int64_t from_ms, int64_t to_ms)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .symbol = "BTCUSDT",
                          .interval_ms = interval_ms,
                          .from_ms = from_ms,
                          .to_ms = to_ms};

    return run(x, f);
}

#define HEAD "open_time,open,high,low,close,volume\n"
/* Three hours from 2025-10-10T21:00:00Z, which is 1760130000000. */
#define H0 INT64_C(1760130000000)
#define HOURS                                                                  \
    HEAD "1760130000000,10,14,9,12,100\n"                                      \
         "1760133600000,12,13,11,11,200\n"                                     \
         "1760137200000,11,20,8,15,300\n"

/* --- candles ------------------------------------------------------------ */

/* The same three candles, however they are written. */
static void forms(void **state)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"plain", HOURS},
        {"no newline at the end",
         HEAD "1760130000000,10,14,9,12,100\n1760133600000,12,13,11,11,200\n"
              "1760137200000,11,20,8,15,300"},
        {"windows", "\xef\xbb\xbf"
                    "open_time,open,high,low,close,volume\r\n"
                    "1760130000000,10,14,9,12,100\r\n\r\n"
                    "1760133600000,12,13,11,11,200\r\n"
                    "1760137200000,11,20,8,15,300\r\n"},
        {"other order, more columns",
         "count,volume,close,low,high,open,x,open_time\n"
         "1,100,12,9,14,10,,1760130000000\n1,200,11,11,13,12,,1760133600000\n"
         "1,300,15,8,20,11,,1760137200000\n"},
        {"text times", HEAD "2025-10-10 21:00:00,10,14,9,12,100\n"
                            "2025-10-10T22:00:00Z,12,13,11,11,200\n"
                            "2025-10-10 23:00,11,20,8,15,300\n"},
        {"quotes",
         "\"open_time\",\"open\",\"high\",\"low\",\"close\",\"volume\""
         "\n\"1760130000000\",\"10\",\"14\",\"9\",\"12\",\"100\"\n"
         "1760133600000, 12 ,13,11,11,200\n"
         "1760137200000,11,20,8,15,300\n"},
        {"unsorted, one twice", HEAD "1760137200000,11,20,8,15,300\n"
                                     "1760130000000,10,14,9,9,1\n"
                                     "1760133600000,12,13,11,11,200\n"
                                     "1760130000000,10,14,9,12,100\n"},
        {"json", " [[1760130000000,\"10\",\"14\",\"9\",\"12\",\"100\"],\n"
                 "[1760133600000,\"12\",\"13\",\"11\",\"11\",\"200\"],"
                 "[1760137200000,11,20,8,15,300]]"},
    };
    struct liq_exchange *m;
    int64_t t;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct liq_kline *k;

        if (open_text(cases[i].text, NULL, 0, &m) != LIQ_OK)
            fail_msg("%s: %s", cases[i].name, why.text);
        assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
        assert_int_equal(got.data.klines.n, 3);
        k = got.data.klines.at;
        assert_true(k[0].open_ms == H0 && k[2].open_ms == H0 + 2 * LIQ_HOUR_MS);
        assert_true(k[0].open == 10 && k[0].high == 14 && k[0].low == 9 &&
                    k[0].close == 12 && k[0].volume == 100);
        assert_true(fabs(k[0].quote_volume - 100.0 * 35.0 / 3.0) < 1e-9);
        assert_true(k[2].close == 15 && k[2].volume == 300);
        t = m->now_ms(m);
        assert_true(t == H0 + 3 * LIQ_HOUR_MS);
        assert_true(got.data.server_ms == t);
        assert_string_equal(m->source, "file");
        liq_market_data_free(&got.data);
        m->free(m);
    }
}

static void quote_volume(void **state)
{
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(
        open_text("open_time,open,high,low,close,volume,quote_volume\n"
                  "1760130000000,10,14,9,12,100,1234.5\n"
                  "1760133600000,12,13,11,11,300,\n",
                  NULL, 0, &m),
        LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_true(got.data.klines.at[0].quote_volume == 1234.5);
    assert_true(fabs(got.data.klines.at[1].quote_volume - 3500.0) < 1e-9);
    liq_market_data_free(&got.data);
    m->free(m);
}

/* A part of the volume, or not known. */
static void taker_buy_volume(void **state)
{
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(
        open_text("open_time,open,high,low,close,volume,taker_buy_volume\n"
                  "1760130000000,10,14,9,12,100,40.5\n"
                  "1760133600000,12,13,11,11,300,\n"
                  "1760137200000,12,13,11,11,300,300.1\n",
                  NULL, 0, &m),
        LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_true(got.data.klines.at[0].taker_buy_volume == 40.5);
    assert_true(isnan(got.data.klines.at[1].taker_buy_volume));
    assert_true(isnan(got.data.klines.at[2].taker_buy_volume));
    liq_market_data_free(&got.data);
    m->free(m);
}

static void gzip(void **state)
{
    struct liq_file_options o = {NULL, NULL, "BTCUSDT", 0, LIQ_HOUR_MS};
    struct liq_exchange *m;
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 4096);
    assert_int_equal(liq_buf_gzip(&b, HOURS, strlen(HOURS), 6), LIQ_OK);
    o.klines = put_bytes(0, b.data, b.len);
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_int_equal(got.data.klines.n, 3);
    liq_market_data_free(&got.data);
    m->free(m);
    put_bytes(0, b.data, b.len / 2);
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "damaged"));
    liq_buf_free(&b);
}

/* What is wrong is named: file, line, what was expected. */
static void refused(void **state)
{
    static const struct {
        const char *name, *text;
        enum liq_err err;
        const char *says;
    } cases[] = {
        {"empty", "", LIQ_EFORMAT, "klines: the file is empty"},
        {"blank lines", "\n\r\n\n", LIQ_EFORMAT, "klines: the file is empty"},
        {"no rows", HEAD, LIQ_ENOTFOUND, "klines: no candles"},
        {"empty json", "[]", LIQ_ENOTFOUND, "klines: no candles"},
        {"no header", "1760130000000,10,14,9,12,100\n", LIQ_EFORMAT,
         "klines:1: expected a header line with a column named open_time"},
        {"a column short", "open_time,open,high,low,close\n", LIQ_EFORMAT,
         "klines:1: expected a header line with a column named volume"},
        {"seconds", HEAD "1760130000,10,14,9,12,100\n", LIQ_EFORMAT,
         "klines:2: open_time: expected milliseconds (13 digits) or"},
        {"microseconds", HEAD "1760130000000000,10,14,9,12,100\n", LIQ_EFORMAT,
         "klines:2: open_time: expected milliseconds"},
        {"no time", HEAD ",10,14,9,12,100\n", LIQ_EFORMAT,
         "klines:2: open_time: expected milliseconds"},
        {"no such day", HEAD "2025-02-30 00:00:00,10,14,9,12,100\n",
         LIQ_EFORMAT, "klines:2: open_time: expected"},
        {"words", HEAD "\n1760130000000,10,x14,9,12,100\n", LIQ_EFORMAT,
         "klines:3: high: expected a number, got 'x14'"},
        {"empty price", HEAD "1760130000000,10,14,,12,100\n", LIQ_EFORMAT,
         "klines:2: a price is not within 1e-12 .. 1e12"},
        {"short row", HEAD "1760130000000,10,14,9,12\n", LIQ_EFORMAT,
         "klines:2: volume is not"},
        {"low above open", HEAD "1760130000000,10,14,11,12,100\n", LIQ_EFORMAT,
         "klines:2: open or close lies outside low .. high"},
        {"off the grid",
         HEAD "1760130000000,10,14,9,12,1\n"
              "1760133600000,10,14,9,12,1\n"
              "1760137200001,10,14,9,12,1\n",
         LIQ_EFORMAT, "does not open on the file's interval of 3600 s"},
        {"broken json", "[[1760130000000,\"10\"", LIQ_EFORMAT,
         "klines: this is not JSON"},
        {"json row", "[[1760130000000,10,9,14,12,100]]", LIQ_EFORMAT,
         "klines: candles: row 0: open or close"},
    };
    struct liq_exchange *m;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum liq_err err = open_text(cases[i].text, NULL, 0, &m);

        if (err != cases[i].err || !strstr(why.text, cases[i].says) ||
            m != NULL)
            fail_msg("%s: %s '%s'", cases[i].name, liq_err_name(err), why.text);
    }
}

static void no_file(void **state)
{
    struct liq_file_options o = {"/nonexistent/x.csv", NULL, "BTCUSDT", 0, 0};
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_EIO);
    assert_non_null(strstr(why.text, "/nonexistent/x.csv: No such file"));
    o.klines = put(0, HOURS);
    o.metrics = "/nonexistent/y.csv";
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_EIO);
    o.symbol = "btc";
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_EINVAL);
}

static void one_candle(void **state)
{
    struct liq_file_options o = {NULL, NULL, "BTCUSDT", 0, LIQ_HOUR_MS};
    struct liq_exchange *m;

    (void)state;
    o.klines = put(0, HEAD "1760130000000,10,14,9,12,100\n");
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_OK);
    assert_true(m->engine_ms(m, LIQ_HOUR_MS) == LIQ_HOUR_MS);
    m->free(m);
    o.fallback_ms = 0;
    assert_int_equal(liq_file_new(&o, &m, &why), LIQ_EFORMAT);
}

/* --- asking ------------------------------------------------------------- */

static void engine(void **state)
{
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(open_text(HOURS, NULL, 0, &m), LIQ_OK);
    assert_true(m->engine_ms(m, LIQ_HOUR_MS) == LIQ_HOUR_MS);
    assert_true(m->engine_ms(m, 4 * LIQ_HOUR_MS) == LIQ_HOUR_MS);
    assert_true(m->engine_ms(m, LIQ_DAY_MS) == LIQ_HOUR_MS);
    assert_true(m->engine_ms(m, 15 * LIQ_MINUTE_MS) == 0);
    assert_true(m->engine_ms(m, 5400000) == 0);
    assert_true(m->engine_ms(m, 0) == 0);
    m->free(m);
}

static void ranges(void **state)
{
    static const struct {
        int64_t from_ms, to_ms;
        enum liq_err err;
        size_t n;
    } cases[] = {
        {0, 0, LIQ_OK, 3},
        {H0 + LIQ_HOUR_MS, 0, LIQ_OK, 2},
        {H0, H0 + 2 * LIQ_HOUR_MS, LIQ_OK, 2},
        {H0, H0 + 2 * LIQ_HOUR_MS - 1, LIQ_OK, 1},
        {H0, H0 + 1, LIQ_ENOTFOUND, 0},
        {H0 + 9 * LIQ_HOUR_MS, 0, LIQ_ENOTFOUND, 0},
    };
    struct liq_fetch other = {.kind = LIQ_FETCH_SERIES,
                              .symbol = "ETHUSDT",
                              .interval_ms = LIQ_HOUR_MS};
    struct liq_fetch list = {.kind = LIQ_FETCH_SYMBOLS};
    struct liq_exchange *m;
    size_t i;

    (void)state;
    assert_int_equal(open_text(HOURS, NULL, 0, &m), LIQ_OK);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            fetch(m, LIQ_HOUR_MS, cases[i].from_ms, cases[i].to_ms),
            cases[i].err);
        assert_int_equal(got.data.klines.n, cases[i].n);
        assert_true(isnan(got.data.ticker.last) ==
                    (cases[i].to_ms != 0 || cases[i].n == 0));
        liq_market_data_free(&got.data);
    }
    assert_int_equal(fetch(m, LIQ_MINUTE_MS, 0, 0), LIQ_EINVAL);
    assert_int_equal(run(m, other), LIQ_ENOTFOUND);
    assert_int_equal(run(m, list), LIQ_OK);
    assert_int_equal(got.symbols.n, 1);
    assert_string_equal(got.symbols.at[0].name, "BTCUSDT");
    assert_string_equal(got.symbols.at[0].base, "BTC");
    m->free(m);
}

static void as_of(void **state)
{
    struct liq_exchange *m;
    int64_t t;

    (void)state;
    assert_int_equal(open_text(HOURS, NULL, H0 + 2 * LIQ_HOUR_MS + 5, &m),
                     LIQ_OK);
    t = m->now_ms(m);
    assert_true(t == H0 + 2 * LIQ_HOUR_MS + 5);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_int_equal(got.data.klines.n, 2);
    assert_true(got.data.ticker.last == 11.0);
    liq_market_data_free(&got.data);
    m->free(m);
    assert_int_equal(open_text(HOURS, NULL, H0 + 5, &m), LIQ_ENOTFOUND);
}

/* The last 24 hours only. */
static void ticker(void **state)
{
    char text[4096] = HEAD;
    struct liq_exchange *m;
    size_t n = strlen(text);
    int i;

    (void)state;
    for (i = 0; i < 30; i++)
        n += (size_t)snprintf(
            text + n, sizeof text - n, "%lld,%d,%d,%d,%d,%d\n",
            (long long)(H0 + i * LIQ_HOUR_MS), 100 + i, i == 3 ? 999 : 105 + i,
            i == 4 ? 1 : 95 + i, 101 + i, 10);
    assert_int_equal(open_text(text, NULL, 0, &m), LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, H0 + 29 * LIQ_HOUR_MS, 0), LIQ_OK);
    assert_true(got.data.ticker.last == 130.0);
    assert_true(got.data.ticker.high_24h == 134.0); /* not the 999 of before */
    assert_true(got.data.ticker.low_24h == 101.0);
    assert_true(got.data.ticker.volume_24h == 240.0);
    assert_true(fabs(got.data.ticker.change_percent_24h -
                     100.0 * (130.0 - 106.0) / 106.0) < 1e-12);
    assert_true(got.data.ticker.time_ms == H0 + 30 * LIQ_HOUR_MS);
    liq_market_data_free(&got.data);
    m->free(m);
}

/* --- open interest ------------------------------------------------------ */

#define METRICS                                                                \
    "create_time,symbol,sum_open_interest,sum_open_interest_value,"            \
    "count_toptrader_long_short_ratio,count_long_short_ratio\n"                \
    "2025-10-10 21:55:00,BTCUSDT,500,6000,9,3\n"                               \
    "2025-10-10 22:00:07,BTCUSDT,510,6100,9,1\n"                               \
    "2025-10-10 22:05:00,ETHUSDT,1,1,9,9\n"                                    \
    "2025-10-10 23:05:00,BTCUSDT,0.0,0.0,9,\n"                                 \
    "2025-10-10 23:10:00,BTCUSDT,520,,9,\n"

static void metrics(void **state)
{
    static const struct {
        const char *name;
        int64_t as_of_ms, to_ms;
        double interest, usd, share;
        size_t n_warning;
    } cases[] = {
        {"now; value from the close, ratio from an older row", 0, 0, 520,
         520.0 * 15, 0.5, 0},
        {"zero is missing", H0 + 2 * LIQ_HOUR_MS + 6 * LIQ_MINUTE_MS, 0, 510,
         6100, 0.5, 0},
        {"late stamps count when they are written", H0 + LIQ_HOUR_MS + 6999, 0,
         500, 6000, 0.75, 0},
        {"the past of an ask", 0, H0 + LIQ_HOUR_MS + 8000, 510, 6100, 0.5, 0},
        {"before the file", 0, H0 + LIQ_HOUR_MS - 10 * LIQ_MINUTE_MS, NAN, NAN,
         NAN, 2},
    };
    struct liq_exchange *m;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_statistics *s = &got.data.statistics;
        char text[] = HEAD "1760126400000,10,14,9,12,100\n"
                           "1760130000000,10,14,9,12,100\n"
                           "1760133600000,12,13,11,11,200\n"
                           "1760137200000,11,20,8,15,300\n";

        if (open_text(text, METRICS, cases[i].as_of_ms, &m) != LIQ_OK)
            fail_msg("%s: %s", cases[i].name, why.text);
        assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, cases[i].to_ms), LIQ_OK);
        if (!(s->open_interest == cases[i].interest ||
              isnan(cases[i].interest)) ||
            isnan(s->open_interest) != isnan(cases[i].interest) ||
            !(s->open_interest_usd == cases[i].usd || isnan(cases[i].usd)) ||
            !(s->long_account_share == cases[i].share ||
              isnan(cases[i].share)) ||
            got.data.n_warning != cases[i].n_warning)
            fail_msg("%s: %g %g %g, %zu warnings", cases[i].name,
                     s->open_interest, s->open_interest_usd,
                     s->long_account_share, got.data.n_warning);
        assert_true(isnan(s->mark_price) && isnan(s->funding_rate));
        liq_market_data_free(&got.data);
        m->free(m);
    }
}

/* A day later the file says nothing about now. */
static void old_metrics(void **state)
{
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(open_text(HOURS, METRICS, H0 + 27 * LIQ_HOUR_MS, &m),
                     LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_true(isnan(got.data.statistics.open_interest));
    assert_int_equal(got.data.n_warning, 2);
    liq_market_data_free(&got.data);
    m->free(m);
    assert_int_equal(open_text(HOURS, NULL, 0, &m), LIQ_OK);
    assert_int_equal(fetch(m, LIQ_HOUR_MS, 0, 0), LIQ_OK);
    assert_int_equal(got.data.n_warning, 1);
    assert_true(isnan(got.data.statistics.open_interest));
    liq_market_data_free(&got.data);
    m->free(m);
}

static void bad_metrics(void **state)
{
    struct liq_exchange *m;

    (void)state;
    assert_int_equal(open_text(HOURS, "create_time,symbol\n", 0, &m),
                     LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "metrics:1: expected a header line with a "
                                     "column named sum_open_interest"));
    assert_int_equal(open_text(HOURS,
                               "create_time,sum_open_interest\n"
                               "2025-10-10 22:00:00,many\n",
                               0, &m),
                     LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "metrics:2: sum_open_interest: expected a "
                                     "number, got 'many'"));
    assert_int_equal(open_text(HOURS,
                               "create_time,sum_open_interest\n"
                               "yesterday,5\n",
                               0, &m),
                     LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "metrics:2: create_time"));
}

/* --- every prefix, at the end of memory ----------------------------------- */

static void prefixes(void **state)
{
    static const char klines[] = HOURS "2025-10-10 23:00,\"11\", 20,8,15,300";
    static const char rows[] = METRICS;
    struct guard g = guard_new(4096);
    struct liq_klines k;
    struct liq_metrics m;
    size_t n;

    (void)state;
    assert_non_null(g.map);
    for (n = 0; n < sizeof klines; n++)
        if (liq_csv_klines(guard_put(&g, klines, n), n, "x", &k, &why) ==
            LIQ_OK)
            free(k.at);
    for (n = 0; n < sizeof rows; n++)
        if (liq_csv_metrics(guard_put(&g, rows, n), n, "x", "BTCUSDT", &m,
                            &why) == LIQ_OK)
            free(m.at);
    guard_free(&g);
}

/* --- recorded files, where they are at hand ----------------------------- */

static void recorded(void **state)
{
    const char *shared = getenv("LIQMAP_SHARED");
    char klines[512], rows[512];
    struct liq_file_options o = {klines, rows, "BTCUSDT",
                                 INT64_C(1760130000000), 0};
    struct liq_exchange *m;

    (void)state;
    snprintf(klines, sizeof klines,
             "%s/market-data/klines/um_BTCUSDT_5m_2025-07-04_2025-10-31.csv.gz",
             shared ? shared : "../shared");
    snprintf(rows, sizeof rows,
             "%s/market-data/metrics/"
             "um_BTCUSDT_metrics_5m_2025-07-01_2025-10-31.csv.gz",
             shared ? shared : "../shared");
    if (access(klines, R_OK) != 0 || access(rows, R_OK) != 0)
        skip();
    if (liq_file_new(&o, &m, &why) != LIQ_OK)
        fail_msg("%s", why.text);
    assert_true(m->engine_ms(m, 15 * LIQ_MINUTE_MS) == 5 * LIQ_MINUTE_MS);
    assert_int_equal(fetch(m, 5 * LIQ_MINUTE_MS, 0, 0), LIQ_OK);
    assert_true(got.data.klines.at[got.data.klines.n - 1].open_ms ==
                INT64_C(1760130000000) - 5 * LIQ_MINUTE_MS);
    assert_true(got.data.statistics.open_interest > 50000.0);
    assert_true(got.data.statistics.open_interest_usd > 5e9);
    liq_market_data_free(&got.data);
    m->free(m);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(path[0]);
    unlink(path[1]);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(quote_volume),
        cmocka_unit_test(taker_buy_volume),
        cmocka_unit_test(gzip),
        cmocka_unit_test(refused),
        cmocka_unit_test(no_file),
        cmocka_unit_test(one_candle),
        cmocka_unit_test(engine),
        cmocka_unit_test(ranges),
        cmocka_unit_test(as_of),
        cmocka_unit_test(ticker),
        cmocka_unit_test(metrics),
        cmocka_unit_test(old_metrics),
        cmocka_unit_test(bad_metrics),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
