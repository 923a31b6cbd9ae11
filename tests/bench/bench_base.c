/* What writing JSON costs, 100,000 values at a time. */
#include "bench.h"
#include "liqmap/jsonw.h"

#define VALUES 100000

static void cells(struct liq_jsonw *w, int i)
{
    liq_jsonw_int(w, i % 1000);
}

static void prices(struct liq_jsonw *w, int i)
{
    liq_jsonw_number(w, (6000000 + i) / 100.0);
}

/* 17 digits each, which is rare: what is computed is rounded before. */
static void shares(struct liq_jsonw *w, int i)
{
    liq_jsonw_number(w, i / 97.0);
}

static void names(struct liq_jsonw *w, int i)
{
    (void)i;
    liq_jsonw_string(w, "1000PEPEUSDT");
}

struct writing {
    struct liq_buf buf;
    void (*value)(struct liq_jsonw *, int);
};

static void write_all(void *arg)
{
    struct writing *t = arg;
    struct liq_jsonw w;

    liq_buf_clear(&t->buf);
    liq_jsonw_init(&w, &t->buf);
    liq_jsonw_open_array(&w);
    for (int i = 0; i < VALUES; i++)
        t->value(&w, i);
    liq_jsonw_close_array(&w);
}

int main(void)
{
    struct writing t;

    liq_buf_init(&t.buf, (size_t)1 << 24);
    t.value = names;
    bench("json strings", 11, 1, write_all, &t);
    t.value = prices;
    bench("json prices", 11, 1, write_all, &t);
    t.value = shares;
    bench("json doubles of 17 digits", 3, 1, write_all, &t);
    t.value = cells;
    bench("json cells", 11, 1, write_all, &t);
    liq_buf_free(&t.buf);
    return 0;
}
