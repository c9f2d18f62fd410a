/* From a record to the rows of its steps. */
#include "intake/source_recipe.h"

#include <stdlib.h>

#include "base/mem.h"

#include "unit/intake/catalogue.h"
#include "unit/intake/folder.h"
#include "unit/intake/hear.h"

#define MB (1024 * 1024)

/* A recipe with all there is: a user that rows share, a step that may be left out, one that
 * uses both. */
#define USER                                                                             \
    "{\"name\":\"user\",\"action\":\"create_user\",\"once_per\":\"{payee}\","            \
    "\"params\":{\"email\":\"{mail}\"}}"
#define FEE                                                                              \
    "{\"name\":\"fee\",\"action\":\"create_payout\",\"on_behalf_of\":\"@user\","         \
    "\"when\":[\"fee\"],\"params\":{\"amount\":\"{fee}\",\"currency\":\"ars\","          \
    "\"instruction\":\"{to}\"}}"
#define PAY                                                                              \
    "{\"name\":\"pay\",\"action\":\"create_payout\",\"on_behalf_of\":\"@user\","         \
    "\"needs\":[\"fee\"],\"params\":{\"amount\":\"{sum}\",\"currency\":\"{money}\","     \
    "\"instruction\":\"{to}\",\"body.cbu\":\"@fee/attributes/x\","                       \
    "\"label\":\"{first}-{last}\"}}"
#define RECIPE "{\"r\":{\"summary\":\"s\",\"rows\":[" USER "," FEE "," PAY "]}}"
#define HEADER "ref,payee,mail,fee,to,sum,money,first,last\n"

/* Steps in front of the rows and behind them; the rows use the first. */
#define ONCE(name, more)                                                                 \
    "{\"name\":\"" name "\",\"action\":\"get_user\",\"params\":{\"id\":\"{who}\"}" more  \
    "}"
#define BEFORE "\"before\":[" ONCE("start", "") "]"
#define AFTER  "\"after\":[" ONCE("end", ",\"needs\":[\"before.start\"]") "]"
#define LOOK                                                                             \
    "\"rows\":[{\"name\":\"look\",\"action\":\"get_user\",\"params\":{"                  \
    "\"id\":\"@before.start\",\"page\":\"{n}\"}}]"
#define BATCH_RECIPE "{\"r\":{\"summary\":\"s\"," AFTER "," BEFORE "," LOOK "}}"

static const char *share_name(enum row_share share)
{
    static const char *const names[] = {
        [ROW_OWN] = "", [ROW_SHARED] = " shared", [ROW_KEPT] = " kept"};
    return names[share];
}

static void read_rows(struct source *s, struct buf *seen)
{
    struct row row;
    struct err err;
    while (s->next(s->ctx, &row, &err) == 1) {
        buf_printf(seen, "[%s%s] ", row.ref_column, share_name(row.share));
        write_row(seen, &row);
        row_close(&row);
    }
}

struct input {
    const char *recipe, *csv, *batch;
    const char *const *sets;
};

/* Complaints, rows and the error, in the order in which they came. */
static void read_all(void **state, struct input in, struct buf *seen)
{
    struct catalogue c = test_catalogue();
    struct csv_options csv = {0};
    struct recipe_book b = {0};
    struct source s;
    struct err err;
    char *path = folder_write(state, "in.csv", span_of(in.csv));
    assert_int_equal(recipe_read(&b, span_of(in.recipe), "r.json", &err), 0);
    const struct expand_options o = {
        .catalogue = &c, .batch = in.batch, .sets = in.sets, .listener = {hear, seen}};
    if (source_recipe_open(&s, path, &csv, &b.recipes[0], &o, &err)) {
        buf_printf(seen, "error %d: %s\n", err_exit_status(err.code), err.text);
    } else {
        read_rows(&s, seen);
        s.close(s.ctx);
    }
    recipe_book_close(&b);
    free(path);
}

static void expect(void **state, struct input in, const char *want)
{
    struct buf seen;
    buf_init(&seen, MB);
    read_all(state, in, &seen);
    assert_string_equal(seen.data, want);
    buf_close(&seen);
}

static void a_record_becomes_the_rows_of_its_steps(void **state)
{
    expect(state,
           (struct input){RECIPE,
                          HEADER "p1,ana,a@x.y,2,7,10.50,ars,A,B\n"
                                 "p2,,b@x.y,,8,5,usd,,\n",
                          "july", NULL},
           "[payee shared] =2 ana+user create_user {\"email\":\"a@x.y\"}\n"
           "[ref] =2 p1.fee create_payout for=ana+user needs=ana+user(payee) "
           "{\"amount\":\"2\",\"currency\":\"ars\",\"instruction\":\"7\",\"label\":\"p1."
           "fee\"} "
           "2.00 ars\n"
           "[ref] =2 p1.pay create_payout for=ana+user needs=ana+user(payee),p1.fee(ref) "
           "{\"amount\":\"10.50\",\"body.cbu\":\"@p1.fee/attributes/"
           "x\",\"currency\":\"ars\","
           "\"instruction\":\"7\",\"label\":\"A-B\"} 10.50 ars\n"
           "[payee shared] =3 p2+user create_user {\"email\":\"b@x.y\"}\n"
           "[ref] =3 p2.pay create_payout for=p2+user needs=p2+user(payee) "
           "{\"amount\":\"5\",\"currency\":\"usd\",\"instruction\":\"8\",\"label\":\"p2."
           "pay\"} "
           "5.00 usd\n");
}

static void each_wrong_cell_is_told_once_with_its_own_column(void **state)
{
    expect(
        state,
        (struct input){RECIPE,
                       HEADER "p1,ana,no mail,x,../7,1e3,$,,\n" /* fee and pay use `to` */
                              ",ana,a@x.y,,7,5,ars,,\n"
                              "p 3,ana,a@x.y,,7,5,ars,,\n"
                              "p4,a na,a@x.y,,7,5,ars,,\n"
                              "p5,ana,a@x.y,,7,5.505,ars,,\n"
                              "p6,ana,,,7,,ars,,\n"
                              "p7,ana\n"
                              "p8,ana,a@x.y,,7,5,ars,,\n",
                       "july", NULL},
        "!2 mail: 'no mail': wanted an e-mail address\n"
        "!2 fee: 'x': wanted digits with one point, such as 1250.50\n"
        "!2 to: '../7': wanted an id (letters, digits, - and _), or @ref of the job that "
        "makes it\n"
        "!2 sum: '1e3': wanted digits with one point, such as 1250.50\n"
        "!2 money: '$': wanted a currency code such as ars, usd or btc\n"
        "!3 ref: missing: every row needs a name of its own\n"
        "!4 ref: 'p 3.pay' is no ref: wanted 1 to 128 bytes without blank, control "
        "character or '/', and neither '@' nor '#' first\n"
        "!5 payee: 'a na+user' is no ref: wanted 1 to 128 bytes without blank, control "
        "character or '/', and neither '@' nor '#' first\n"
        "!6 sum: '5.505': ars has 2 places\n"
        "!7 mail: missing: create_user wants it\n"
        "!7 sum: missing: create_payout wants it\n"
        "!8 2 fields, but the header has 9 columns: empty cells need their delimiters "
        "too\n"
        "[payee shared] =9 ana+user create_user {\"email\":\"a@x.y\"}\n"
        "[ref] =9 p8.pay create_payout for=ana+user needs=ana+user(payee) "
        "{\"amount\":\"5\",\"currency\":\"ars\",\"instruction\":\"7\",\"label\":\"p8."
        "pay\"} "
        "5.00 ars\n");
}

/* `w` is a word to the one step and a number to the other. */
#define TWO_USES                                                                         \
    "{\"r\":{\"summary\":\"s\",\"rows\":[{\"name\":\"a\",\"action\":\"get_user\","       \
    "\"params\":{\"id\":\"7\",\"size\":\"{w}\"}},{\"name\":\"b\",\"action\":\"get_"      \
    "user\","                                                                            \
    "\"params\":{\"id\":\"7\",\"page\":\"{w}\"}}]}}"

static void a_warning_takes_no_complaint_s_place(void **state)
{
    expect(state, (struct input){TWO_USES, "ref,w\np1,huge\np2,12\n", NULL, NULL},
           "?2 w: 'huge' is none of the values that are known here; `remesa actions` "
           "lists them\n"
           "!2 w: 'huge': wanted a whole number\n"
           "?3 w: '12' is none of the values that are known here; `remesa actions` lists "
           "them\n"
           "[ref] =3 p2.a get_user {\"id\":\"7\",\"size\":\"12\"}\n"
           "[ref] =3 p2.b get_user {\"id\":\"7\",\"page\":\"12\"}\n");
}

static void a_header_that_does_not_fit_is_told(void **state)
{
    expect(state,
           (struct input){RECIPE,
                          "ref,ref,payee,mial,fee,to,sum,money,batch,\n"
                          "p1,x,ana,a@x.y,,7,5,ars,b,\n"
                          "p2,x,ana,a@x.y,,7,5,ars,b,stray\n",
                          "july", NULL},
           "!1 ref: a column of this name was there already\n"
           "!1 mial: the recipe 'r' uses no column of this name: did you mean 'mail'?\n"
           "!1 batch: the recipe 'r' uses no column of this name\n"
           "!1 mail: missing: the recipe 'r' wants a column of this name, or --set "
           "mail=VALUE\n"
           "!3 10: a value in a column that has no name in the header\n");
    expect(state,
           (struct input){RECIPE, "ref,payee,mail,fee,to,money\np1,a,a@x.y,,7,ars\n",
                          "july", NULL},
           "!1 sum: missing: the recipe 'r' wants a column of this name, or --set "
           "sum=VALUE\n");
    expect(state,
           (struct input){RECIPE, "payee,mail,fee,to,sum,money\na,a@x.y,,7,5,ars\n",
                          "july", NULL},
           "!1 ref: missing: the recipe 'r' wants a column of this name\n");
}

static void a_set_is_a_column_that_is_the_same_for_all_lines(void **state)
{
    static const char *const ars[] = {"money=ars", NULL};
    static const char *const typo[] = {"mony=ars", NULL};
    static const char *const twice[] = {"money=ars", "money=usd", NULL};
    static const char *const own[] = {"ref=x", NULL};
    static const char *const name[] = {"batch=x", NULL};
    static const char *const wrong[] = {"money=$", NULL};
    static const char csv[] = "ref,payee,mail,fee,to,sum\np1,ana,a@x.y,,7,5\n";
    expect(state, (struct input){RECIPE, csv, "july", ars},
           "[payee shared] =2 ana+user create_user {\"email\":\"a@x.y\"}\n"
           "[ref] =2 p1.pay create_payout for=ana+user needs=ana+user(payee) "
           "{\"amount\":\"5\",\"currency\":\"ars\",\"instruction\":\"7\",\"label\":\"p1."
           "pay\"} "
           "5.00 ars\n");
    expect(state, (struct input){RECIPE, HEADER, "july", ars},
           "!1 money: it is given with --set as well: leave one of them out\n");
    expect(state, (struct input){RECIPE, csv, "july", typo},
           "error 64: --set mony: the recipe 'r' uses no such column: did you mean "
           "'money'?; `remesa recipes r` lists them\n");
    expect(state, (struct input){RECIPE, csv, "july", twice},
           "error 64: --set money: given twice\n");
    expect(state, (struct input){RECIPE, csv, "july", own},
           "error 64: --set ref: every line has a ref of its own\n");
    expect(state, (struct input){RECIPE, csv, "july", name},
           "error 64: --set batch: it is --batch that names it\n");
    expect(state,
           (struct input){RECIPE,
                          "ref,payee,mail,fee,to,sum\n"
                          "p1,ana,a@x.y,,7,5\n"
                          "p2,ana,a@x.y,,7,x\n",
                          "july", wrong},
           "!0 --set money: '$': wanted a currency code such as ars, usd or btc\n"
           "!3 sum: 'x': wanted digits with one point, such as 1250.50\n");
}

static void a_set_without_a_name_or_a_value_is_refused(void **state)
{
    static const char *const texts[] = {"money", "money=", "=ars", "="};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *const sets[] = {texts[i], NULL};
        char *want = mem_printf("error 64: --set %s: wanted NAME=VALUE\n", texts[i]);
        expect(state, (struct input){RECIPE, HEADER, "july", sets}, want);
        free(want);
    }
}

static void steps_of_the_batch_come_once_and_last_only_when_all_is_well(void **state)
{
    static const char *const who[] = {"who=7", NULL};
    static const char good[] = "ref,n\np1,1\np2,2\n";
    expect(state, (struct input){BATCH_RECIPE, good, "july", who},
           "[--batch] =1 july=start get_user {\"id\":\"7\"}\n"
           "[ref] =2 p1.look get_user needs=july=start(ref) "
           "{\"id\":\"@july=start\",\"page\":\"1\"}\n"
           "[ref] =3 p2.look get_user needs=july=start(ref) "
           "{\"id\":\"@july=start\",\"page\":\"2\"}\n"
           "[--batch] =1 july=end get_user needs=july=start(ref) {\"id\":\"7\"}\n");
    expect(state, (struct input){BATCH_RECIPE, "ref,n\np1,x\n", "july", who},
           "!2 n: 'x': wanted a whole number\n"
           "[--batch] =1 july=start get_user {\"id\":\"7\"}\n");
    expect(state, (struct input){BATCH_RECIPE, "ref,n\n", "july", who}, "");
    expect(state, (struct input){BATCH_RECIPE, good, NULL, who},
           "error 64: the recipe 'r' uses the batch's name: give one with --batch\n");
    expect(state, (struct input){BATCH_RECIPE, "ref,n,who\n", "july", NULL},
           "!1 who: it is the same for all rows: give it with --set\n"
           "!1 who: missing: the recipe 'r' wants --set who=VALUE\n");
}

/* `end` waits for every line's `pay` whatever becomes of it, and for the users that it has to have. */
#define EACH_RECIPE                                                                      \
    "{\"r\":{\"summary\":\"s\",\"rows\":[" USER "," FEE                                  \
    "],\"after\":[{\"name\":\"end\",\"action\":\"get_user\",\"params\":{\"id\":\"7\"},"  \
    "\"needs\":[\"each ?fee\",\"each user\"]}]}}"

static void a_step_behind_the_rows_waits_for_all_of_them(void **state)
{
    static const char csv[] = "ref,payee,mail,fee,to\n"
                              "p2,ana,a@x.y,1,7\n"
                              "p1,ana,a@x.y,,7\n" /* no fee */
                              "p3,,c@x.y,2,7\n";
    expect(state, (struct input){EACH_RECIPE, csv, "july", NULL},
           "[payee shared] =2 ana+user create_user {\"email\":\"a@x.y\"}\n"
           "[ref] =2 p2.fee create_payout for=ana+user needs=ana+user(payee) "
           "{\"amount\":\"1\",\"currency\":\"ars\",\"instruction\":\"7\",\"label\":\"p2."
           "fee\"} 1.00 ars\n"
           "[payee shared] =3 ana+user create_user {\"email\":\"a@x.y\"}\n"
           "[payee shared] =4 p3+user create_user {\"email\":\"c@x.y\"}\n"
           "[ref] =4 p3.fee create_payout for=p3+user needs=p3+user(payee) "
           "{\"amount\":\"2\",\"currency\":\"ars\",\"instruction\":\"7\",\"label\":\"p3."
           "fee\"} 2.00 ars\n"
           "[--batch] =1 july=end get_user "
           "needs=ana+user(ref),?p2.fee(ref),p3+user(ref),?p3.fee(ref) {\"id\":\"7\"}\n");
}

/* The same cell says who is acted for and who is looked at. */
#define NAME_RECIPE                                                                      \
    "{\"r\":{\"summary\":\"s\",\"rows\":[{\"name\":\"look\",\"action\":\"get_user\","    \
    "\"on_behalf_of\":\"{who}\",\"params\":{\"id\":\"@{who}\"}}]}}"

static void a_cell_that_names_a_user_does_for_a_field(void **state)
{
    expect(
        state,
        (struct input){NAME_RECIPE, "ref,who\np1,ana+user\np2,#594\np3,#\np4,a b\np5,\n",
                       "july", NULL},
        "[ref] =2 p1.look get_user for=ana+user needs=ana+user(who) "
        "{\"id\":\"@ana+user\"}\n"
        "[ref] =3 p2.look get_user for=#594 {\"id\":\"594\"}\n"
        "!4 who: '#' names no user: wanted the ref of the job that makes the user, or # "
        "and the user's id in digits\n"
        "!5 who: 'a b' names no user: wanted the ref of the job that makes the user, or "
        "# and the user's id in digits\n"
        "!6 who: missing: get_user wants it\n");
}

static void add_lines(struct buf *csv, int lines)
{
    buf_add_text(csv, "ref,payee,mail,fee,to\n");
    for (int i = 0; i < lines; i++)
        buf_printf(csv, "p%d,ana,a@x.y,1,7\n", i);
}

/* The user and so many fees are one more than a job may need. */
static void more_lines_than_a_job_may_need_are_told_once(void **state)
{
    struct buf csv, seen;
    buf_init(&csv, MB);
    buf_init(&seen, 16 * MB);
    for (int over = 0; over < 3; over++) {
        buf_clear(&csv);
        buf_clear(&seen);
        add_lines(&csv, ROW_NEEDS_MAX - 1 + over);
        read_all(state, (struct input){EACH_RECIPE, csv.data, "july", NULL}, &seen);
        const char *told = strstr(seen.data, "!1 step 'end': needs: one job needs 20000 "
                                             "others at most: cut the file\n");
        assert_true((told != NULL) == (over > 0));
        assert_true((strstr(seen.data, "july=end") != NULL) == (over == 0));
        assert_null(told ? strchr(told + 1, '!') : NULL);
    }
    buf_close(&seen);
    buf_close(&csv);
}

static void a_value_that_grows_too_long_is_told(void **state)
{
    static const char start[] =
        "{\"r\":{\"summary\":\"s\",\"rows\":[{\"name\":\"user\","
        "\"action\":\"create_user\",\"params\":{\"email\":\"a@x.y\","
        "\"name\":\"";
    struct buf recipe, csv;
    buf_init(&recipe, MB);
    buf_init(&csv, MB);
    buf_add_text(&recipe, start);
    for (int i = 0; i < 17; i++)
        buf_add_text(&recipe, "{a}");
    buf_add_text(&recipe, "\"}}]}}");
    buf_add_text(&csv, "ref,a\np1,");
    for (int i = 0; i < CSV_FIELD_MAX; i++)
        buf_add_char(&csv, 'x');
    expect(state, (struct input){recipe.data, csv.data, "july", NULL},
           "!2 a: the value is too long\n");
    buf_close(&recipe);
    buf_close(&csv);
}

#define ON_DISK(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DISK(a_record_becomes_the_rows_of_its_steps),
        ON_DISK(each_wrong_cell_is_told_once_with_its_own_column),
        ON_DISK(a_warning_takes_no_complaint_s_place),
        ON_DISK(a_header_that_does_not_fit_is_told),
        ON_DISK(a_set_is_a_column_that_is_the_same_for_all_lines),
        ON_DISK(a_set_without_a_name_or_a_value_is_refused),
        ON_DISK(a_value_that_grows_too_long_is_told),
        ON_DISK(a_step_behind_the_rows_waits_for_all_of_them),
        ON_DISK(a_cell_that_names_a_user_does_for_a_field),
        ON_DISK(more_lines_than_a_job_may_need_are_told_once),
        ON_DISK(steps_of_the_batch_come_once_and_last_only_when_all_is_well),
    };
    return cmocka_run_group_tests_name("intake: expand", tests, NULL, NULL);
}
