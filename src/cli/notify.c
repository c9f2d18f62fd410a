#include "cli/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/scan.h"

#define WATCHDOG_MOST_US (INT64_C(24) * 3600 * 1000 * 1000)

/* "@name" is an abstract socket, whose name begins with a NUL and is as long as it is. */
static int connect_to(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(to.sun_path))
        return -1;
    memcpy(to.sun_path, name, len);
    if (name[0] == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {2, 0}; /* with a manager that is stuck */
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, size) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Half of the time after which the manager loses patience, as its manual asks for. */
static int64_t watchdog_of_environment(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t us, of;
    if (!usec || !scan_int(span_of(usec), 2000, WATCHDOG_MOST_US, &us))
        return 0;
    if (pid && (!scan_int(span_of(pid), 1, INT32_MAX, &of) || of != getpid()))
        return 0;
    return us / 2000;
}

void notify_open(struct notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");
    *n = (struct notify){.fd = name ? connect_to(name) : -1,
                         .watchdog_ms = watchdog_of_environment()};
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

static void tell(const struct notify *n, const char *text, int flags)
{
    if (n->fd >= 0)
        (void)!send(n->fd, text, strlen(text), MSG_NOSIGNAL | flags);
}

void notify_ready(struct notify *n)
{
    if (!n->is_ready)
        tell(n, "READY=1", 0);
    n->is_ready = 1;
}

void notify_stopping(struct notify *n)
{
    if (!n->is_stopping)
        tell(n, "STOPPING=1", 0);
    n->is_stopping = 1;
}

void notify_status(struct notify *n, const char *text)
{
    char line[512];
    snprintf(line, sizeof(line), "STATUS=%s", text);
    line[strcspn(line, "\n")] = '\0'; /* what follows would be a statement of its own */
    tell(n, line, MSG_DONTWAIT);
}

void notify_alive(struct notify *n, int64_t now_ms)
{
    if (!n->watchdog_ms || (n->watched_ms && now_ms - n->watched_ms < n->watchdog_ms))
        return;
    n->watched_ms = now_ms;
    tell(n, "WATCHDOG=1", MSG_DONTWAIT);
}
