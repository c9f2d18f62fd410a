#include "sim/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "sim/trace.h"

#define KEPT       6 /* of one seed; the rest mostly follows from the first */
#define TEXT_BYTES 600

struct figures figures;
static char texts[KEPT][TEXT_BYTES];
static int count;

static const char *const names[FINDING_COUNT] = {
    [FOUND_TWICE] = "effects twice",
    [FOUND_LOST] = "lost",
    [FOUND_WRONG] = "wrong",
    [FOUND_CORRUPT] = "corrupt",
};

void findings_begin(void)
{
    count = 0;
}

void find(enum finding what, const char *fmt, ...)
{
    char text[TEXT_BYTES - 20];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    trace_say("FOUND %s: %s", names[what], text);
    if (count < KEPT)
        snprintf(texts[count], TEXT_BYTES, "%s: %s", names[what], text);
    count++;
    figures.found[what]++;
}

int findings_count(void)
{
    return count;
}

const char *findings_text(int number)
{
    return number < count && number < KEPT ? texts[number] : NULL;
}

void figures_add(struct figures *sum, const struct figures *more)
{
    sum->seeds += more->seeds;
    sum->guilty += more->guilty;
    for (int i = 0; i < FINDING_COUNT; i++)
        sum->found[i] += more->found[i];
    sum->us += more->us;
    sum->crashes += more->crashes;
    sum->power_cuts += more->power_cuts;
    sum->io_errors += more->io_errors;
    sum->requests += more->requests;
    sum->effects += more->effects;
    sum->look_ups += more->look_ups;
    sum->decisions += more->decisions;
    sum->doubts += more->doubts;
    sum->digest += more->digest;
}
