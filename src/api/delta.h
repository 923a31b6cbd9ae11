/* What changed between two compact heatmaps of one key: the response to
 * since=CURSOR. */
#ifndef LIQMAP_API_DELTA_H
#define LIQMAP_API_DELTA_H

#include "body.h"
#include "snapshot.h"

/* The large members of a compact heatmap: candles, cells, tiers of the
 * profile. */
#define LIQ_HOLES 3

/* Where they lie in the text of the body, each with the comma before it. */
struct liq_holes {
    struct {
        size_t from, to;
    } at[LIQ_HOLES];
    size_t n;
};

/* Begin and end a hole at the end of the text; holes NULL: nothing to note. */
void liq_hole_begin(struct liq_holes *holes, const struct liq_jsonw *w);
void liq_hole_end(struct liq_holes *holes, const struct liq_jsonw *w);

/*
 * What later deltas need of a published heatmap: its small members as text, a
 * hash of each column, the newest columns, and the tiers of the profile.
 */
struct liq_mark;

/*
 * The mark of a snapshot whose response is in text, complete but for "cursor"
 * and the closing bracket; holes says where its large members are.  The cursor
 * is a hash of the text.  NULL when there is no memory, or when text has
 * failed.
 */
struct liq_mark *liq_mark_new(const struct liq_content *c,
                              const struct liq_snapshot *m,
                              const struct liq_buf *text,
                              const struct liq_holes *holes);
struct liq_item *liq_mark_item(struct liq_mark *mark);
uint64_t liq_mark_cursor(const struct liq_mark *mark);

/* "cursor" or "since": 16 hexadecimal digits. */
void liq_encode_cursor(struct liq_jsonw *w, const char *key, uint64_t cursor);

/*
 * The response for whoever has the one of this cursor: what changed from there
 * to b, a reference; or b itself, the caller's reference, where b has no mark
 * of the cursor, too much changed, or there is no memory.
 */
struct liq_body *liq_delta_of(struct liq_api *a, struct liq_body *b,
                              uint64_t since);
/* The same if nothing need be made for it, else NULL.  The reference to b is
 * taken over. */
struct liq_body *liq_delta_kept(struct liq_api *a, struct liq_body *b,
                                uint64_t since);

#endif
