/* What outlives a restart: the weights of sums, in a small text file, so that
 * a map does not shift when the daemon starts again. */
#ifndef LIQMAP_API_STATE_H
#define LIQMAP_API_STATE_H

#include "internal.h"

/* Take over what the file of the settings holds.  One that is damaged is
 * reported once and not used; one that does not exist is nothing. */
void liq_state_read(struct liq_api *a);
/* Something has changed: write the file soon, on the work queue.  A file that
 * cannot be written is reported once, until it can be again. */
void liq_state_changed(struct liq_api *a);
/* Write it now if something has changed; the work queue has been freed. */
void liq_state_end(struct liq_api *a);

#endif
