/* What a request sends: its text, and the files that stand in it as base 64, read from the
 * disk piece by piece while it goes out. So a large file costs no more memory than a small
 * one. It is read once; there is no way back. */
#ifndef REMESA_NET_BODY_H
#define REMESA_NET_BODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "model/http.h"

struct body {
    struct buf text;
    size_t at; /* of the text */
    struct http_file files[HTTP_FILES_MAX];
    int file_count, file; /* `file`: that is next, or being read */
    int64_t file_at;
    struct sha256 *sha; /* of what was read of it */
    char *room;         /* for a piece of a file; made at the first need */
    struct span piece;  /* base 64 that is not handed out yet */
    bool broken;        /* a file is not what it was */
};

#define BODY_BROKEN ((size_t)-1)

void body_init(struct body *b);
void body_close(struct body *b);

bool body_take(struct body *b, const struct http_request *r); /* false: it cannot */
/* Up to `room` bytes; 0: that was all. BODY_BROKEN: a file cannot be read or has changed
 * since it was looked at; its last piece has not gone out then. */
size_t body_read(struct body *b, char *out, size_t room);
void body_clear(struct body *b); /* wipes it */

#endif
