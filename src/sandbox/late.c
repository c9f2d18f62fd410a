#include "sandbox/late.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sandbox/auth.h"
#include "sandbox/target.h"

static void copy(struct buf *to, const struct buf *from)
{
    buf_init(to, from->max);
    buf_add_span(to, buf_span(from));
}

struct late *late_add(struct late **queue, const struct http_request *request)
{
    struct late *one = mem_zero(1, sizeof(*one));
    one->request = *request; /* the flags; the texts are copied */
    copy(&one->request.method, &request->method);
    copy(&one->request.target, &request->target);
    copy(&one->request.authorization, &request->authorization);
    copy(&one->request.content_type, &request->content_type);
    copy(&one->request.password, &request->password);
    copy(&one->request.body, &request->body);
    one->due_us = LATE_NEVER;
    while (*queue)
        queue = &(*queue)->next;
    *queue = one;
    return one;
}

static bool same_scope(const struct http_request *a, const struct http_request *b)
{
    struct auth mine = auth_read(buf_span(&a->authorization));
    struct auth other = auth_read(buf_span(&b->authorization));
    return mine.on_behalf == other.on_behalf && span_equal(mine.user, other.user) &&
           span_equal(target_of(buf_span(&a->target)).path,
                      target_of(buf_span(&b->target)).path);
}

void late_list_shown(struct late *queue, const struct http_request *list)
{
    for (struct late *one = queue; one; one = one->next)
        if (one->lists > 0 && same_scope(&one->request, list) && --one->lists == 0)
            one->due_us = 0;
}

int64_t late_next_us(const struct late *queue)
{
    int64_t next = LATE_NEVER;
    for (; queue; queue = queue->next)
        if (queue->due_us < next)
            next = queue->due_us;
    return next;
}

struct late *late_take(struct late **queue, struct mono now)
{
    while (*queue && (*queue)->due_us > now.us)
        queue = &(*queue)->next;
    struct late *one = *queue;
    if (one)
        *queue = one->next;
    return one;
}

void late_free(struct late *one)
{
    buf_close(&one->request.method);
    buf_close(&one->request.target);
    buf_close(&one->request.authorization);
    buf_close(&one->request.content_type);
    buf_close(&one->request.password);
    buf_close(&one->request.body);
    free(one);
}

void late_close(struct late **queue)
{
    while (*queue) {
        struct late *one = *queue;
        *queue = one->next;
        late_free(one);
    }
}
