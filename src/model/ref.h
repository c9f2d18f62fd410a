/* Refs: the names that a caller gives to jobs, and the places where one job uses
 * another's result. */
#ifndef REMESA_MODEL_REF_H
#define REMESA_MODEL_REF_H

#include <stdbool.h>

#include "base/span.h"

#define REF_MAX_BYTES 128

/* 1 to REF_MAX_BYTES bytes of UTF-8; no blank, control character or '/', and no '@',
 * '#' or '?' first. */
bool ref_is_valid(struct span text);

/* "@ref" is another job's remote id, "@ref/attributes/x" a value in its answer. */
struct ref_use {
    struct span ref;
    struct span
        pointer; /* JSON pointer from the answer's resource, empty for the remote id */
};

enum ref_cell {
    REF_CELL_TEXT,   /* no '@' in front: the cell stands for itself */
    REF_CELL_QUOTED, /* "@@...": a text that begins with one '@' */
    REF_CELL_USE,
    REF_CELL_WRONG, /* '@' in front, but what follows names no job */
};
enum ref_cell ref_read_cell(struct span cell, struct ref_use *out);

/* on_behalf_of: "ref" or "@ref" of the job that makes the user, or "#123" with the user's
 * own id. */
enum ref_actor { REF_ACTOR_JOB, REF_ACTOR_ID, REF_ACTOR_WRONG };
enum ref_actor ref_read_actor(struct span cell, struct span *ref_or_id);

#endif
