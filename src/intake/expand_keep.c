/* What may be kept of a record. */
#include <stdlib.h>

#include "base/mem.h"
#include "intake/expand_parts.h"
#include "intake/template.h"

struct span expand_ref(const struct expand *e)
{
    return e->values[RECIPE_REF];
}

static bool is_private(const struct recipe *r, size_t column)
{
    for (size_t i = 0; i < r->step_count; i++)
        for (size_t p = 0; p < r->steps[i].param_count; p++) {
            const struct step_param *param = &r->steps[i].params[p];
            if (template_uses(&param->value, column) &&
                action_field_is_secret(param->takes))
                return true;
        }
    return false;
}

void expand_find_private(struct expand *e)
{
    e->is_private = mem_zero(e->width, sizeof(*e->is_private));
    e->shown = mem_zero(e->width, sizeof(*e->shown));
    for (size_t i = 0; i < e->width; i++)
        e->is_private[i] = e->column_of[i] < e->o.recipe->column_count &&
                           is_private(e->o.recipe, e->column_of[i]);
}

const struct span *expand_public(struct expand *e, const struct span *cells)
{
    for (size_t i = 0; i < e->width; i++)
        e->shown[i] = e->is_private[i] ? (struct span){0} : cells[i];
    return e->shown;
}
