/* Reading the templates of a recipe: "pay {ref}", "@account", "@before.quote/attributes/x". */
#ifndef REMESA_INTAKE_TEMPLATE_H
#define REMESA_INTAKE_TEMPLATE_H

#include "intake/recipe.h"

/* Adds the columns that it meets to *r. A step that it uses must be one of *r already, and
 * within reach of `scope`. */
int template_read(struct template *t, struct recipe *r, enum step_scope scope,
                  struct span text, struct err *err);
void template_close(struct template *t);
bool template_uses(const struct template *t, size_t column);

/* "step", or "before.step" from a row or an after step. */
int template_step(const struct recipe *r, enum step_scope scope, struct span name,
                  size_t *out, struct err *err);
size_t template_column(struct recipe *r, enum step_scope scope, struct span name);

#endif
