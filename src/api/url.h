/* Text of a URL's query. */
#ifndef LIQMAP_API_URL_H
#define LIQMAP_API_URL_H

#include <stdbool.h>
#include <stddef.h>

/* Decode in[n] to a string; false when it is malformed, holds a NUL or does not
 * fit. */
bool liq_url_decode(const char *in, size_t n, char *out, size_t size);

#endif
