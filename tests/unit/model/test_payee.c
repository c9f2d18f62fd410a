/* Who is paid: the account, whatever it is called. */
#include "model/payee.h"

#include "lib/check.h"

static char instruction[] = "instruction", label[] = "label";
static char *by_account[] = {instruction, NULL};
static const struct action pay = {.name = (char *)"pay", .payee = by_account};
static const struct action account = {.name = (char *)"account", .tag = label};

/* "a=1 b=2" */
static struct params params_of(const char *text)
{
    struct params p;
    params_init(&p);
    while (*text) {
        size_t name = strcspn(text, "="), word = strcspn(text, " ");
        params_add(&p, (struct span){text, name},
                   (struct span){text + name + 1, word - name - 1});
        text += word + (text[word] == ' ');
    }
    return p;
}

/* Jobs that a payment may name. */
static bool content(void *ctx, struct span ref, struct buf *out)
{
    static const struct {
        const char *ref, *params;
    } jobs[] = {{"july", "body.cbu=285 label=july"},
                {"august", "body.cbu=285 label=august"},
                {"other", "body.cbu=286 label=july"},
                {"more", "body.cbu=285 body.bank=x label=july"},
                {"blank-1", "label=a"},
                {"blank-2", "label=b user=@u2"}};
    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        if (!span_is(ref, jobs[i].ref))
            continue;
        struct params p = params_of(jobs[i].params);
        payee_content(&account, &p, out);
        params_close(&p);
        return true;
    }
    return false;
}

static bool digest(const struct action *a, const char *text, char out[PAYEE_MAX])
{
    struct params p = params_of(text);
    bool has = payee_digest(a, &p, content, NULL, out);
    params_close(&p);
    return has;
}

static void who_is_the_same_payee(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"instruction=12", "instruction=12", true},
        {"instruction=12", "instruction=13", false},
        {"instruction=12 amount=5", "instruction=12 amount=7 note=x", true},
        {"instruction=@july", "instruction=@july", true},
        {"instruction=@july", "instruction=@august", true}, /* the label is a name */
        {"instruction=@july", "instruction=@other", false},
        {"instruction=@july", "instruction=@more", false},
        {"instruction=@july", "instruction=12", false},
        {"instruction=@blank-1", "instruction=@blank-2", false}, /* nothing is told */
        {"instruction=@nobody", "instruction=@nobody", true},
        {"instruction=@@july", "instruction=@july", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char a[PAYEE_MAX], b[PAYEE_MAX];
        table_want(&t, digest(&pay, rows[i].a, a) && digest(&pay, rows[i].b, b), "%s",
                   rows[i].a);
        table_want(&t, (strcmp(a, b) == 0) == rows[i].same, "%s and %s", rows[i].a,
                   rows[i].b);
    }
    table_end(&t);
}

static void who_pays_nobody_in_particular(void **state)
{
    (void)state;
    char out[PAYEE_MAX];
    assert_false(digest(&account, "instruction=12", out));
    assert_false(digest(&pay, "amount=5", out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_the_same_payee),
        cmocka_unit_test(who_pays_nobody_in_particular),
    };
    return cmocka_run_group_tests_name("model: payee", tests, NULL, NULL);
}
