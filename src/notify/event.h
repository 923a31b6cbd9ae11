/* The JSON of /api/v1/levels in, the JSON of an event out. */
#ifndef LIQMAP_NOTIFY_EVENT_H
#define LIQMAP_NOTIFY_EVENT_H

#include "liqmap/buf.h"
#include "liqmap/err.h"
#include "rule.h"

#define LIQ_EVENT_MAX_BYTES 4096

/* LIQ_OK; LIQ_EFORMAT for what is no answer about the symbol, and *out is then
 * undefined. */
LIQ_MUST_CHECK enum liq_err liq_reading_parse(const char *body, size_t len,
                                              const char *symbol,
                                              struct liq_reading *out,
                                              struct liq_reason *why);

/* Append the event, README "Notifications"; wall_ms: when it was found. */
void liq_event_encode(struct liq_buf *b, const struct liq_happened *h,
                      const struct liq_reading *r, const char *id,
                      int64_t wall_ms);

#endif
