/* A file for a person, written aside and renamed when it is whole: who opens it sees the
 * old one or the new one. Mode 0600, since it tells of payees and accounts. */
#ifndef REMESA_BASE_ASIDE_H
#define REMESA_BASE_ASIDE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct aside {
    char *path, *fresh;
    FILE *file; /* to write to; its errors are looked at by aside_keep */
};

/* ERR_CANTCREATE; then there is nothing to end. */
int aside_open(struct aside *a, const char *path, struct err *err);

/* Ends it either way. ERR_IO: it could not be written, and what stood there stays. */
int aside_keep(struct aside *a, struct err *err);
void aside_drop(struct aside *a);

/* Are these one file, by whatever names? False when one of them is not there. */
bool aside_is_same_file(const char *a, const char *b);

#endif
