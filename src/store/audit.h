/* The trail of who did what, written in the transaction of what it tells.
 *
 * The seal of a row: SHA-256, in lower-case hex, over seven netstrings (each LENGTH:BYTES, with a comma
 * after it; the length in bytes), one after the other:
 *
 *     prev  id  at  who  what  subject  detail
 *
 * Numbers are in decimal, at in milliseconds since 1970. `prev` is the seal of the row before, of the
 * first one 64 zeros; ids are 1, 2, ... The mark beside the database (mark.h) keeps the last id and
 * seal, so that a tail that is cut off is missed. */
#ifndef REMESA_STORE_AUDIT_H
#define REMESA_STORE_AUDIT_H

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/sha256.h"
#include "store/store.h"

#define AUDIT_FIRST_PREV                                                                 \
    "0000000000000000000000000000000000000000000000000000000000000000"

struct audit_row {
    int64_t id;
    struct wall at;
    const char *who, *what, *subject, *detail, *prev, *hash;
};

void audit_seal(const struct audit_row *row, char out[SHA256_HEX_MAX]);

/* A row in the making: open, add members to `w`, close. */
struct audit {
    struct buf detail;
    struct jsonw w;
};
void audit_open(struct audit *a);
/* Adds the row and frees `a`. Inside a transaction. Before the first one goes a row that says how far the
 * database had come without a trail. */
int audit_add(struct audit *a, struct store *s, const char *what, const char *subject,
              struct wall now, struct err *err);

/* Last id and seal; 0 and "-" where there is none. */
int audit_head(struct store *s, int64_t *id, char hash[SHA256_HEX_MAX], struct err *err);

/* The seal of a row, "-" when it is not there. */
int audit_seal_of(struct store *s, int64_t id, char hash[SHA256_HEX_MAX],
                  struct err *err);

/* Reads the whole trail, each row told to `each` (may be NULL), and holds it against itself, the mark,
 * and what it tells of: batches and their rows, decisions, the binding. ERR_INPUT names the first row
 * that does not hold. *rows: how many there are. */
typedef void audit_row_fn(void *ctx, const struct audit_row *row);
int store_audit(struct store *s, audit_row_fn *each, void *ctx, int64_t *rows,
                struct err *err);

#endif
