#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/late.h"

static struct http_request make(const char *target, const char *authorization,
                                const char *body)
{
    struct http_request r = {.authorized = true};
    struct buf *bufs[] = {&r.method, &r.target, &r.authorization, &r.content_type,
                          &r.body};
    const char *texts[] = {"POST", target, authorization, "application/json", body};
    for (int i = 0; i < 5; i++) {
        buf_init(bufs[i], 1000);
        buf_add_text(bufs[i], texts[i]);
    }
    return r;
}

static void unmake(struct http_request *r)
{
    struct buf *bufs[] = {&r->method, &r->target, &r->authorization, &r->content_type,
                          &r->body};
    for (int i = 0; i < 5; i++)
        buf_close(bufs[i]);
}

static struct late *add(struct late **queue, const char *target, const char *key)
{
    struct http_request r = make(target, key, "{}");
    struct late *one = late_add(queue, &r);
    unmake(&r); /* what is kept is a copy */
    return one;
}

static void show_list(struct late *queue, const char *target, const char *key)
{
    struct http_request r = make(target, key, "");
    late_list_shown(queue, &r);
    unmake(&r);
}

static void take(struct late **queue, int64_t now_us, struct late *wanted)
{
    struct late *got = late_take(queue, (struct mono){now_us});
    assert_ptr_equal(got, wanted);
    if (got)
        late_free(got);
}

static void a_request_is_kept_whole(void **state)
{
    (void)state;
    struct late *queue = NULL;
    struct late *one = add(&queue, "/api/users?x=1", "key");
    assert_string_equal(one->request.method.data, "POST");
    assert_string_equal(one->request.target.data, "/api/users?x=1");
    assert_string_equal(one->request.authorization.data, "key");
    assert_string_equal(one->request.content_type.data, "application/json");
    assert_string_equal(one->request.body.data, "{}");
    assert_true(one->request.authorized);
    late_close(&queue);
    assert_null(queue);
}

static void what_is_due_comes_in_order_and_once(void **state)
{
    (void)state;
    struct late *queue = NULL;
    assert_int_equal(late_next_us(queue), LATE_NEVER);
    take(&queue, INT64_MAX - 1, NULL);
    struct late *first = add(&queue, "/api/users", "key");
    struct late *second = add(&queue, "/api/users", "key");
    struct late *third = add(&queue, "/api/users", "key");
    assert_int_equal(late_next_us(queue), LATE_NEVER);
    first->due_us = 300;
    second->due_us = 200;
    third->due_us = 200;
    assert_int_equal(late_next_us(queue), 200);
    take(&queue, 199, NULL);
    take(&queue, 200, second);
    take(&queue, 200, third);
    take(&queue, 200, NULL);
    assert_int_equal(late_next_us(queue), 300);
    take(&queue, 1000, first);
    assert_null(queue);
}

static void only_lists_of_the_same_path_and_user_count(void **state)
{
    (void)state;
    struct late *queue = NULL;
    struct late *one = add(&queue, "/api/coin_withdrawals", "key; user=7");
    one->lists = 2;
    show_list(queue, "/api/coin_withdrawals", "key");
    show_list(queue, "/api/coin_withdrawals", "key; user=8");
    show_list(queue, "/api/cash_withdrawals", "key; user=7");
    show_list(queue, "/api/coin_withdrawals/7", "key; user=7");
    assert_int_equal(one->lists, 2);
    show_list(queue, "/api/coin_withdrawals/?filter[from]=2026-01-01", "key ;user=7");
    assert_int_equal(one->lists, 1);
    assert_int_equal(late_next_us(queue), LATE_NEVER);
    show_list(queue, "/api/coin_withdrawals", "key; user=7");
    take(&queue, 1, one);
}

static void a_list_moves_nothing_that_waits_for_a_time(void **state)
{
    (void)state;
    struct late *queue = NULL;
    struct late *one = add(&queue, "/api/users", "key");
    one->due_us = 500;
    show_list(queue, "/api/users", "key");
    assert_int_equal(late_next_us(queue), 500);
    late_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_kept_whole),
        cmocka_unit_test(what_is_due_comes_in_order_and_once),
        cmocka_unit_test(only_lists_of_the_same_path_and_user_count),
        cmocka_unit_test(a_list_moves_nothing_that_waits_for_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
