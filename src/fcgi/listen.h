/* The listening socket. */
#ifndef LIQMAP_FCGI_LISTEN_H
#define LIQMAP_FCGI_LISTEN_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "liqmap/err.h"

/*
 * fd      listening, non-blocking, closed on exec; -1: none
 * path    "" when the descriptor was handed over
 * device, inode  of what we put at path
 */
struct liq_listen {
    int fd;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    dev_t device;
    ino_t inode;
};

/* See liq_fcgi_open. */
LIQ_MUST_CHECK enum liq_err liq_listen_open(const char *path, int mode,
                                            struct liq_listen *out,
                                            struct liq_reason *why);
/* Let nobody new come: remove path if it is still ours.  Whoever has connected
 * already waits at fd. */
void liq_listen_withdraw(struct liq_listen *l);
/* The same and close. */
void liq_listen_close(struct liq_listen *l);

#endif
