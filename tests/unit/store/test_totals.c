/* What an import comes to, and what is kept of what it was said to come to. */
#include "unit/store/on_desk.h"

static struct totals sums;

/* What rows come to, as "ars=5.00 usd=1.20"; taken in, or undone. */
static const char *sums_of(const char *batch, const struct line *lines, size_t count)
{
    static char text[400];
    struct import_result out;
    desk.sums = &sums;
    assert_int_equal(desk_try_import(&desk, batch, lines, count, &out), 0);
    desk.sums = NULL;
    text[0] = '\0';
    for (int i = 0; i < sums.count; i++) {
        char amount[DECIMAL_TEXT_MAX];
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%s=%s", len ? " " : "",
                 sums.sums[i].currency, money_text(sums.sums[i], amount));
    }
    totals_close(&sums);
    return text;
}

#define SUMS_OF(batch, lines) sums_of((batch), (lines), COUNT_OF(lines))

static void new_and_known_rows_are_added_up(void **state)
{
    (void)state;
    static const struct line lines[] = {{"u"},
                                        {"a", .minor = 110, .currency = "ars"},
                                        {"b", .minor = 1},
                                        {"c", .minor = 7, .currency = "ars"}};
    static const struct line more[] = {{"u"},
                                       {"a", .minor = 110, .currency = "ars"},
                                       {"b", .minor = 1},
                                       {"c", .minor = 7, .currency = "ars"},
                                       {"d", .minor = 3, .currency = "clp"}};
    assert_string_equal(SUMS_OF("july", lines), "ars=1.17 usd=0.01");
    assert_string_equal(SUMS_OF("july", lines), "ars=1.17 usd=0.01");
    assert_string_equal(SUMS_OF("july-2", more), "ars=1.17 usd=0.01 clp=3");
    assert_sql(desk.db, "SELECT currency, imported FROM batch_money WHERE batch_id = 2",
               "clp|3");
}

/* A job that several rows share moves its money once, as the batch counts it. */
static void what_rows_share_counts_once(void **state)
{
    (void)state;
    static const struct line lines[] = {{"p", .minor = 5, .share = ROW_SHARED},
                                        {"p", .minor = 5, .share = ROW_SHARED},
                                        {"q", .minor = 1}};
    assert_string_equal(SUMS_OF("july", lines), "usd=0.06");
    assert_sql(desk.db, "SELECT imported FROM batch_money", "6");
    assert_string_equal(SUMS_OF("july", lines), "usd=0.06");
}

/* It is refused for that, and its sum is that of the lines as they stand there. */
static void rows_at_fault_are_added_up_too(void **state)
{
    (void)state;
    static const struct line twice[] = {{"p", .minor = 5}, {"p", .minor = 5}};
    static const struct line other[] = {{"q", .minor = 9, .note = "other"}};
    assert_string_equal(SUMS_OF("july", twice), "usd=0.10");
    take_in("july", {"q", .minor = 9});
    assert_string_equal(SUMS_OF("august", other), "usd=0.09");
    assert_sql(desk.db, "SELECT count(*) FROM batch", "1");
}

static void known_money_past_a_total_is_an_error_only_where_it_is_asked_for(void **state)
{
    (void)state;
    static const struct line lines[] = {{"a", .minor = INT64_MAX}};
    static const struct line both[] = {{"a", .minor = INT64_MAX}, {"b", .minor = 1}};
    struct import_result out;
    desk_import(&desk, "july", lines, 1);
    desk_import(&desk, "august", both, 2); /* each batch can hold what is new in it */
    desk.sums = &sums;
    assert_int_equal(desk_try_import(&desk, "august", both, 2, &out), -1);
    totals_close(&sums);
}

/* ---- what is kept ---- */

static struct money declared_sums[] = {{117, "ars"}, {1, "usd"}};
static const struct totals declared = {4, declared_sums, 2};

static void what_was_declared_is_kept_and_told(void **state)
{
    (void)state;
    desk.declared = &declared;
    take_in("july", {"u"}, {"a", .minor = 117, .currency = "ars"}, {"b", .minor = 1},
            {"c"});
    assert_sql(desk.db, "SELECT declared_rows FROM batch", "4");
    assert_sql(desk.db, "SELECT currency, declared, imported FROM batch_money",
               "ars|117|117 usd|1|1");
    assert_sql(desk.db, "SELECT currency, declared FROM money", "ars|1.17 usd|0.01");
    assert_sql(desk.db,
               "SELECT json_extract(detail, '$.declared_rows'), json_extract(detail, "
               "'$.declared.ars'), json_extract(detail, '$.declared.usd'), "
               "json_extract(detail, '$.totals.ars') FROM audit WHERE what = 'import'",
               "4|1.17|0.01|1.17");
    desk.declared = NULL;
    take_in("august", {"d", .minor = 5});
    assert_sql(desk.db,
               "SELECT declared_rows IS NULL, declared IS NULL FROM batch b JOIN "
               "batch_money m ON m.batch_id = b.id WHERE b.name = 'august'",
               "1|1");
    assert_sql(desk.db,
               "SELECT json_type(detail, '$.declared') IS NULL FROM audit WHERE subject "
               "= 'august'",
               "1");
}

/* The declaration is of the file; a batch has what the file brought that was new. */
static void what_was_known_already_is_taken_off(void **state)
{
    (void)state;
    take_in("july", {"a", .minor = 100, .currency = "ars"}, {"b", .minor = 1});
    desk.declared = &declared;
    take_in("august", {"a", .minor = 100, .currency = "ars"}, {"b", .minor = 1},
            {"c", .minor = 17, .currency = "ars"}, {"d"});
    assert_sql(desk.db,
               "SELECT currency, declared, imported FROM batch_money WHERE batch_id = 2",
               "ars|17|17");
    assert_sql(desk.db, "SELECT declared_rows FROM batch WHERE id = 2", "4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(new_and_known_rows_are_added_up),
        test(what_rows_share_counts_once),
        test(rows_at_fault_are_added_up_too),
        test(known_money_past_a_total_is_an_error_only_where_it_is_asked_for),
        test(what_was_declared_is_kept_and_told),
        test(what_was_known_already_is_taken_off),
    };
    return cmocka_run_group_tests_name("store: totals", tests, NULL, NULL);
}
