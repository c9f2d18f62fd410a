#include "api/retry_after.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/scan.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static bool month_of(const char name[4], int *month)
{
    const char *at = strlen(name) == 3 ? strstr(months, name) : NULL;
    if (!at || (at - months) % 3 != 0)
        return false;
    *month = (int)(at - months) / 3;
    return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" · "Sunday, 06-Nov-94 08:49:37 GMT" · "Sun Nov  6
 * 08:49:37 1994" */
static bool scan_forms(const char *text, struct tm *tm, char month[4])
{
    int end = 0;
    sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm->tm_mday, month,
           &tm->tm_year, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &end);
    if (end > 0 && text[end] == '\0')
        return true;
    end = 0;
    sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &tm->tm_mday, month,
           &tm->tm_year, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &end);
    if (end > 0 && text[end] == '\0') {
        tm->tm_year += tm->tm_year < 70 ? 2000 : 1900;
        return true;
    }
    end = 0;
    sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &tm->tm_mday,
           &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &tm->tm_year, &end);
    return end > 0 && text[end] == '\0';
}

static bool in_range(const struct tm *tm)
{
    return tm->tm_year >= 1970 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
           tm->tm_hour >= 0 && tm->tm_hour <= 23 && tm->tm_min >= 0 && tm->tm_min <= 59 &&
           tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

bool http_date_read(const char *text, int64_t *ms)
{
    struct tm tm = {0};
    char month[4] = "";
    if (!scan_forms(text, &tm, month) || !in_range(&tm) || !month_of(month, &tm.tm_mon))
        return false;
    tm.tm_year -= 1900;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static int64_t capped(int64_t ms)
{
    return ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : ms;
}

int64_t retry_after_ms(const struct http_response *r, struct wall now)
{
    struct span text = scan_trim(span_of(r->retry_after));
    int64_t seconds, until, since = now.ms;
    if (scan_is_digits(text)) /* more digits than fit are more than an hour, too */
        return scan_int(text, 0, INT64_MAX / 1000, &seconds) ? capped(seconds * 1000)
                                                             : RETRY_AFTER_MAX_MS;
    if (!http_date_read(r->retry_after, &until))
        return -1;
    http_date_read(r->date, &since);
    return until < since ? -1 : capped(until - since);
}
