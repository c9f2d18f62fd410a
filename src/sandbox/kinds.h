/* The kinds of things that the API keeps, as a table: which of the usual endpoints each
 * has, which attributes it knows and how they are read. What a kind does beyond that is in
 * a file of its own (issues.c, concierge.c, orders.c). */
#ifndef REMESA_SANDBOX_KINDS_H
#define REMESA_SANDBOX_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define KIND_ORDERS       "orders" /* the bids and asks that are executing */
#define KIND_BIDS         "bids"
#define KIND_ASKS         "asks"
#define KIND_ISSUES       "issues"
#define KIND_OBSERVATIONS "observations"
#define KIND_DOCKETS      "natural_docket_seeds"
#define KIND_ATTACHMENTS  "attachments"
#define KIND_REQUESTS     "concierge_requests"
#define KIND_OUTPUTS      "concierge_request_outputs"
#define KIND_SENT         "sent_transfers"
#define KIND_RECEIVED     "received_transfers"

/* Of the usual endpoints. */
enum {
    CAN_CREATE = 1, /* POST /KIND */
    CAN_LIST = 2,   /* GET /KIND */
    CAN_SHOW = 4,   /* GET /KIND/:id */
    CAN_UPDATE = 8, /* PATCH and PUT /KIND/:id */
    CAN_CANCEL = 16 /* POST /KIND/:id/cancel */
};

struct kind {
    const char *name;
    const char *path; /* where it is, such as "merchants/payments"; NULL: its name */
    unsigned can;
    int64_t first_id;

    /* Words: NAME, NAME:TYPE, NAME! or NAME:TYPE! (must be there). Types:
     *   (none)   a text, or a number's digits     short     a text of at most 255 bytes
     *   country  two letters, kept in capitals    date      YYYY-MM-DD
     *   bool     true or "true", else false       money     a number above 0
     *   a|b|c    one of these */
    const char *fields;
    const char *fixed;     /* what every new one has besides; a JSON object, or NULL */
    const char *reference; /* the field that tells the client's own; NULL: none */
    const char *currency;  /* the field that the ledger calls so; NULL: none */
    const char *filter;    /* filter[FIELD] of its lists; NULL: none */
    const char *parent;    /* filter[NAME] is what it belongs to; NULL: none */
    const char *state;     /* of a new one; NULL: it has none */
    const char *state_key; /* what it is called in an answer; NULL: it is not shown */

    bool dated;   /* its lists know filter[from] */
    bool seed;    /* of an issue: part of what is known about a person */
    bool one;     /* the issue shows one of it, not a list */
    bool shared;  /* the master sees everybody's */
    bool created; /* POST answers 201 */
};

const struct kind *kind_find(struct span name); /* NULL: none in the table */
extern const struct kind kinds[];               /* ends with one without a name */

#endif
