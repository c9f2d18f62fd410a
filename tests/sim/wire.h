/* The transport (model/http.h) of a life: requests go to the simulated server, answers
 * come when their time has come. */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include "model/http.h"
#include "sim/night.h"

void wire_begin(const struct night *n); /* of a night: no request has ever left */
/* Of a life. Each response goes to `done`. */
const struct transport *wire_open(transport_done_fn *done, void *ctx);
void wire_close(void); /* what is in flight is dropped: the process is gone */

int64_t wire_next_us(void);
void wire_happen(void);

#endif
