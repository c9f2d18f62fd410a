/* What can be said of a row when all of its cells are seen. */
#include <stdlib.h>

#include "base/mem.h"
#include "intake/judging.h"
#include "intake/judging_file.h"
#include "model/params.h"
#include "model/settings.h"

/* To be freed. */
static char *tag_of(const struct judging *g, const struct action_field *f)
{
    const char *form = g->catalogue->tag_email;
    bool by_form = f->type == VALUE_EMAIL && form;
    return by_form ? tag_email_of(form, g->row->ref) : mem_text(g->row->ref);
}

static void fill_tag(struct judging *g)
{
    const struct action *a = g->action;
    const char *want;
    if (!a->tag || !g->row->ref || params_get(&g->row->params, a->tag))
        return;
    const struct action_field *f = action_field(a, span_of(a->tag));
    char *tag = f ? tag_of(g, f) : NULL;
    if (tag && action_field_accepts(f, span_of(tag), &want))
        params_add(&g->row->params, span_of(a->tag), span_of(tag));
    free(tag);
}

static void check_required(struct judging *g)
{
    for (size_t i = 0; i < g->action->field_count; i++) {
        const struct action_field *f = &g->action->fields[i];
        const char *value = params_get(&g->row->params, f->name);
        if (f->required && (!value || !*value))
            judging_complain(g, f->name, "missing: %s wants it", g->action->name);
    }
}

static void check_one_of(struct judging *g)
{
    const struct action *a = g->action;
    int given = 0;
    for (size_t i = 0; a->one_of && a->one_of[i]; i++) {
        const char *value = params_get(&g->row->params, a->one_of[i]);
        given += value && *value;
        if (given > 1 && value && *value)
            judging_complain(g, a->one_of[i],
                             "%s takes only one of its kind: leave %s or "
                             "this one empty",
                             a->name, a->one_of[0]);
    }
    if (a->one_of && given == 0)
        judging_complain(g, a->one_of[0], "missing: %s wants it or %s", a->name,
                         a->one_of[1]);
}

static struct span value_of(const struct judging *g, const char *name)
{
    return span_of(name ? params_get(&g->row->params, name) : NULL);
}

static void tell_places(struct judging *g, struct span amount, const char *currency)
{
    char shown[SHOWN_MAX];
    int places = currency_places(currency);
    judging_complain(g, g->action->amount_field, "%s: %s has %d places%s",
                     complain_show(amount, shown), currency, places,
                     currency_is_known(currency) ? "" : " here, as no currency has more");
}

/* Values that are missing, wrong or another job's make no money; what is wrong with the
 * cell is told there. */
static void read_money(struct judging *g)
{
    const struct action *a = g->action;
    struct span amount = value_of(g, a->amount_field);
    struct decimal plain;
    char currency[CURRENCY_TEXT_MAX], shown[SHOWN_MAX];
    if (!decimal_parse_plain(amount, &plain) ||
        !currency_parse(action_currency(a, value_of(g, a->currency_field)), currency))
        return;
    enum money_fault fault = money_parse(amount, currency, &g->row->money);
    g->row->has_money = fault == MONEY_OK;
    if (fault == MONEY_TOO_MANY_PLACES)
        tell_places(g, amount, currency);
    else if (fault != MONEY_OK)
        judging_complain(g, a->amount_field, "%s %s: %s", complain_show(amount, shown),
                         currency, money_fault_text(fault));
}

bool judging_end(struct judging *g)
{
    if (!g->action)
        return false;
    if (g->action->actor == ACTOR_USER && !g->has_actor)
        judging_complain(g, COLUMN_ACTOR, "missing: %s is done on behalf of a user",
                         g->action->name);
    fill_tag(g);
    judging_file_fill(g);
    if (!g->params_are_broken) /* or what stands in them would be told as missing */
        check_required(g);
    if (!g->params_are_broken)
        check_one_of(g);
    read_money(g);
    return !g->bad;
}
