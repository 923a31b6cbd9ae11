#include "sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define KEY_MIN 24
#define KEY_MAX 64
/* Base64 of KEY_MAX bytes. */
#define TEXT_MAX 88
#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)

/* --- secrets -------------------------------------------------------------- */

/* text[n] with as many '=' as libcrypto wants; how many, or -1. */
static int pad(const char *text, size_t n, char out[TEXT_MAX + 1])
{
    size_t full = (n + 3) / 4 * 4;

    if (n == 0 || full > TEXT_MAX)
        return -1;
    memcpy(out, text, n);
    memset(out + n, '=', full - n);
    out[full] = '\0';
    return (int)(full - n);
}

enum liq_err liq_secret_parse(const char *text, struct liq_secret *out)
{
    unsigned char key[KEY_MAX + 3];
    char padded[TEXT_MAX + 1];
    size_t n;
    int left, got;

    text += strspn(text, " \t\r\n");
    if (strncmp(text, "whsec_", 6) == 0)
        text += 6;
    n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789+/");
    left = pad(text, n, padded);
    text += n;
    text += strspn(text, "=");
    text += strspn(text, " \t\r\n");
    if (*text || left < 0 || left > 2)
        return LIQ_EINVAL;
    got = EVP_DecodeBlock(key, (const unsigned char *)padded,
                          (int)strlen(padded));
    got -= left; /* it counts what the padding stands for */
    if (got < KEY_MIN || got > KEY_MAX)
        return LIQ_EINVAL;
    memcpy(out->key, key, (size_t)got);
    out->n = (size_t)got;
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(padded, sizeof padded);
    return LIQ_OK;
}

/* --- signatures ----------------------------------------------------------- */

void liq_sign(const struct liq_secret *s, const char *id, int64_t seconds,
              const char *body, struct liq_buf *b)
{
    unsigned char mac[EVP_MAX_MD_SIZE], text[4 * EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    struct liq_buf message;

    liq_buf_init(&message, MESSAGE_MAX_BYTES);
    liq_buf_format(&message, "%s.%lld.", id, (long long)seconds);
    liq_buf_text(&message, body);
    if (message.err ||
        !HMAC(EVP_sha256(), s->key, (int)s->n,
              (const unsigned char *)message.data, message.len, mac, &n)) {
        if (!b->err)
            b->err = LIQ_ENOMEM;
    } else {
        (void)EVP_EncodeBlock(text, mac, (int)n);
        liq_buf_format(b, "v1,%s", (const char *)text);
    }
    liq_buf_free(&message);
}

bool liq_random_id(char out[LIQ_ID_SIZE])
{
    unsigned char bits[(LIQ_ID_SIZE - 1) / 2];

    if (RAND_bytes(bits, sizeof bits) != 1)
        return false;
    for (size_t i = 0; i < sizeof bits; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", (unsigned)bits[i]);
    return true;
}
