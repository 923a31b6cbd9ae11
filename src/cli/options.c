#include "options.h"

#include <stdio.h>

int cli_complain(const char *command, const char *text, const char *word)
{
    fprintf(stderr, "liqmap: %s %s (liqmap %s --help)\n", text, word, command);
    return CLI_EXIT_USAGE;
}

int cli_take_value(const char *command, int argc, char **argv, int *i,
                   const char **place)
{
    const char *word = argv[*i];

    if (!place)
        return cli_complain(command, "no such option:", word);
    if (*i + 1 == argc)
        return cli_complain(command, "no value for", word);
    if (*place)
        return cli_complain(command, "given twice:", word);
    *place = argv[++*i];
    return 0;
}
