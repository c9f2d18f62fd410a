#include "store/person.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

static const char *system_user(void)
{
    errno = 0;
    const struct passwd *pw = getpwuid(getuid());
    if (!pw && errno == ENOMEM)
        mem_gone();
    return pw ? pw->pw_name : "unknown";
}

/* One line of readable characters, whatever stands in the environment. */
static void copy_name(char out[PERSON_NAME_MAX], const char *name)
{
    struct buf clean;
    buf_init(&clean, 16 * 1024);
    text_printable(&clean, (struct span){name, strnlen(name, PERSON_NAME_MAX)});
    snprintf(out, PERSON_NAME_MAX, "%s", clean.len ? clean.data : "");
    buf_close(&clean);
}

void person_read(struct person *p)
{
    const char *sudo = getenv("SUDO_USER");
    *p = (struct person){.uid = getuid()};
    copy_name(p->name, system_user());
    copy_name(p->sudo, sudo ? sudo : "");
}

struct person person_of(int64_t uid, const char *name, const char *sudo)
{
    struct person p = {.uid = uid};
    snprintf(p.name, sizeof(p.name), "%s", name);
    snprintf(p.sudo, sizeof(p.sudo), "%s", sudo ? sudo : "");
    return p;
}

const char *person_sudo(const struct person *p)
{
    return p->sudo[0] && strcmp(p->sudo, p->name) != 0 ? p->sudo : NULL;
}

const char *person_text(const struct person *p, char out[PERSON_TEXT_MAX])
{
    const char *sudo = person_sudo(p);
    snprintf(out, PERSON_TEXT_MAX, "%s%s%s%s", p->name, sudo ? " (sudo: " : "",
             sudo ? sudo : "", sudo ? ")" : "");
    return out;
}

static bool same_name(const char *a, const char *b)
{
    return a[0] && strcmp(a, b) == 0;
}

bool person_may_be(const struct person *a, const struct person *b)
{
    return a->uid == b->uid || same_name(a->sudo, b->sudo) ||
           same_name(a->sudo, b->name) || same_name(b->sudo, a->name);
}
