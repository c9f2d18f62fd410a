/* What the service manager is told (sd_notify(3), the protocol only: a datagram to $NOTIFY_SOCKET; no
 * library for thirty lines). Without that variable all of it is nothing. What cannot be delivered is no
 * fault of the run. */
#ifndef REMESA_CLI_NOTIFY_H
#define REMESA_CLI_NOTIFY_H

#include <stdint.h>

struct notify {
    int fd;              /* -1: nobody listens */
    int64_t watchdog_ms; /* a sign of life at least so often; 0: not wanted */
    int64_t watched_ms;  /* the last one */
    int64_t status_ms;
    int is_ready, is_stopping;
};

/* From the environment, out of which it takes the variables: they are nobody else's. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);

void notify_ready(struct notify *n);                    /* once; later calls do nothing */
void notify_stopping(struct notify *n);                 /* the same */
void notify_status(struct notify *n, const char *text); /* one line */
/* From the loop, as often as it likes: a loop that hangs gives no sign. */
void notify_alive(struct notify *n, int64_t now_ms);

#endif
