/* Inside of the catalogue's reader: single values, fields, and the rules between them. */
#ifndef REMESA_API_CATALOGUE_PARTS_H
#define REMESA_API_CATALOGUE_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/err.h"
#include "model/action.h"

/* A text that is not empty, copied; true or false; an array of one text or more, ended by
 * NULL; the place of a text in `words`, which a NULL ends. */
int part_text(const cJSON *json, char **out, struct err *err);
int part_count(const cJSON *json, int64_t *out, struct err *err); /* 1 to 10^9 */
int part_flag(const cJSON *json, bool *out, struct err *err);
int part_texts(const cJSON *json, char ***out, struct err *err);
int part_word(const cJSON *json, const char *const words[], int *out, struct err *err);
int part_object(const cJSON *json, struct err *err);

/* Appends the fields of one group of an action: {"amount": {"type": "decimal"}, ...}. */
int fields_read(struct action *a, enum field_place place, const cJSON *group,
                struct err *err);

/* How a job of the action is looked up, and what must hold for it. */
int find_read(struct action_find *find, const cJSON *json, struct err *err);
int find_check(const struct action *a, struct err *err);

/* How a job of the action is watched once it is accepted, and what must hold for it. */
int follow_read(struct action *a, const cJSON *json, struct err *err);
int follow_check(const struct action *a, struct err *err);

/* With its braces filled, each by what the action always sends (a required id), a date or, when `has_id`, the
 * resource's id, it is a path like any other. */
bool is_path_template(const struct action *a, const char *text, bool has_id);

/* What must be so before a job of the action is sent, and what must hold for that. */
int guard_read(struct action *a, const cJSON *json, struct err *err);
int guard_check_entry(const struct action *a, struct err *err);

/* The rate of its endpoint; then, for all that were read, which share one. */
int rate_read(struct action *a, const cJSON *json, struct err *err);
int budgets_number(struct catalogue *c, struct err *err);

/* What must hold between the members of an action. */
int action_check(const struct action *a, struct err *err);

#endif
