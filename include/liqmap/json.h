/* Parsed bodies, read by paths; only src/exchange/json.c knows the library. */
#ifndef LIQMAP_JSON_H
#define LIQMAP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

/* The whole of body[len] as one document, or NULL; for liq_json_free. */
struct cJSON *liq_json_parse(const char *body, size_t len);
void liq_json_free(struct cJSON *root);
/* How many bodies were parsed since the process began. */
uint64_t liq_json_parses(void);
/* How many bytes of memory a document, which is what liq_json_parse gave,
 * takes. */
size_t liq_json_bytes(const struct cJSON *root);

/* The value at a path, members and indices with dots between them (see
 * src/exchange/table.h); NULL when there is none or it is null. */
const struct cJSON *liq_json_at(const struct cJSON *item, const char *path);

bool liq_json_is_array(const struct cJSON *item);
bool liq_json_is_object(const struct cJSON *item);
/* Members or elements in turn; NULL at the end and for NULL. */
const struct cJSON *liq_json_first(const struct cJSON *list);
const struct cJSON *liq_json_next(const struct cJSON *item);

/* NaN when absent or not a finite number. */
double liq_json_number(const struct cJSON *item);
/* A whole number of ms since the epoch, 0 when absent. */
int64_t liq_json_time(const struct cJSON *item);
/* A string, "" for anything else. */
const char *liq_json_text(const struct cJSON *item);
/* Whether a value is text[n]: a string, a number of that value, "true" or
 * "false"; "" is absent or the empty string. */
bool liq_json_is(const struct cJSON *item, const char *text, size_t n);

/* The same for one of "A|B|C". */
bool liq_json_is_one_of(const struct cJSON *item, const char *list);

/* text, cut to fit and in printable ASCII. */
void liq_json_copy_printable(char *out, size_t size, const char *text);

#endif
