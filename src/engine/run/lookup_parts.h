/* What lookup.c, lookup_read.c and lookup_settle.c share. Not for others. */
#ifndef REMESA_RUN_LOOKUP_PARTS_H
#define REMESA_RUN_LOOKUP_PARTS_H

#include "base/buf.h"
#include "engine/run/internal.h"
#include "engine/run/walk.h"

#define EVIDENCE_MAX (64 * 1024)

struct member {
    struct doubt doubt;
    struct params params;
    struct find_question question;
    int matches;      /* different ids */
    char *id, *state; /* of the first of them */
    char *row;
    struct buf ids; /* of all of them */
    char *
        control_id; /* a resource of ours, older than its job, that the list should show; NULL: none */
    bool control_seen;
};

struct lookup {
    int64_t id;
    struct walk walk;
    struct wall
        asked_at; /* the first page: what takes effect later, the list need not show */
    struct member *members;
    int count;
};

#endif
