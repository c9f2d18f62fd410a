/* The catalogue as JSON, for other programs: the members of an entry as actions/README.md
 * has them, with what is understood when one is not there written out. */
#ifndef REMESA_CLI_ACTIONS_JSON_H
#define REMESA_CLI_ACTIONS_JSON_H

#include "model/action.h"

void actions_print_all(const struct catalogue *c); /* an array */
void actions_print_one(const struct action *a);    /* an object */

/* "attribute", "relationship", "path", "query", "request", "not sent" */
const char *actions_place_name(enum field_place place);

#endif
