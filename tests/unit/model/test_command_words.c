#include "model/command_words.h"

#include "base/buf.h"
#include "lib/check.h"

/* "[one][two words]"; "" when it is refused. */
static char *taken_apart(const char *text)
{
    struct buf shown;
    struct command_words words;
    buf_init(&shown, 4096);
    if (command_split(&words, text)) {
        for (int i = 0; i < words.count; i++)
            buf_printf(&shown, "[%s]", words.words[i]);
        if (words.words[words.count])
            buf_add_text(&shown, "not ended");
        command_words_close(&words);
    }
    return buf_take(&shown);
}

static void words_are_taken_apart_and_nothing_is_expanded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"/bin/mail", "[/bin/mail]"},
        {"  /bin/mail \t -s  night ", "[/bin/mail][-s][night]"},
        {"/bin/mail 'two words'", "[/bin/mail][two words]"},
        {"/bin/mail \"two words\"", "[/bin/mail][two words]"},
        {"/bin/mail a'b c'd\"e f\"", "[/bin/mail][ab cde f]"},
        {"/bin/mail ''", "[/bin/mail][]"},
        {"/bin/mail \\\\ \\' \\ x", "[/bin/mail][\\]['][ x]"},
        {"/bin/mail \"a\\\"b\\\\c\\d\"", "[/bin/mail][a\"b\\c\\d]"},
        {"/bin/mail 'a\\b'", "[/bin/mail][a\\b]"},
        {"/bin/a; /bin/b | c > d && $HOME `id` $(id) * ~",
         "[/bin/a;][/bin/b][|][c][>][d][&&][$HOME][`id`][$(id)][*][~]"},
        {"", ""},
        {"  ", ""},
        {"/bin/mail 'open", ""},
        {"/bin/mail \"open", ""},
        {"/bin/mail \"open\\\"", ""},
        {"/bin/mail \\", ""},
        {"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
         "30 31 32 33",
         ""},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *got = taken_apart(rows[i].text);
        table_want(&t, strcmp(got, rows[i].want) == 0, "%s: %s", rows[i].text, got);
        free(got);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_taken_apart_and_nothing_is_expanded)};
    return cmocka_run_group_tests_name("command_words", tests, NULL, NULL);
}
