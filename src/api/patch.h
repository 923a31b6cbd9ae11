/* The difference between two JSON texts of the same encoder, as JSON. */
#ifndef LIQMAP_API_PATCH_H
#define LIQMAP_API_PATCH_H

#include <stdbool.h>
#include "liqmap/jsonw.h"

/*
 * Write what turns the object in before into the one in now: an object with a
 * member for each member that differs.  A number, text, bool or null is the new
 * value; an array holds the new value, which may be anything, alone; an object
 * is the same again for an object with the same members, or, with indexes as
 * names, for an array of the same length.
 *
 * before, now  JSON objects without blanks, as liq_jsonw writes them
 *
 * False, with nothing written: the two have other members, or in another order.
 */
bool liq_encode_patch(struct liq_jsonw *w, const char *before, const char *now);

#endif
