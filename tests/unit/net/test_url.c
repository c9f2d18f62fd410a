#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/net.h"
#include "net/url.h"

static void base_urls_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *url, *fault; /* NULL: good */
    } cases[] = {
        {"https://sandbox.bitex.la/api", NULL},
        {"https://sandbox.bitex.la/api/", NULL},
        {"https://sandbox.bitex.la", NULL},
        {"https://sandbox.bitex.la:8443/a/b", NULL},
        {"HTTPS://sandbox.bitex.la/api", NULL},
        {"https://[2001:db8::1]/api", NULL},
        {"http://127.0.0.1:8080/api", NULL},
        {"http://127.9.9.9", NULL},
        {"http://[::1]:80/api", NULL},
        {"http://localhost/api", NULL},
        {"http://LocalHost/api", NULL},
        {"http://sandbox.bitex.la/api", "plain http"},
        {"http://localhost.example.com/api", "plain http"},
        {"http://127.0.0.1.example.com/api", "plain http"},
        {"http://128.0.0.1/api", "plain http"},
        {"http://[::2]/api", "plain http"},
        {"http://0.0.0.0/api", "plain http"},
        {"http://[::ffff:127.0.0.1]/api", "plain http"},
        {"https://key@sandbox.bitex.la/api", "user"},
        {"https://a:b@sandbox.bitex.la/api", "user"},
        {"https://@sandbox.bitex.la/api", "user"},
        {"http://127.0.0.1@evil.example/api", "user"},
        {"https://sandbox.bitex.la/api?x=1", "query"},
        {"https://sandbox.bitex.la/api?", "query"},
        {"https://sandbox.bitex.la/api#x", "fragment"},
        {"https://sandbox.bitex.la/api#", "fragment"},
        {"https://sandbox.bitex.la/a/../b", "segments"},
        {"https://sandbox.bitex.la/api\r\nX: y", "character"},
        {"https://sandbox.bitex.la/a b", "character"},
        {"https://sandbox.bitex.la\\evil/a", "character"},
        {"https://sandb\xc3\xb6x/api", "character"},
        {"https://", "not a URL"},
        {"https://host:99999/", "not a URL"},
        {"sandbox.bitex.la/api", "https://"},
        {"https:/sandbox.bitex.la/api", "https://"},
        {"ftp://sandbox.bitex.la", "https://"},
        {"file:///etc/passwd", "https://"},
        {"", "https://"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        print_message("    %s\n", cases[i].url);
        int rc = net_check_url(cases[i].url, &err);
        assert_int_equal(rc, cases[i].fault ? -1 : 0);
        if (!cases[i].fault)
            continue;
        assert_int_equal(err.code, ERR_CONFIG);
        assert_non_null(strstr(err.text, cases[i].fault));
        /* What may hold a password is not repeated. */
        bool told = strstr(err.text, cases[i].url) != NULL;
        assert_int_equal(told, strchr(cases[i].url, '@') == NULL);
    }
}

static void a_path_stays_under_the_base(void **state)
{
    (void)state;
    static const struct {
        const char *base, *path, *want; /* NULL: refused */
    } cases[] = {
        {"https://h/api", "/users", "https://h/api/users"},
        {"https://h/api/", "/users/1", "https://h/api/users/1"},
        {"https://h/api//", "/users", "https://h/api/users"},
        {"https://h", "/users", "https://h/users"},
        {"https://h:8443/api", "/users", "https://h:8443/api/users"},
        {"https://h/api", "/users?page[number]=2&x=a%20b",
         "https://h/api/users?page[number]=2&x=a%20b"},
        {"https://h/api", "/users?next=../x", "https://h/api/users?next=../x"},
        {"https://h/api", "/a..b/.c/...", "https://h/api/a..b/.c/..."},
        {"https://h/api", "//evil.example/x", "https://h/api//evil.example/x"},
        {"https://h", "//evil.example/x", "https://h//evil.example/x"},
        {"https://h", "/@evil.example", "https://h/@evil.example"},
        {"https://h/api", "/users/../admin", NULL},
        {"https://h/api", "/..", NULL},
        {"https://h/api", "/./users", NULL},
        {"https://h/api", "/users/.", NULL},
        {"https://h/api", "/users/%2e%2e/admin", NULL},
        {"https://h/api", "/users/.%2E/admin", NULL},
        {"https://h/api", "/users/..%2fadmin", NULL},
        {"https://h/api", "/users/..%5Cadmin", NULL},
        {"https://h/api", "/users/..?x", NULL},
        {"https://h/api", "users", NULL},
        {"https://h/api", "@evil.example/", NULL},
        {"https://h", "@evil.example/", NULL},
        {"https://h", ":99/", NULL},
        {"https://h", ".evil.example/", NULL},
        {"https://h/api", "https://evil.example/", NULL},
        {"https://h/api", "", NULL},
        {"https://h/api", "/a#b", NULL},
        {"https://h/api", "/a b", NULL},
        {"https://h/api", "/a\r\nX: y", NULL},
        {"https://h/api", "/a\\b", NULL},
        {"https://h/api", "/caf\xc3\xa9", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err;
        struct url_base base;
        struct buf out;
        print_message("    %s + %s\n", cases[i].base, cases[i].path);
        buf_init(&out, 1024);
        assert_int_equal(url_base_open(&base, cases[i].base, &err), 0);
        assert_int_equal(url_join(&base, cases[i].path, &out), cases[i].want != NULL);
        if (cases[i].want)
            assert_string_equal(out.data, cases[i].want);
        url_base_close(&base);
        buf_close(&out);
    }
}

static void a_missing_path_and_one_that_does_not_fit_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct url_base base;
    struct buf out;
    buf_init(&out, 16);
    assert_int_equal(url_base_open(&base, "https://h/api", &err), 0);
    assert_false(url_join(&base, NULL, &out));
    assert_false(url_join(&base, "/0123456789", &out));
    assert_true(url_join(&base, "/12", &out));
    url_base_close(&base);
    buf_close(&out);
}

/* By the name alone, and whatever is in doubt is production. */
static void production_and_the_name_of_an_api(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool production;
        const char *name;
    } rows[] = {
        {"https://bitex.la/api", true, "https://bitex.la:443/api"},
        {"https://bitex.la/api/", true, "https://bitex.la:443/api"},
        {"https://bitex.la:443/api", true, "https://bitex.la:443/api"},
        {"HTTPS://Bitex.LA./api", true, "https://bitex.la:443/api"},
        {"https://bitex.la:8443/api", true, "https://bitex.la:8443/api"},
        {"https://bitex.la/API", true, "https://bitex.la:443/API"},
        {"https://bitex.la", true, "https://bitex.la:443"},
        {"https://sandbox.bitex.la/api", false, "https://sandbox.bitex.la:443/api"},
        {"https://Sandbox.bitex.la/api", false, "https://sandbox.bitex.la:443/api"},
        {"https://sandbox.other.example", false, "https://sandbox.other.example:443"},
        {"https://mysandbox.bitex.la/api", true, "https://mysandbox.bitex.la:443/api"},
        {"https://sandbox/api", true, "https://sandbox:443/api"},
        {"https://api.sandbox.bitex.la", true, "https://api.sandbox.bitex.la:443"},
        {"https://10.0.0.5/api", true, "https://10.0.0.5:443/api"},
        {"https://[2001:db8::1]/api", true, "https://[2001:db8::1]:443/api"},
        {"https://localhost.example/api", true, "https://localhost.example:443/api"},
        {"https://127.0.0.1.example/api", true, "https://127.0.0.1.example:443/api"},
        {"http://127.0.0.1:4321/api", false, "loopback"},
        {"http://127.9.9.9/elsewhere", false, "loopback"},
        {"https://localhost:1/api", false, "loopback"},
        {"http://[::1]:80/api", false, "loopback"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct url_base base;
        struct err err;
        struct buf name;
        print_message("    %s\n", rows[i].url);
        assert_int_equal(url_base_open(&base, rows[i].url, &err), 0);
        buf_init(&name, 200);
        url_base_name(&base, &name);
        assert_string_equal(name.data, rows[i].name);
        assert_int_equal(url_is_production(&base), rows[i].production);
        url_base_close(&base);
        buf_close(&name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_urls_are_judged),
        cmocka_unit_test(a_path_stays_under_the_base),
        cmocka_unit_test(production_and_the_name_of_an_api),
        cmocka_unit_test(a_missing_path_and_one_that_does_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
