/* Lines as they arrive on stderr, which each test lays into a file for a moment. */
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "lib/check.h"

static struct {
    FILE *file;
    int terminal;
    char text[64 * 1024];
} caught;

static void catch_begin(void)
{
    fflush(stderr);
    caught.file = tmpfile();
    assert_non_null(caught.file);
    caught.terminal = dup(STDERR_FILENO);
    dup2(fileno(caught.file), STDERR_FILENO);
}

static struct span catch_end(void)
{
    fflush(stderr);
    dup2(caught.terminal, STDERR_FILENO);
    close(caught.terminal);
    rewind(caught.file);
    size_t n = fread(caught.text, 1, sizeof(caught.text) - 1, caught.file);
    caught.text[n] = '\0';
    fclose(caught.file);
    return (struct span){caught.text, n};
}

static struct span say(enum log_level least, bool json, enum log_level level,
                       const char *message)
{
    log_setup(least, json);
    catch_begin();
    log_say(level, "%s", message);
    return catch_end();
}

static void levels_below_the_least_are_silent(void **state)
{
    (void)state;
    struct table t = {0};
    for (int least = LOG_INFO; least <= LOG_ERROR; least++)
        for (int level = LOG_INFO; level <= LOG_ERROR; level++)
            table_want(&t, (say(least, false, level, "x").len > 0) == (level >= least),
                       "least %d, level %d", least, level);
    table_end(&t);
}

static void text_lines_name_the_program_and_what_is_bad(void **state)
{
    (void)state;
    assert_true(span_is(say(LOG_INFO, false, LOG_INFO, "a"), "remesa: a\n"));
    assert_true(span_is(say(LOG_INFO, false, LOG_NOTE, "a"), "remesa: a\n"));
    assert_true(span_is(say(LOG_INFO, false, LOG_WARN, "a"), "remesa: warning: a\n"));
    assert_true(span_is(say(LOG_INFO, false, LOG_ERROR, "a"), "remesa: error: a\n"));
}

static const char *const hostile[] = {
    "two\nlines",
    "return\rover it",
    "\x1b[2J\x1b[1;31mred",
    "tab\there",
    "\x7f\b\a",
    "\xc2\x9b[31m C1",
    "\xc2\x85next line",
    "\xe2\x80\xaereversed",
    "\xe2\x80\xa8line separator",
    "\xff\xfe broken \xc3",
    "percent %s %n %d",
    "quote \" and \\ slash",
};

static bool has_control(struct span line)
{
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];
        unsigned char next = i + 1 < line.len ? (unsigned char)line.ptr[i + 1] : 0;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
            return true;
    }
    return false;
}

static void whatever_a_server_put_in_one_event_stays_one_line(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(hostile); i++)
        for (int json = 0; json < 2; json++) {
            struct span line = say(LOG_NOTE, json, LOG_NOTE, hostile[i]);
            assert_true(line.len > 0 && line.ptr[line.len - 1] == '\n');
            line.len--;
            table_want(&t, !has_control(line), "row %zu json %d: %s", i, json, line.ptr);
        }
    table_end(&t);
}

static void a_json_line_is_one_clean_object(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct err err = {0};
        struct span line = say(LOG_NOTE, true, LOG_WARN, hostile[i]);
        line.len--;
        table_want(&t, json_check(line, &err) == 0, "row %zu: %s", i, err.text);
    }
    table_end(&t);
}

static void a_json_line_has_time_level_and_message(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 100);
    struct span line = say(LOG_NOTE, true, LOG_WARN, "say \"hola\"");
    assert_true(json_text_at(line, "/message", &out));
    assert_string_equal(out.data, "say \"hola\"");
    buf_clear(&out);
    assert_true(json_text_at(line, "/level", &out));
    assert_string_equal(out.data, "warning");
    buf_clear(&out);
    assert_true(json_text_at(line, "/time", &out));
    assert_int_equal(out.len, strlen("2026-11-24T03:16:07.123Z"));
    assert_int_equal(out.data[out.len - 1], 'Z');
    buf_close(&out);
}

static struct span tell(bool json, const struct log_event *event)
{
    log_setup(LOG_NOTE, json);
    catch_begin();
    log_tell(LOG_NOTE, event, "%s", "a -> b");
    return catch_end();
}

static void an_event_says_what_it_is_about_as_far_as_that_is_known(void **state)
{
    (void)state;
    static const struct {
        struct log_event event;
        const char *text, *json; /* the members between level and message */
    } rows[] = {
        {{0}, "remesa: a -> b\n", ""},
        {{.what = "move"}, "remesa: a -> b\n", "\"what\":\"move\","},
        {{.what = "move", .ref = "x-1"},
         "remesa: x-1: a -> b\n",
         "\"what\":\"move\",\"ref\":\"x-1\","},
        {{.ref = "x", .attempt = 2},
         "remesa: x: a -> b (attempt 2)\n",
         "\"ref\":\"x\",\"attempt\":2,"},
        {{.ref = "x", .request_id = "r\n1"},
         "remesa: x: a -> b (request r\\x0a1)\n",
         "\"ref\":\"x\",\"request_id\":\"r\\u000a1\","},
        {{"move", "\x1b[2Jx", 3, "\xff"},
         "remesa: \\x1b[2Jx: a -> b (attempt 3, request \\xff)\n",
         "\"what\":\"move\",\"ref\":\"\\u001b[2Jx\",\"attempt\":3,\"request_id\":"
         "\"\xef\xbf\xbd\","},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char want[512];
        struct span got = tell(false, &rows[i].event);
        table_want(&t, span_is(got, rows[i].text), "text %zu: %s", i, got.ptr);
        got = tell(true, &rows[i].event);
        snprintf(want, sizeof(want),
                 "\"level\":\"note\",%s\"message\":\"a -\\u003e b\"}\n", rows[i].json);
        table_want(&t, strstr(got.ptr, want) != NULL, "json %zu: %s", i, got.ptr);
    }
    table_end(&t);
}

/* `before` bytes of text, then a character of three bytes, so that a cut at a round
 * number falls into it for one of three lengths. */
static void a_very_long_message_is_cut_and_stays_one_clean_line(void **state)
{
    (void)state;
    struct table t = {0};
    for (int before = 0; before < 3; before++)
        for (int json = 0; json < 2; json++) {
            char message[12000];
            struct err err = {0};
            memset(message, 'x', (size_t)before);
            for (size_t i = (size_t)before; i + 4 < sizeof(message); i += 3)
                memcpy(message + i, "\xe2\x82\xac", 4);
            struct span line = say(LOG_NOTE, json, LOG_NOTE, message);
            assert_true(line.len > 1000 && line.len < 40000);
            line.len--;
            table_want(&t, !has_control(line), "%d json %d: control", before, json);
            table_want(&t, !json || json_check(line, &err) == 0, "%d: %s", before,
                       err.text);
        }
    table_end(&t);
}

static void the_longest_escapes_fit_into_a_line(void **state)
{
    (void)state;
    char message[5000];
    memset(message, 1, sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    for (int json = 0; json < 2; json++) {
        struct err err;
        struct span line = say(LOG_NOTE, json, LOG_NOTE, message);
        assert_int_equal(line.ptr[line.len - 1], '\n');
        line.len--;
        assert_int_equal(json ? json_check(line, &err) : 0, 0);
    }
}

static void count_call(void *ctx)
{
    ++*(int *)ctx;
    fputs("<clear>", stderr);
}

static void the_hook_runs_before_each_line_that_is_shown(void **state)
{
    (void)state;
    int calls = 0;
    log_setup(LOG_NOTE, false);
    log_before_line(count_call, &calls);
    catch_begin();
    log_say(LOG_NOTE, "one");
    log_say(LOG_INFO, "hidden");
    log_say(LOG_ERROR, "two");
    struct span lines = catch_end();
    log_before_line(NULL, NULL);
    assert_int_equal(calls, 2);
    assert_true(span_is(lines, "<clear>remesa: one\n<clear>remesa: error: two\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_below_the_least_are_silent),
        cmocka_unit_test(text_lines_name_the_program_and_what_is_bad),
        cmocka_unit_test(whatever_a_server_put_in_one_event_stays_one_line),
        cmocka_unit_test(a_json_line_is_one_clean_object),
        cmocka_unit_test(a_json_line_has_time_level_and_message),
        cmocka_unit_test(a_very_long_message_is_cut_and_stays_one_clean_line),
        cmocka_unit_test(an_event_says_what_it_is_about_as_far_as_that_is_known),
        cmocka_unit_test(the_longest_escapes_fit_into_a_line),
        cmocka_unit_test(the_hook_runs_before_each_line_that_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
