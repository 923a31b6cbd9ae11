/* The parts of a heatmap that format=compact writes otherwise. */
#ifndef LIQMAP_API_COMPACT_H
#define LIQMAP_API_COMPACT_H

#include <stddef.h>
#include "liqmap/jsonw.h"
#include "liqmap/model.h"

/* "candles": times and prices as differences, exact; volumes to three digits.
 * at[n] ascending, n >= 1. */
void liq_encode_compact_candles(struct liq_jsonw *w, const struct liq_kline *at,
                                size_t n);

/* The quantum of compact cells: the map's, or a multiple with which at most 200
 * levels remain.  max: the strongest cell, in quanta. */
double liq_compact_quantum(double quantum, double max);

/* "cells": a text for each row.  columns <= LIQ_COLUMNS_MAX; quantum from
 * liq_compact_quantum. */
void liq_encode_compact_cells(struct liq_jsonw *w, const struct liq_grid *g,
                              double quantum);

/* The most digits of liq_put_whole. */
#define LIQ_WHOLE_DIGITS 4
/* Write a difference, -65535 .. 65535, in the digits of cells: 0, 1, -1, 2 ...
 * are the numbers 0, 1, 2, 3 ...  A number below 64 is one digit; any other is
 * the digit 64 + (n - 64) % 27 and then the number (n - 64) / 27.  Returns the
 * end. */
char *liq_put_whole(char *out, int difference);

#endif
