/* Cells become whole numbers as round makes them, wherever they lie in vectors
 * and at the edges of the grid. */
#include "server.h"

#include <math.h>
#include <stdlib.h>
#include "api/cells.h"

/* Halves, and the doubles next to them. */
static double value_of(size_t i)
{
    double half = (double)(i / 5 % 1000) + 0.5;

    switch (i % 5) {
    case 0:
        return half;
    case 1:
        return nextafter(half, 0.0);
    case 2:
        return nextafter(half, 1e9);
    case 3:
        return (double)(i / 5 % 1000);
    default:
        return 1e9 * (double)(i % 7) / 3.0;
    }
}

static void check(size_t columns, size_t rows, double quantum)
{
    int out[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX];
    double *cell = malloc(columns * rows * sizeof *cell);
    struct liq_grid g = {.cell = cell, .columns = columns, .rows = rows};

    assert_non_null(cell);
    for (size_t i = 0; i < columns * rows; i++)
        cell[i] = value_of(i) * quantum;
    for (size_t from = 0; from < rows; from += LIQ_CELL_ROWS) {
        size_t n = liq_cells_read(&g, quantum, from, out);

        assert_int_equal(n, rows - from < LIQ_CELL_ROWS ? rows - from
                                                        : LIQ_CELL_ROWS);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < columns; j++)
                assert_int_equal(
                    out[i][j], (int)round(cell[j * rows + from + i] / quantum));
        }
    }
    free(cell);
}

static void cells_are_rounded(void **state)
{
    static const double quanta[] = {1.0, 0.001, 5e6, 3.0};

    (void)state;
    for (size_t k = 0; k < sizeof quanta / sizeof *quanta; k++) {
        check(1, 1, quanta[k]);
        check(17, 8, quanta[k]);
        check(40, 53, quanta[k]);
        check(LIQ_COLUMNS_MAX, 16, quanta[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_are_rounded)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
