/* What the files of the doctor share. */
#ifndef REMESA_APP_DOCTOR_H
#define REMESA_APP_DOCTOR_H

#include "app/internal.h"

struct doctor {
    struct remesa *remesa;
    void (*tell)(void *ctx, bool well, const char *what, const char *text);
    void *ctx;
};

void doctor_tell(const struct doctor *d, bool well, const char *what, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));

/* doctor_place.c: the machine, and the folder of the database. */
void doctor_key(const struct doctor *d);
void doctor_disk(const struct doctor *d);
void doctor_sqlite(const struct doctor *d);
void doctor_clock(const struct doctor *d,
                  int64_t newest_ms); /* the latest time in the database */
void doctor_leftovers(const struct doctor *d, int64_t open_attempts);

#endif
