/* liqmap watch: follow levels of a running server, and deliver what happens. */
#ifndef LIQMAP_CLI_WATCH_H
#define LIQMAP_CLI_WATCH_H

/* argv[2] and what follows; runs until SIGTERM or SIGINT.  The exit status: 0
 * when it was ended so, 1 when it could not begin, 2 for a wrong option. */
int cli_watch(int argc, char **argv);

#endif
