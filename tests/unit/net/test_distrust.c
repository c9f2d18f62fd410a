/* A connection whose answer cannot be relied on: no other request goes there, not even one
 * that was waiting to leave when the answer came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "server.h"

#define OK_KEEP "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define NEXT    100 /* the tag of the request that must not go there */

struct scene {
    struct client c;
    struct server *s;
};

static void scene_open(struct scene *scene)
{
    char url[64];
    scene->s = server_open();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", server_port(scene->s));
    client_open(&scene->c, (struct net_options){.base_url = url});
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->c);
    server_close(scene->s);
}

/* So many at once, on as many connections. */
static void send_together(struct scene *scene, int count, int first_tag)
{
    int told = scene->c.told;
    server_behave(scene->s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, count});
    for (int i = 0; i < count; i++)
        client_send(&scene->c, "POST", "/money", "{}", first_tag + i);
    client_wait(&scene->c, told + count);
}

static void distrust(struct client *c, int64_t tag)
{
    if (tag != NEXT)
        c->transport->distrust(c->transport->ctx);
}

static void distrust_the_first(struct client *c, int64_t tag)
{
    if (tag == 0)
        c->transport->distrust(c->transport->ctx);
}

static void assert_good(const struct scene *scene, int64_t tag)
{
    const struct reply *got = client_reply(&scene->c, tag);
    assert_int_equal(got->r.sends, 1);
    assert_true(got->r.complete);
    assert_int_equal(got->r.status, 200);
}

static void the_next_request_goes_on_a_new_connection(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    scene.c.on_reply = distrust;
    send_together(&scene, 1, 0);
    assert_int_equal(server_contacts(scene.s), 1);
    send_together(&scene, 1, NEXT);
    assert_int_equal(server_contacts(scene.s), 2);
    assert_good(&scene, NEXT);
    scene_close(&scene);
}

static void the_other_connections_are_used_on(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    scene.c.on_reply = distrust_the_first;
    send_together(&scene, 3, 0);
    send_together(&scene, 3, 10);
    assert_int_equal(server_contacts(scene.s), 4);
    send_together(&scene, 3, 20);
    assert_int_equal(server_contacts(scene.s), 4);
    scene_close(&scene);
}

static void outside_of_an_answer_nothing_is_distrusted(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    send_together(&scene, 1, 0);
    scene.c.transport->distrust(scene.c.transport->ctx);
    send_together(&scene, 1, 1);
    assert_int_equal(server_contacts(scene.s), 1);
    scene_close(&scene);
}

static void distrust_and_send_another(struct client *c, int64_t tag)
{
    distrust(c, tag);
    c->on_reply = distrust;
    client_send(c, "POST", "/next", "{}", NEXT);
}

/* Both answers are there when the loop looks. Between the first and the second the next
 * request is given to curl, and curl starts it while it reads the second: it goes on neither
 * connection. */
static void a_request_made_between_two_such_answers_follows_neither(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    send_together(&scene, 2, 0);
    server_behave(scene.s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 2});
    scene.c.on_reply = distrust_and_send_another;
    client_send(&scene.c, "POST", "/both", "{}", 10);
    client_send(&scene.c, "POST", "/both", "{}", 11);
    while (server_copies(scene.s, "/api/both") < 2)
        uv_run(&scene.c.loop, UV_RUN_NOWAIT);
    usleep(50 * 1000);
    server_behave(scene.s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 0});
    client_wait(&scene.c, 5);
    assert_int_equal(server_contacts(scene.s), 3);
    assert_good(&scene, NEXT);
    scene_close(&scene);
}

int main(void)
{
    struct err err;
    if (net_global_setup(&err) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_request_goes_on_a_new_connection),
        cmocka_unit_test(the_other_connections_are_used_on),
        cmocka_unit_test(outside_of_an_answer_nothing_is_distrusted),
        cmocka_unit_test(a_request_made_between_two_such_answers_follows_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
