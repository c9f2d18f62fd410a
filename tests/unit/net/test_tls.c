/* TLS: whom the client trusts, and that nothing leaves before it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "client.h"
#include "server.h"

static char dir[] = "/tmp/remesa-tls-XXXXXX";

static char *file_in_dir(const char *name)
{
    return mem_printf("%s/%s", dir, name);
}

/* A key and a certificate that vouches for itself, NAME.pem and NAME.key. */
static void make_certificate(const char *name, const char *subject_alt_name)
{
    char *command = mem_printf(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext "
        "subjectAltName=%s -keyout %s/%s.key -out %s/%s.pem >/dev/null 2>&1",
        subject_alt_name, dir, name, dir, name);
    assert_int_equal(system(command), 0);
    free(command);
}

struct tls_server {
    pid_t pid;
    int hold; /* it ends when this closes */
    int port;
};

static struct tls_server tls_open(const char *name, const char *old)
{
    struct tls_server s;
    int in[2], out[2];
    assert_int_equal(pipe(in) | pipe(out), 0);
    char *cert = mem_printf("%s/%s.pem", dir, name),
         *key = mem_printf("%s/%s.key", dir, name);
    s.pid = fork();
    if (s.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execlp("python3", "python3", "-Wignore", NET_TEST_DIR "/tls_server.py", cert, key,
               old, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s.hold = in[1];
    FILE *said = fdopen(out[0], "r");
    assert_int_equal(fscanf(said, "%d", &s.port), 1);
    fclose(said);
    free(cert);
    free(key);
    return s;
}

static void tls_close(struct tls_server s)
{
    close(s.hold);
    waitpid(s.pid, NULL, 0);
}

static void open_on(struct client *c, const char *host, int port, const char *ca)
{
    char url[64];
    char *ca_file = ca ? mem_printf("%s/%s.pem", dir, ca) : NULL;
    snprintf(url, sizeof url, "https://%s:%d/api", host, port);
    client_open(
        c, (struct net_options){.base_url = url, .ca_file = ca_file, .timeout_ms = 3000});
    free(ca_file);
}

static void post(struct client *c, const char *path, int64_t tag)
{
    client_send(c, "POST", path, "{}", tag);
    client_wait(c, c->told + 1);
}

static void trust_is_needed_before_anything_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *name, *cert, *host, *ca, *old;
        bool works, hopeless;
    } cases[] = {
        {"known", "good", "127.0.0.1", "good", NULL, true, false},
        {"vouches for itself", "good", "127.0.0.1", NULL, NULL, false, true},
        {"another authority", "good", "127.0.0.1", "other", NULL, false, true},
        {"another host", "other", "127.0.0.1", "other", NULL, false, true},
        {"name in place of address", "good", "localhost", "good", NULL, false, true},
        {"TLS 1.1", "good", "127.0.0.1", "good", "old", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("    %s\n", cases[i].name);
        struct client c;
        struct tls_server s = tls_open(cases[i].cert, cases[i].old);
        open_on(&c, cases[i].host, s.port, cases[i].ca);
        post(&c, "/x", 1);
        const struct reply *got = client_reply(&c, 1);
        assert_int_equal(got->r.sends, cases[i].works);
        assert_int_equal(got->r.complete, cases[i].works);
        assert_int_equal(got->r.hopeless, cases[i].hopeless);
        assert_int_equal(got->r.transport_text[0] == '\0', cases[i].works);
        client_close(&c);
        tls_close(s);
    }
}

static void a_handshake_that_hangs_or_fails_is_not_sent(void **state)
{
    (void)state;
    static const struct behaviour does[] = {
        {READ_NOTHING, NULL, 0, END_STALL, 0},
        {READ_NOTHING, NULL, 0, END_FIN, 0},
        {READ_NOTHING, "HTTP/1.1 400 Plain text here\r\n\r\n", 0, END_FIN, 0},
    };
    for (size_t i = 0; i < sizeof does / sizeof does[0]; i++) {
        char url[64];
        struct client c;
        struct server *s = server_open();
        server_behave(s, does[i]);
        snprintf(url, sizeof url, "https://127.0.0.1:%d/api", server_port(s));
        client_open(&c, (struct net_options){.base_url = url, .timeout_ms = 300});
        post(&c, "/x", 1);
        assert_int_equal(client_reply(&c, 1)->r.sends, 0);
        assert_false(client_reply(&c, 1)->r.hopeless);
        client_close(&c);
        server_close(s);
    }
}

static void a_connection_is_kept_and_a_session_taken_up_again(void **state)
{
    (void)state;
    struct client c;
    struct tls_server s = tls_open("good", NULL);
    open_on(&c, "127.0.0.1", s.port, "good");
    for (int i = 1; i <= 5; i++) {
        post(&c, "/x", i);
        assert_true(client_reply(&c, i)->r.complete);
        assert_int_equal(client_reply(&c, i)->r.sends, 1);
    }
    client_close(&c);
    tls_close(s);
}

/* The goodbye of TLS waits on the idle connection. Curl 7.88 takes it for a sign of life
 * and would send the request to a server that is gone: in doubt, where nothing need be.
 */
static void after_the_goodbye_of_tls_a_new_connection_is_used(void **state)
{
    (void)state;
    struct client c;
    struct tls_server s = tls_open("good", NULL);
    open_on(&c, "127.0.0.1", s.port, "good");
    for (int i = 1; i <= 5; i++) {
        post(&c, "/bye", i);
        client_pause(&c, 60);
        assert_int_equal(client_reply(&c, i)->r.sends, 1);
        assert_true(client_reply(&c, i)->r.complete);
        assert_int_equal(atoi(client_reply(&c, i)->body), i); /* each was read once */
    }
    client_close(&c);
    tls_close(s);
}

static void an_environment_with_sslkeylogfile_gets_no_keys(void **state)
{
    (void)state;
    char *log = file_in_dir("keys.log");
    assert_int_equal(access(log, F_OK),
                     -1); /* main asked for it, and the tests above used TLS */
    assert_null(getenv("SSLKEYLOGFILE"));
    free(log);
}

static int make_certificates(void **state)
{
    (void)state;
    make_certificate("good", "IP:127.0.0.1");
    make_certificate("other", "DNS:other.example");
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    static const char *const names[] = {"good.pem", "good.key", "other.pem", "other.key",
                                        "keys.log"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = file_in_dir(names[i]);
        remove(path);
        free(path);
    }
    return remove(dir);
}

int main(void)
{
    struct err err;
    if (!mkdtemp(dir))
        return 1;
    char *log = file_in_dir("keys.log");
    setenv("SSLKEYLOGFILE", log, 1);
    free(log);
    if (net_global_setup(&err) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_is_needed_before_anything_is_sent),
        cmocka_unit_test(a_handshake_that_hangs_or_fails_is_not_sent),
        cmocka_unit_test(a_connection_is_kept_and_a_session_taken_up_again),
        cmocka_unit_test(after_the_goodbye_of_tls_a_new_connection_is_used),
        cmocka_unit_test(an_environment_with_sslkeylogfile_gets_no_keys),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
