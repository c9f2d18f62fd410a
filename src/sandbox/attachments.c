/* Documents for a seed. The bytes are looked at and let go: a judge of payments has no use
 * for people's passports. */
#include <stdio.h>

#include "base/json.h"
#include "base/scan.h"
#include "sandbox/handlers.h"
#include "sandbox/thing.h"

#define DOCUMENT_MAX (10 * 1024 * 1024)

static bool is_known_type(struct span type)
{
    static const char *const types[] = {
        "image/bmp",
        "image/jpeg",
        "image/gif",
        "image/png",
        "application/pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (span_is(type, types[i]))
            return true;
    return false;
}

static bool is_base64_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '/';
}

/* How many bytes the text stands for (RFC 4648, 4); -1: it is no base 64. */
static int64_t base64_size(struct span text)
{
    size_t pad = 0;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.len - pad; i++)
        if (!is_base64_char(text.ptr[i]))
            return -1;
    return text.len % 4 == 0 ? (int64_t)(text.len / 4 * 3 - pad) : -1;
}

/* "data:TYPE;base64,TEXT" */
static bool split(struct span uri, struct span *type, struct span *text)
{
    static const char start[] = "data:", mark[] = ";base64,";
    const size_t n = sizeof(start) - 1, m = sizeof(mark) - 1;
    if (uri.len < n || memcmp(uri.ptr, start, n) != 0)
        return false;
    const char *at = memmem(uri.ptr, uri.len, mark, m);
    if (!at)
        return false;
    *type = (struct span){uri.ptr + n, (size_t)(at - uri.ptr) - n};
    *text = (struct span){at + m, uri.len - (size_t)(at - uri.ptr) - m};
    return true;
}

static bool says_size(struct call *c, const char *name, int64_t size)
{
    struct buf text;
    int64_t said;
    buf_init(&text, 1 << 16);
    bool same = !call_text(c, name, &text) ||
                (scan_int(buf_span(&text), 0, INT64_MAX, &said) && said == size);
    buf_close(&text);
    return same;
}

static bool says_type(struct call *c, struct span type)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    bool same = !call_text(c, "document_content_type", &text) ||
                span_equal(buf_span(&text), type);
    buf_close(&text);
    return same;
}

/* The size; what is wrong with the document is put down. */
static int64_t judge(struct call *c)
{
    struct buf uri;
    struct span type, text;
    int64_t size = -1;
    buf_init(&uri, 1 << 24);
    if (!call_text(c, "document", &uri))
        call_problem(c, KIND_ATTACHMENTS, "document", PROBLEM_BLANK);
    else if (!split(buf_span(&uri), &type, &text) || (size = base64_size(text)) <= 0)
        call_problem(c, KIND_ATTACHMENTS, "document", PROBLEM_INVALID);
    else if (!is_known_type(type) || !says_type(c, type))
        call_problem(c, KIND_ATTACHMENTS, "document_content_type", PROBLEM_NOT_IN_LIST);
    else if (size >= DOCUMENT_MAX || !says_size(c, "document_file_size", size) ||
             !says_size(c, "document_size", size))
        call_problem(c, KIND_ATTACHMENTS, "document_file_size", PROBLEM_INVALID);
    buf_close(&uri);
    return size;
}

/* The seed that it is for; false: answered. */
static bool find_seed(struct call *c, struct buf *hold, struct resource *seed)
{
    struct buf type;
    buf_init(&type, 256);
    json_text_at(c->body, "/data/relationships/attached_to_seed/data/type", &type);
    const struct kind *kind = kind_find(buf_span(&type));
    buf_close(&type);
    if (kind && kind->seed)
        return thing_find(c, kind->name, call_related(c, "attached_to_seed"), hold, seed);
    call_problem(c, KIND_ATTACHMENTS, "attached_to_seed", PROBLEM_BLANK);
    call_refused(c);
    return false;
}

void attachments_create(struct call *c)
{
    struct buf hold;
    struct resource seed;
    char relationships[192], extra[64];
    buf_init(&hold, 1 << 24);
    if (call_is(c, KIND_ATTACHMENTS) && find_seed(c, &hold, &seed)) {
        snprintf(extra, sizeof(extra), "{\"document_file_size\":%lld}",
                 (long long)judge(c));
        snprintf(relationships, sizeof(relationships),
                 "{\"attached_to_seed\":{\"data\":{\"type\":\"%.*s\",\"id\":\"%lld\"}}}",
                 SPAN_ARG(seed.kind), (long long)seed.id);
        thing_create(c, &(struct thing){.owner = seed.user_id,
                                        .related_id = seed.id,
                                        .relationships = span_of(relationships),
                                        .extra = span_of(extra)});
    }
    buf_close(&hold);
}
