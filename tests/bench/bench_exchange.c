/* What reading an exchange's page of 1,500 candles costs. */
#include "bench.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include "liqmap/buf.h"
#include "unit/exchange/bodies.h"

#define PAGE_ROWS 1500
#define PAGE_MAX_BYTES ((size_t)1 << 20)

struct page {
    const struct liq_exchange_row *row;
    struct liq_buf body;
};

/* As Binance writes it. */
static void write_page(struct page *p, const struct liq_kline *k)
{
    liq_buf_init(&p->body, PAGE_MAX_BYTES);
    for (size_t i = 0; i < PAGE_ROWS; i++)
        (void)liq_buf_format(
            &p->body,
            "%s[%lld,\"%.2f\",\"%.2f\",\"%.2f\",\"%.2f\",\"%.3f\",%lld,"
            "\"%.5f\",12345,\"%.3f\",\"%.5f\",\"0\"]",
            i ? "," : "[", (long long)k[i].open_ms, k[i].open, k[i].high,
            k[i].low, k[i].close, k[i].volume,
            (long long)(k[i].open_ms + GEN_ENGINE_MS - 1), k[i].quote_volume,
            k[i].taker_buy_volume, k[i].quote_volume / 2.0);
    (void)liq_buf_text(&p->body, "]");
}

static void parse(void *arg)
{
    const struct page *p = arg;
    struct cJSON *root = liq_json_parse(p->body.data, p->body.len);
    struct liq_query q = query_of(p->row, 0);
    struct liq_reading r = reading_of(p->row, &q, root);
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_reason why;

    if (liq_read_candles(&r, &list, &why) || list.n != PAGE_ROWS)
        abort();
    free(list.at);
    liq_json_free(root);
}

int main(void)
{
    struct liq_kline *k = calloc(PAGE_ROWS, sizeof *k);
    struct page p = {.row = liq_exchange_row("binance")};

    if (k == NULL)
        return 1;
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024); /* as liqmapd does */
#endif
    bench_walk(k, PAGE_ROWS);
    write_page(&p, k);
    bench("parse 1500 rows", 41, 1, parse, &p);
    liq_buf_free(&p.body);
    free(k);
    return 0;
}
