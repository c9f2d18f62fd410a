/* Control totals, as they come in and as a check shows them. */
#include <inttypes.h>
#include <stdio.h>

#include "app/internal.h"
#include "intake/totals_file.h"

int app_declared_read(const struct remesa_import *what, struct totals *out,
                      struct err *err)
{
    if (what->expect_rows < 0)
        return err_set(err, ERR_USAGE, "--expect-rows: wanted 1 or more");
    out->rows = what->expect_rows;
    for (const char *const *t = what->expect_totals; t && *t; t++)
        if (totals_take(out, *t, err))
            return -1;
    return totals_file_read(out, what->path, err);
}

void app_declared_tell(const struct remesa_import *what, const struct totals *t)
{
    char text[DECIMAL_TEXT_MAX];
    const struct remesa_cell rows = {"rows", text, true};
    snprintf(text, sizeof(text), "%" PRId64, t->rows);
    if (t->rows)
        what->survey(what->ctx, "declared", &rows, 1);
    for (int i = 0; i < t->count; i++) {
        const struct remesa_cell sum[] = {{"currency", t->sums[i].currency, false},
                                          {"total", money_text(t->sums[i], text), false}};
        what->survey(what->ctx, "declared", sum, 2);
    }
}
