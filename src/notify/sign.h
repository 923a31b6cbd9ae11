/* Signatures and random names; the only file of notify that uses libcrypto. */
#ifndef LIQMAP_NOTIFY_SIGN_H
#define LIQMAP_NOTIFY_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/err.h"

/* n 0: there is none. */
struct liq_secret {
    unsigned char key[64];
    size_t n;
};

/* text: base64 of 24 to 64 bytes, "whsec_" before it or not, blanks around it
 * dropped.  LIQ_OK; LIQ_EINVAL for anything else, *out unchanged. */
LIQ_MUST_CHECK enum liq_err liq_secret_parse(const char *text,
                                             struct liq_secret *out);

/*
 * Append "v1," and the base64 of the HMAC-SHA256 of "ID.SECONDS.BODY", as
 * https://www.standardwebhooks.com describes it.  Failures are in b->err.
 */
void liq_sign(const struct liq_secret *s, const char *id, int64_t seconds,
              const char *body, struct liq_buf *b);

#define LIQ_ID_SIZE 33
/* 128 random bits in hex; false when the system gives none. */
bool liq_random_id(char out[LIQ_ID_SIZE]);

#endif
