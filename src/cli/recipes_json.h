/* The recipes as JSON, for other programs; and what is said of their columns, in JSON and to a person. The recipes
 * are checked (intake/recipe.h). */
#ifndef REMESA_CLI_RECIPES_JSON_H
#define REMESA_CLI_RECIPES_JSON_H

#include "intake/recipe.h"

void recipes_print_all(const struct recipe_book *b); /* an array */
void recipes_print_one(const struct recipe *r);      /* an object */

const char *recipe_column_type(const struct recipe_column *c);
const char *recipe_column_help(const struct recipe_column *c); /* NULL: nothing to say */

#endif
