#include "base/buf.h"
#include "intake/judge.h"
#include "lib/check.h"
#include "unit/intake/catalogue.h"
#include "unit/intake/hear.h"

#define SEEN_MAX (256 * 1024)

/* "a|b|c" -> three spans; "" is one empty one. */
static size_t cut(const char *text, struct span cells[16])
{
    size_t count = 0;
    const char *at = text;
    for (const char *bar; (bar = strchr(at, '|')); at = bar + 1)
        cells[count++] = (struct span){at, (size_t)(bar - at)};
    cells[count++] = span_of(at);
    return count;
}

/* Header in line 1, the row in line 2. *seen: complaints, then the row if there is one.
 */
static const char *tag_email; /* of the catalogue */

static void judge(const char *header, const char *row_text, struct buf *seen)
{
    struct catalogue c = test_catalogue();
    c.tag_email = tag_email;
    struct judge *j = judge_open(&c, (struct listener){hear, seen});
    struct span cells[16];
    struct row row;
    struct err err;
    size_t count = cut(header, cells);
    if (judge_header(j, 1, cells, count, &err))
        buf_printf(seen, "error %d: %s\n", err_exit_status(err.code), err.text);
    else if (row_text && judge_record(j, 2, cells, cut(row_text, cells), &row)) {
        write_row(seen, &row);
        row_close(&row);
    }
    judge_close(j);
}

struct example {
    const char *name, *header, *row, *want;
};

static void check(const struct example *examples, size_t count)
{
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        const struct example *e = &examples[i];
        struct buf seen;
        buf_init(&seen, SEEN_MAX);
        judge(e->header, e->row, &seen);
        table_want(&t, strcmp(seen.data, e->want) == 0, "%s: %s", e->name, seen.data);
        buf_close(&seen);
    }
    table_end(&t);
}

#define NO_HEADER "error 65: no header: the columns 'ref' and 'action' are required\n"

static void headers(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"the two required", "ref|action", NULL, ""},
        {"all the common ones", "params|needs|on_behalf_of|action|ref", NULL, ""},
        {"fields of several actions", "ref|action|email|amount|body.cbu|id", NULL, ""},
        {"blanks around names", " ref|action\t| email ", NULL, ""},
        {"no ref", "action|email", NULL, NO_HEADER},
        {"no action", "ref|email", NULL,
         "error 65: no header: the columns 'ref' and 'action' are required; a CSV "
         "without "
         "actions wants its --recipe\n"},
        {"an empty one", "", NULL, NO_HEADER},
        {"a name that no action knows", "ref|action|colour", NULL,
         "!1 colour: no action takes a column of this name\n"},
        {"a name two letters off", "ref|action|ammuont", NULL,
         "!1 ammuont: no action takes a column of this name: did you mean 'amount'?\n"},
        {"three letters off is too far", "ref|action|amxxxt", NULL,
         "!1 amxxxt: no action takes a column of this name\n"},
        {"the nearer name is offered", "ref|action|sise", NULL,
         "!1 sise: no action takes a column of this name: did you mean 'size'?\n"},
        {"short names need a letter in common", "ref|action|zz", NULL,
         "!1 zz: no action takes a column of this name\n"},
        {"upper case is told, and what is missing too", "REF|action|Email", NULL,
         "!1 REF: no action takes a column of this name: did you mean 'ref'?\n"
         "!1 Email: no action takes a column of this name: did you mean "
         "'email'?\n" NO_HEADER},
        {"the same name twice", "ref|action|email| email", NULL,
         "!1 email: a column of this name was there already\n"},
        {"ref twice", "ref|action|ref", "a|get_user|b",
         "!1 ref: a column of this name was there already\n!2 id: missing: get_user "
         "wants it\n"},
        {"a column that is there twice counts once", "ref|action|email|email",
         "a|create_user|a@b.co|c@d.eu",
         "!1 email: a column of this name was there already\n"
         "=2 a create_user {\"email\":\"a@b.co\"}\n"},
        {"several without a name", "ref|action||", NULL, ""},
        {"names are printable in complaints", "ref|action|\x1b[31m", NULL,
         "!1 \\x1b[31m: no action takes a column of this name\n"},
    };
    check(examples, COUNT_OF(examples));
}

#define USER   "ref|action|email|name"
#define PAYOUT "ref|action|on_behalf_of|amount|currency|instruction|label"
#define GET    "ref|action|id|size|page|params"
#define NO_REF(shown)                                                                    \
    "!2 ref: " shown " is no ref: wanted 1 to 128 bytes without blank, control "         \
    "character or '/', and neither '@' nor '#' first\n"

static void refs_and_actions(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"a good row", USER, "u1|create_user|a@b.co|Ana",
         "=2 u1 create_user {\"email\":\"a@b.co\",\"name\":\"Ana\"}\n"},
        {"an empty cell is absent", USER, "u1|create_user|a@b.co|",
         "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"the order of columns does not matter", "email|action|ref",
         "a@b.co|create_user|u1", "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"no ref", USER, "|create_user|a@b.co|",
         "!2 ref: missing: every row needs a name of its own\n"},
        {"a blank in the ref", USER, "u 1|create_user|a@b.co|", NO_REF("'u 1'")},
        {"blanks around the ref are not trimmed", USER, " u1|create_user|a@b.co|",
         NO_REF("' u1'")},
        {"a ref with @", USER, "@u1|create_user|a@b.co|", NO_REF("'@u1'")},
        {"no action", USER, "u1||a@b.co|",
         "!2 action: missing: every row says what to do\n"},
        {"an unknown action", USER, "u1|pay|a@b.co|",
         "!2 action: 'pay' is no action; `remesa actions` lists them\n"},
        {"a mistyped action", USER, "u1|create_usr|a@b.co|",
         "!2 action: 'create_usr' is no action: did you mean 'create_user'?\n"},
        {"nothing at all", USER, "|||",
         "!2 ref: missing: every row needs a name of its own\n"
         "!2 action: missing: every row says what to do\n"},
        {"too few fields", USER, "u1|create_user|a@b.co",
         "!2 3 fields, but the header has 4 columns: empty cells need their delimiters "
         "too\n"},
        {"too many fields", USER, "u1|create_user|a@b.co|Ana|x",
         "!2 5 fields, but the header has 4 columns: a field with a delimiter in it "
         "needs "
         "quotes\n"},
        {"a required field is missing", USER, "u1|create_user||Ana",
         "!2 email: missing: create_user wants it\n"},
        {"a required field has no column", "ref|action", "u1|create_user",
         "!2 email: missing: create_user wants it\n"},
        {"a column of another action", USER "|amount", "u1|create_user|a@b.co||5",
         "!2 amount: create_user takes no such column: leave it empty in this row\n"},
        {"an empty cell of another action", USER "|amount", "u1|create_user|a@b.co||",
         "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"a value under a column without name", "ref|action|email|",
         "u1|create_user|a@b.co|x",
         "!2 4: a value in a column that has no name in the header\n"},
        {"no value under a column without name", "ref|action|email|",
         "u1|create_user|a@b.co|", "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"a column that the header complaint told already", USER "|zzz",
         "u1|create_user|a@b.co||x",
         "!1 zzz: no action takes a column of this name\n"
         "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"what does not depend on the action is judged without one",
         "ref|action|on_behalf_of|needs|params|email", "r|nope|#x|a/b|{|q",
         "!2 action: 'nope' is no action; `remesa actions` lists them\n"
         "!2 on_behalf_of: '#x' names no user: wanted the ref of the job that makes the "
         "user, or # and the user's id in digits\n"
         "!2 needs: 'a/b' is no ref: wanted refs with blanks between them, with ? before "
         "one that the job can go on without\n"
         "!2 params: not clean JSON: a string is missing at byte 2\n"},
    };
    check(examples, COUNT_OF(examples));
}

#define WHO_IS(shown)                                                                    \
    "!2 on_behalf_of: " shown " names no user: wanted the ref of the job that makes "    \
    "the user, or # and the user's id in digits\n"

static void actors_and_needs(void **state)
{
    (void)state;
    static const char header[] = "ref|action|id|on_behalf_of|needs";
    static const struct example examples[] = {
        {"nobody", header, "a|get_user|7||", "=2 a get_user {\"id\":\"7\"}\n"},
        {"a job", header, "a|get_user|7|u1|",
         "=2 a get_user for=u1 needs=u1(on_behalf_of) {\"id\":\"7\"}\n"},
        {"a job with @", header, "a|get_user|7|@u1|",
         "=2 a get_user for=u1 needs=u1(on_behalf_of) {\"id\":\"7\"}\n"},
        {"an id", header, "a|get_user|7|#123|",
         "=2 a get_user for=#123 {\"id\":\"7\"}\n"},
        {"an id of letters", header, "a|get_user|7|#12x|", WHO_IS("'#12x'")},
        {"an id with a line end", header, "a|get_user|7|#12\r\nX: y|",
         WHO_IS("'#12\\x0d\\x0aX: y'")},
        {"a path of an answer", header, "a|get_user|7|@u1/attributes/id|",
         WHO_IS("'@u1/attributes/id'")},
        {"itself", header, "a|get_user|7|a|",
         "!2 on_behalf_of: a job cannot need itself\n"},
        {"forbidden", "ref|action|email|on_behalf_of", "u1|create_user|a@b.co|u0",
         "!2 on_behalf_of: create_user is never done on behalf of a user: leave it "
         "empty\n"},
        {"required", PAYOUT, "p1|create_payout||5|ars|9|",
         "!2 on_behalf_of: missing: create_payout is done on behalf of a user\n"},
        {"wrong is not missing too", PAYOUT, "p1|create_payout|a b|5|ars|9|",
         WHO_IS("'a b'")},

        {"needs are sorted, each once", header, "a|get_user|7||z  b\tz c",
         "=2 a get_user needs=b(needs),c(needs),z(needs) {\"id\":\"7\"}\n"},
        {"only blanks are no needs", header, "a|get_user|7||  ",
         "=2 a get_user {\"id\":\"7\"}\n"},
        {"a need with @, and itself", header, "a|get_user|7||@b a c",
         "!2 needs: '@b' is no ref: wanted refs with blanks between them, with ? before "
         "one that the job can go on without\n"
         "!2 needs: a job cannot need itself\n"},
        {"a need that a cell implies is there once", header, "a|get_user|@b|u|b u",
         "=2 a get_user for=u needs=b(id),u(on_behalf_of) {\"id\":\"@b\"}\n"},
    };
    check(examples, COUNT_OF(examples));
}

#define LONG40 "0123456789012345678901234567890123456789"

static void values(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"a wrong value", GET, "a|get_user|7|tiny||",
         "?2 size: 'tiny' is none of the values that are known here; `remesa actions` "
         "lists them\n=2 a get_user {\"id\":\"7\",\"size\":\"tiny\"}\n"},
        {"a word nobody would list", GET, "a|get_user|7|ti ny||",
         "!2 size: 'ti ny': wanted one of the words that `remesa actions` lists for "
         "it\n"},
        {"a word that is nearly known", GET, "a|get_user|7|shrot||",
         "?2 size: 'shrot' is none of the values that are known here: did you mean "
         "'short'?\n=2 a get_user {\"id\":\"7\",\"size\":\"shrot\"}\n"},
        {"blanks around a value are not trimmed", GET, "a|get_user|7|| 1|",
         "!2 page: ' 1': wanted a whole number\n"},
        {"40 characters are shown whole", GET, "a|get_user|7||" LONG40 "|",
         "!2 page: '" LONG40 "': wanted a whole number\n"},
        {"a longer value is cut between characters", GET,
         "a|get_user|7||\xc3\xb1" LONG40 "|",
         "!2 page: '\xc3\xb1"
         "012345678901234567890123456789012345678...': wanted a whole "
         "number\n"},
        {"an id that would be a path", GET, "a|get_user|../7|||",
         "!2 id: '../7': wanted an id (letters, digits, - and _), or @ref of the job "
         "that "
         "makes it\n"},
        {"an id that would be a header", GET, "a|get_user|7\r\nX: y|||",
         "!2 id: '7\\x0d\\x0aX: y': wanted an id (letters, digits, - and _), or @ref of "
         "the job that makes it\n"},
        {"another job's id", GET, "a|get_user|@b|||",
         "=2 a get_user needs=b(id) {\"id\":\"@b\"}\n"},
        {"another job's answer", GET, "a|get_user|@b/attributes/x|||",
         "=2 a get_user needs=b(id) {\"id\":\"@b/attributes/x\"}\n"},
        {"its own id", GET, "a|get_user|@a|||", "!2 id: a job cannot need itself\n"},
        {"@ alone", GET, "a|get_user|@|||",
         "!2 id: '@' names no job: wanted @ref, @ref/attributes/NAME, or @@ for a text "
         "that begins with @\n"},
        {"@ and a blank", GET, "a|get_user|@b c|||",
         "!2 id: '@b c' names no job: wanted @ref, @ref/attributes/NAME, or @@ for a "
         "text "
         "that begins with @\n"},
        {"another job's answer where none can be", GET, "a|get_user|7||@b/attributes/n|",
         "!2 page: a field of type integer takes no value of another job\n"},
        {"a text that begins with @ is kept as written", USER,
         "u1|create_user|a@b.co|@@ana",
         "=2 u1 create_user {\"email\":\"a@b.co\",\"name\":\"@@ana\"}\n"},
        {"and judged without its first @", GET, "a|get_user|@@b|||",
         "!2 id: '@b': wanted an id (letters, digits, - and _), or @ref of the job that "
         "makes it\n"},
        {"a text may be another job's", USER, "u1|create_user|a@b.co|@b/attributes/name",
         "=2 u1 create_user needs=b(name) "
         "{\"email\":\"a@b.co\",\"name\":\"@b/attributes/name\"}\n"},
        {"several wrong values, each told", GET, "a|get_user|//|tiny|x|",
         "!2 id: '//': wanted an id (letters, digits, - and _), or @ref of the job that "
         "makes it\n"
         "?2 size: 'tiny' is none of the values that are known here; `remesa actions` "
         "lists them\n"
         "!2 page: 'x': wanted a whole number\n"},
    };
    check(examples, COUNT_OF(examples));
}

static void params(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"fields without columns", GET, "a|get_user|7|||{\"size\":\"long\",\"page\":2}",
         "=2 a get_user {\"id\":\"7\",\"page\":\"2\",\"size\":\"long\"}\n"},
        {"nested names", PAYOUT "|params",
         "p|create_payout|#1|5|ars|9|x|{\"body\":{\"cbu\":\"007\"}}",
         "=2 p create_payout for=#1 {\"amount\":\"5\",\"body.cbu\":\"007\","
         "\"currency\":\"ars\",\"instruction\":\"9\",\"label\":\"x\"} 5.00 ars\n"},
        {"a required field", GET, "a|get_user||||{\"id\":7}",
         "=2 a get_user {\"id\":\"7\"}\n"},
        {"an empty text is not what is required", GET, "a|get_user|||| ",
         "!2 params: not clean JSON: a wrong number at byte 2\n"},
        {"a name that the action does not take", GET, "a|get_user|7|||{\"pages\":1}",
         "!2 params: get_user takes no 'pages': did you mean 'page'?\n"},
        {"a wrong value", GET, "a|get_user|7|||{\"page\":\"x\"}",
         "!2 params: page: 'x': wanted a whole number\n"},
        {"another job's answer", GET, "a|get_user||||{\"id\":\"@b\"}",
         "=2 a get_user needs=b(params) {\"id\":\"@b\"}\n"},
        {"in a column and in params", GET, "a|get_user|7||3|{\"page\":3}",
         "!2 params: page: given twice: in a column and in params\n"},
        {"in params and in a column", "params|ref|action|id", "{\"id\":1}|a|get_user|2",
         "!2 id: given twice: in a column and in params\n"},
        {"null is absent", GET, "a|get_user|7||3|{\"page\":null}",
         "=2 a get_user {\"id\":\"7\",\"page\":\"3\"}\n"},
        {"names that turn the line around are made harmless", GET,
         "a|get_user|7|||{\"x\xe2\x80\xae\":{\"b\":1},\"x\xe2\x80\xae.b\":2}",
         "!2 params: 'x\\u{202e}.b' is given twice\n"
         "!2 params: get_user takes no 'x\\u{202e}.b'\n"},
        {"not an object", GET, "a|get_user|7|||[1]", "!2 params: not a JSON object\n"},
        {"the same key twice", GET, "a|get_user|7|||{\"page\":1,\"page\":2}",
         "!2 params: not clean JSON: the same key twice in an object at byte 17\n"},
        {"broken params tell nothing missing", GET, "a|get_user||||{",
         "!2 params: not clean JSON: a string is missing at byte 2\n"},
    };
    check(examples, COUNT_OF(examples));
}

#define OUTPUT "ref|action|port|payee_gets|payer_spends|memo|fiat|nationality|params"

static void of_some_fields_exactly_one_is_given(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"the first", OUTPUT, "o|add_output|ar_ars|5|||||",
         "=2 o add_output {\"payee_gets\":\"5\",\"port\":\"ar_ars\"} 5.00 ars\n"},
        {"the second, of which the currency is not known", OUTPUT,
         "o|add_output|ar_ars||5||||",
         "=2 o add_output {\"payer_spends\":\"5\",\"port\":\"ar_ars\"}\n"},
        {"both", OUTPUT, "o|add_output|ar_ars|5|6||||",
         "!2 payer_spends: add_output takes only one of its kind: leave payee_gets or "
         "this one empty\n"},
        {"none", OUTPUT, "o|add_output|ar_ars||||||",
         "!2 payee_gets: missing: add_output wants it or payer_spends\n"},
        {"in params", OUTPUT, "o|add_output|ar_ars||||||{\"payer_spends\":7}",
         "=2 o add_output {\"payer_spends\":\"7\",\"port\":\"ar_ars\"}\n"},
        {"one in a column, one in params", OUTPUT,
         "o|add_output|ar_ars|5|||||{\"payer_spends\":7}",
         "!2 payer_spends: add_output takes only one of its kind: leave payee_gets or "
         "this one empty\n"},
        {"an empty text is none", OUTPUT,
         "o|add_output|ar_ars||||||{\"payee_gets\":\"\"}",
         "!2 params: payee_gets: '': wanted digits with one point, such as 1250.50\n"
         "!2 payee_gets: missing: add_output wants it or payer_spends\n"},
        {"another job's", OUTPUT, "o|add_output|ar_ars|@b/attributes/n|||||",
         "=2 o add_output needs=b(payee_gets) "
         "{\"payee_gets\":\"@b/attributes/n\",\"port\":\"ar_ars\"}\n"},
        {"broken params tell nothing missing", OUTPUT, "o|add_output|ar_ars||||||{",
         "!2 params: not clean JSON: a string is missing at byte 2\n"},
    };
    check(examples, COUNT_OF(examples));
}

static void the_currency_may_be_a_part_of_a_word(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"the last part", OUTPUT, "o|add_output|other_usd|0.10|||||",
         "=2 o add_output {\"payee_gets\":\"0.10\",\"port\":\"other_usd\"} 0.10 "
         "usd\n"},
        {"a word without parts is the currency", OUTPUT, "o|add_output|plain|1|||||",
         "=2 o add_output {\"payee_gets\":\"1\",\"port\":\"plain\"} 1.00000000 plain\n"},
        {"a word that is not known makes money too", OUTPUT, "o|add_output|ar_eur|1|||||",
         "?2 port: 'ar_eur' is none of the values that are known here; `remesa actions` "
         "lists them\n=2 o add_output {\"payee_gets\":\"1\",\"port\":\"ar_eur\"} 1.00 "
         "eur\n"},
        {"a wrong word makes none", OUTPUT, "o|add_output|ar eur|1|||||",
         "!2 port: 'ar eur': wanted one of the words that `remesa actions` lists for "
         "it\n"},
    };
    check(examples, COUNT_OF(examples));
}

#define GOOD        "o|add_output|ar_ars|1||"
#define FRAME(rest) "=2 o add_output {" rest "} 1.00 ars\n"
#define SENT        "\"payee_gets\":\"1\",\"port\":\"ar_ars\""

static void words_lengths_and_countries_are_held(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"as long as it may be", OUTPUT, GOOD "1234|||",
         FRAME("\"memo\":\"1234\"," SENT)},
        {"characters count, not bytes", OUTPUT,
         GOOD "\xc3\xb1\xc3\xb1\xc3\xb1\xc3\xb1|||",
         FRAME("\"memo\":\"\xc3\xb1\xc3\xb1\xc3\xb1\xc3\xb1\"," SENT)},
        {"one more", OUTPUT, GOOD "12345|||",
         "!2 memo: '12345': wanted a shorter text: `remesa actions` says how long it may "
         "be\n"},
        {"a currency of the list, in capitals", OUTPUT, GOOD "|USD||",
         FRAME("\"fiat\":\"USD\"," SENT)},
        {"a currency of another list", OUTPUT, GOOD "|eur||",
         "?2 fiat: 'eur' is none of the values that are known here; `remesa actions` "
         "lists them\n" FRAME("\"fiat\":\"eur\"," SENT)},
        {"no currency at all", OUTPUT, GOOD "|us$||",
         "!2 fiat: 'us$': wanted a currency code such as ars, usd or btc\n"},
        {"half a currency", OUTPUT, GOOD "|us||",
         "?2 fiat: 'us' is none of the values that are known here: did you mean "
         "'usd'?\n" FRAME("\"fiat\":\"us\"," SENT)},
        {"a country", OUTPUT, GOOD "||uy|", FRAME("\"nationality\":\"uy\"," SENT)},
        {"a country that is none", OUTPUT, GOOD "||ZQ|",
         "!2 nationality: 'ZQ': wanted a country in two letters of ISO 3166, such as "
         "AR\n"},
    };
    check(examples, COUNT_OF(examples));
}

/* By the setting tag_email. */
static void an_email_carries_the_ref_where_its_cell_is_empty(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"an empty cell", "ref|action|email", "u1|create_user|",
         "=2 u1 create_user {\"email\":\"pay+u1@example.com\"}\n"},
        {"a written one stays", "ref|action|email", "u1|create_user|a@b.co",
         "=2 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {"only e-mails have that form", PAYOUT, "p1|create_payout|#1|5|ars|9|",
         "=2 p1 create_payout for=#1 {\"amount\":\"5\",\"currency\":\"ars\","
         "\"instruction\":\"9\",\"label\":\"p1\"} 5.00 ars\n"},
        {"a ref that makes no address", "ref|action", "a@b|create_user",
         "!2 email: missing: create_user wants it\n"},
    };
    tag_email = "pay+{ref}@example.com";
    check(examples, COUNT_OF(examples));
    tag_email = NULL;
}

static void tags_and_money(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"the ref is the tag where the cell is empty", PAYOUT,
         "p1|create_payout|#1|1250.50|ARS|9|",
         "=2 p1 create_payout for=#1 {\"amount\":\"1250.50\",\"currency\":\"ARS\","
         "\"instruction\":\"9\",\"label\":\"p1\"} 1250.50 ars\n"},
        {"a written tag stays", PAYOUT, "p1|create_payout|#1|5|ars|9|mine",
         "=2 p1 create_payout for=#1 {\"amount\":\"5\",\"currency\":\"ars\","
         "\"instruction\":\"9\",\"label\":\"mine\"} 5.00 ars\n"},
        {"a ref of the tag's form is the tag", "ref|action", "a@b.co|create_user",
         "=2 a@b.co create_user {\"email\":\"a@b.co\"}\n"},
        {"another ref is not", "ref|action", "u1|create_user",
         "!2 email: missing: create_user wants it\n"},
        {"the amount stays as written", PAYOUT, "p|create_payout|#1|0.10|btc|9|x",
         "=2 p create_payout for=#1 {\"amount\":\"0.10\",\"currency\":\"btc\","
         "\"instruction\":\"9\",\"label\":\"x\"} 0.10000000 btc\n"},
        {"an amount from another job is no money yet", PAYOUT,
         "p|create_payout|#1|@q/attributes/total|ars|9|x",
         "=2 p create_payout for=#1 needs=q(amount) {\"amount\":\"@q/attributes/total\","
         "\"currency\":\"ars\",\"instruction\":\"9\",\"label\":\"x\"}\n"},
        {"an id is no amount", PAYOUT, "p|create_payout|#1|@q|ars|9|x",
         "!2 amount: @ref alone is the id of job 'q': wanted @ref/attributes/NAME for a "
         "number of its answer\n"},
        {"more decimals than the currency has", PAYOUT,
         "p|create_payout|#1|1.505|ars|9|x", "!2 amount: '1.505': ars has 2 places\n"},
        {"a zero more", PAYOUT, "p|create_payout|#1|1.500|ars|9|x",
         "=2 p create_payout for=#1 {\"amount\":\"1.500\",\"currency\":\"ars\","
         "\"instruction\":\"9\",\"label\":\"x\"} 1.50 ars\n"},
        {"a half of what has no halves", PAYOUT, "p|create_payout|#1|1.5|clp|9|x",
         "!2 amount: '1.5': clp has 0 places\n"},
        {"a currency with three places", PAYOUT, "p|create_payout|#1|1.505|kwd|9|x",
         "=2 p create_payout for=#1 {\"amount\":\"1.505\",\"currency\":\"kwd\","
         "\"instruction\":\"9\",\"label\":\"x\"} 1.505 kwd\n"},
        {"a currency that nobody knows", PAYOUT, "p|create_payout|#1|1.505|zzz|9|x",
         "?2 currency: 'zzz' is no currency of ISO 4217 and no coin that is known here\n"
         "=2 p create_payout for=#1 {\"amount\":\"1.505\",\"currency\":\"zzz\","
         "\"instruction\":\"9\",\"label\":\"x\"} 1.50500000 zzz\n"},
        {"of which nobody knows the places", PAYOUT,
         "p|create_payout|#1|1.000000005|zzz|9|x",
         "?2 currency: 'zzz' is no currency of ISO 4217 and no coin that is known here\n"
         "!2 amount: '1.000000005': zzz has 8 places here, as no currency has more\n"},
        {"nothing", PAYOUT, "p|create_payout|#1|0.00|ars|9|x",
         "!2 amount: '0.00' ars: an amount of nothing\n"},
        {"too much", PAYOUT, "p|create_payout|#1|92233720368547758.08|ars|9|x",
         "!2 amount: '92233720368547758.08': wanted digits with one point, such as "
         "1250.50\n"},
        {"too much for the currency", PAYOUT,
         "p|create_payout|#1|92233720368547759|ars|9|x",
         "!2 amount: '92233720368547759' ars: too large\n"},
        {"a comma", PAYOUT, "p|create_payout|#1|1,5|ars|9|x",
         "!2 amount: '1,5': wanted digits with one point, such as 1250.50; "
         "--decimal-comma reads one with a comma\n"},
        {"a comma in params", "ref|action|on_behalf_of|currency|instruction|params",
         "p|create_payout|#1|ars|9|{\"amount\":\"1,5\"}",
         "!2 params: amount: '1,5': wanted digits with one point, such as 1250.50\n"},
        {"an exponent, a sign", PAYOUT, "p|create_payout|#1|1e3|ars|9|x",
         "!2 amount: '1e3': wanted digits with one point, such as 1250.50\n"},
        {"Arabic digits", PAYOUT, "p|create_payout|#1|\xd9\xa1\xd9\xa2|ars|9|x",
         "!2 amount: '\xd9\xa1\xd9\xa2': wanted digits with one point, such as "
         "1250.50\n"},
        {"a wrong currency is told once", PAYOUT, "p|create_payout|#1|1.505|$|9|x",
         "!2 currency: '$': wanted a currency code such as ars, usd or btc\n"},
        {"money without currency", PAYOUT, "p|create_payout|#1|5||9|x",
         "!2 currency: missing: create_payout wants it\n"},
    };
    check(examples, COUNT_OF(examples));
}

/* ---- the inbox ---- */

static void check_inbox(const char *const cells[5], const char *want)
{
    struct catalogue c = test_catalogue();
    struct inbox_cells in = {41,
                             span_of(cells[0]),
                             span_of(cells[1]),
                             span_of(cells[2]),
                             span_of(cells[3]),
                             span_of(cells[4])};
    struct buf seen;
    struct row row;
    buf_init(&seen, SEEN_MAX);
    if (judge_inbox(&c, &in, &row, &seen)) {
        write_row(&seen, &row);
        row_close(&row);
    }
    assert_string_equal(seen.data, want);
    buf_close(&seen);
}

static void inbox_rows_become_rows_or_one_problem(void **state)
{
    (void)state;
    static const struct {
        const char *cells[5], *want;
    } examples[] = {
        {{"u1", "create_user", NULL, NULL, "{\"email\":\"a@b.co\"}"},
         "=41 u1 create_user {\"email\":\"a@b.co\"}\n"},
        {{"p1", "create_payout", "@u1", "i1 u1",
          "{\"amount\":\"5.10\",\"currency\":\"usd\",\"instruction\":\"@i1\"}"},
         "=41 p1 create_payout for=u1 needs=i1(needs),u1(on_behalf_of) "
         "{\"amount\":\"5.10\",\"currency\":\"usd\",\"instruction\":\"@i1\",\"label\":"
         "\"p1\"} 5.10 usd\n"},
        {{NULL, NULL, NULL, NULL, NULL},
         "ref: missing: every row needs a name of its own; action: missing: every row "
         "says what to do"},
        {{"", "get_user", "", "", ""},
         "ref: missing: every row needs a name of its own; id: missing: get_user wants "
         "it"},
        {{"a", "get_user", "#1", "b c/d", "{\"id\":\"x y\"}"},
         "needs: 'c/d' is no ref: wanted refs with blanks between them, with ? before "
         "one "
         "that the job can go on without; params: id: 'x "
         "y': wanted an id (letters, digits, - and _), or @ref of the job that makes it"},
        {{"a", "get_user", NULL, NULL, "{\"id\":\"\"}"},
         "params: id: '': wanted an id (letters, digits, - and _), or @ref of the job "
         "that makes it; id: missing: get_user wants it"},
    };
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        check_inbox(examples[i].cells, examples[i].want);
}

static void an_inbox_text_with_a_NUL_is_refused_not_cut(void **state)
{
    (void)state;
    struct catalogue c = test_catalogue();
    struct inbox_cells in = {.ref = {"a\0b", 3}, .action = span_of("create_user")};
    struct buf seen;
    struct row row;
    buf_init(&seen, SEEN_MAX);
    in.params = span_of("{\"email\":\"a@b.co\"}");
    assert_false(judge_inbox(&c, &in, &row, &seen));
    assert_non_null(strstr(seen.data, "ref: 'a\\x00b' is no ref"));
    buf_close(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(refs_and_actions),
        cmocka_unit_test(actors_and_needs),
        cmocka_unit_test(values),
        cmocka_unit_test(params),
        cmocka_unit_test(of_some_fields_exactly_one_is_given),
        cmocka_unit_test(the_currency_may_be_a_part_of_a_word),
        cmocka_unit_test(words_lengths_and_countries_are_held),
        cmocka_unit_test(an_email_carries_the_ref_where_its_cell_is_empty),
        cmocka_unit_test(tags_and_money),
        cmocka_unit_test(inbox_rows_become_rows_or_one_problem),
        cmocka_unit_test(an_inbox_text_with_a_NUL_is_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
