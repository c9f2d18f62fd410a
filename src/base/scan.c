#include "base/scan.h"

#include "base/decimal.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool scan_is_digits(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

bool scan_int(struct span text, int64_t least, int64_t most, int64_t *out)
{
    bool minus = text.len > 0 && text.ptr[0] == '-';
    struct span digits = {text.ptr + minus, text.len - minus};
    int64_t value = 0;
    if (!scan_is_digits(digits))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.ptr[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, minus ? -digit : digit, &value))
            return false;
    }
    if (value < least || value > most)
        return false;
    *out = value;
    return true;
}

static int64_t unit_ms(struct span unit)
{
    if (span_is(unit, "ms"))
        return 1;
    if (span_is(unit, "s"))
        return 1000;
    if (span_is(unit, "m"))
        return 60 * 1000;
    if (span_is(unit, "h"))
        return 60 * 60 * 1000;
    return 0;
}

bool scan_duration(struct span text, int64_t *ms)
{
    const int64_t year = INT64_C(365) * 24 * 60 * 60 * 1000;
    size_t n = 0;
    while (n < text.len && (is_digit(text.ptr[n]) || text.ptr[n] == '.'))
        n++;
    struct decimal number;
    int64_t unit = unit_ms((struct span){text.ptr + n, text.len - n});
    if (unit == 0 || !decimal_parse_plain((struct span){text.ptr, n}, &number))
        return false;
    int64_t value;
    if (__builtin_mul_overflow(number.units, unit, &value))
        return false;
    for (; number.places > 0; number.places--)
        value /= 10;
    if (value > year)
        return false;
    *ms = value;
    return true;
}

static int days_of(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool scan_date(struct span text)
{
    int64_t year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-')
        return false;
    return scan_int((struct span){text.ptr, 4}, 1, 9999, &year) &&
           scan_int((struct span){text.ptr + 5, 2}, 1, 12, &month) &&
           scan_int((struct span){text.ptr + 8, 2}, 1, days_of((int)month, (int)year),
                    &day);
}

/* ---- a moment ---- */

#define DATE_LEN 10 /* "2019-01-09" */
#define TIME_LEN 9  /* "T19:47:37" */

/* Digits only, where scan_int would take "-0". */
static bool two_digits(const char *at, int64_t most, int64_t *out)
{
    struct span digits = {at, 2};
    return scan_is_digits(digits) && scan_int(digits, 0, most, out);
}

/* From 1970-01-01 to a date that scan_date took. */
static int64_t days_since_1970(struct span date)
{
    int64_t year = 0, month = 0, day = 0;
    scan_int((struct span){date.ptr, 4}, 1, 9999, &year);
    scan_int((struct span){date.ptr + 5, 2}, 1, 12, &month);
    scan_int((struct span){date.ptr + 8, 2}, 1, 31, &day);
    int64_t past = year - 1;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 + day - 1;
    for (int m = 1; m < month; m++)
        days += days_of(m, (int)year);
    return days - 719162; /* from 0001-01-01 to 1970-01-01 */
}

static bool scan_clock(const char *at, int64_t *ms)
{
    int64_t hour, minute, second;
    if (at[0] != 'T' || at[3] != ':' || at[6] != ':' || !two_digits(at + 1, 23, &hour) ||
        !two_digits(at + 4, 59, &minute) || !two_digits(at + 7, 59, &second))
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * 1000;
    return true;
}

/* "Z", "+00:00", "-03:00": how far its clocks are ahead of UTC. */
static bool scan_zone(struct span text, int64_t *ms)
{
    int64_t hours, minutes;
    *ms = 0;
    if (span_is(text, "Z"))
        return true;
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') ||
        text.ptr[3] != ':' || !two_digits(text.ptr + 1, 23, &hours) ||
        !two_digits(text.ptr + 4, 59, &minutes))
        return false;
    *ms = (hours * 60 + minutes) * 60 * 1000 * (text.ptr[0] == '-' ? -1 : 1);
    return true;
}

/* ".123", or nothing, off the front of *text. */
static bool take_millis(struct span *text, int64_t *ms)
{
    *ms = 0;
    if (text->len == 0 || text->ptr[0] != '.')
        return true;
    if (text->len < 4 || !scan_is_digits((struct span){text->ptr + 1, 3}))
        return false;
    scan_int((struct span){text->ptr + 1, 3}, 0, 999, ms);
    *text = (struct span){text->ptr + 4, text->len - 4};
    return true;
}

bool scan_time(struct span text, int64_t *ms)
{
    int64_t seconds, clock, millis, ahead;
    if (text.len == 10 && scan_is_digits(text) &&
        scan_int(text, 0, INT64_MAX, &seconds)) {
        *ms = seconds * 1000;
        return true;
    }
    if (text.len < DATE_LEN + TIME_LEN)
        return false;
    struct span date = {text.ptr, DATE_LEN};
    struct span rest = {text.ptr + DATE_LEN + TIME_LEN, text.len - DATE_LEN - TIME_LEN};
    if (!scan_date(date) || !scan_clock(text.ptr + DATE_LEN, &clock) ||
        !take_millis(&rest, &millis) || !scan_zone(rest, &ahead))
        return false;
    *ms = days_since_1970(date) * 24 * 60 * 60 * 1000 + clock + millis - ahead;
    return true;
}

/* C1: U+0080 to U+009F are two bytes, the first of them 0xc2. */
bool scan_has_control(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
            return true;
    }
    return false;
}

bool scan_email(struct span text)
{
    const char *at = text.len ? memchr(text.ptr, '@', text.len) : NULL;
    if (!at || at == text.ptr || text.len > 254 || !scan_is_utf8(text) ||
        scan_has_control(text))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ' ' || (text.ptr[i] == '@' && text.ptr + i != at))
            return false;
    struct span host = {at + 1, text.len - (size_t)(at + 1 - text.ptr)};
    const char *dot = host.len ? memchr(host.ptr, '.', host.len) : NULL;
    return dot && dot != host.ptr && host.ptr[host.len - 1] != '.';
}

static bool is_tail(struct span text, size_t at)
{
    return at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80;
}

size_t scan_utf8_char(struct span text, size_t at)
{
    if (at >= text.len)
        return 0;
    unsigned char c = (unsigned char)text.ptr[at];
    if (c < 0x80)
        return 1;
    size_t n = c >= 0xc2 && c <= 0xdf   ? 2
               : c >= 0xe0 && c <= 0xef ? 3
               : c >= 0xf0 && c <= 0xf4 ? 4
                                        : 0;
    for (size_t i = 1; i < n; i++)
        if (!is_tail(text, at + i))
            return 0;
    unsigned char d = n > 1 ? (unsigned char)text.ptr[at + 1] : 0;
    bool overlong = (c == 0xe0 && d < 0xa0) || (c == 0xf0 && d < 0x90);
    bool surrogate = c == 0xed && d > 0x9f;
    bool too_high = c == 0xf4 && d > 0x8f;
    return overlong || surrogate || too_high ? 0 : n;
}

bool scan_is_utf8(struct span text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t n = scan_utf8_char(text, at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

size_t scan_utf8_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(lead[n] | code);
    return n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct span scan_trim(struct span text)
{
    while (text.len && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

bool scan_word(struct span *text, struct span *word)
{
    *text = scan_trim(*text);
    size_t n = 0;
    while (n < text->len && !is_blank(text->ptr[n]))
        n++;
    *word = (struct span){text->ptr, n};
    text->ptr += n;
    text->len -= n;
    return n > 0;
}
