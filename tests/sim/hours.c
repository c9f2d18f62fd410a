#include "sim/hours.h"

static int64_t now_us;
static int64_t wall_offset_ms;

void hours_begin(void)
{
    now_us = 0;
    wall_offset_ms = 0;
}

int64_t hours_now_us(void)
{
    return now_us;
}

void hours_pass(int64_t us)
{
    now_us += us;
}

void hours_pass_until(int64_t us)
{
    if (us > now_us)
        now_us = us;
}

void hours_set_wall(int64_t offset_ms)
{
    wall_offset_ms = offset_ms;
}

int64_t hours_true_ms(void)
{
    return HOURS_FIRST_MS + now_us / 1000;
}

int64_t hours_wall_ms(void)
{
    return hours_true_ms() + wall_offset_ms;
}
