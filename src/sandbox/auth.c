#include "sandbox/auth.h"

#include "base/scan.h"

struct auth auth_read(struct span header)
{
    static const char name[] = "user=";
    const size_t n = sizeof(name) - 1;
    const char *mark = header.len ? memchr(header.ptr, ';', header.len) : NULL;
    struct auth a = {.key = scan_trim(header)};
    if (!mark)
        return a;
    struct span rest = {mark + 1, header.len - (size_t)(mark + 1 - header.ptr)};
    rest = scan_trim(rest);
    a.on_behalf = rest.len >= n && memcmp(rest.ptr, name, n) == 0;
    if (!a.on_behalf)
        return a;
    a.key = scan_trim((struct span){header.ptr, (size_t)(mark - header.ptr)});
    a.user = scan_trim((struct span){rest.ptr + n, rest.len - n});
    return a;
}

bool auth_key_ok(struct span key, const char *wanted)
{
    if (wanted)
        return span_is(key, wanted);
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] <= ' ' || key.ptr[i] > '~' || key.ptr[i] == ';')
            return false;
    return key.len >= AUTH_KEY_MIN;
}
