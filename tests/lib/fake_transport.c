#include "lib/fake_transport.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- answers ---- */

void fake_torn(struct http_response *r)
{
    r->sends = 1;
    r->transport_code = 56;
    snprintf(r->transport_text, sizeof(r->transport_text), "the connection broke");
}

void fake_not_sent(struct http_response *r)
{
    r->sends = 0;
    r->transport_code = 7;
    snprintf(r->transport_text, sizeof(r->transport_text), "cannot connect");
}

void fake_says(struct http_response *r, int status, const char *json)
{
    r->sends = 1;
    r->headers_complete = r->complete = true;
    r->status = status;
    snprintf(r->content_type, sizeof(r->content_type), "application/vnd.api+json");
    buf_add_text(&r->body, json);
}

void fake_echoes(struct fake_sent *sent, const char *id, const char *status)
{
    static const char begin[] = "{\"data\":{";
    static const char attributes[] = "\"attributes\":{";
    const char *rest = strncmp(sent->body, begin, strlen(begin)) == 0
                           ? sent->body + strlen(begin)
                           : "}}";
    const char *at = status ? strstr(rest, attributes) : NULL;
    char *head = at ? mem_span((struct span){rest, (size_t)(at - rest)}) : mem_text("");
    char *json = at ? mem_printf("%s\"id\":\"%s\",%s%s\"status\":\"%s\",%s", begin, id,
                                 head, attributes, status, at + strlen(attributes))
                    : mem_printf("%s\"id\":\"%s\",%s", begin, id, rest);
    fake_says(&sent->answer, 201, json);
    free(json);
    free(head);
}

/* ---- sending ---- */

static void wake(uv_timer_t *timer);

static void set_timer(struct fake_transport *f)
{
    uint64_t next = UINT64_MAX;
    for (int i = 0; i < f->count; i++)
        if (!f->sent[i].answered && f->sent[i].due < next)
            next = f->sent[i].due;
    if (next == UINT64_MAX || uv_is_closing((uv_handle_t *)&f->timer))
        return;
    uint64_t now = uv_now(f->loop);
    uv_timer_start(&f->timer, wake, next > now ? next - now : 0, 0);
}

static void answer(struct fake_transport *f, struct fake_sent *sent)
{
    sent->answered = true;
    f->done(f->done_ctx, sent->tag, &sent->answer);
}

static void wake(uv_timer_t *timer)
{
    struct fake_transport *f = timer->data;
    int count = f->count; /* what is sent meanwhile is answered another time */
    for (int i = 0; i < count; i++)
        if (!f->sent[i].answered && f->sent[i].due <= uv_now(f->loop))
            answer(f, &f->sent[i]);
    set_timer(f);
}

static void keep(struct fake_sent *sent, const struct http_request *request, int64_t tag)
{
    *sent = (struct fake_sent){.tag = tag};
    snprintf(sent->method, sizeof(sent->method), "%s", request->method);
    sent->path = mem_text(request->path);
    sent->body = mem_span(buf_span(&request->body));
    for (int i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, "Authorization") == 0)
            sent->authorization = mem_text(request->headers[i].value);
    http_response_init(&sent->answer);
}

static void fake_send(void *ctx, const struct http_request *request, int64_t tag)
{
    struct fake_transport *f = ctx;
    if (f->count == FAKE_SENDS_MAX)
        abort();
    struct fake_sent *sent = &f->sent[f->count];
    keep(sent, request, tag);
    sent->nth = fake_sends_of(f, tag) + 1;
    f->count++;
    if (f->watch)
        f->watch(f->watch_ctx, sent);
    int after = f->server(f->server_ctx, sent);
    sent->due = after < 0 ? UINT64_MAX : uv_now(f->loop) + (uint64_t)after;
    set_timer(f);
}

static void fake_abort(void *ctx)
{
    struct fake_transport *f = ctx;
    int count = f->count;
    f->aborts++;
    for (int i = 0; i < count; i++) {
        struct fake_sent *sent = &f->sent[i];
        if (sent->answered)
            continue;
        http_response_close(&sent->answer);
        http_response_init(&sent->answer);
        fake_torn(&sent->answer);
        answer(f, sent);
    }
}

static void fake_distrust(void *ctx)
{
    struct fake_transport *f = ctx;
    f->distrusts++;
}

/* ---- life ---- */

void fake_transport_init(struct fake_transport *f, uv_loop_t *loop)
{
    *f = (struct fake_transport){.loop = loop};
    f->seam = (struct transport){f, fake_send, fake_abort, fake_distrust};
    uv_timer_init(loop, &f->timer);
    f->timer.data = f;
}

void fake_transport_stop(struct fake_transport *f)
{
    if (!uv_is_closing((uv_handle_t *)&f->timer))
        uv_close((uv_handle_t *)&f->timer, NULL);
}

void fake_transport_close(struct fake_transport *f)
{
    for (int i = 0; i < f->count; i++) {
        free(f->sent[i].path);
        free(f->sent[i].body);
        free(f->sent[i].authorization);
        http_response_close(&f->sent[i].answer);
    }
    f->count = 0;
}

int fake_sends_of(const struct fake_transport *f, int64_t tag)
{
    int sends = 0;
    for (int i = 0; i < f->count; i++)
        sends += f->sent[i].tag == tag;
    return sends;
}
