/* What Redis says: first byte even: a stored message; odd: a reply of the
 * server.  A message that is taken is within its bounds, and packed again it is
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hosts/redis.c"

#define INPUT_MAX ((size_t)64 * 1024)
#define BODY_MAX ((size_t)256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void pack_again(const struct liq_http_response *r)
{
    struct liq_buf bytes;
    struct liq_http_response again;

    liq_buf_init(&bytes, BODY_MAX + MESSAGE_EXTRA_BYTES);
    promise(message_encode(&bytes, r, r->took_ms) == LIQ_OK);
    promise(message_decode(bytes.data, bytes.len, BODY_MAX, &again) == LIQ_OK);
    promise(again.status == r->status && again.date_ms == r->date_ms &&
            again.body.len == r->body.len &&
            again.headers.len == r->headers.len);
    liq_http_response_free(&again);
    liq_buf_free(&bytes);
}

static void read_message(const char *bytes, size_t n)
{
    struct liq_http_response r;
    char value[64];

    if (message_decode(bytes, n, BODY_MAX, &r) != LIQ_OK) {
        promise(r.body.data == NULL && r.headers.data == NULL);
        return;
    }
    promise(r.status >= 100 && r.status <= 599 && r.date_ms >= 0);
    promise(r.body.len <= BODY_MAX && r.shared && r.took_ms >= 0);
    liq_http_header(&r, "retry-after", value, sizeof value);
    pack_again(&r);
    liq_http_response_free(&r);
}

/* hiredis makes room for as many elements as an array says it has. */
static int says_many(const char *bytes, size_t n)
{
    for (size_t i = 0; i + 5 < n; i++)
        if (bytes[i] == '*' && strchr("0123456789", bytes[i + 5]))
            return 1;
    return 0;
}

static void read_reply(const char *bytes, size_t n)
{
    redisReader *reader = redisReaderCreate();
    struct redis_found found = {0};
    void *reply = NULL;

    promise(reader != NULL);
    liq_buf_init(&found.message, INPUT_MAX);
    if (redisReaderFeed(reader, bytes, n) == REDIS_OK &&
        redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        read_found(reply, &found);
        promise(found.age_ms >= 0 && found.age_ms <= AGE_MAX_MS);
        if (found.said == REDIS_HAVE)
            read_message(found.message.data, found.message.len);
        freeReplyObject(reply);
    }
    liq_buf_free(&found.message);
    redisReaderFree(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *bytes = (const char *)data + 1;

    if (n < 1 || n > INPUT_MAX)
        return 0;
    if (data[0] % 2 == 0)
        read_message(bytes, n - 1);
    else if (!says_many(bytes, n - 1))
        read_reply(bytes, n - 1);
    return 0;
}
