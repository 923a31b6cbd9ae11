/* Reading a request. */
#ifndef LIQMAP_FCGI_REQUEST_H
#define LIQMAP_FCGI_REQUEST_H

#include <stdbool.h>
#include "liqmap/api.h"

/* To be called before any is read; false when that cannot be. */
bool liq_request_init(void);

/* What libfcgi reads at once; of a request of no more bytes it leaves none in
 * the socket. */
#define LIQ_REQUEST_READ 8192

/* What a request points into.  Those of the page fit into usual, with a long
 * address and a tag; large is owned, NULL: not needed. */
struct liq_request_text {
    char usual[512];
    char *large;
};

void liq_request_text_free(struct liq_request_text *t);

/*
 * Read the request that has come whole at *fd.  out is borrowed from text,
 * which must be free; id is what its response needs.  False when it is none;
 * *fd is -1 when it was closed.
 */
bool liq_request_read(int *fd, struct liq_api_request *out,
                      struct liq_request_text *text, int *id, bool *keep);

#endif
