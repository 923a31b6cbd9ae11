/* What the tests of all exchanges share: an exchange that answers like the real
 * one, fetches against it, and fixtures. */
#ifndef LIQMAP_TEST_MARKET_VENUE_TEST_H
#define LIQMAP_TEST_MARKET_VENUE_TEST_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "unit/market/fake_http.h"
#include "unit/market/guard.h"
#include "unit/market/venue_parse.h"

#define DEADLINE INT64_C(9000000)
#define NO_ROWS                                                                \
    {                                                                          \
        NULL, 0, 0                                                             \
    }

static struct fake fake;
static struct liq_market *market;
static struct liq_market_answer answer;
static struct liq_reason why;

/* --- the exchange's candles --------------------------------------------- */

typedef void write_row_fn(struct liq_buf *out, int64_t t, int64_t step);

/* Rows that open in [from, to], the newest or the oldest `limit` of them, in
 * the order that the exchange has. */
static inline void fake_rows(struct fake *f, struct liq_buf *out, int64_t step,
                             int64_t from, int64_t to, int64_t limit,
                             bool newest, bool descending, write_row_fn *row)
{
    int64_t first = from < f->listed_ms ? f->listed_ms : from, n, i;
    int64_t last = to < fake_now(f) ? to : fake_now(f);

    first = (first + step - 1) / step * step;
    last = last / step * step;
    n = last < first ? 0 : (last - first) / step + 1;
    if (n > limit && newest)
        first += (n - limit) * step;
    if (n > limit)
        n = limit;
    for (i = 0; i < n; i++) {
        if (i > 0)
            liq_buf_char(out, ',');
        row(out, first + (descending ? n - 1 - i : i) * step, step);
    }
    f->n_row += (size_t)n;
}

/* The word behind name in a question, up to & or ". */
static inline void query_word(const char *question, const char *name,
                              char out[40])
{
    const char *p = strstr(question, name);
    size_t n = p != NULL ? strcspn(p + strlen(name), "&\"") : 0;

    assert_true(n < 40);
    if (n > 0)
        memcpy(out, p + strlen(name), n);
    out[n] = '\0';
}

/* --- fetching ----------------------------------------------------------- */

static inline int venue_setup(const struct liq_venue_row *row,
                              void (*serve)(struct fake *, const char *,
                                            struct liq_buf *))
{
    struct liq_venue_options o = {&fake.http, &fake.clock, "http://x", 0};

    fake_init(&fake);
    fake.serve = serve;
    market = liq_venue_new(row, &o);
    return market == NULL;
}

static inline int venue_teardown(void **state)
{
    (void)state;
    market->free(market);
    pthread_mutex_destroy(&fake.lock);
    return 0;
}

/* n candles up to the forming one. */
static inline enum liq_err fetch_n(int64_t interval_ms, int64_t n)
{
    struct liq_market_ask ask = {"BTCUSDT", interval_ms, 0, 0, false};

    ask.from_ms = liq_interval_floor(fake_now(&fake), interval_ms) -
                  (n - 1) * interval_ms;
    return market->fetch(market, &ask, DEADLINE, &answer, &why);
}

static inline void must(enum liq_err err)
{
    if (err != LIQ_OK)
        fail_msg("%s: %s", liq_err_name(err), why.text);
}

/* The fake's clock in the windows of a budget: let them pass. */
static inline void pass(int64_t ms)
{
    fake.clock.held_mono_ms += ms;
}

/* What a feed asks for first: 1500 to 1875 display candles, in engine ones. */
struct cold_start {
    const char *display, *engine;
    size_t pages;
    bool shorter; /* the exchange does not go back that far */
};

static inline void check_cold_starts(const struct cold_start *c, size_t n)
{
    size_t i, j;

    for (i = 0; i < n; i++) {
        int64_t display = liq_interval_ms(c[i].display);
        int64_t engine = liq_interval_ms(c[i].engine);
        int64_t now = fake_now(&fake);
        int64_t from = liq_interval_floor(
            liq_interval_floor(now, display) - 1500 * display, 375 * display);
        struct liq_market_ask ask = {"BTCUSDT", engine, from, 0, false};
        size_t rows = (size_t)((now - from) / engine + 1);

        assert_true(market->engine_ms(market, display) == engine);
        must(market->now(market, DEADLINE, &now, &why));
        fake_clear(&fake);
        must(market->fetch(market, &ask, DEADLINE, &answer, &why));
        if (c[i].shorter) {
            assert_true(answer.klines.n > 600 && answer.klines.n < rows);
            rows = answer.klines.n;
        }
        assert_int_equal(answer.klines.n, rows);
        for (j = 1; j < rows; j++)
            assert_true(answer.klines.at[j].open_ms ==
                        answer.klines.at[j - 1].open_ms + engine);
        assert_true(answer.klines.at[rows - 1].open_ms ==
                    liq_interval_floor(fake_now(&fake), engine));
        if (answer.n_warning > 0)
            fail_msg("%s: %s", c[i].display, answer.warning[0]);
        if (fake.n_call != 1)
            fail_msg("%s: %zu round trips", c[i].display, fake.n_call);
        if (fake_count(&fake, "andle") + fake_count(&fake, "/kline") !=
            c[i].pages)
            fail_msg("%s: %zu pages", c[i].display,
                     fake_count(&fake, "andle") + fake_count(&fake, "/kline"));
        assert_true(answer.server_ms >= fake_now(&fake) - 1000);
        assert_true(answer.server_ms <= fake_now(&fake));
        liq_market_answer_free(&answer);
        pass(10 * LIQ_MINUTE_MS);
    }
}

/* --- failures ----------------------------------------------------------- */

struct failure {
    const char *name, *match;
    int status;
    const char *body, *headers;
    enum liq_err err;
    const char *says; /* how the reason goes on after the exchange's name */
    int64_t wait_ms;  /* 0: the gate stays open */
};

static inline void check_failure(const struct liq_venue_row *row,
                                 void (*serve)(struct fake *, const char *,
                                               struct liq_buf *),
                                 const struct failure *c)
{
    char says[200];
    enum liq_err err;
    int64_t t;

    assert_int_equal(venue_setup(row, serve), 0);
    must(market->now(market, DEADLINE, &t, &why));
    fake_clear(&fake);
    fake_add(&fake, c->match, c->status, c->body, c->headers, -1);
    err = fetch_n(LIQ_DAY_MS, 3);
    snprintf(says, sizeof says, "%s: %s", row->name, c->says);
    if (err != c->err || strncmp(why.text, says, strlen(says)) != 0 ||
        why.retry_after_ms != c->wait_ms)
        fail_msg("%s: %s '%s' %lld", c->name, liq_err_name(err), why.text,
                 (long long)why.retry_after_ms);
    fake_clear(&fake);
    if (c->wait_ms > 0) {
        pass(c->wait_ms - 1);
        assert_int_equal(fetch_n(LIQ_DAY_MS, 3), c->err);
        assert_int_equal(fake.n_call, 0);
        pass(1);
    }
    pass(LIQ_MINUTE_MS); /* beyond what is remembered */
    must(fetch_n(LIQ_DAY_MS, 3));
    liq_market_answer_free(&answer);
    venue_teardown(NULL);
}

/* Sets up and tears down a market of its own for each. */
#define CHECK_FAILURES(row, serve, cases)                                      \
    do {                                                                       \
        size_t at;                                                             \
        for (at = 0; at < sizeof(cases) / sizeof(cases)[0]; at++)              \
            check_failure(row, serve, &(cases)[at]);                           \
    } while (0)

/* --- fixtures ----------------------------------------------------------- */

static inline bool read_body(struct liq_buf *b, const char *folder,
                             const char *name)
{
    char path[700];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    liq_buf_init(b, 1 << 22);
    return liq_buf_read_file(b, path) == LIQ_OK;
}

static inline struct liq_buf fixture(const char *venue, const char *name)
{
    char folder[100];
    struct liq_buf b;

    snprintf(folder, sizeof folder, "tests/fixtures/%s", venue);
    if (!read_body(&b, folder, name))
        fail_msg("no fixture %s/%s", venue, name);
    return b;
}

/* The candles of a fixture, in order. */
static inline enum liq_err kline_fixture(const struct liq_venue_row *row,
                                         const char *name,
                                         struct liq_klines *out)
{
    struct liq_buf b = fixture(row->name, name);
    struct liq_venue_query q = venue_query(row, 0);
    struct liq_kline_list list = NO_ROWS;
    enum liq_err err = row->klines(b.data, b.len, &q, &list, &why);

    liq_buf_free(&b);
    if (err != LIQ_OK) {
        free(list.at);
        list.at = NULL;
        list.n = 0;
    }
    out->at = list.at;
    out->n = list.n;
    liq_klines_normalise(out);
    return err;
}

static inline void assert_near(double x, double y)
{
    if (!(fabs(x - y) <= 1e-9 * fabs(y)))
        fail_msg("%.12g is not %.12g", x, y);
}

/* The same candles in every exchange's own form and unit. */
static inline void check_kline_fixtures(const struct liq_venue_row *row,
                                        bool gives_quote)
{
    static const struct {
        const char *name;
        enum liq_err err;
        size_t n;
    } cases[] = {
        {"klines.json", LIQ_OK, 3},
        {"klines_types.json", LIQ_OK, 3},
        {"klines_empty.json", LIQ_OK, 0},
        {"klines_unsorted.json", LIQ_OK, 3},
        {"klines_cut.json", LIQ_EFORMAT, 0},
        {"klines_wrong.json", LIQ_EFORMAT, 0},
        {"klines_huge.json", LIQ_EFORMAT, 0},
    };
    struct liq_klines k;
    size_t i, j;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum liq_err err = kline_fixture(row, cases[i].name, &k);

        if (err != cases[i].err || k.n != cases[i].n)
            fail_msg("%s: %s, n %zu, '%s'", cases[i].name, liq_err_name(err),
                     k.n, why.text);
        for (j = 1; j < k.n; j++)
            assert_true(k.at[j - 1].open_ms < k.at[j].open_ms);
        if (k.n > 0) {
            assert_true(k.at[0].open_ms == INT64_C(1760130000000));
            assert_true(k.at[0].open == 61000.1 && k.at[0].high == 61250.0);
            assert_true(k.at[0].low == 60980.0 && k.at[0].close == 61200.5);
            assert_near(k.at[0].volume, 148.976);
            assert_near(k.at[0].quote_volume,
                        gives_quote
                            ? 9107412.55
                            : 148.976 * (61250.0 + 60980.0 + 61200.5) / 3.0);
        }
        free(k.at);
    }
}

/* Every prefix of every fixture, at the end of memory. */
static inline void check_prefixes(const struct liq_venue_row *row)
{
    struct guard g = guard_new(1 << 16);
    char folder[100];
    struct dirent *entry;
    size_t n, files = 0;
    DIR *d;

    snprintf(folder, sizeof folder, "tests/fixtures/%s", row->name);
    d = opendir(folder);
    assert_non_null(d);
    assert_non_null(g.map);
    while ((entry = readdir(d)) != NULL) {
        struct liq_buf b;

        if (entry->d_name[0] == '.')
            continue;
        assert_true(read_body(&b, folder, entry->d_name) && b.len < 1 << 16);
        for (n = 0; n <= b.len; n++)
            venue_parse_all(row, guard_put(&g, b.data, n), n);
        liq_buf_free(&b);
        files++;
    }
    assert_true(files >= 10);
    closedir(d);
    guard_free(&g);
}

/* --- recorded answers, where they are at hand --------------------------- */

static inline bool read_shared(struct liq_buf *b, const char *folder,
                               const char *name)
{
    const char *shared = getenv("LIQMAP_SHARED");
    char path[512];

    snprintf(path, sizeof path, "%s/market-data/rest/%s",
             shared ? shared : "../shared", folder);
    return read_body(b, path, name);
}

/* All bodies of a folder through all parsers; false when there is none. */
static inline bool check_shared(const struct liq_venue_row *row,
                                const char *folder)
{
    const char *shared = getenv("LIQMAP_SHARED");
    char path[400];
    struct dirent *entry;
    DIR *d;

    snprintf(path, sizeof path, "%s/market-data/rest/%s",
             shared ? shared : "../shared", folder);
    d = opendir(path);
    if (d == NULL)
        return false;
    while ((entry = readdir(d)) != NULL) {
        struct liq_buf b;

        if (entry->d_name[0] == '.')
            continue;
        assert_true(read_body(&b, path, entry->d_name));
        venue_parse_all(row, b.data, b.len);
        liq_buf_free(&b);
    }
    closedir(d);
    return true;
}

/* How many candles a recorded answer holds. */
static inline size_t shared_klines(const struct liq_venue_row *row,
                                   const char *folder, const char *name)
{
    struct liq_kline_list list = NO_ROWS;
    struct liq_venue_query q = venue_query(row, 0);
    struct liq_buf b;

    assert_true(read_shared(&b, folder, name));
    must(row->klines(b.data, b.len, &q, &list, &why));
    liq_buf_free(&b);
    free(list.at);
    return list.n;
}

/* ... and how many symbols. */
static inline size_t shared_symbols(const struct liq_venue_row *row,
                                    const char *folder, const char *name)
{
    struct liq_symbols s;
    struct liq_buf b;
    size_t n;

    assert_true(read_shared(&b, folder, name));
    must(row->read_symbols(b.data, b.len, &s, &why));
    n = s.n;
    liq_symbols_free(&s);
    liq_buf_free(&b);
    return n;
}

/* The part of a row whose path or post holds text, on a recorded answer. */
static inline struct liq_venue_found
shared_part(const struct liq_venue_row *row, const char *text, int64_t to_ms,
            const char *folder, const char *name)
{
    struct liq_venue_found found = venue_nothing();
    struct liq_venue_query q = venue_query(row, to_ms);
    const struct liq_venue_part *part = row->part;
    struct liq_buf b;

    while (part->path != NULL &&
           (part->read == NULL ||
            (strstr(part->path, text) == NULL &&
             (part->post == NULL || strstr(part->post, text) == NULL))))
        part++;
    assert_non_null(part->path);
    assert_true(read_shared(&b, folder, name));
    must(part->read(b.data, b.len, &q, &found, &why));
    liq_buf_free(&b);
    return found;
}

#endif
