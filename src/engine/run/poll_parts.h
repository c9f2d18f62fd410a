/* What poll.c and poll_read.c share. Not for others. */
#ifndef REMESA_RUN_POLL_PARTS_H
#define REMESA_RUN_POLL_PARTS_H

#include "api/follow.h"
#include "engine/run/internal.h"
#include "engine/run/walk.h"

struct watched {
    struct follower follower;
    struct params params;
    struct follow_question question;
    bool is_seen;
    char *state, *reason, *row; /* as they were seen; NULL: they were not */
};

struct poll {
    int64_t id;
    bool is_alone; /* one resource, not a list */
    struct walk walk;
    struct watched *members;
    int count;
    int seen;         /* of the members */
    bool is_too_long; /* the list: an answer has no room for it */
    bool is_sorted;   /* the members, by the ids that the API gave them */
};

#endif
