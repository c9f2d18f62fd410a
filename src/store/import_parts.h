/* What the files of import.h share. */
#ifndef REMESA_STORE_IMPORT_PARTS_H
#define REMESA_STORE_IMPORT_PARTS_H

#include "base/buf.h"
#include "base/idmap.h"
#include "store/import.h"
#include "store/internal.h"

struct import {
    struct import_options options;
    struct wall now;
    struct sha256 *sha;
    struct buf params;
    struct buf needs;
    struct import_result result;
    int64_t known_own; /* of them, those that no other row may share */
    int64_t told_line; /* the last of which a ref was complained of, and where */
    const char *told_column;
    int64_t known_batch;
    struct totals sums, known_sums; /* of all rows; of those whose job is known */
    char beyond[CURRENCY_TEXT_MAX]; /* a sum of which does not fit */
    struct idmap shared; /* known jobs that are in the sums and may come again */
};

void import_complain(struct import *i, int64_t line, const char *column,
                     const char *text);

/* A row's money into the sums. */
void import_count(struct import *i, const struct row *row, bool is_known);

/* import_known.c. 1: the row's ref is there already, and was judged. */
int import_look_at_known(struct store *s, const struct row *row, struct err *err);

#endif
