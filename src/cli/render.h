/* An image of the api into a file. */
#ifndef LIQMAP_CLI_RENDER_H
#define LIQMAP_CLI_RENDER_H

#include <stdbool.h>
#include <stddef.h>

/* Write bytes[n] to the file at path, which has the old or the new content
 * whole at any moment; "-" is standard output.  False with errno set. */
bool cli_write_image(const char *path, const char *bytes, size_t n);

#endif
