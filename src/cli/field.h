/* Reading an answer and writing its numbers; shared by the printers. */
#ifndef LIQMAP_CLI_FIELD_H
#define LIQMAP_CLI_FIELD_H

#include <stddef.h>
#include <stdio.h>
#include <cjson/cJSON.h>

#define CLI_TEXT 32

/* The member of a dotted path, NULL when there is none. */
const cJSON *cli_at(const cJSON *doc, const char *path);
/* Its number, NaN when it is none. */
double cli_number(const cJSON *doc, const char *path);
/* Its text, "" when it is none. */
const char *cli_string(const cJSON *doc, const char *path);

/* "1.59 B", "837 M"; "-" for NaN.  Into out[CLI_TEXT], which is returned. */
const char *cli_short(double value, char *out);
/* "2025-10-10 21:15"; "-" for NaN. */
const char *cli_time(double ms, char *out);
/* As CSV: shortest decimal, empty for NaN. */
const char *cli_plain(double value, char *out);

/* What is shown, when, and the price: the lines above every table. */
void cli_head(FILE *out, const cJSON *answer);

#endif
