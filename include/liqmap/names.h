/* Lists of names with commas between them, as settings and queries have them;
 * "": none. */
#ifndef LIQMAP_NAMES_H
#define LIQMAP_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The name at *list, *len bytes long and not ended by NUL; *list moves behind
 * it and its comma.  NULL at the end of the list. */
const char *liq_names_next(const char **list, size_t *len);
/* Which of the list name[len] is, from 0; -1: none. */
int liq_names_place(const char *list, const char *name, size_t len);
bool liq_names_have(const char *list, const char *name);

#endif
