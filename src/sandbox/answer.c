#include "sandbox/answer.h"

#include <stdio.h>
#include <time.h>

#include "base/jsonw.h"

#define BODY_MAX (512u * 1024 * 1024) /* a list of a million users fits */

void answer_init(struct answer *a)
{
    *a = (struct answer){.status = 200};
    buf_init(&a->body, BODY_MAX);
}

void answer_close(struct answer *a)
{
    buf_close(&a->body);
}

void answer_clear(struct answer *a)
{
    a->status = 200;
    a->page = false;
    a->retry_after[0] = '\0';
    buf_clear(&a->body);
}

void answer_text_error(struct answer *a, int status, const char *text)
{
    struct jsonw w;
    answer_clear(a);
    a->status = status;
    jsonw_init(&w, &a->body);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "error", text);
    jsonw_close(&w, '}');
}

void answer_not_found(struct answer *a)
{
    answer_clear(a);
    a->status = 404;
    buf_add_text(&a->body, "{\"errors\":[{\"code\":null,\"detail\":null}]}");
}

void answer_invalid(struct answer *a, const char *attribute)
{
    answer_clear(a);
    a->status = 422;
    buf_printf(&a->body,
               "{\"errors\":[{\"status\":422,\"title\":\"no es válido\","
               "\"detail\":\"no es válido\",\"code\":\"no_es_valido\",\"meta\":{},"
               "\"source\":{\"pointer\":\"/data/attributes/%s\"}}]}",
               attribute);
}

void answer_too_many(struct answer *a)
{
    answer_clear(a);
    a->status = 429;
    buf_add_text(&a->body, "{\"errors\":[{\"status\":429,\"title\":\"Too Many Requests\","
                           "\"code\":\"too_many_requests\"}]}");
}

void answer_page(struct answer *a, int status, const char *title)
{
    answer_clear(a);
    a->status = status;
    a->page = true;
    buf_printf(&a->body,
               "<!DOCTYPE html>\n<html><head><title>%d %s</title></head>\n"
               "<body><h1>%s</h1></body></html>\n",
               status, title, title);
}

const char *answer_reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "Unknown";
}

/* Not strftime's %a and %b: those speak the locale's language. */
void answer_date(struct wall t, char out[HTTP_DATE_MAX])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(t.ms / 1000);
    struct tm u;
    if (!gmtime_r(&seconds, &u))
        u = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    snprintf(out, HTTP_DATE_MAX, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             days + 3 * u.tm_wday, u.tm_mday % 100u, months + 3 * u.tm_mon,
             (u.tm_year + 1900u) % 10000u, u.tm_hour % 100u, u.tm_min % 100u,
             u.tm_sec % 100u);
}

void answer_head(const struct answer *a, size_t length, bool keep_alive, struct wall now,
                 int64_t took_us, struct buf *out)
{
    char date[HTTP_DATE_MAX];
    bool fresh = a->status == 200 || a->status == 201;
    answer_date(now, date);
    buf_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", a->status, answer_reason(a->status),
               date);
    if (a->page)
        buf_add_text(out,
                     "Server: cloudflare\r\nContent-Type: text/html; charset=UTF-8\r\n");
    else if (a->status != 204)
        buf_add_text(out, "Content-Type: application/vnd.api+json; charset=utf-8\r\n");
    buf_printf(out, "Cache-Control: %s\r\n",
               fresh ? "max-age=0, private, must-revalidate" : "no-cache");
    buf_printf(out, "X-Request-Id: %s\r\nX-Runtime: %d.%06d\r\n", a->x_request_id,
               (int)(took_us / SEC_US), (int)(took_us % SEC_US));
    if (a->retry_after[0])
        buf_printf(out, "Retry-After: %s\r\n", a->retry_after);
    if (a->status != 204)
        buf_printf(out, "Content-Length: %zu\r\n", length);
    if (!keep_alive)
        buf_add_text(out, "Connection: close\r\n");
    buf_add_text(out, "\r\n");
}
