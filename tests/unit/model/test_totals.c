/* What the sender of a file says it comes to, and what is said when it does not. */
#include "model/totals.h"

#include "base/buf.h"
#include "lib/check.h"

/* "3 rows, ars=5.00 usd=1.20" */
static void write_totals(struct buf *out, const struct totals *t)
{
    char amount[DECIMAL_TEXT_MAX];
    buf_printf(out, "%lld", (long long)t->rows);
    for (int i = 0; i < t->count; i++)
        buf_printf(out, " %s=%s", t->sums[i].currency, money_text(t->sums[i], amount));
}

static bool reads_as(struct span text, const char *want)
{
    struct totals t = {0};
    struct err err = {.text = ""};
    struct buf got;
    buf_init(&got, 1000);
    if (totals_parse(&t, text, &err))
        buf_printf(&got, "%s", err.code == ERR_INPUT ? err.text : "another code");
    else
        write_totals(&got, &t);
    bool is_so = strcmp(got.data, want) == 0;
    if (!is_so)
        print_error("  got: %s\n", got.data);
    buf_close(&got);
    totals_close(&t);
    return is_so;
}

#define ROWS_WANTED "wanted a number of lines, 1 or more"
#define NOT_AMOUNT  "not an amount: write digits and one point, such as 1250.50"
#define NOT_NAME    "it knows rows and total, and no other name"
#define NOT_LINE    "wanted rows = NUMBER or total = CURRENCY AMOUNT"
#define NOTHING                                                                          \
    "it declares nothing: write rows = NUMBER, total = CURRENCY AMOUNT, or take it away"

static void files_beside_an_input(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        const char *want;
    } rows[] = {
        {LIT("rows = 412\n"), "412"},
        {LIT("rows=412"), "412"},
        {LIT("# of the bank\n\nrows = 412 # lines\ntotal = ars 1082998.10\ntotal = USD "
             "5\n"),
         "412 ars=1082998.10 usd=5.00"},
        {LIT("\xEF\xBB\xBFrows = 1\r\n\ttotal\t=\tclp  7 \r\n"), "1 clp=7"},
        {LIT("total = ars 1.500"), "0 ars=1.50"},
        {LIT("total = ars 92233720368547758.07"), "0 ars=92233720368547758.07"},
        {LIT("total = ars 1\ntotal = clp 1.5"),
         "line 2: more decimals than the currency has"},
        {LIT("total = ars 92233720368547758.08"), "line 1: too large"},
        {LIT("total = ars 0"), "line 1: an amount of nothing"},
        {LIT("total = ars -5"), "line 1: " NOT_AMOUNT},
        {LIT("total = ars 1,50"), "line 1: " NOT_AMOUNT},
        {LIT("total = ars 1.50 usd"), "line 1: " NOT_AMOUNT},
        {LIT("total = ars"), "line 1: " NOT_AMOUNT},
        {LIT("total ="),
         "line 1: wanted a currency and an amount: total = ars 1082998.10"},
        {LIT("total = a 5"), "line 1: a currency has 2 to 11 letters and digits"},
        {LIT("total = ars 5\n\ntotal = ARS 5"),
         "line 3: that currency has a total already"},
        {LIT("rows = 1\nrows = 1"), "line 2: the rows are told already"},
        {LIT("rows = 0"), "line 1: " ROWS_WANTED},
        {LIT("rows = -1"), "line 1: " ROWS_WANTED},
        {LIT("rows = 4 12"), "line 1: " ROWS_WANTED},
        {LIT("rows = 99999999999999999999"), "line 1: " ROWS_WANTED},
        {LIT("rows ="), "line 1: " ROWS_WANTED},
        {LIT("rows 412"), "line 1: " NOT_LINE},
        {LIT("#\nRows = 1"), "line 2: " NOT_NAME},
        {LIT("totals = ars 1"), "line 1: " NOT_NAME},
        {LIT("= 5"), "line 1: " NOT_NAME},
        {LIT("rows = 1\0"), "line 1: " ROWS_WANTED},
        {LIT(""), NOTHING},
        {LIT("# later\n\n"), NOTHING},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact text = exact_open(rows[i].text);
        table_want(&t, reads_as(text.text, rows[i].want), "%s", rows[i].text.ptr);
        exact_close(&text);
    }
    table_end(&t);
}

static void totals_that_are_typed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want; /* NULL: taken */
    } rows[] = {
        {"ars=1082998.10", NULL},
        {"USD=5", NULL},
        {"ARS=1", "--expect-total ARS=1: that currency has a total already"},
        {"clp",
         "--expect-total clp: wanted a currency and an amount, such as ars=1082998.10"},
        {"clp=", "--expect-total clp=: " NOT_AMOUNT},
        {"=1", "--expect-total =1: a currency has 2 to 11 letters and digits"},
        {"clp=1.5", "--expect-total clp=1.5: more decimals than the currency has"},
        {"clp= 1", "--expect-total clp= 1: " NOT_AMOUNT},
    };
    struct table t = {0};
    struct totals totals = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {.text = ""};
        int rc = totals_take(&totals, rows[i].text, &err);
        bool is_so = rows[i].want ? rc && err.code == ERR_USAGE &&
                                        strcmp(err.text, rows[i].want) == 0
                                  : rc == 0;
        table_want(&t, is_so, "%s: %s", rows[i].text, err.text);
    }
    table_want(&t, totals.count == 2, "%d taken", totals.count);
    table_end(&t);
    totals_close(&totals);
}

static struct totals read(const char *text)
{
    struct totals t = {0};
    struct err err;
    if (*text && totals_parse(&t, span_of(text), &err))
        fail_msg("%s", err.text);
    return t;
}

static void what_is_said_twice_has_to_agree(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *file, *want;
    } rows[] = {
        {"", "rows = 3\ntotal = ars 5", "3 ars=5.00"},
        {"rows = 3", "total = ars 5", "3 ars=5.00"},
        {"rows = 3\ntotal = ars 5", "rows = 3\ntotal = ars 5.00", "3 ars=5.00"},
        {"total = usd 1", "total = ars 5", "0 usd=1.00 ars=5.00"},
        {"rows = 3", "rows = 4", "it declares 4 rows, and --expect-rows 3"},
        {"total = ars 5", "total = ars 5.01",
         "it declares 5.01 ars, and --expect-total ars=5.00"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct totals typed = read(rows[i].typed), file = read(rows[i].file);
        struct err err = {.text = ""};
        struct buf got;
        buf_init(&got, 1000);
        if (totals_merge(&typed, &file, &err))
            buf_add_text(&got, err.code == ERR_INPUT ? err.text : "another code");
        else
            write_totals(&got, &typed);
        table_want(&t, strcmp(got.data, rows[i].want) == 0, "%s", got.data);
        buf_close(&got);
        totals_close(&typed);
        totals_close(&file);
    }
    table_end(&t);
}

static void hear(void *ctx, const char *text)
{
    buf_printf(ctx, "%s\n", text);
}

static void what_is_not_as_declared_is_told_with_both_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *declared, *got;
        bool is_partial;
        const char *want;
    } rows[] = {
        {"rows = 3\ntotal = ars 5", "rows = 3\ntotal = ars 5.00", false, ""},
        {"rows = 3", "rows = 3\ntotal = ars 5", false, ""}, /* money is not spoken of */
        {"total = ars 5", "rows = 3\ntotal = ars 5", false, ""},
        {"", "rows = 3\ntotal = ars 5", false, ""},
        {"rows = 412", "rows = 411", false,
         "declared 412 rows, the file has 411: 1 less\n"},
        {"rows = 1", "rows = 3", false, "declared 1 row, the file has 3: 2 more\n"},
        {"total = ars 1082998.11", "rows = 1\ntotal = ars 1082998.10", false,
         "declared 1082998.11 ars, the file has 1082998.10: 0.01 less\n"},
        {"total = btc 1", "rows = 1\ntotal = btc 1.00000001", false,
         "declared 1.00000000 btc, the file has 1.00000001: 0.00000001 more\n"},
        {"total = clp 7", "rows = 1", false,
         "declared 7 clp, the file has none: 7 less\n"},
        {"total = ars 5", "rows = 1\ntotal = ars 5\ntotal = usd 1.20", false,
         "declared no usd, the file has 1.20: 1.20 more\n"},
        {"rows = 2\ntotal = ars 5", "rows = 1\ntotal = usd 1", false,
         "declared 2 rows, the file has 1: 1 less\n"
         "declared 5.00 ars, the file has none: 5.00 less\n"
         "declared no usd, the file has 1.00: 1.00 more\n"},
        {"rows = 2\ntotal = ars 5", "rows = 1\ntotal = ars 4", true,
         "declared 2 rows, the file has 1: 1 less\n"
         "declared 5.00 ars, the file has 4.00 (without the rows that are complained "
         "of): "
         "1.00 less\n"},
        {"total = ars 92233720368547758.07", "total = ars 0.01", false,
         "declared 92233720368547758.07 ars, the file has 0.01: 92233720368547758.06 "
         "less\n"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct totals declared = read(rows[i].declared), got = read(rows[i].got);
        struct buf heard;
        buf_init(&heard, 2000);
        totals_judge(&declared, &got, rows[i].is_partial, hear, &heard);
        table_want(&t, strcmp(heard.data, rows[i].want) == 0, "%s: %s", rows[i].declared,
                   heard.data);
        buf_close(&heard);
        totals_close(&declared);
        totals_close(&got);
    }
    table_end(&t);
}

static void a_sum_past_sixty_four_bits_is_not_added(void **state)
{
    (void)state;
    struct totals t = {0};
    assert_true(totals_add(&t, (struct money){INT64_MAX - 1, "ars"}));
    assert_true(totals_add(&t, (struct money){5, "usd"}));
    assert_true(totals_add(&t, (struct money){1, "ars"}));
    assert_false(totals_add(&t, (struct money){1, "ars"}));
    assert_true(totals_find(&t, "ars")->minor == INT64_MAX);
    assert_int_equal(totals_find(&t, "usd")->minor, 5);
    assert_null(totals_find(&t, "clp"));
    totals_close(&t);
    assert_false(totals_are_declared(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_beside_an_input),
        cmocka_unit_test(totals_that_are_typed),
        cmocka_unit_test(what_is_said_twice_has_to_agree),
        cmocka_unit_test(what_is_not_as_declared_is_told_with_both_numbers),
        cmocka_unit_test(a_sum_past_sixty_four_bits_is_not_added),
    };
    return cmocka_run_group_tests_name("model: totals", tests, NULL, NULL);
}
