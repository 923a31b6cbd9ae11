/* Reading a request. */
#ifndef LIQMAP_FCGI_REQUEST_H
#define LIQMAP_FCGI_REQUEST_H

#include <stdbool.h>
#include "liqmap/api.h"

/* To be called before any is read; false when that cannot be. */
bool liq_request_init(void);

/*
 * Read the request that has come whole at *fd.  out is borrowed from *text, to
 * be freed; id is what its response needs.  False when it is none; *fd is -1
 * when it was closed.
 */
bool liq_request_read(int *fd, struct liq_api_request *out, char **text,
                      int *id, bool *keep);

#endif
