/* What the files that read a recipe share. */
#ifndef REMESA_INTAKE_RECIPE_PARTS_H
#define REMESA_INTAKE_RECIPE_PARTS_H

#include "base/json.h"
#include "intake/recipe.h"

char *recipe_unquoted(struct span raw); /* to be freed */
/* ERR_CONFIG unless `raw` is of that type; `name` for the message: "an object". */
int recipe_want(struct span raw, enum json_type type, const char *name, struct err *err);
/* A text that is not empty; *out is to be freed, on -1 too. */
int recipe_text(struct span raw, char **out, struct err *err);

/* Fills *s, whose scope is set; to be closed on -1 too. */
int recipe_step_read(struct recipe *r, struct step *s, struct span raw, struct err *err);
void recipe_step_close(struct step *s);

#endif
