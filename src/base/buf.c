#include "liqmap/buf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST
#include <libdeflate.h>
#include <zlib.h>

#define FIRST_SIZE 64u
/* Room that a reader or zlib is offered at a time. */
#define CHUNK_BYTES 4096u
/* zlib: the largest window, and 16 more for a gzip header. */
#define GZIP_WINDOW_BITS (15 + 16)
/* The header and the end of a gzip member. */
#define GZIP_FRAME_BYTES (10 + 8)

void liq_buf_init(struct liq_buf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    /* Half of the address space, so that no size below overflows. */
    b->max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2 - 1;
}

void liq_buf_free(struct liq_buf *b)
{
    if (!b)
        return;
    free(b->data);
    b->data = NULL;
    b->len = 0;
    b->size = 0;
    b->err = LIQ_OK;
}

void liq_buf_clear(struct liq_buf *b)
{
    b->len = 0;
    b->err = LIQ_OK;
    if (b->data)
        b->data[0] = '\0';
}

void liq_buf_trim(struct liq_buf *b)
{
    char *data = b->data ? realloc(b->data, b->len + 1) : NULL;

    if (!data)
        return; /* as it is, then */
    b->data = data;
    b->size = b->len + 1;
}

/* At least `need` bytes of memory, need <= max + 1; doubles. */
static enum liq_err grow(struct liq_buf *b, size_t need)
{
    size_t size = b->size ? b->size * 2 : FIRST_SIZE;
    char *data;

    if (need <= b->size)
        return LIQ_OK;
    if (size > b->max + 1)
        size = b->max + 1;
    if (size < need)
        size = need;
    data = realloc(b->data, size);
    if (!data)
        return b->err = LIQ_ENOMEM;
    b->data = data;
    b->size = size;
    return LIQ_OK;
}

/* Memory for n more bytes and the NUL. */
static enum liq_err reserve(struct liq_buf *b, size_t n)
{
    if (b->err)
        return b->err;
    if (n > b->max - b->len)
        return b->err = LIQ_ELIMIT;
    return grow(b, b->len + n + 1);
}

/*
 * Memory for some more bytes, at least one, for a source that does not say how
 * many will come.  The source may fill the place of the NUL too: one byte above
 * max is how took_room notices that there is too much.
 */
static enum liq_err make_room(struct liq_buf *b)
{
    size_t left = b->max + 1 - b->len;

    if (b->err)
        return b->err;
    return grow(b, b->len + (left < CHUNK_BYTES ? left : CHUNK_BYTES));
}

static enum liq_err took_room(struct liq_buf *b, size_t n)
{
    b->len += n;
    return b->len > b->max ? LIQ_ELIMIT : LIQ_OK;
}

/* The end of a fill by make_room: close it, or undo it back to len. */
static enum liq_err end_fill(struct liq_buf *b, size_t len, enum liq_err err)
{
    if (err)
        b->len = len;
    if (!err)
        err = grow(b, b->len + 1);
    if (b->data && b->len < b->size)
        b->data[b->len] = '\0';
    if (err == LIQ_ENOMEM || err == LIQ_ELIMIT) {
        b->err = err;
        b->len = len;
    }
    return err;
}

enum liq_err liq_buf_add(struct liq_buf *b, const void *bytes, size_t n)
{
    enum liq_err err = reserve(b, n);

    if (err)
        return err;
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
    return LIQ_OK;
}

enum liq_err liq_buf_text(struct liq_buf *b, const char *text)
{
    return liq_buf_add(b, text, strlen(text));
}

enum liq_err liq_buf_char(struct liq_buf *b, char c)
{
    return liq_buf_add(b, &c, 1);
}

/* By hand: a grid is hundreds of thousands of small integers. */
enum liq_err liq_buf_int(struct liq_buf *b, int64_t value)
{
    char text[20]; /* "-9223372036854775808" */
    char *end = text + sizeof text, *p = end;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--p = '-';
    return liq_buf_add(b, p, (size_t)(end - p));
}

enum liq_err liq_buf_format(struct liq_buf *b, const char *format, ...)
{
    enum liq_err err;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 && !b->err)
        b->err = LIQ_ELIMIT; /* longer than INT_MAX */
    err = reserve(b, n < 0 ? 0 : (size_t)n);
    if (err)
        return err;
    va_start(args, format);
    (void)vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
    return LIQ_OK;
}

/* zlib counts in unsigned int. */
static uInt zlib_count(size_t n)
{
    return n < UINT_MAX ? (uInt)n : UINT_MAX;
}

/* A gzip file may be several members one after another. */
static int inflate_step(z_stream *z, bool last)
{
    int result = inflate(z, Z_NO_FLUSH);

    if (result == Z_STREAM_END && !(last && z->avail_in == 0))
        return inflateReset(z);
    return result;
}

static enum liq_err zlib_err(int result)
{
    if (result == Z_OK || result == Z_STREAM_END)
        return LIQ_OK;
    return result == Z_MEM_ERROR ? LIQ_ENOMEM : LIQ_EFORMAT;
}

/* Drive z over all of in until its stream ends.  A step that can neither read
 * nor write is Z_BUF_ERROR: the input was cut. */
static enum liq_err inflate_all(struct liq_buf *out, z_stream *z,
                                const unsigned char *in, size_t n)
{
    enum liq_err err = LIQ_OK;
    int result = Z_OK;

    z->next_in = in;
    while (!err && result != Z_STREAM_END) {
        size_t left = n - (size_t)(z->next_in - in), room;

        err = make_room(out);
        if (err)
            break;
        room = out->size - out->len;
        z->avail_in = zlib_count(left);
        z->next_out = (unsigned char *)out->data + out->len;
        z->avail_out = zlib_count(room);
        room = z->avail_out;
        result = inflate_step(z, z->avail_in == left);
        err = took_room(out, room - z->avail_out);
        if (!err)
            err = zlib_err(result);
    }
    return err;
}

enum liq_err liq_buf_gzip(struct liq_buf *out, const void *in, size_t n,
                          int level)
{
    struct libdeflate_compressor *c;
    enum liq_err err;
    size_t most, len;

    if (out->err)
        return out->err;
    if (level < 1 || level > 9)
        return LIQ_EINVAL;
    c = libdeflate_alloc_compressor(level);
    if (!c)
        return out->err = LIQ_ENOMEM;
    most = libdeflate_gzip_compress_bound(c, n);
    if (most > out->max - out->len)
        most = out->max - out->len;
    err = reserve(out, most);
    if (!err) {
        len = libdeflate_gzip_compress(c, in ? in : "", n, out->data + out->len,
                                       most);
        if (len == 0)
            err = out->err = LIQ_ELIMIT;
        out->len += len;
        out->data[out->len] = '\0';
    }
    libdeflate_free_compressor(c);
    return err;
}

/* A gzip file of one member ends with its length, modulo 2^32. */
static size_t length_of(const unsigned char *gzip, size_t n)
{
    const unsigned char *at = gzip + n - 4;

    return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 |
           (size_t)at[3] << 24;
}

/*
 * One member of the length that it says, in half of zlib's time.  False, and
 * the content is as it was: it is not that, and zlib may say what it is; or
 * out->err is set.
 */
static bool inflate_member(struct liq_buf *out, const unsigned char *in,
                           size_t n)
{
    size_t length = n >= GZIP_FRAME_BYTES ? length_of(in, n) : 0, used = 0;
    struct libdeflate_decompressor *d;
    enum libdeflate_result result;

    if (length == 0 || length > out->max - out->len || reserve(out, length))
        return false;
    d = libdeflate_alloc_decompressor();
    if (!d) {
        out->err = LIQ_ENOMEM;
        return false;
    }
    result = libdeflate_gzip_decompress_ex(d, in, n, out->data + out->len,
                                           length, &used, NULL);
    libdeflate_free_decompressor(d);
    if (result == LIBDEFLATE_SUCCESS && used == n)
        out->len += length;
    out->data[out->len] = '\0';
    return result == LIBDEFLATE_SUCCESS && used == n;
}

enum liq_err liq_buf_gunzip(struct liq_buf *out, const void *in, size_t n)
{
    const unsigned char *bytes = in;
    z_stream z = {0};
    size_t len = out->len;
    enum liq_err err;

    if (n < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b)
        return liq_buf_add(out, in, n);
    if (out->err || inflate_member(out, bytes, n) || out->err)
        return out->err;
    if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
        return end_fill(out, len, LIQ_ENOMEM);
    err = inflate_all(out, &z, bytes, n);
    (void)inflateEnd(&z);
    return end_fill(out, len, err);
}

static enum liq_err read_all(struct liq_buf *b, int fd)
{
    enum liq_err err;
    ssize_t n;

    do {
        err = make_room(b);
        if (err)
            return err;
        do
            n = read(fd, b->data + b->len, b->size - b->len);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return LIQ_EIO;
        err = took_room(b, (size_t)n);
    } while (!err && n > 0);
    return err;
}

enum liq_err liq_buf_read_file(struct liq_buf *b, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    size_t len = b->len;
    enum liq_err err;
    int fd, saved;

    if (b->err)
        return b->err;
    fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return LIQ_EIO;
    err = read_all(b, fd);
    saved = errno;
    if (!is_stdin)
        (void)close(fd);
    err = end_fill(b, len, err);
    errno = saved;
    return err;
}

static bool write_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, at, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        n -= (size_t)written;
    }
    return true;
}

/* The new name is on the disk once its folder is.  Some file systems cannot
 * say; then it is there a little later. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";
    int fd;

    if (slash)
        snprintf(folder, sizeof folder, "%.*s",
                 slash == path ? 1 : (int)(slash - path), path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

enum liq_err liq_buf_write_file(const struct liq_buf *b, const char *path)
{
    char name[PATH_MAX];
    int n = snprintf(name, sizeof name, "%s.%ld", path, (long)getpid());
    bool good;
    int fd, saved;

    if (n < 0 || (size_t)n >= sizeof name) {
        errno = ENAMETOOLONG;
        return LIQ_EIO;
    }
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return LIQ_EIO;
    good = write_all(fd, b->data, b->len) && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(name, path) == 0;
    saved = errno;
    if (good)
        sync_folder(path);
    else
        (void)unlink(name);
    errno = saved;
    return good ? LIQ_OK : LIQ_EIO;
}
