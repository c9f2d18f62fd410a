#include "model/hours.h"

#include "lib/check.h"

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool taken;
        int64_t from, to;
    } rows[] = {
        {"22:00-06:00", true, 1320, 360},
        {"09:30-09:31", true, 570, 571},
        {"00:00-23:59", true, 0, 1439},
        {"09:30-09:30", false, 0, 0}, /* all day or never? */
        {"24:00-06:00", false, 0, 0},
        {"22:00-06:60", false, 0, 0},
        {"22:00-6:00", false, 0, 0},
        {"22:00 06:00", false, 0, 0},
        {"22:00", false, 0, 0},
        {"22:00-06:00 ", false, 0, 0},
        {"-2:00-06:00", false, 0, 0},
        {"", false, 0, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hours h = {0};
        bool taken = hours_parse(span_of(rows[i].text), &h);
        table_want(&t,
                   taken == rows[i].taken && h.from == rows[i].from && h.to == rows[i].to,
                   "'%s': %d, %d-%d", rows[i].text, taken, (int)h.from, (int)h.to);
    }
    table_end(&t);
}

static void minutes(void **state)
{
    (void)state;
    static const struct {
        const char *hours;
        int minute;
        bool inside;
    } rows[] = {
        {"09:00-10:00", 539, false},  {"09:00-10:00", 540, true},
        {"09:00-10:00", 599, true},   {"09:00-10:00", 600, false},
        {"22:00-06:00", 1319, false}, {"22:00-06:00", 1320, true},
        {"22:00-06:00", 1439, true},  {"22:00-06:00", 0, true},
        {"22:00-06:00", 359, true},   {"22:00-06:00", 360, false},
        {"22:00-00:00", 1439, true},  {"22:00-00:00", 0, false},
        {"00:00-06:00", 0, true},     {"00:00-06:00", 1439, false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hours h;
        assert_true(hours_parse(span_of(rows[i].hours), &h));
        table_want(&t, hours_hold(&h, rows[i].minute) == rows[i].inside, "%s at %d",
                   rows[i].hours, rows[i].minute);
    }
    table_end(&t);
}

static void none_hold_nothing(void **state)
{
    (void)state;
    for (int minute = 0; minute < 1440; minute++)
        assert_false(hours_hold(&(struct hours){0}, minute));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(minutes),
        cmocka_unit_test(none_hold_nothing),
    };
    return cmocka_run_group_tests_name("model: hours", tests, NULL, NULL);
}
