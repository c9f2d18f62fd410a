/* Which actions share a rate: those of one endpoint, that is of one method and path. */
#include <stdlib.h>
#include <string.h>

#include "api/catalogue.h"
#include "api/catalogue_parts.h"
#include "api/otp.h"

int rate_read(struct action *a, const cJSON *json, struct err *err)
{
    char *text = NULL;
    if (part_text(json, &text, err))
        return -1;
    bool good = rate_parse(span_of(text), &a->milli_rate) && a->milli_rate > 0;
    free(text);
    return good ? 0
                : err_set(err, ERR_CONFIG, "wants " RATE_WANTED ", in quotes, and not 0");
}

static bool is_same_endpoint(const struct action *a, const struct action *b)
{
    return strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0;
}

static const struct action *earlier_of_endpoint(const struct catalogue *c,
                                                const struct action *a)
{
    for (const struct action *b = c->actions; b < a; b++)
        if (b->budget && is_same_endpoint(a, b))
            return b;
    return NULL;
}

static int give_budget(struct catalogue *c, struct action *a, struct err *err)
{
    const struct action *same = earlier_of_endpoint(c, a);
    if (same && same->milli_rate != a->milli_rate)
        return err_set(err, ERR_CONFIG,
                       "%s: rate: %s has another one for the same method and path",
                       a->name, same->name);
    if (!same && c->budget_count == RATE_BUDGETS_MAX)
        return err_set(err, ERR_CONFIG, "%s: rate: more than %d endpoints have one",
                       a->name, RATE_BUDGETS_MAX);
    if (!same)
        c->budget_rates[c->budget_count++] = a->milli_rate;
    a->budget = same ? same->budget : c->budget_count;
    return 0;
}

/* Anew after each file: an action that is replaced may have had one, or shared it. */
int budgets_number(struct catalogue *c, struct err *err)
{
    c->budget_count = 0;
    for (size_t i = 0; i < c->count; i++)
        c->actions[i].budget = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->actions[i].milli_rate && give_budget(c, &c->actions[i], err))
            return -1;
    return 0;
}

int catalogue_pace_codes(struct catalogue *c, bool paced, struct err *err)
{
    if (budgets_number(c, err))
        return -1;
    if (!paced)
        return 0;
    if (c->budget_count == RATE_BUDGETS_MAX)
        return err_set(
            err, ERR_CONFIG,
            "one-time passwords need a pace of their own, and %d endpoints have "
            "one already",
            RATE_BUDGETS_MAX);
    c->budget_rates[c->budget_count++] = OTP_MILLI_RATE;
    for (size_t i = 0; i < c->count; i++)
        if (action_one_time(&c->actions[i]))
            c->actions[i].budget = c->budget_count;
    return 0;
}
