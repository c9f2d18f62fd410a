/* The catalogue that the program carries, for the tests of this floor. */
#ifndef TESTS_UNIT_API_BUILT_IN_H
#define TESTS_UNIT_API_BUILT_IN_H

#include "api/catalogue.h"

static struct catalogue built_in;

static int open_built_in(void **state)
{
    (void)state;
    struct err err;
    for (const struct embed *e = catalogue_builtin(); e->name; e++)
        if (catalogue_read(&built_in, e->text, e->name, &err))
            fail_msg("%s", err.text);
    return 0;
}

static int close_built_in(void **state)
{
    (void)state;
    catalogue_close(&built_in);
    return 0;
}

static inline const struct action *built_in_action(const char *name)
{
    const struct action *a = catalogue_find(&built_in, span_of(name));
    if (!a)
        fail_msg("no action %s", name);
    return a;
}

#endif
