/* What has become of a job that the API took? Its resource is read again: alone, or as a row of a list that
 * tells of many. A list is read page after page, as api/find says. */
#ifndef REMESA_API_FOLLOW_H
#define REMESA_API_FOLLOW_H

#include "api/find.h"

/* What is asked: made once for each job that is followed. */
struct follow_question {
    const struct action *action; /* borrowed */
    char *actor;                 /* "#594"; NULL: the master itself */
    char *one, *list;            /* paths; NULL: there is no such way */
    char *
        scope; /* of the list: jobs whose scopes are equal are answered by one; NULL: none */
};

struct follow_job {
    struct request_job sent;
    const char *remote_id;
    struct wall sent_at;
};

/* The action must outlive *q, which the caller closes. ERR_INPUT: it cannot be asked (the action names no way, or
 * a ref is gone); *q needs no closing then. */
int follow_question_init(struct follow_question *q, const struct follow_job *job,
                         request_lookup_fn *lookup, void *ctx, struct err *err);
void follow_question_close(struct follow_question *q);

/* The GET of the resource alone (page 0), or of a page of the list (1 and on). The caller closes *out; it needs no
 * closing on -1. */
int follow_request(struct http_request *out, const struct follow_question *q, int page,
                   const struct key *key, struct err *err);

/* A page of the list, or the resource alone, judged as find_page_read does; but a rejection
 * is REJECTED: the server is well, it only does not answer this. That the API does not know a resource
 * that is asked for alone (404) is a usable answer without a row. The caller closes *out. */
void follow_read_answer(struct find_page *out, bool is_alone,
                        const struct http_response *response, struct wall now);

/* Calls for every row of a usable answer that is of the action's type and has an id. */
typedef void follow_row_fn(void *ctx, const char *id, struct span row);
void follow_rows(const struct action *a, struct span body, follow_row_fn *each,
                 void *ctx);

/* The API's own words in a row; NULL: none. To be freed. */
char *follow_state(const struct action *a, struct span row);
char *follow_reason(const struct action *a, struct span row);

/* From a look to the next, after `polls` of them that saw the same state. */
int64_t follow_wait_ms(const struct action_follow *f, int polls);

#endif
