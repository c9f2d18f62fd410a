#include <stdlib.h>

#include "api/answer.h"
#include "api/classify.h"
#include "api/find.h"
#include "api/find_rows.h"
#include "base/mem.h"

/* A list goes on as long as its own rows do, whatever they include. */
static void count_rows(struct find_page *page, const struct action *a, struct span body)
{
    const struct action list = {
        .find = {.in = a->find.in == FIND_RESOURCE ? FIND_RESOURCE : FIND_LIST}};
    struct row_cursor cursor;
    struct span row, last = {0};
    rows_begin(&cursor, &list, body);
    while (rows_next(&cursor, &row)) {
        if (page->rows++ == 0)
            page->first_id = answer_id(row);
        last = row;
    }
    if (page->rows)
        page->last_id = answer_id(last);
}

/* A 2xx without a clean document passes for a resource that is answered in any way. */
static const char *why_unusable(const struct find_question *q,
                                const struct http_response *response)
{
    if (answer_kind(response) != ANSWER_IS_DOCUMENT)
        return "the answer has no resource";
    return rows_are_hidden(q->action, q->path, buf_span(&response->body));
}

/* Nothing was sent that the answer could be compared with. */
void find_judge(struct find_page *out, enum action_answer kind,
                const struct http_response *response, struct wall now)
{
    const struct action as = {.answer = kind};
    const struct attempt_facts facts = {
        .action = &as, .sent = NULL, .response = response, .now = now};
    struct verdict v;
    classify(&v, &facts);
    *out = (struct find_page){
        .usable = v.outcome == OUTCOME_ACCEPTED,
        .outcome = v.outcome,
        .systemic = v.systemic,
        .retry_after_ms = v.retry_after_ms,
        .error = v.error,
    };
    v.error = NULL;
    verdict_close(&v);
}

void find_page_read(struct find_page *out, const struct find_question *q,
                    const struct http_response *response, struct wall now)
{
    bool one = q->action->find.in == FIND_RESOURCE;
    find_judge(out, one ? ANSWER_ANY : ANSWER_LIST, response, now);
    if (out->outcome == OUTCOME_REJECTED)
        out->outcome = OUTCOME_IN_DOUBT;
    const char *why = out->usable ? why_unusable(q, response) : NULL;
    if (out->usable && !why)
        count_rows(out, q->action, buf_span(&response->body));
    if (why) {
        out->usable = false;
        out->outcome = OUTCOME_IN_DOUBT;
        out->error = mem_text(why);
    }
}

void find_page_close(struct find_page *page)
{
    free(page->error);
    free(page->first_id);
    free(page->last_id);
    *page = (struct find_page){0};
}
