#include "body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void body_destroy(struct liq_item *item)
{
    struct liq_body *b = (struct liq_body *)(void *)item;

    liq_buf_free(&b->plain);
    liq_buf_free(&b->gzip);
    for (size_t i = 0; i < LIQ_MARKS; i++)
        liq_item_release(b->mark[i]);
    free(b);
}

#define HASH_START UINT64_C(14695981039346656037)
#define HASH_PRIME UINT64_C(0x9e3779b97f4a7c15)
#define HASH_STEP 32

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_PRIME;
    return hash ^ hash >> 29;
}

static uint64_t word_at(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Of words of 8 bytes: four hashes, so that no multiplication waits for the one
 * before it, of every fourth word each. */
static uint64_t hash_of(const struct liq_buf *b)
{
    uint64_t h0 = HASH_START ^ b->len, h1 = h0 + 1, h2 = h0 + 2, h3 = h0 + 3;
    char last[HASH_STEP] = "";
    size_t left = b->len;

    for (const char *p = b->data; left > 0; p += HASH_STEP) {
        if (left < HASH_STEP)
            p = memcpy(last, p, left);
        h0 = mixed(h0, word_at(p));
        h1 = mixed(h1, word_at(p + 8));
        h2 = mixed(h2, word_at(p + 16));
        h3 = mixed(h3, word_at(p + 24));
        left -= left < HASH_STEP ? left : HASH_STEP;
    }
    return mixed(mixed(mixed(h0, h1), h2), h3);
}

enum liq_err liq_body_plain(struct liq_buf *text, struct liq_body **out)
{
    struct liq_body *b;

    if (text->err)
        return text->err;
    b = calloc(1, sizeof *b);
    if (!b)
        return LIQ_ENOMEM;
    liq_item_init(&b->item, body_destroy);
    liq_buf_init(&b->gzip, text->max);
    liq_buf_trim(text);
    b->plain = *text;
    liq_buf_init(text, text->max);
    b->len = b->plain.len;
    b->item.bytes = sizeof *b + b->plain.size;
    *out = b;
    return LIQ_OK;
}

static void set_etag(struct liq_body *b)
{
    snprintf(b->etag, LIQ_ETAG_SIZE, "%016llx",
             (unsigned long long)hash_of(&b->plain));
}

enum liq_err liq_body_image(struct liq_buf *png, struct liq_body **out)
{
    enum liq_err err = liq_body_plain(png, out);

    if (err)
        return err;
    (*out)->type = "image/png";
    set_etag(*out);
    return LIQ_OK;
}

enum liq_err liq_body_new(struct liq_buf *text, int level,
                          struct liq_body **out)
{
    struct liq_buf gzip;
    enum liq_err err;

    liq_buf_init(&gzip, text->max);
    err = liq_buf_gzip(&gzip, text->data, text->len, level);
    if (!err)
        err = liq_body_plain(text, out);
    if (err) {
        liq_buf_free(&gzip);
        return err;
    }
    liq_buf_trim(&gzip);
    (*out)->gzip = gzip;
    (*out)->item.bytes += gzip.size;
    set_etag(*out);
    if ((*out)->len > LIQ_PLAIN_MAX) {
        (*out)->item.bytes -= (*out)->plain.size;
        liq_buf_free(&(*out)->plain);
    }
    return LIQ_OK;
}

enum liq_err liq_body_inflate(const struct liq_body *b, struct liq_body **out)
{
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, b->len);
    err = liq_buf_gunzip(&text, b->gzip.data, b->gzip.len);
    if (!err)
        err = liq_body_plain(&text, out);
    liq_buf_free(&text);
    /* Our own bytes are not damaged. */
    return err ? LIQ_ENOMEM : LIQ_OK;
}
