/* What can go wrong, for every module. */
#ifndef LIQMAP_ERR_H
#define LIQMAP_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum liq_err {
    LIQ_OK = 0,
    LIQ_EINVAL,    /* an argument or a setting is out of range */
    LIQ_ENOMEM,    /* no memory */
    LIQ_ENET,      /* no connection, a cut answer, or a 5xx */
    LIQ_EFORMAT,   /* an answer or a file that is not what it should be */
    LIQ_ERATE,     /* the exchange asks us to wait (429, 418) or our own
                      budget does */
    LIQ_EBLOCKED,  /* the exchange refuses this place (451, 403) */
    LIQ_ETIMEOUT,  /* the deadline passed */
    LIQ_ELIMIT,    /* a ceiling of ours: bytes, keys, waiters */
    LIQ_ENOTFOUND, /* the exchange does not list it, or no data in range */
    LIQ_EIO        /* a file or a socket of this machine */
};

#define LIQ_MUST_CHECK __attribute__((warn_unused_result))

/* Why something failed, in words for a person; filled by whoever knows. */
struct liq_reason {
    enum liq_err code;
    char text[200];         /* one line, no full stop; "" when code is LIQ_OK */
    int64_t retry_after_ms; /* wait at least this long; 0 when not said */
    bool own_budget;        /* of LIQ_ERATE: our own budget has no place, the
                               exchange was not asked */
};

/* The code's name in JSON errors and logs, "net" for LIQ_ENET; static. */
const char *liq_err_name(enum liq_err err);

/* Fill *why (may be NULL) and return code, so that a failure is one line. */
enum liq_err liq_fail(struct liq_reason *why, enum liq_err code,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
