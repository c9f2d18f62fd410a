/* Rows that a recipe makes of a CSV file. */
#ifndef REMESA_INTAKE_SOURCE_RECIPE_H
#define REMESA_INTAKE_SOURCE_RECIPE_H

#include "base/err.h"
#include "intake/csv.h"
#include "intake/expand.h"
#include "model/row.h"

/* As source_csv_open, and ERR_CONFIG when the recipe does not fit the catalogue, ERR_USAGE
 * when the sets do not fit the recipe. Steps before the rows come with the first record,
 * steps after them at the end, and only if no record was bad. */
int source_recipe_open(struct source *out, const char *path,
                       const struct csv_options *csv, struct recipe *recipe,
                       const struct expand_options *options, struct err *err);

#endif
