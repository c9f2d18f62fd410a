/* One row being judged, cell by cell: what judge.h promises, without knowing where the
 * cells come from.
 *
 * Order: begin, ref, action, then each other cell that is not empty, then end. Complaints
 * are told as they are found; nothing stops at the first. A `column` must outlive the
 * row, whose needs keep it. */
#ifndef REMESA_INTAKE_JUDGING_H
#define REMESA_INTAKE_JUDGING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "intake/complain.h"
#include "model/action.h"
#include "model/row.h"

struct judging {
    const struct listener *listener;
    const struct catalogue *catalogue;
    const struct action *action; /* NULL: unknown, and told */
    struct row *row;
    bool decimal_comma; /* decimals in columns have a comma; set after begin */
    bool has_actor;
    bool params_are_broken;
    bool needs_too_many; /* and told */
    bool bad;
};

/* The five columns that every action has. */
#define COLUMN_REF    "ref"
#define COLUMN_ACTION "action"
#define COLUMN_ACTOR  "on_behalf_of"
#define COLUMN_NEEDS  "needs"
#define COLUMN_PARAMS "params"

/* Initializes *row, which is the caller's to close whatever judging_end says. */
void judging_begin(struct judging *g, const struct listener *l, int64_t line,
                   struct row *row);
void judging_ref(struct judging *g, struct span cell);
void judging_action(struct judging *g, const struct catalogue *c, struct span cell);
void judging_actor(struct judging *g, struct span cell);
void judging_needs(struct judging *g, struct span cell);
void judging_need(struct judging *g, struct span ref, bool is_soft); /* a good ref */
void judging_params(struct judging *g, struct span cell);
/* `field` is the action's field of that column, NULL when it takes none; needs an action.
 */
void judging_field(struct judging *g, const struct action_field *field,
                   const char *column, struct span cell);
void judging_complain(struct judging *g, const char *column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void judging_warn(struct judging *g, const char *column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* the row stays good */
bool judging_end(struct judging *g);       /* true: the row is good */

#endif
