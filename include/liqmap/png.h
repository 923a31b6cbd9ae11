/* Pixels to PNG.  Cairo can write one, too, but libpng and zlib, which it uses
 * for that, take twice as long as all the rest of an image. */
#ifndef LIQMAP_PNG_H
#define LIQMAP_PNG_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"

/*
 * Append an image of 8 bits a channel without alpha.
 *
 * pixels  [height] lines of `stride` pixels, of which the first `width` count;
 *         0x..RRGGBB each
 *
 * LIQ_OK; LIQ_EINVAL when a side is 0 or beyond 65535; LIQ_ENOMEM; the buffer's
 * own error.
 */
LIQ_MUST_CHECK enum liq_err liq_png_encode(const uint32_t *pixels, size_t width,
                                           size_t height, size_t stride,
                                           struct liq_buf *out);

#endif
