#include "net/transfer.h"

#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"

/* Seconds that an idle connection is used again: below the idle time-out of any usual
 * server, so that a request seldom meets its end. */
#define IDLE_MAX_S 10

/* Sending */

/* Curl calls this before each sending, its own repeats included, after TLS is up and
 * before the first byte. The second call of one transfer is the repeat that must not be
 * (docs/judging.md, 1). */
static int on_before_send(void *ctx, char *remote_ip, char *local_ip, int remote_port,
                          int port)
{
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    struct transfer *t = ctx;
    if (t->answer.response.sends > 0) {
        t->answer.response.sends = 2;
        return CURL_PREREQFUNC_ABORT;
    }
    t->met_stale = multi_is_stale(t->multi, port);
    if (t->met_stale)
        return CURL_PREREQFUNC_ABORT;
    t->answer.response.sends = 1;
    t->port = port;
    return CURL_PREREQFUNC_OK;
}

static size_t on_read(char *out, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t n = body_read(&t->body, out, size * count);
    return n == BODY_BROKEN ? CURL_READFUNC_ABORT : n;
}

/* The second guard: a body that cannot be read again cannot be sent again. Curl asks for
 * it only to repeat a request, on 7.88 even before it calls the first guard. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    (void)offset;
    (void)origin;
    struct transfer *t = ctx;
    t->answer.response.sends = 2;
    return CURL_SEEKFUNC_FAIL;
}

/* Options */

#define SET(option, value)                                                               \
    do {                                                                                 \
        if (rc == CURLE_OK)                                                              \
            rc = curl_easy_setopt(t->easy, CURLOPT_##option, value);                     \
    } while (0)

/* Every option that does not depend on the request, after a reset that forgets all of the
 * one before (its count of repeats too). What is off by default and must stay off is
 * named all the same. */
static CURLcode set_common(struct transfer *t, const struct transfer_common *c)
{
    CURLcode rc = CURLE_OK;
    curl_easy_reset(t->easy);
    SET(PRIVATE, t);
    SET(ERRORBUFFER, t->error);
    SET(NOSIGNAL, 1L);
    SET(SHARE, c->share);
    SET(USERAGENT, c->user_agent);
    SET(CONNECTTIMEOUT_MS, c->connect_timeout_ms);
    SET(TIMEOUT_MS, c->timeout_ms);

    SET(PREREQFUNCTION, on_before_send);
    SET(PREREQDATA, t);
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(MAXAGE_CONN, (long)IDLE_MAX_S);
    SET(TCP_KEEPALIVE, 1L);
    SET(FOLLOWLOCATION, 0L);
    SET(HTTP09_ALLOWED, 0L);
    SET(OPENSOCKETFUNCTION, pool_open_socket);
    SET(OPENSOCKETDATA, c->pool);
    SET(CLOSESOCKETFUNCTION, pool_close_socket);
    SET(CLOSESOCKETDATA, c->pool);

#if LIBCURL_VERSION_NUM >= 0x075500
    SET(PROTOCOLS_STR, c->base.scheme);
#else
    SET(PROTOCOLS,
        strcmp(c->base.scheme, "https") == 0 ? CURLPROTO_HTTPS : CURLPROTO_HTTP);
#endif
    SET(PATH_AS_IS, 1L);
    SET(DISALLOW_USERNAME_IN_URL, 1L);
    SET(PROXY, ""); /* not even one of the environment */
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(SSL_VERIFYPEER, 1L);
    SET(SSL_VERIFYHOST, 2L);
    if (c->ca_file) {
        SET(CAINFO, c->ca_file);
        SET(CAPATH, NULL);
    }

    SET(HEADERFUNCTION, answer_on_header);
    SET(HEADERDATA, &t->answer);
    SET(WRITEFUNCTION, answer_on_body);
    SET(WRITEDATA, &t->answer);
    return rc;
}

static CURLcode set_method(struct transfer *t, const struct http_request *request)
{
    static const struct {
        const char *name;
        bool wants_body;
    } methods[] = {
        {"GET", false}, {"DELETE", false}, {"POST", true}, {"PUT", true}, {"PATCH", true},
    };
    size_t i = 0, count = sizeof methods / sizeof methods[0];
    while (i < count && strcmp(methods[i].name, request->method) != 0)
        i++;
    if (i == count)
        return CURLE_BAD_FUNCTION_ARGUMENT;
    CURLcode rc = CURLE_OK;
    if (methods[i].wants_body || request->body.len) {
        SET(POST, 1L);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)http_request_length(request));
        SET(READFUNCTION, on_read);
        SET(READDATA, t);
        SET(SEEKFUNCTION, on_seek);
        SET(SEEKDATA, t);
    }
    SET(CUSTOMREQUEST, request->method);
    return rc;
}

static bool add_header(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    t->headers = longer ? longer : t->headers;
    return longer != NULL;
}

static bool is_header_name(const char *name)
{
    return name[0] &&
           name[strspn(
               name,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] ==
               '\0';
}

static CURLcode set_headers(struct transfer *t, const struct http_request *request)
{
    /* An empty value takes a header of curl's own away: no waiting for "100 Continue",
     * and no content type that nobody asked for. One of the request's below wins. */
    bool good = add_header(t, "Expect:"), has_type = false;
    for (int i = 0; i < request->header_count && good; i++) {
        const struct http_header *h = &request->headers[i];
        if (!is_header_name(h->name) || strpbrk(h->value, "\r\n"))
            return CURLE_BAD_FUNCTION_ARGUMENT;
        has_type = has_type || strcasecmp(h->name, "content-type") == 0;
        char *line = h->value[0] ? mem_printf("%s: %s", h->name, h->value)
                                 : mem_printf("%s;", h->name);
        good = add_header(t, line);
        explicit_bzero(line, strlen(line));
        free(line);
    }
    if (good && !has_type)
        good = add_header(t, "Content-Type:");
    CURLcode rc = good ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    SET(HTTPHEADER, t->headers);
    return rc;
}

CURLcode transfer_prepare(struct transfer *t, const struct transfer_common *common,
                          const struct http_request *request)
{
    CURLcode rc = set_common(t, common);
    if (!url_join(&common->base, request->path, &t->url))
        return CURLE_URL_MALFORMAT;
    if (!body_take(&t->body, request))
        return CURLE_BAD_FUNCTION_ARGUMENT;
    if (rc == CURLE_OK)
        rc = set_method(t, request);
    if (rc == CURLE_OK)
        rc = set_headers(t, request);
    SET(URL, t->url.data);
    if (common->fresh_connections && strcmp(request->method, "GET") != 0) {
        SET(FRESH_CONNECT, 1L);
        SET(FORBID_REUSE, 1L);
    }
    return rc;
}

bool transfer_take_second_start(struct transfer *t, CURLcode code)
{
    bool again = code == CURLE_ABORTED_BY_CALLBACK && t->met_stale &&
                 t->answer.response.sends == 0;
    t->met_stale = false;
    return again && curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

/* The end */

static const char *words_for(const struct transfer *t, CURLcode code)
{
    if (t->answer.response.sends == 2)
        return "the connection ended without an answer, and curl was not allowed to send "
               "again";
    if (t->body.broken)
        return "a file changed or could not be read while it was sent; the request was "
               "cut off";
    if (code == CURLE_WRITE_ERROR)
        return "the answer is longer than allowed";
    return t->error[0] ? t->error : curl_easy_strerror(code);
}

void transfer_finish(struct transfer *t, CURLcode code, const char *why)
{
    curl_off_t took = 0;
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &took);
    answer_finish(&t->answer, code, why ? why : words_for(t, code), took);
}

/* Life */

struct transfer *transfer_open(void)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return NULL;
    struct transfer *t = mem_zero(1, sizeof *t);
    t->easy = easy;
    buf_init(&t->url, HTTP_REQUEST_MAX);
    body_init(&t->body);
    answer_init(&t->answer);
    return t;
}

void transfer_clear(struct transfer *t)
{
    for (struct curl_slist *h = t->headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data));
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    body_clear(&t->body);
    buf_clear(&t->url);
    answer_close(&t->answer);
    answer_init(&t->answer);
    t->port = 0;
    t->error[0] = '\0';
    t->met_stale = false;
    t->refused = CURLE_OK;
    t->multi = NULL;
}

void transfer_close(struct transfer *t)
{
    transfer_clear(t);
    curl_easy_cleanup(t->easy);
    buf_close(&t->url);
    body_close(&t->body);
    answer_close(&t->answer);
    free(t);
}
