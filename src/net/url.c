#include "net/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "net/net.h"

/* Set on every parse. Dot segments stay as they are written, to be refused rather than
 * collapsed. */
#define PARSE_FLAGS CURLU_PATH_AS_IS

static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;
    unsigned flags = what == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0;
    if (curl_url_get(url, what, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = mem_text(text);
    curl_free(text);
    return copy;
}

static bool has_part(CURLU *url, CURLUPart what)
{
    char *text = part(url, what);
    free(text);
    return text != NULL;
}

static bool same_part(CURLU *url, CURLUPart what, const char *want)
{
    char *text = part(url, what);
    bool same = text && strcmp(text, want) == 0;
    free(text);
    return same;
}

static CURLU *parse(const char *text)
{
    CURLU *url = curl_url();
    if (url && curl_url_set(url, CURLUPART_URL, text, PARSE_FLAGS) == CURLUE_OK)
        return url;
    curl_url_cleanup(url);
    return NULL;
}

static bool is_plain(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\\\"<>^`{|}#", *c))
            return false;
    return true;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0;
}

static const char *fault_of(const struct url_base *b, CURLU *url, const char *text)
{
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
        strchr(text, '@'))
        return "it must not name a user: the key comes from its own file";
    if (strchr(text, '?'))
        return "it must not have a query";
    if (strcmp(b->scheme, "https") != 0 && !is_loopback(b->host))
        return "plain http is for this machine only (127.0.0.1, ::1, localhost): use "
               "https";
    return NULL;
}

static bool has_http_prefix(const char *text)
{
    return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* One character as a server may come to see it: '.', '/' and '\\' may be escaped. */
static size_t unescape(const char *at, char *c)
{
    static const struct {
        char text[4], means;
    } known[] = {{"%2e", '.'}, {"%2f", '/'}, {"%5c", '/'}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        *c = known[i].means;
        if (strncasecmp(at, known[i].text, 3) == 0)
            return 3;
    }
    *c = *at;
    return 1;
}

static bool has_dot_segment(const char *path)
{
    const char *end = path + strcspn(path, "?");
    size_t dots = 0, others = 0;
    for (const char *at = path; at < end;) {
        char c;
        at += unescape(at, &c);
        if (c == '/' && !others && (dots == 1 || dots == 2))
            return true;
        dots = c == '/' ? 0 : dots + (c == '.');
        others = c == '/' ? 0 : others + (c != '.');
    }
    return !others && (dots == 1 || dots == 2);
}

static void read_parts(struct url_base *b, CURLU *url, const char *text)
{
    *b = (struct url_base){
        .text = mem_text(text),
        .scheme = part(url, CURLUPART_SCHEME),
        .host = part(url, CURLUPART_HOST),
        .port = part(url, CURLUPART_PORT),
        .path = part(url, CURLUPART_PATH),
    };
    for (size_t n = strlen(b->text); n && b->text[n - 1] == '/'; n--)
        b->text[n - 1] = '\0';
    for (size_t n = strlen(b->path); n && b->path[n - 1] == '/'; n--)
        b->path[n - 1] = '\0';
}

static int refuse(struct err *err, const char *text, const char *why)
{
    if (strchr(text, '@')) /* it may hold a password, and this text goes into logs */
        return err_set(err, ERR_CONFIG, "base_url: %s", why);
    return err_set(err, ERR_CONFIG, "base_url \"%s\": %s", text, why);
}

int url_base_open(struct url_base *b, const char *text, struct err *err)
{
    if (strchr(text, '#'))
        return refuse(err, text, "it must not have a fragment ('#')");
    if (!is_plain(text))
        return refuse(err, text, "it has a blank or a character that must be escaped");
    if (!has_http_prefix(text))
        return refuse(err, text,
                      "it must begin with https:// (or http:// for this machine)");
    CURLU *url = parse(text);
    if (!url)
        return refuse(err, text, "it is not a URL");
    read_parts(b, url, text);
    const char *why = fault_of(b, url, text);
    if (!why && has_dot_segment(b->path))
        why = "its path must not have \".\" or \"..\" segments";
    curl_url_cleanup(url);
    if (!why)
        return 0;
    url_base_close(b);
    return refuse(err, text, why);
}

void url_base_close(struct url_base *b)
{
    free(b->text);
    free(b->scheme);
    free(b->host);
    free(b->port);
    free(b->path);
    *b = (struct url_base){0};
}

/* One name in two spellings is one host: letters of either case, and the point of the root at the end. */
static void add_host(struct buf *out, const char *host)
{
    size_t len = strlen(host);
    if (len && host[len - 1] == '.')
        len--;
    for (size_t i = 0; i < len; i++)
        buf_add_char(out, host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a')
                                                           : host[i]);
}

void url_base_name(const struct url_base *b, struct buf *out)
{
    if (is_loopback(b->host)) {
        buf_add_text(out, "loopback");
        return;
    }
    buf_printf(out, "%s://", b->scheme);
    add_host(out, b->host);
    buf_printf(out, ":%s%s", b->port, b->path);
}

bool url_is_production(const struct url_base *b)
{
    static const char rehearsal[] = "sandbox.";
    return !is_loopback(b->host) &&
           strncasecmp(b->host, rehearsal, sizeof(rehearsal) - 1) != 0;
}

int net_check_url(const char *base_url, struct err *err)
{
    struct url_base base;
    if (url_base_open(&base, base_url, err) != 0)
        return -1;
    url_base_close(&base);
    return 0;
}

static bool is_under(const struct url_base *b, CURLU *url)
{
    char *path = part(url, CURLUPART_PATH);
    size_t front = strlen(b->path);
    bool under = path && strncmp(path, b->path, front) == 0 && path[front] == '/';
    free(path);
    return under && same_part(url, CURLUPART_SCHEME, b->scheme) &&
           same_part(url, CURLUPART_HOST, b->host) &&
           same_part(url, CURLUPART_PORT, b->port) && !has_part(url, CURLUPART_USER) &&
           !has_part(url, CURLUPART_PASSWORD) && !has_part(url, CURLUPART_FRAGMENT);
}

bool url_join(const struct url_base *b, const char *path, struct buf *out)
{
    if (!path || path[0] != '/' || !is_plain(path) || has_dot_segment(path))
        return false;
    buf_clear(out);
    if (!buf_add_text(out, b->text) || !buf_add_text(out, path))
        return false;
    CURLU *url = parse(out->data);
    bool good = url && is_under(b, url);
    curl_url_cleanup(url);
    return good;
}
