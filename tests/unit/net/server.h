/* A server that answers every request as it is told to, badly if need be, and counts what
 * it got. One thread a connection, on 127.0.0.1. */
#ifndef REMESA_TESTS_NET_SERVER_H
#define REMESA_TESTS_NET_SERVER_H

#include <stddef.h>

struct server;

enum server_read { READ_NOTHING, READ_HEAD, READ_ALL };
enum server_end { END_KEEP, END_FIN, END_RST, END_STALL };

struct behaviour {
    enum server_read read;
    const char *say; /* NULL: nothing */
    size_t flood;    /* bytes of 'x' after it; SIZE_MAX: without end */
    enum server_end end;
    int gather; /* so many requests must have come before any of them is answered */
};

struct server *server_open(void);
void server_close(struct server *s);
int server_port(const struct server *s);

void server_behave(struct server *s, struct behaviour b); /* from the next request on */
void server_say_to_all(struct server *s, const char *text);
void server_end_all(struct server *s);

int server_contacts(struct server *s);                     /* connections accepted */
int server_copies(struct server *s, const char *fragment); /* whole requests with it */
char *server_last(struct server *s); /* the last whole request; free() */

#endif
