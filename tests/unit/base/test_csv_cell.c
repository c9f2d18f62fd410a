#include "base/csv_cell.h"
#include "lib/check.h"

static void a_cell_is_quoted_where_it_must_be_and_ours_is_never_run(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        char delimiter;
        const char *theirs, *ours;
    } rows[] = {
        {LIT(""), ',', "", ""},
        {LIT("a b"), ',', "a b", "a b"},
        {LIT(" a"), ',', "\" a\"", "\" a\""},
        {LIT("a,b"), ',', "\"a,b\"", "\"a,b\""},
        {LIT("a,b"), ';', "a,b", "a,b"},
        {LIT("a\"b"), ',', "\"a\"\"b\"", "\"a\"\"b\""},
        {LIT("a\r\nb"), ',', "\"a\r\nb\"", "\"a\r\nb\""},
        {LIT("=1"), ',', "=1", "'=1"},
        {LIT("+1"), ',', "+1", "'+1"},
        {LIT("-1"), ',', "-1", "'-1"},
        {LIT("@x"), ',', "@x", "'@x"},
        {LIT("\tx"), ',', "\tx", "'\tx"},
        {LIT("\rx"), ',', "\"\rx\"", "\"'\rx\""},
        {LIT("=a,b"), ',', "\"=a,b\"", "\"'=a,b\""},
        {LIT("a=1"), ',', "a=1", "a=1"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int ours = 0; ours < 2; ours++) {
            struct buf out;
            buf_init(&out, 100);
            csv_cell_write(&out, rows[i].given, rows[i].delimiter, ours);
            table_want(&t, strcmp(out.data, ours ? rows[i].ours : rows[i].theirs) == 0,
                       "row %zu: %s", i, out.data);
            buf_close(&out);
        }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_quoted_where_it_must_be_and_ours_is_never_run),
    };
    return cmocka_run_group_tests_name("base: csv cell", tests, NULL, NULL);
}
