/* A file that a job sends: a passport, a bill. What the database keeps of it is where it
 * lies, how long it is and its digest, never its bytes; so the job stands for these bytes
 * and no others, and a file that was changed since is not sent.
 *
 * Kinds are told by the first bytes. Those of old and new office files say only what they
 * are packed in; there the end of the name decides. */
#ifndef REMESA_MODEL_DOCUMENT_H
#define REMESA_MODEL_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/span.h"

#define DOCUMENT_MAX       (10 * 1024 * 1024 - 1) /* bytes: the API takes less than 10 MB */
#define DOCUMENT_CELL_MAX  8192                   /* of the canonical cell */
#define DOCUMENT_MEDIA_MAX 80

struct document {
    char media[DOCUMENT_MEDIA_MAX]; /* "image/png" */
    int64_t size;
    char sha256[SHA256_HEX_MAX];
    char *path; /* absolute */
};

/* Reads the file that `cell` names; a relative one lies in `folder` (NULL: the current
 * one). ERR_INPUT says what is wrong with it; *out needs no closing then. `choices`, ended
 * by NULL, are the kinds that are taken; NULL: all that are known. `max` bytes; 0: as
 * DOCUMENT_MAX. */
int document_look(struct document *out, const char *folder, struct span cell,
                  char *const *choices, int64_t max, struct err *err);
void document_close(struct document *d);
const char *document_name(const struct document *d); /* without its folder */

bool document_media_is_known(const char *media);

/* The canonical cell, which the job keeps: "image/png 8 SHA256 PATH". */
void document_write(const struct document *d, struct buf *out);
bool document_read(struct document *out, struct span cell);

/* Opens it to be sent. ERR_INPUT: it is not there or not the one that was looked at. */
int document_open(const struct document *d, int *fd, struct err *err);

/* A cell that carries the bytes itself: "data:image/png;base64,...". */
bool document_is_data_uri(struct span cell);

#endif
