/* The time of the simulated world, in microseconds since it began. It goes on only when
 * somebody says so: the loop that waits, the disk that syncs.
 *
 * The machine's wall clock may be set between two lives of the program, and the server has
 * a clock of its own. */
#ifndef TESTS_SIM_HOURS_H
#define TESTS_SIM_HOURS_H

#include <stdint.h>

#define HOURS_FIRST_MS INT64_C(1795000000000) /* the wall clock when a world begins */

void hours_begin(void);
int64_t hours_now_us(void);
void hours_pass(int64_t us);
void hours_pass_until(int64_t us); /* nothing when that is past */

void hours_set_wall(int64_t offset_ms); /* of the machine, against the true time */
int64_t hours_wall_ms(void);            /* as the machine sees it */
int64_t hours_true_ms(void);

#endif
