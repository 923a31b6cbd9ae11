/* What is in the responses. */
#include "server.h"

static void heatmap_is_a_whole_snapshot(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "heatmap", NULL, 200);
    static const char *const columns[] = {
        "open_time", "open", "high", "low", "close", "volume", "quote_volume"};

    (void)state;
    assert_true(number(doc, "api") == 1);
    assert_string_equal(text(doc, "symbol"), "BTCUSDT");
    assert_string_equal(text(doc, "exchange"), "fake");
    assert_string_equal(text(doc, "market"), "usdm-perpetual");
    assert_string_equal(text(doc, "interval"), "1h");
    assert_true(number(doc, "bars") == 200);
    expect_null(doc, "end");
    assert_string_equal(text(doc, "source"), "live");
    assert_true(number(doc, "generated_at") == (double)s->fake[0]->time_ms);
    assert_true(number(doc, "data_time") == (double)s->fake[0]->time_ms);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    expect_null(doc, "stale_reason");
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 0);
    assert_true(number(doc, "ticker.last") == 100500.0);
    assert_true(number(doc, "statistics.open_interest_usd") ==
                80000.0 * 100400.0);
    assert_true(number(doc, "statistics.long_account_share") == 0.6);
    assert_string_equal(text(doc, "model.name"), "gauss7");
    assert_string_equal(text(doc, "model.engine_interval"), "15m");
    assert_int_equal(cJSON_GetArraySize(at(doc, "model.tiers")), 7);
    assert_true(number(cJSON_GetArrayItem(at(doc, "model.tiers"), 6),
                       "leverage") == 100);
    assert_string_equal(text(doc, "model.scaled_by"), "open_interest");
    assert_int_equal(cJSON_GetArraySize(at(doc, "model.notes")), 3);
    assert_string_equal(text(doc, "filter.side"), "both");
    expect_null(doc, "filter.range");
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(
                             at(doc, "candles"), columns[i])),
                         200);
    assert_true(
        cJSON_GetArrayItem(at(doc, "candles.open_time"), 199)->valuedouble ==
        (double)NEW_YEAR);
    cJSON_Delete(doc);
    server_free(s);
}

static int digit(char c)
{
    assert_true(c >= '#' && c <= '~' && c != '\\');
    return c - '#' - (c > '\\');
}

/* The next number of a row of compact cells, as a difference. */
static int difference(const char **p)
{
    int n = digit(*(*p)++);

    if (n >= 64)
        n = 64 + (n - 64) * 91 + digit(*(*p)++);
    return n % 2 ? (n + 1) / 2 : -n / 2;
}

/* Written from README.md. */
static void read_compact_row(const char *p, const int *below, int *row, int n)
{
    for (int j = 0; j < n; j++) {
        int change = below[j] - (j ? below[j - 1] : 0);

        row[j] = (j ? row[j - 1] : 0) + change - (change > 0) + (change < 0) +
                 difference(&p);
    }
    assert_int_equal(*p, '\0');
}

static void compact_cells_are_the_plain_ones(void **state)
{
    struct server *s = server_new(1);
    cJSON *plain = ask_json(s, "heatmap", "bars=100&rows=200", 200);
    cJSON *compact =
        ask_json(s, "heatmap", "bars=100&rows=200&format=compact", 200);
    double step =
        number(compact, "grid.quantum") / number(plain, "grid.quantum");
    const cJSON *line, *want = at(plain, "grid.cells")->child;
    int rows[2][100] = {{0}}, max = 0, r = 0;

    (void)state;
    assert_true(step >= 1.0 && step == round(step));
    cJSON_ArrayForEach(line, at(compact, "grid.cells"))
    {
        int *row = rows[r % 2];
        const cJSON *cell = want->child;

        read_compact_row(line->valuestring, rows[(r + 1) % 2], row, 100);
        for (int j = 0; j < 100; j++, cell = cell->next) {
            assert_true(fabs(row[j] * step - cell->valuedouble) <=
                        step / 2.0 + 0.5);
            max = row[j] > max ? row[j] : max;
        }
        want = want->next;
        r++;
    }
    assert_null(want);
    assert_true(max == number(compact, "grid.max") && max <= 200);
    cJSON_Delete(plain);
    cJSON_Delete(compact);
    server_free(s);
}

static void compact_profile_leaves_sums_to_the_reader(void **state)
{
    struct server *s = server_new(1);
    cJSON *plain = ask_json(s, "heatmap", "bars=100", 200);
    cJSON *compact = ask_json(s, "heatmap", "bars=100&format=compact", 200);
    const cJSON *tiers = at(compact, "profile.tiers");
    const cJSON *total = at(plain, "profile.total");

    (void)state;
    assert_null(cJSON_GetObjectItem(at(compact, "profile"), "total"));
    assert_null(cJSON_GetObjectItem(at(compact, "profile"), "cumulative"));
    assert_int_equal(cJSON_GetArraySize(tiers), 7);
    for (int r = 0; r < cJSON_GetArraySize(total); r++) {
        double sum = 0.0;
        const cJSON *tier;

        cJSON_ArrayForEach(tier, tiers)
        {
            sum += cJSON_GetArrayItem(tier, r)->valuedouble;
        }
        /* Seven tenths, each rounded. */
        assert_true(fabs(sum - cJSON_GetArrayItem(total, r)->valuedouble) <
                    7 * 0.05 + 0.001);
    }
    cJSON_Delete(plain);
    cJSON_Delete(compact);
    server_free(s);
}

static void compact_candles_are_the_plain_ones(void **state)
{
    struct server *s = server_new(1);
    cJSON *plain = ask_json(s, "heatmap", "bars=100", 200);
    cJSON *compact = ask_json(s, "heatmap", "bars=100&format=compact", 200);
    double scale = number(compact, "candles.ticks_per_unit");
    double time = 0.0, last = 0.0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        static const char *const keys[] = {
            "candles.open_time", "candles.open",  "candles.high",
            "candles.low",       "candles.close", "candles.volume"};
        double a[6], b[6], open;

        for (size_t k = 0; k < 6; k++) {
            a[k] = cJSON_GetArrayItem(at(plain, keys[k]), i)->valuedouble;
            b[k] = cJSON_GetArrayItem(at(compact, keys[k]), i)->valuedouble;
        }
        time += b[0];
        open = last + b[1];
        last = open + b[4];
        assert_true(time == a[0] && open / scale == a[1] &&
                    last / scale == a[4]);
        assert_true((fmax(open, last) + b[2]) / scale == a[2] &&
                    (fmin(open, last) - b[3]) / scale == a[3]);
        assert_true(fabs(b[5] - a[5]) <= 0.005 * a[5]);
    }
    cJSON_Delete(plain);
    cJSON_Delete(compact);
    server_free(s);
}

static void the_grid_keeps_the_mass(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "heatmap", "bars=100&rows=200", 200);
    double quantum = number(doc, "grid.quantum"), last = 0.0, max = 0.0;
    double total = number(doc, "grid.total");
    int rows = (int)number(doc, "grid.rows"), count = 0;
    const cJSON *row, *cell;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(at(doc, "grid.cells")), rows);
    assert_true(number(doc, "grid.columns") == 100);
    cJSON_ArrayForEach(row, at(doc, "grid.cells"))
    {
        assert_int_equal(cJSON_GetArraySize(row), 100);
        cJSON_ArrayForEach(cell, row)
        {
            max = fmax(max, cell->valuedouble);
            assert_true(cell->valuedouble >= 0.0);
            if (++count % 100 == 0)
                last += cell->valuedouble;
        }
    }
    assert_true(max == number(doc, "grid.max"));
    assert_in_range((int)max, 400, 1000);
    /* Each cell is off by half a quantum at most. */
    assert_true(fabs(last * quantum + number(doc, "grid.outside") - total) <=
                rows * quantum / 2);
    assert_true(fabs(number(doc, "grid.usd_per_unit") -
                     2.0 * 80000.0 * 100400.0 / total) < 1e-9);
    cJSON_Delete(doc);
    server_free(s);
}

/* Rows below the close hold longs, above it shorts. */
static void row_zero_is_the_lowest_price(void **state)
{
    static const struct {
        const char *query;
        bool below, above;
    } cases[] = {{"side=long", true, false},
                 {"side=short", false, true},
                 {"side=both", true, true}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct server *s = server_new(1);
        cJSON *doc = ask_json(s, "heatmap", cases[i].query, 200);
        double low = number(doc, "grid.price_min");
        double step = number(doc, "grid.price_step"), below = 0.0, above = 0.0;
        double close = fake_candle(NEW_YEAR).close;
        const cJSON *row;

        assert_true(low < 94000.0);
        cJSON_ArrayForEach(row, at(doc, "grid.cells"))
        {
            double mass = cJSON_GetArrayItem(row, 199)->valuedouble;

            *(low + step < close ? &below : &above) += mass;
            low += step;
        }
        assert_int_equal(below > 0.0, cases[i].below);
        assert_int_equal(above > 0.0, cases[i].above);
        cJSON_Delete(doc);
        server_free(s);
    }
}

static void range_sets_the_axis(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "heatmap", "range=2.5&rows=100&tiers=100", 200);
    double close = fake_candle(NEW_YEAR).close;
    double low = number(doc, "grid.price_min");
    double step = number(doc, "grid.price_step");
    double high = low + step * number(doc, "grid.rows");

    (void)state;
    assert_true(low <= close * 0.975 && low > close * 0.95);
    assert_true(high >= close * 1.025 && high < close * 1.05);
    assert_true(number(doc, "filter.range") == 2.5);
    assert_int_equal(cJSON_GetArraySize(at(doc, "filter.tiers")), 1);
    cJSON_Delete(doc);
    server_free(s);
}

static void what_is_unknown_is_null(void **state)
{
    static const char *const absent[] = {
        "ticker.last",
        "ticker.time",
        "statistics.open_interest",
        "statistics.open_interest_usd",
        "statistics.funding_rate",
        "statistics.next_funding_time",
        "grid.usd_per_unit",
        "model.scaled_by",
    };
    struct server *s = server_new(1);
    cJSON *doc;

    (void)state;
    s->fake[0]->bare = true;
    doc = ask_json(s, "heatmap", NULL, 200);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        expect_null(doc, absent[i]);
    assert_string_equal(cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
                        "open interest: HTTP 500");
    assert_true(number(doc, "grid.total") > 0.0);
    cJSON_Delete(doc);
    server_free(s);
}

/* The column of display candle open_ms, as text. */
static void column_text(const cJSON *doc, double open_ms, char *out,
                        size_t size)
{
    size_t n = 0;
    int j = 0;
    const cJSON *item;

    cJSON_ArrayForEach(item, at(doc, "candles.open_time"))
    {
        if (item->valuedouble == open_ms)
            break;
        j++;
    }
    assert_non_null(item);
    out[0] = '\0';
    cJSON_ArrayForEach(item, at(doc, "grid.cells"))
    {
        n += (size_t)snprintf(out + n, size - n, "%d ",
                              cJSON_GetArrayItem(item, j)->valueint);
    }
}

static void closed_columns_do_not_repaint(void **state)
{
    static char before[8000], after[8000], past[8000];
    struct server *s = server_new(1), *other = server_new(1);
    double open_ms = (double)(NEW_YEAR - 5 * LIQ_HOUR_MS);
    cJSON *doc = ask_json(s, "heatmap", "interval=15m&range=20", 200), *again;
    double quantum = number(doc, "grid.quantum");

    (void)state;
    column_text(doc, open_ms, before, sizeof before);
    cJSON_Delete(doc);
    pass(s, 20 * LIQ_MINUTE_MS);
    doc = ask_json(s, "heatmap", "interval=15m&range=20", 200);
    assert_true(number(doc, "grid.quantum") == quantum);
    column_text(doc, open_ms, after, sizeof after);
    assert_string_equal(before, after);

    /* The same from a process that saw nothing of before, and from replay. */
    other->fake[0]->time_ms = s->fake[0]->time_ms + 20 * LIQ_MINUTE_MS;
    again = ask_json(other, "heatmap",
                     "interval=15m&range=20&end=2026-01-01T00:15:00Z", 200);
    assert_true(number(again, "end") == (double)(NEW_YEAR + 900000));
    column_text(again, open_ms, past, sizeof past);
    assert_string_equal(before, past);
    cJSON_Delete(doc);
    cJSON_Delete(again);
    server_free(s);
    server_free(other);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct server *s = server_new(1), *other = server_new(1);
    struct liq_api_response a = ask(s, "heatmap", "bars=500");
    struct liq_api_response b = ask(other, "heatmap", "bars=500");

    (void)state;
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.body, b.body, a.len);
    liq_api_response_free(&a);
    liq_api_response_free(&b);
    server_free(s);
    server_free(other);
}

static void klines_are_the_candles_alone(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "klines", "bars=3&interval=4h", 200);

    (void)state;
    assert_string_equal(text(doc, "interval"), "4h");
    assert_int_equal(cJSON_GetArraySize(at(doc, "candles.close")), 3);
    assert_true(
        cJSON_GetArrayItem(at(doc, "candles.open_time"), 1)->valuedouble ==
        (double)(NEW_YEAR - 4 * LIQ_HOUR_MS));
    /* Four engine candles of 100 each. */
    assert_true(cJSON_GetArrayItem(at(doc, "candles.volume"), 1)->valuedouble ==
                400.0);
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "grid"));
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "ticker"));
    cJSON_Delete(doc);
    server_free(s);
}

static void ticker_has_no_candles(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "ticker", "symbol=ETHUSDT", 200);

    (void)state;
    assert_string_equal(text(doc, "symbol"), "ETHUSDT");
    assert_true(number(doc, "ticker.change_percent_24h") == 1.25);
    assert_true(number(doc, "statistics.funding_rate") == 0.0001);
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "candles"));
    cJSON_Delete(doc);
    server_free(s);
}

static void symbols_lists_what_can_be_asked(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;
    const cJSON *exchange;

    (void)state;
    snprintf(s->config.symbols, sizeof s->config.symbols, "DOGEUSDT");
    doc = ask_json(s, "symbols", NULL, 200);
    exchange = cJSON_GetArrayItem(at(doc, "exchanges"), 0);
    assert_string_equal(text(exchange, "exchange"), "fake");
    /* Not 1d, which this exchange cannot show. */
    assert_int_equal(cJSON_GetArraySize(at(exchange, "intervals")), 4);
    /* Not XRPUSDT, which the settings do not allow. */
    assert_int_equal(cJSON_GetArraySize(at(exchange, "symbols")), 2);
    assert_true(number(cJSON_GetArrayItem(at(exchange, "symbols"), 1),
                       "tick") == 0.00001);
    assert_int_equal(cJSON_GetArraySize(at(doc, "bars")), 5);
    assert_true(number(doc, "limits.rows_max") == 800);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 0);
    cJSON_Delete(doc);
    server_free(s);
}

static void symbols_without_a_list_say_so(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;
    const cJSON *exchange;

    (void)state;
    s->fake[0]->list_err = LIQ_ENET;
    doc = ask_json(s, "symbols", NULL, 200);
    exchange = cJSON_GetArrayItem(at(doc, "exchanges"), 0);
    assert_true(cJSON_IsFalse(at(exchange, "listed")));
    assert_int_equal(cJSON_GetArraySize(at(exchange, "symbols")), 3);
    assert_string_equal(cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
                        "fake has no list");
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heatmap_is_a_whole_snapshot),
        cmocka_unit_test(compact_cells_are_the_plain_ones),
        cmocka_unit_test(compact_candles_are_the_plain_ones),
        cmocka_unit_test(compact_profile_leaves_sums_to_the_reader),
        cmocka_unit_test(the_grid_keeps_the_mass),
        cmocka_unit_test(row_zero_is_the_lowest_price),
        cmocka_unit_test(range_sets_the_axis),
        cmocka_unit_test(what_is_unknown_is_null),
        cmocka_unit_test(closed_columns_do_not_repaint),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(klines_are_the_candles_alone),
        cmocka_unit_test(ticker_has_no_candles),
        cmocka_unit_test(symbols_lists_what_can_be_asked),
        cmocka_unit_test(symbols_without_a_list_say_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
