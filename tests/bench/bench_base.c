/*
 * What writing an answer costs: the median of many runs, nanoseconds a value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "liqmap/jsonw.h"

#define RUNS 21
#define VALUES 100000

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void cells(struct liq_jsonw *w, int i)
{
    liq_jsonw_int(w, i % 1000);
}

static void prices(struct liq_jsonw *w, int i)
{
    liq_jsonw_number(w, (6000000 + i) / 100.0);
}

static void shares(struct liq_jsonw *w, int i)
{
    liq_jsonw_number(w, i / 97.0);
}

static void names(struct liq_jsonw *w, int i)
{
    (void)i;
    liq_jsonw_string(w, "1000PEPEUSDT");
}

static void measure(const char *name, struct liq_buf *buf,
                    void (*value)(struct liq_jsonw *, int))
{
    double ns[RUNS];

    for (int r = 0; r < RUNS; r++) {
        struct liq_jsonw w;
        double start = now_ns();

        liq_buf_clear(buf);
        liq_jsonw_init(&w, buf);
        liq_jsonw_open_array(&w);
        for (int i = 0; i < VALUES; i++)
            value(&w, i);
        liq_jsonw_close_array(&w);
        ns[r] = (now_ns() - start) / VALUES;
    }
    qsort(ns, RUNS, sizeof *ns, ascending);
    printf("%-10s %8.1f ns\n", name, ns[RUNS / 2]);
}

/* Packing what was written last. */
static void measure_gzip(const struct liq_buf *plain, int level)
{
    double ns[RUNS];
    struct liq_buf packed;

    liq_buf_init(&packed, (size_t)1 << 24);
    for (int r = 0; r < RUNS; r++) {
        double start = now_ns();

        liq_buf_clear(&packed);
        if (liq_buf_gzip(&packed, plain->data, plain->len, level))
            exit(1);
        ns[r] = (now_ns() - start) / 1e6;
    }
    qsort(ns, RUNS, sizeof *ns, ascending);
    printf("gzip -%d    %8.2f ms for %zu kB to %zu kB\n", level, ns[RUNS / 2],
           plain->len / 1000, packed.len / 1000);
    liq_buf_free(&packed);
}

int main(void)
{
    struct liq_buf buf;

    liq_buf_init(&buf, (size_t)1 << 24);
    measure("name", &buf, names);
    measure("price", &buf, prices);
    measure("any double", &buf, shares);
    measure("cell", &buf, cells);
    measure_gzip(&buf, 1);
    measure_gzip(&buf, 6);
    liq_buf_free(&buf);
    return 0;
}
