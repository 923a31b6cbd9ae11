/* FastCGI records, as far as it must be known where a request ends. */
#ifndef LIQMAP_FCGI_RECORDS_H
#define LIQMAP_FCGI_RECORDS_H

#include <stddef.h>

enum liq_records {
    LIQ_RECORDS_PART,  /* more must come */
    LIQ_RECORDS_WHOLE, /* a request that has no body */
    LIQ_RECORDS_BODY,  /* a request whose body has begun */
    LIQ_RECORDS_BAD    /* no FastCGI, or what libfcgi must not be given */
};

/* What the first n bytes of a connection hold. */
enum liq_records liq_records_check(const unsigned char *bytes, size_t n);

#endif
