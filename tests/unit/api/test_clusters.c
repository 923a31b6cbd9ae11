/* Executed liquidations added up by candle, side and price row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>
#include "../../../src/api/clusters.c"

static struct liq_liquidation of(bool is_long, double price, double usd)
{
    return (struct liq_liquidation){
        .is_long = is_long, .price = price, .usd = usd};
}

static void add(struct liq_clusters *c, size_t candle, bool is_long,
                double price, double usd)
{
    struct liq_liquidation l = of(is_long, price, usd);

    liq_clusters_add(c, candle, &l);
}

/* The text of the member; for the caller to free. */
static struct liq_buf encoded(struct liq_clusters *c)
{
    struct liq_buf text;
    struct liq_jsonw w;

    liq_buf_init(&text, 1 << 20);
    liq_jsonw_init(&w, &text);
    liq_jsonw_open_object(&w);
    liq_clusters_encode(c, &w);
    liq_jsonw_close_object(&w);
    return text;
}

static void adds_up_by_candle_side_and_row(void **state)
{
    struct liq_clusters *c = liq_clusters_new();
    struct liq_buf text;

    (void)state;
    assert_non_null(c);
    add(c, 3, true, 100010.0, 300.0);
    add(c, 3, true, 100020.0, 100.0); /* the same row */
    add(c, 3, true, 100200.0, 50.0);
    add(c, 3, false, 100000.0, 500.0);
    add(c, 4, true, 100000.0, 20.255);
    add(c, 4, true, NAN, 1e9);
    add(c, 5, true, 100000.0, 0.0);
    text = encoded(c);
    assert_string_equal(text.data,
                        "{\"clusters\":{\"row_percent\":0.05,\"all\":4,"
                        "\"candle\":[3,3,3,4],"
                        "\"side\":[\"short\",\"long\",\"long\",\"long\"],"
                        "\"price\":[100000,100012.5,100200,100000],"
                        "\"usd\":[500,400,50,20.26],\"count\":[1,2,1,1]}}");
    liq_buf_free(&text);
    liq_clusters_free(c);
    liq_clusters_free(NULL);
}

static void prices_of_all_sizes_have_rows(void **state)
{
    static const double price[] = {1e-9, 0.000012345678, 1.0, 3.5, 123456789.0};

    (void)state;
    for (size_t i = 0; i < sizeof price / sizeof *price; i++) {
        struct liq_clusters *c = liq_clusters_new();
        struct slot *s;

        assert_non_null(c);
        add(c, 0, true, price[i], 7.0);
        add(c, 0, true, price[i] * 1.01, 7.0);
        assert_int_equal(pack(c), 2);
        s = c->slot;
        assert_true(fabs(s->usd_price / s->usd / price[i] - 1.0) < 0.011);
        liq_clusters_free(c);
    }
}

/* Whatever comes: not a dollar is lost, and the table never fills. */
static void rows_are_merged_when_there_are_too_many(void **state)
{
    struct liq_clusters *c = liq_clusters_new();
    double usd = 0.0, sum = 0.0;
    int64_t count = 0;
    size_t n;

    (void)state;
    assert_non_null(c);
    for (size_t i = 0; i < 200000; i++) {
        double of_one = 1.0 + (double)(i % 89);

        add(c, i * 7919 % 1500, i % 2 == 0,
            50000.0 * (1.0 + (double)(i * 104729 % 10007) / 10007.0), of_one);
        usd += of_one;
        assert_true(c->n <= FULL);
    }
    assert_true(c->merged > 0);
    n = pack(c);
    for (size_t i = 0; i < n; i++) {
        sum += c->slot[i].usd;
        count += c->slot[i].count;
    }
    assert_true(fabs(sum / usd - 1.0) < 1e-12);
    assert_int_equal(count, 200000);
    liq_clusters_free(c);
}

static void writes_the_largest(void **state)
{
    struct liq_clusters *c = liq_clusters_new();
    struct liq_buf text;
    const char *usd;

    (void)state;
    assert_non_null(c);
    for (size_t i = 0; i < 1500; i++)
        add(c, i, true, 100.0, 1.0 + (double)(i * 7919 % 1500));
    text = encoded(c);
    assert_non_null(strstr(text.data, "\"all\":1500,"));
    usd = strstr(text.data, "\"usd\":[1500,1499,");
    assert_non_null(usd);
    /* The thousandth, and no more. */
    assert_non_null(strstr(usd, ",502,501],\"count\""));
    liq_buf_free(&text);
    liq_clusters_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_up_by_candle_side_and_row),
        cmocka_unit_test(prices_of_all_sizes_have_rows),
        cmocka_unit_test(rows_are_merged_when_there_are_too_many),
        cmocka_unit_test(writes_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
