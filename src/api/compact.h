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

#endif
