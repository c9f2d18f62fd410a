/* The API of the simulated night. What it does with a request, and what it says of it, are
 * drawn apart; but it keeps what docs/judging.md assumes of an API: a refusal, a "not
 * processed" and a request that never left took no effect, and effects and lists are late
 * by less than the settle time. */
#ifndef TESTS_SIM_SERVER_H
#define TESTS_SIM_SERVER_H

#include "model/http.h"
#include "sim/night.h"

struct reply {
    int64_t after_us;
    struct http_response response; /* the caller closes it */
};

void server_begin(const struct night *n);
void server_be_kind(void); /* from now on everything goes well, and soon */
bool server_is_look_up(const struct http_request *request, int job);
void server_take(const struct http_request *request, int job, struct reply *out);

#endif
