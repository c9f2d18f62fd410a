/* A desk for each test. */
#ifndef TESTS_UNIT_STORE_ON_DESK_H
#define TESTS_UNIT_STORE_ON_DESK_H

#include "unit/store/desk.h"

static struct desk desk;

static int set_up(void **state)
{
    (void)state;
    desk_open(&desk);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_close(&desk);
    return 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define take_in(batch, ...)                                                              \
    desk_import(&desk, (batch), (const struct line[]){__VA_ARGS__},                      \
                COUNT_OF(((const struct line[]){__VA_ARGS__})))

#endif
