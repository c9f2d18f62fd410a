#include "model/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/check.h"

static void what_nobody_sets_has_its_initial_value(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    assert_string_equal(s.base_url, "https://sandbox.bitex.la/api");
    assert_null(s.api_key_file);
    assert_int_equal(s.milli_rate, 5000);
    assert_int_equal(s.burst, 1);
    assert_int_equal(s.concurrency, 64);
    assert_int_equal(s.timeout_ms, 60000);
    assert_int_equal(s.retry_limit, 8);
    assert_int_equal(s.max_duration_ms, 0);
    assert_int_equal(s.stop_at, -1);
    assert_false(s.paranoid);
    assert_false(s.strict);
    assert_false(s.production);
    settings_close(&s);
}

static void texts_that_are_taken_and_texts_that_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        bool fine;
    } rows[] = {
        {"base_url", "http://127.0.0.1:1/api", true},
        {"api_key_file", "", true}, /* as if it had not been set */
        {"rate", "5", true},
        {"rate", "0.5", true},
        {"rate", "0", true},
        {"rate", "0.0001", false},
        {"rate", "-1", false},
        {"rate", "5/s", false},
        {"rate", "", false},
        {"rate", "100001", false},
        {"log_format", "json", true},
        {"log_format", "text", true},
        {"log_format", "xml", false},
        {"log_format", "", false},
        {"metrics_every", "1ms", true},
        {"metrics_every", "0s", false},
        {"at_end", "/usr/bin/mail -s 'the night' ops", true},
        {"at_end", "", true}, /* none, against a line of a file */
        {"at_end", "mail ops", false},
        {"at_end", "../mail ops", false},
        {"at_end", "/usr/bin/mail 'ops", false},
        {"concurrency", "1", true},
        {"concurrency", "1024", true},
        {"concurrency", "0", false},
        {"concurrency", "1025", false},
        {"concurrency", "1e2", false},
        {"timeout", "250ms", true},
        {"timeout", "1.5s", true},
        {"timeout", "0s", false},
        {"timeout", "60", false},
        {"timeout", "-1s", false},
        {"max_duration", "0s", true},
        {"max_duration", "8h", true},
        {"quiet_hours", "22:00-06:00", true},
        {"quiet_hours", "", true},
        {"quiet_hours", "22:00", false},
        {"quiet_hours", "06:00-06:00", false},
        {"burst", "1", true},
        {"burst", "1024", true},
        {"burst", "0", false},
        {"burst", "1025", false},
        {"burst", "2.5", false},
        {"stop_at", "05:30", true},
        {"stop_at", "00:00", true},
        {"stop_at", "23:59", true},
        {"stop_at", "", true},
        {"stop_at", " ", false},
        {"stop_at", "24:00", false},
        {"stop_at", "5:30", false},
        {"stop_at", "05-30", false},
        {"stop_at", "05:60", false},
        {"paranoid", "on", true},
        {"paranoid", "no", true},
        {"paranoid", "1", false},
        {"production", "yes", true},
        {"production", "perhaps", false},
        {"retry_limit", "0", false},
        {"base_url", "https://a.example/", true},
        {"base_url", "", false},
        {"api_key_file", "", true},
        {"tag_email", "pagos+{ref}@example.com", true},
        {"tag_email", "{ref}@example.com", true},
        {"tag_email", "", true},
        {"tag_email", "pagos@example.com", false},
        {"tag_email", "{ref}+{ref}@example.com", false},
        {"tag_email", "pagos+{ref}", false},
        {"no_such_thing", "1", false},
        {"", "1", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct settings s;
        struct err err = {.text = ""};
        settings_init(&s);
        int rc = settings_set(&s, rows[i].name, rows[i].text, &err);
        table_want(&t, (rc == 0) == rows[i].fine, "%s = %s", rows[i].name, rows[i].text);
        table_want(
            &t, rc == 0 || (err.code == ERR_CONFIG && strstr(err.text, rows[i].name)),
            "%s = %s: the message names it: %s", rows[i].name, rows[i].text, err.text);
        settings_close(&s);
    }
    table_end(&t);
}

static void what_is_refused_changes_nothing(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    settings_init(&s);
    assert_int_equal(settings_set(&s, "rate", "0.25", &err), 0);
    assert_int_equal(settings_set(&s, "rate", "fast", &err), -1);
    assert_int_equal(s.milli_rate, 250);
    assert_int_equal(settings_set(&s, "stop_at", "05:30", &err), 0);
    assert_int_equal(s.stop_at, 5 * 60 + 30);
    assert_int_equal(settings_set(&s, "stop_at", "soon", &err), -1);
    assert_int_equal(s.stop_at, 5 * 60 + 30);
    assert_int_equal(settings_set(&s, "stop_at", "", &err), 0);
    assert_int_equal(s.stop_at, -1); /* but nothing at all is a value: none */
    assert_int_equal(settings_set(&s, "base_url", "", &err), -1);
    assert_string_equal(s.base_url, "https://sandbox.bitex.la/api");
    settings_close(&s);
}

static void the_last_one_set_counts(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    settings_init(&s);
    assert_int_equal(settings_set(&s, "base_url", "https://a.example/", &err), 0);
    assert_int_equal(settings_set(&s, "base_url", "https://b.example/", &err), 0);
    assert_string_equal(settings_get(&s, "base_url"), "https://b.example/");
    assert_null(settings_get(&s, "rate")); /* not a text */
    assert_null(settings_get(&s, "nothing"));
    settings_close(&s);
}

/* Every row of the table can be set, and its initial text is one that it takes. */
static void the_table_is_whole(void **state)
{
    (void)state;
    for (const struct setting *row = settings_table; row->name; row++) {
        struct settings s;
        struct err err;
        settings_init(&s);
        assert_true(strlen(row->help) > 0);
        if (row->initial)
            assert_int_equal(settings_set(&s, row->name, row->initial, &err), 0);
        settings_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_sets_has_its_initial_value),
        cmocka_unit_test(texts_that_are_taken_and_texts_that_are_not),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(the_last_one_set_counts),
        cmocka_unit_test(the_table_is_whole),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
