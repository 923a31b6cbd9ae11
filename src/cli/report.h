/* liqmap report: what the map is worth on files of the past. */
#ifndef LIQMAP_CLI_REPORT_H
#define LIQMAP_CLI_REPORT_H

/* argv[2] and what follows, build names this program; the exit status: 0, 1
 * when files cannot be used, 2 for a wrong option. */
int cli_report(int argc, char **argv, const char *build);

#endif
