/* Who is at work: the system user whose process this is, and the one that became it by sudo. An
 * environment can only add a person to that, never take one away. */
#ifndef REMESA_STORE_PERSON_H
#define REMESA_STORE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#define PERSON_NAME_MAX 64
#define PERSON_TEXT_MAX (2 * PERSON_NAME_MAX + 16)

struct person {
    int64_t uid;
    char name[PERSON_NAME_MAX];
    char sudo[PERSON_NAME_MAX]; /* $SUDO_USER; "": none */
};

void person_read(struct person *p);
const char *person_text(const struct person *p, char out[PERSON_TEXT_MAX]);

/* As it was kept; `sudo` NULL: none. */
struct person person_of(int64_t uid, const char *name, const char *sudo);
const char *person_sudo(const struct person *p); /* to be kept; NULL: none */

/* One human being may stand behind both. */
bool person_may_be(const struct person *a, const struct person *b);

#endif
