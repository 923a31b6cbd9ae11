/* What commands with options of their own share. */
#ifndef LIQMAP_CLI_OPTIONS_H
#define LIQMAP_CLI_OPTIONS_H

enum { CLI_EXIT_USAGE = 2 };

/* Write to standard error what is wrong with a word of a command's line;
 * CLI_EXIT_USAGE. */
int cli_complain(const char *command, const char *text, const char *word);

/*
 * Set *place to the value of the option argv[*i], the next word, and step to
 * it.
 *
 * place  where its value is kept, NULL until it is given; NULL: there is no
 *        such option
 *
 * 0, or what cli_complain returns.
 */
int cli_take_value(const char *command, int argc, char **argv, int *i,
                   const char **place);

#endif
