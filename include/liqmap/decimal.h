/* Decimal text to double and back, without the locale. */
#ifndef LIQMAP_DECIMAL_H
#define LIQMAP_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define LIQ_DECIMAL_SIZE 32

/*
 * "61234.50", "-0.004", "1e-7": the whole of text[0 .. n) must be one decimal
 * number, correctly rounded; no white space, no hex, no "inf", no "nan".
 * False, and *out unchanged, for anything else or for what overflows.
 */
bool liq_decimal_parse(const char *text, size_t n, double *out);

/* The shortest decimal that reads back to the same double; value finite.
 * Returns the length written (without the NUL). */
size_t liq_decimal_format(double value, char out[LIQ_DECIMAL_SIZE]);

#endif
