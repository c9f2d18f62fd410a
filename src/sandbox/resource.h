/* What the API shows: users, payments and every other kind (kinds.h). They live in the
 * ledger's file, so a sandbox that is started anew goes on where it was. Nothing is ever
 * removed: a deleted one is only not shown, and its id is not given again. */
#ifndef REMESA_SANDBOX_RESOURCE_H
#define REMESA_SANDBOX_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sandbox/sql.h"

#define MASTER_ID 593 /* the user that the key belongs to */

#define KIND_USERS            "users"
#define KIND_INSTRUCTIONS     "withdrawal_instructions"
#define KIND_CASH_WITHDRAWALS "cash_withdrawals"
#define KIND_COIN_WITHDRAWALS "coin_withdrawals"

struct resource {
    struct span kind;
    int64_t id;
    int64_t user_id; /* whose it is; of a user: who manages it */
    int64_t created_us;
    struct span reference;     /* email or label; no pointer: none */
    struct span amount;        /* as received; no pointer: none */
    struct span attributes;    /* JSON object, without its state */
    struct span relationships; /* JSON object; no pointer: none */
    int64_t related_id; /* instruction of a withdrawal, issue of a seed ...; 0: none */
    struct span state;  /* no pointer: its kind has none */
};

/* Makes the master itself when the file is new. */
void resource_begin(struct sql *s, int64_t now_us);

/* Gives it the next id of its kind. */
void resource_add(struct sql *s, struct resource *r);

/* False: there is none. The texts of *out lie in `hold`, which the caller closes. */
bool resource_get(struct sql *s, const char *kind, int64_t id, struct buf *hold,
                  struct resource *out);
/* The same, shown or deleted. */
bool resource_get_ever(struct sql *s, const char *kind, int64_t id, struct buf *hold,
                       struct resource *out);

struct resource_filter {
    const char *kind;
    int64_t user_id;
    int64_t from_us, until_us; /* created, both included */
    int64_t skip, most;        /* rows; most is -1: all */
    bool everyone;             /* `user_id` is passed over */
    int64_t related_id;        /* 0: any */
    struct span name, value;   /* of an attribute; no pointer: any */
};

typedef void (*resource_each_fn)(void *ctx, const struct resource *r);

/* By ascending id; orders, of two kinds, by the time they were made. The texts of a resource are good inside the call. */
void resource_each(struct sql *s, const struct resource_filter *f, resource_each_fn fn,
                   void *ctx);
/* The instructions that the user's withdrawals of that kind point to. */
void resource_each_related(struct sql *s, const char *kind, int64_t user_id,
                           resource_each_fn fn, void *ctx);

/* Everything of that kind that points to `related_id`; the attachments of one seed. The
 * two may be nested in a list and in each other, and not in themselves. */
void resource_each_child(struct sql *s, const char *kind, int64_t related_id,
                         resource_each_fn fn, void *ctx);
void resource_each_attachment(struct sql *s, const struct resource *seed,
                              resource_each_fn fn, void *ctx);

int64_t resource_count_children(struct sql *s, const char *kind, int64_t related_id);

int64_t resource_newest(struct sql *s, const char *kind, int64_t user_id); /* 0: none */

void resource_set(struct sql *s, const char *kind, int64_t id, struct span reference,
                  struct span attributes);
void resource_delete(struct sql *s, struct span kind, int64_t id);

/* By another user than `id`; letters of either case are the same. */
bool resource_email_taken(struct sql *s, struct span email, int64_t id);

#endif
