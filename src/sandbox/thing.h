/* The usual endpoints of every kind in the table (kinds.h), and the pieces of them that
 * the kinds with a story of their own use. `c->kind` is the kind of the path. */
#ifndef REMESA_SANDBOX_THING_H
#define REMESA_SANDBOX_THING_H

#include "sandbox/call.h"
#include "sandbox/fields.h"

void things_create(struct call *c);
void things_list(struct call *c);
void things_show(struct call *c);
void things_update(struct call *c);
void things_cancel(struct call *c);

/* The first thing of a kind that the caller may see. False: answered 404. */
bool thing_find(struct call *c, const char *kind, int64_t id, struct buf *hold,
                struct resource *r);

/* What a new thing of `c->kind` belongs to, beside the document's attributes. */
struct thing {
    int64_t owner;
    int64_t related_id;
    struct span relationships; /* JSON object; no pointer: none */
    struct span extra;         /* attributes that no document tells; no pointer: none */
};

/* Reads the attributes, answers what is wrong, or keeps it and answers it. */
void thing_create(struct call *c, const struct thing *t);

/* The thing with the document's attributes in it; answered. */
void thing_change(struct call *c, struct resource *r);

/* To another state, with a row in the ledger that bears the step's name; answered by the
 * thing, or by 204 when `silent`. */
void thing_step(struct call *c, struct resource *r, const char *state, const char *step,
                bool silent);

/* Answered by 204. An intention: what became of it, a GET tells; what has ended stays as
 * it is. */
void thing_cancel(struct call *c, struct resource *r);

/* 422: it is not in a state that allows it. */
void thing_refuse(struct call *c, enum problem problem);

#endif
