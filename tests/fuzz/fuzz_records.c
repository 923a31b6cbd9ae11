/* Any bytes on a connection of a web server: what is taken for a whole request
 * is one however the bytes arrive, and libfcgi reads it. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/records.h"
#include "fcgi/request.h"

/* As much as the server looks at. */
#define INPUT_MAX (64u * 1024u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int is_whole(enum liq_records found)
{
    return found == LIQ_RECORDS_WHOLE || found == LIQ_RECORDS_BODY;
}

/* What a part says, more bytes do not change. */
static void check_parts(const uint8_t *data, size_t n, enum liq_records found)
{
    size_t step = n / 64 + 1;

    for (size_t i = 0; i < n; i += step) {
        enum liq_records part = liq_records_check(data, i);

        if (part != LIQ_RECORDS_PART && part != found)
            abort();
    }
}

static void read_request(const uint8_t *data, size_t n)
{
    struct liq_api_request request = {0};
    struct liq_request_text text = {.large = NULL};
    int ends[2], id = 0;
    bool keep;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        abort();
    if (write(ends[1], data, n) != (ssize_t)n)
        abort();
    (void)shutdown(ends[1], SHUT_WR);
    if (liq_request_read(&ends[0], &request, &text, &id, &keep) &&
        (!request.path || strlen(request.path) > n))
        abort();
    liq_request_text_free(&text);
    if (ends[0] >= 0)
        (void)close(ends[0]);
    (void)close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int ready;
    enum liq_records found;

    if (n > INPUT_MAX)
        return 0;
    if (!ready) {
        (void)signal(SIGPIPE, SIG_IGN);
        ready = liq_request_init();
    }
    found = liq_records_check(data, n);
    check_parts(data, n, found);
    if (is_whole(found))
        read_request(data, n);
    return 0;
}
