#include "model/magic.h"

#include <string.h>
#include <strings.h>

#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OLE    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#define ZIP    "PK\x03\x04"

/* The Bitex API's kinds (docs/bitex-api.md, 2.2). */
static const struct {
    const char *media;
    const char *start;
    const char *end; /* of the name; NULL: the bytes say it all */
} kinds[] = {
    {"image/png", "\x89PNG\r\n\x1a\n", NULL},
    {"image/jpeg", "\xff\xd8\xff", NULL},
    {"image/gif", "GIF87a", NULL},
    {"image/gif", "GIF89a", NULL},
    {"image/bmp", "BM", NULL},
    {"application/pdf", "%PDF-", NULL},
    {"application/msword", OLE, ".doc"},
    {"application/vnd.ms-excel", OLE, ".xls"},
    {OFFICE "wordprocessingml.document", ZIP, ".docx"},
    {OFFICE "spreadsheetml.sheet", ZIP, ".xlsx"},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(*kinds))

static bool starts(struct span head, const char *with)
{
    size_t n = strlen(with);
    return head.len >= n && memcmp(head.ptr, with, n) == 0;
}

static bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), m = strlen(with);
    return n >= m && strcasecmp(name + n - m, with) == 0;
}

const char *magic_media(struct span head, const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (starts(head, kinds[i].start) && (!kinds[i].end || ends(name, kinds[i].end)))
            return kinds[i].media;
    return NULL;
}

bool magic_knows(const char *media)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].media, media) == 0)
            return true;
    return false;
}
