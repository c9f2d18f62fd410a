/* One seed, from the first start of the program to the end of the night. */
#ifndef TESTS_SIM_PLAY_H
#define TESTS_SIM_PLAY_H

#include <stdbool.h>

#include "sim/night.h"

void play_setup(void); /* once per process */
void play_teardown(void);
void play_seed(uint64_t seed, enum night_lie lie, bool trace);

#endif
