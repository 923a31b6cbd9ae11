/* What the api gives to the recorder, and reads from it. */
#ifndef LIQMAP_API_RECORDING_H
#define LIQMAP_API_RECORDING_H

#include "internal.h"
#include "snapshot.h"

/* Begin to record what the settings say; NULL when there is no memory, or no
 * symbol is served. */
struct liq_recording *liq_recording_new(struct liq_api *a);
/* To be called once the work queue has been freed.  NULL is fine. */
void liq_recording_free(struct liq_recording *r);

/* A map was encoded: keep its levels if it is the first after a close that is
 * to be recorded. */
void liq_recording_see(struct liq_recording *r, const struct liq_content *c,
                       const struct liq_snapshot *m);

/* Begin the response of /api/v1/liquidations to a call; done is called exactly
 * once, perhaps before this returns. */
void liq_recorded_start(struct liq_api *a, struct liq_api_call *c,
                        const struct liq_query *q,
                        void (*done)(struct liq_api_call *c));

#endif
