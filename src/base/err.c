#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list args;
    err->code = code;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    char whole[2 * ERR_TEXT_MAX + 4];
    char inner[ERR_TEXT_MAX];
    va_list args;
    memcpy(inner, err->text, sizeof(inner));
    va_start(args, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    snprintf(whole, sizeof(whole), "%s: %s", err->text, inner);
    memcpy(err->text, whole, sizeof(err->text));
    err->text[sizeof(err->text) - 1] = '\0';
    return -1;
}

int err_exit_status(enum err_code code)
{
    static const int status[] = {
#define X(name, exit_status, text) [ERR_##name] = exit_status,
        ERR_CODES(X)
#undef X
    };
    return status[code];
}
