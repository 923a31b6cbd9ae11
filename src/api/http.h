/* Status and header lines for a body or a refusal. */
#ifndef LIQMAP_API_HTTP_H
#define LIQMAP_API_HTTP_H

#include "internal.h"

/* A body for a request; takes over the reference. */
void liq_respond_body(const struct liq_api *a,
                      const struct liq_api_request *req, struct liq_body *b,
                      struct liq_api_response *out);
/* A refusal. */
void liq_respond_refusal(const struct liq_api_request *req,
                         const struct liq_refusal *r,
                         struct liq_api_response *out);
/* A body for this request alone, with no-store; takes it over. */
void liq_respond_once(const struct liq_api_request *req, int status,
                      struct liq_buf *body, struct liq_api_response *out);
/* The same as plain text with status 200. */
void liq_respond_text(const struct liq_api_request *req, struct liq_buf *body,
                      struct liq_api_response *out);
/* The response to a browser's preflight request. */
void liq_respond_options(struct liq_api_response *out);

/* The refusal for an error.  past: the query asked for the past. */
void liq_refusal_of(const struct liq_api *a, bool past,
                    const struct liq_reason *why, struct liq_refusal *out);

#endif
