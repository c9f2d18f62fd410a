/* A story: requests in a table, with the status and the part of the answer that they must
 * have. The clock of states is moved on by the operator's lever. For tests that include
 * cmocka before it. */
#ifndef REMESA_TESTS_SANDBOX_STORY_H
#define REMESA_TESTS_SANDBOX_STORY_H

#include "sandbox/world.h"

struct line {
    const char *method, *path, *key, *body;
    int status;
    const char *part;
};

/* A part that begins with '{' begins the answer: an empty list also stands inside others. */
static inline bool shows(const char *got, const char *part)
{
    return part[0] == '{' ? strncmp(got, part, strlen(part)) == 0
                          : strstr(got, part) != NULL;
}

static inline void play(struct world *w, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct line *l = &lines[i];
        const char *got = ask(w, l->method, l->path, l->key, l->body);
        if (w->reply.answer.status != l->status || !shows(got, l->part))
            fail_msg("line %zu, %s %s: %d %s", i + 1, l->method, l->path,
                     w->reply.answer.status, got);
    }
}
#define PLAY(w, lines) play(w, lines, sizeof(lines) / sizeof(*(lines)))

#define TO(name, kind, id)                                                               \
    "\"" name "\":{\"data\":{\"type\":\"" kind "\",\"id\":\"" id "\"}}"
#define WITH(t, a, r)                                                                    \
    "{\"data\":{\"type\":\"" t "\",\"attributes\":{" a "},\"relationships\":{" r "}}}"

#define DOCKET(name) OF("natural_docket_seeds", "\"last_name\":\"" name "\"")
#define FILE_OF(a)                                                                       \
    WITH("attachments", "\"document_file_name\":\"a.png\"," a,                           \
         TO("attached_to_seed", "phone_seeds", "7401"))
#define SEED(kind, a) "POST", "/api/" kind, AS "594", OF(kind, a)

#define HOUR_MS (3600 * 1000)
#define ADVANCE "/_sandbox/advance?ms=3600000"
#define APPROVE                                                                          \
    {                                                                                    \
        "POST", "/_sandbox/approve", NULL, "", 200, "{}"                                 \
    }

#endif
