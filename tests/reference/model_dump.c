/*
 * The C model's numbers at full precision, for the independent reference
 * implementation to compare with:
 *
 *   model_dump CSV DISPLAY_MS BARS ROWS RANGE_PERCENT_OR_0
 *              [MAX_LEVERAGE MARGIN_RATE INVERSE_0_OR_1]
 *
 * CSV has a header line and the columns open_time, open, high, low, close,
 * volume, quote_volume in that order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "liqmap/model.h"

#define MAX_KLINES 20000

static size_t read_csv(const char *path, struct liq_kline *k)
{
    FILE *f = fopen(path, "r");
    char line[512];
    size_t n = 0;

    if (f == NULL || fgets(line, sizeof line, f) == NULL)
        return 0;
    while (n < MAX_KLINES && fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%" SCNd64 ",%lf,%lf,%lf,%lf,%lf,%lf", &k[n].open_ms,
                   &k[n].open, &k[n].high, &k[n].low, &k[n].close, &k[n].volume,
                   &k[n].quote_volume) == 7)
            n++;
    }
    fclose(f);
    return n;
}

static void print_grid(const struct liq_grid *g)
{
    printf("{\"axis\":{\"price_min\":%.17g,\"price_step\":%.17g,\"rows\":%zu},"
           "\"columns\":%zu,\"candles\":[",
           g->axis.price_min, g->axis.price_step, g->rows, g->columns);
    for (size_t j = 0; j < g->columns; j++) {
        const struct liq_kline *k = &g->candle[j];

        printf("%s[%" PRId64 ",%.17g,%.17g,%.17g,%.17g,%.17g,%.17g]",
               j > 0 ? "," : "", k->open_ms, k->open, k->high, k->low, k->close,
               k->volume, k->quote_volume);
    }
    printf("],\"cells\":[");
    for (size_t j = 0; j < g->columns; j++) {
        for (size_t r = 0; r < g->rows; r++)
            printf("%s%.17g",
                   r > 0   ? ","
                   : j > 0 ? ",["
                           : "[",
                   g->cell[j * g->rows + r]);
        printf("]");
    }
    printf("]");
}

static void print_pairs(const char *name, double (*v)[LIQ_SIDES])
{
    printf("\"%s\":[", name);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        printf("%s[%.17g,%.17g]", k > 0 ? "," : "", v[k][LIQ_LONG],
               v[k][LIQ_SHORT]);
    printf("],");
}

int main(int argc, char **argv)
{
    struct liq_kline *k = calloc(MAX_KLINES, sizeof *k);
    struct liq_klines display = {0};
    struct liq_run run = {.params = &liq_params_gauss7,
                          .contract = liq_contract_default,
                          .kline = k,
                          .tiers = LIQ_ALL_TIERS,
                          .sides = LIQ_BOTH_SIDES};
    struct liq_map *map = NULL;
    struct liq_grid grid;
    struct liq_book book;
    double range;
    int rows;
    size_t shown;

    if ((argc != 6 && argc != 9) || k == NULL || liq_map_new(&map))
        return 2;
    run.n = read_csv(argv[1], k);
    run.display_ms = strtoll(argv[2], NULL, 10);
    run.bars = strtoul(argv[3], NULL, 10);
    rows = (int)strtol(argv[4], NULL, 10);
    range = strtod(argv[5], NULL);
    if (argc == 9)
        run.contract =
            (struct liq_contract){strtod(argv[6], NULL), strtod(argv[7], NULL),
                                  strtol(argv[8], NULL, 10) != 0, NULL};

    if (run.n == 0 || liq_klines_aggregate(k, run.n, run.display_ms, &display))
        return 1;
    shown = display.n < run.bars ? display.n : run.bars;
    if (range > 0.0
            ? liq_axis_around(k[run.n - 1].close, range, rows, &run.axis)
            : liq_axis_fit(display.at + display.n - shown, shown, rows,
                           &run.axis))
        return 1;
    if (liq_map_run(map, &run))
        return 1;

    grid = liq_map_grid(map);
    book = liq_map_book(map);
    print_grid(&grid);
    printf(",\"book\":{");
    print_pairs("below", book.below);
    print_pairs("above", book.above);
    printf("\"total\":%.17g},\"quantum\":%.17g}\n", book.total,
           liq_quantum(grid.max));
    liq_map_free(map);
    free(display.at);
    free(k);
    return 0;
}
