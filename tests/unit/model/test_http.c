#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/check.h"
#include "model/http.h"

/* Linked with --wrap: what is wiped is seen here, on its way. */
void __wrap_explicit_bzero(void *bytes, size_t len);
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room);

static struct {
    int calls;
    char before[64], last[64];
    size_t len;
} wiped;

void __wrap_explicit_bzero(void *bytes, size_t len)
{
    wiped.calls++;
    memcpy(wiped.before, wiped.last, sizeof(wiped.last));
    wiped.len = len;
    snprintf(wiped.last, sizeof(wiped.last), "%.*s", (int)len, (const char *)bytes);
    memset(bytes, 0, len);
}

void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room)
{
    (void)room;
    __wrap_explicit_bzero(bytes, len);
}

static void a_request_begins_empty(void **state)
{
    (void)state;
    struct http_request r;
    http_request_init(&r);
    assert_string_equal(r.method, "");
    assert_null(r.path);
    assert_int_equal(r.header_count, 0);
    assert_int_equal(r.body.len, 0);
    http_request_close(&r);
}

static void headers_are_copies_in_order(void **state)
{
    (void)state;
    struct http_request r;
    char value[] = "KEY; user=12";
    http_request_init(&r);
    http_request_header(&r, "Authorization", value);
    http_request_header(&r, "Version", "2.1");
    value[0] = 'X';
    assert_int_equal(r.header_count, 2);
    assert_string_equal(r.headers[0].name, "Authorization");
    assert_string_equal(r.headers[0].value, "KEY; user=12");
    assert_string_equal(r.headers[1].name, "Version");
    http_request_close(&r);
}

static void closing_wipes_every_header_value_and_the_body(void **state)
{
    (void)state;
    struct http_request r;
    http_request_init(&r);
    buf_add_text(&r.body, "{\"password\":\"SECRET\"}");
    http_request_header(&r, "Version", "2.1");
    http_request_header(&r, "Authorization", "SECRETKEY");
    wiped.calls = 0;
    http_request_close(&r);
    assert_int_equal(wiped.calls, 3);
    assert_string_equal(wiped.before, "SECRETKEY");
    assert_string_equal(wiped.last, "{\"password\":\"SECRET\"}");
    assert_true(wiped.len > strlen(wiped.last));
}

static void closing_twice_is_harmless(void **state)
{
    (void)state;
    struct http_request r;
    struct http_response s;
    http_request_init(&r);
    r.path = mem_text("/users");
    http_request_header(&r, "a", "b");
    http_request_close(&r);
    http_request_close(&r);
    http_response_init(&s);
    http_response_close(&s);
    http_response_close(&s);
}

static void as_many_headers_as_fit_and_not_one_more(void **state)
{
    (void)state;
    struct http_request r;
    int status;
    http_request_init(&r);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        http_request_header(&r, "name", "value");
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        http_request_header(&r, "one", "too many");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    http_request_close(&r);
}

static void bodies_end_at_their_ceilings(void **state)
{
    (void)state;
    struct http_request r;
    struct http_response s;
    static const char block[64 * 1024];
    http_request_init(&r);
    http_response_init(&s);
    while (buf_add(&r.body, block, sizeof(block)))
        ;
    while (buf_add(&s.body, block, sizeof(block)))
        ;
    assert_int_equal(r.body.len, HTTP_REQUEST_MAX);
    assert_int_equal(s.body.len, HTTP_BODY_MAX);
    http_request_close(&r);
    http_response_close(&s);
}

static void a_response_begins_as_never_sent(void **state)
{
    (void)state;
    struct http_response s;
    http_response_init(&s);
    assert_int_equal(s.sends, 0);
    assert_int_equal(s.status, 0);
    assert_false(s.headers_complete || s.complete || s.hopeless);
    assert_string_equal(s.content_type, "");
    http_response_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_begins_empty),
        cmocka_unit_test(headers_are_copies_in_order),
        cmocka_unit_test(closing_wipes_every_header_value_and_the_body),
        cmocka_unit_test(closing_twice_is_harmless),
        cmocka_unit_test(as_many_headers_as_fit_and_not_one_more),
        cmocka_unit_test(bodies_end_at_their_ceilings),
        cmocka_unit_test(a_response_begins_as_never_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
