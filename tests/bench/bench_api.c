/* What making a response costs beside the model: a snapshot of 500 x 400
 * encoded and compressed. */
#include "bench.h"

/* With its file included, parts of a response can be written alone. */
#include "api/heatmap.c"

#include "api/body.h"
#include "liqmap/derive.h"

#define ENGINE_CANDLES 7500

struct encoding {
    struct liq_snapshot m;
    bool compact;
    size_t plain, gzip; /* bytes of the last body */
};

/* All of a response but its head, which is small. */
static void encode(struct encoding *e, struct liq_buf *out)
{
    struct liq_jsonw w;
    struct liq_reason why;

    liq_jsonw_init(&w, out);
    liq_jsonw_open_object(&w);
    if (e->compact)
        liq_encode_compact_candles(&w, e->m.grid.candle, e->m.grid.columns);
    else
        liq_encode_candles(&w, e->m.grid.candle, e->m.grid.columns);
    encode_grid(&w, &e->m, e->compact, NULL);
    if (liq_encode_profile_member(&w, &e->m, e->compact, NULL, &why) ||
        liq_encode_level_lists(&w, &e->m, &why))
        abort();
    liq_jsonw_close_object(&w);
}

static void encode_alone(void *arg)
{
    struct liq_buf text;

    liq_buf_init(&text, LIQ_BODY_MAX);
    encode(arg, &text);
    liq_buf_free(&text);
}

static void encode_and_compress(void *arg)
{
    struct encoding *e = arg;
    struct liq_body *body;
    struct liq_buf text;

    liq_buf_init(&text, LIQ_BODY_MAX);
    encode(e, &text);
    if (liq_body_new(&text, e->compact ? LIQ_GZIP_SMALL : LIQ_GZIP_QUICK,
                     &body))
        abort();
    e->plain = body->len;
    e->gzip = body->gzip.len;
    liq_item_release(&body->item);
}

static void snapshots(const struct liq_kline *k)
{
    struct liq_run run = gen_run(k, ENGINE_CANDLES, 500, 400);
    struct encoding e = {.compact = true};

    bench_take_rows(&run.axis, 400);
    if (liq_map_new(&e.m.map) || liq_map_run(e.m.map, &run))
        abort();
    e.m.n = 1;
    e.m.layer[0].run = run;
    e.m.layer[0].weight = 1.0;
    e.m.grid = liq_map_grid(e.m.map);
    e.m.book = liq_map_book(e.m.map);
    e.m.quantum = liq_quantum(e.m.grid.max);
    e.m.max = round(e.m.grid.max / e.m.quantum);
    e.m.usd_per_unit = 20e9 / e.m.book.total;
    bench("encode compact", 21, 1, encode_alone, &e);
    bench("encode and compress compact", 21, 1, encode_and_compress, &e);
    printf("bytes compact\t%zu\t%zu\t0\n", e.plain, e.gzip);
    e.compact = false;
    bench("encode plain", 21, 1, encode_alone, &e);
    bench("encode and compress plain", 11, 1, encode_and_compress, &e);
    printf("bytes plain\t%zu\t%zu\t0\n", e.plain, e.gzip);
    liq_map_free(e.m.map);
}

int main(void)
{
    struct liq_kline *k = calloc(ENGINE_CANDLES, sizeof *k);

    if (k == NULL)
        return 1;
    bench_walk(k, ENGINE_CANDLES);
    snapshots(k);
    free(k);
    return 0;
}
