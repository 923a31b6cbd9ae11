/* An answer of the api as a person or a spreadsheet wants it. */
#ifndef LIQMAP_CLI_PRINT_H
#define LIQMAP_CLI_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include <cjson/cJSON.h>

/* Write the answer of one route as a table or as CSV with a header line.  False
 * when the answer is not of that route's shape. */
typedef bool cli_print_fn(FILE *out, const cJSON *answer);

bool cli_levels_table(FILE *out, const cJSON *answer);
bool cli_levels_csv(FILE *out, const cJSON *answer);
bool cli_profile_table(FILE *out, const cJSON *answer);
bool cli_profile_csv(FILE *out, const cJSON *answer);
bool cli_explain_table(FILE *out, const cJSON *answer);
bool cli_explain_csv(FILE *out, const cJSON *answer);

#endif
