/* What the commands of liqmap say about themselves. */
#ifndef LIQMAP_CLI_HELP_H
#define LIQMAP_CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* Explain a command, or with NULL list them; false when there is none of that
 * name. */
bool cli_help(FILE *out, const char *command);

#endif
