/* One request on its way through the API: what a handler reads, and how it answers. */
#ifndef REMESA_SANDBOX_CALL_H
#define REMESA_SANDBOX_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sandbox/answer.h"
#include "sandbox/resource.h"
#include "sandbox/sandbox.h"

struct kind;

struct call {
    struct sandbox *sandbox;
    struct answer *answer;
    int64_t request_id;
    int64_t now_us; /* the clock of states, when it takes effect */
    int64_t user;   /* acted for: the user of "; user=", else the master */
    bool on_behalf;
    const struct kind *kind;   /* of the path; NULL: not in the table of kinds */
    struct span password;      /* the header One-Time-Password */
    int64_t seconds;           /* wall time when it was complete, for passwords */
    struct span id;            /* what stands for ":id" in the path */
    struct span query;         /* encoded */
    struct span body;          /* clean JSON; "{}" when there was none */
    const struct fault *fault; /* NULL: none. Lists and lies look at it */

    bool shown_to_the_end; /* the answer is a list and shows its end */
    bool malformed;        /* an attribute has a type that nothing is prepared for */
    struct buf problems;   /* the 422's errors so far, comma-separated */
};

/* The messages of a refused attribute, and the codes Bitex derives from them. */
#define PROBLEMS(X)                                                                      \
    X(BLANK, "no puede estar en blanco", "no_puede_estar_en_blanco")                     \
    X(NOT_A_NUMBER, "no es un número", "no_es_un_numero")                                \
    X(NOT_POSITIVE, "debe ser mayor que 0", "debe_ser_mayor_que_0")                      \
    X(NOT_IN_LIST, "no está incluido en la lista", "no_esta_incluido_en_la_lista")       \
    X(TAKEN, "ya está en uso", "ya_esta_en_uso")                                         \
    X(INVALID, "no es válido", "no_es_valido")                                           \
    X(ONE_PER_ISSUE, "cannot create more than one per issue",                            \
      "cannot_create_more_than_one_per_issue")                                           \
    X(NO_MORE_UPDATES, "no more updates allowed", "no_more_updates_allowed")             \
    X(TRANSITION, "invalid transition", "invalid_transition")

enum problem {
#define X(name, text, code) PROBLEM_##name,
    PROBLEMS(X)
#undef X
};

/* ---- reading the document ---- */

/* The raw JSON of an attribute; false when it is absent or null. */
bool call_raw(const struct call *c, const char *name, struct span *raw);

/* The text of an attribute: a string, or the digits of a number; anything else makes the
 * call malformed. False: absent, null or malformed. */
bool call_text(struct call *c, const char *name, struct buf *out);

/* The id that a relationship points to: 0 when there is none, -1 when it is no id. */
int64_t call_related(const struct call *c, const char *name);

/* Whose thing a POST makes: the user of "; user=", or of the document's relationship
 * `user` when the master acts itself. False: no such user, and answered. */
bool call_owner(struct call *c, int64_t *user);

/* Answers 401 when that user needs a one-time password and the request has no good one. */
bool call_is_sure(struct call *c, int64_t user);

/* A number in the path; -1: it is none. */
int64_t call_id(const struct call *c);

/* ---- answering ---- */

void call_problem(struct call *c, const char *kind, const char *attribute,
                  enum problem problem);

/* Answers 422 when /data/type is not `kind`. */
bool call_is(struct call *c, const char *kind);

/* Answers when something was wrong so far: 500 before 422. */
bool call_refused(struct call *c);

/* Keeps a new resource, writes its effect down and answers it. A lie is only answered: its
 * id is used up, and nothing has it. */
void call_create(struct call *c, struct resource *r, struct span currency);

/* The answer as it is so far, in the ledger: of that kind. */
void call_effect(struct call *c, const struct resource *r, const char *kind,
                 struct span currency);

void call_show(struct call *c, const struct resource *r);

#endif
