/* Bodies of responses, written to files for debugging. */
#ifndef LIQMAP_NET_DUMP_H
#define LIQMAP_NET_DUMP_H

#include <stdint.h>
#include "liqmap/http.h"

/* Write the body to a file of its own in dir, named by its time, a number, the
 * path of the URL and the status.  A failure is logged. */
void dump_body(const char *dir, int64_t wall_ms, unsigned number,
               const char *url, const struct liq_http_response *r);

#endif
