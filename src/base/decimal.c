#include "base/decimal.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(struct span text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && is_digit(text.ptr[at + n]))
        n++;
    return n;
}

static bool take_digits(int64_t *units, const char *digits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(*units, 10, units) ||
            __builtin_add_overflow(*units, digits[i] - '0', units))
            return false;
    return true;
}

/* Reads `whole[.fraction]` from `at`; returns where it ended, or 0 when that is no
 * number. */
static size_t take_number(struct span text, size_t at, struct decimal *out)
{
    size_t whole = digits_at(text, at);
    if (whole == 0 || (whole > 1 && text.ptr[at] == '0'))
        return 0;
    if (!take_digits(&out->units, text.ptr + at, whole))
        return 0;
    at += whole;
    if (at == text.len || text.ptr[at] != '.')
        return at;
    size_t fraction = digits_at(text, at + 1);
    if (fraction == 0 || fraction > DECIMAL_PLACES_MAX)
        return 0;
    if (!take_digits(&out->units, text.ptr + at + 1, fraction))
        return 0;
    out->places = (int)fraction;
    return at + 1 + fraction;
}

bool decimal_parse_plain(struct span text, struct decimal *out)
{
    struct decimal d = {0};
    size_t end = take_number(text, 0, &d);
    if (end == 0 || end != text.len)
        return false;
    *out = d;
    return true;
}

static size_t take_exponent(struct span text, size_t at, int *exponent)
{
    bool minus = at < text.len && text.ptr[at] == '-';
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
        at++;
    size_t n = digits_at(text, at);
    if (n == 0 || n > 3)
        return 0;
    int value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (text.ptr[at + i] - '0');
    *exponent = minus ? -value : value;
    return at + n;
}

/* Moves the point: the places go down by the exponent, within what a decimal holds. */
static bool apply_exponent(struct decimal *d, int exponent)
{
    while (d->places > 0 && d->units % 10 == 0) {
        d->units /= 10;
        d->places--;
    }
    int places = d->places - exponent;
    if (d->units == 0)
        places = 0;
    for (; places < 0; places++)
        if (__builtin_mul_overflow(d->units, 10, &d->units))
            return false;
    d->places = places;
    return places <= DECIMAL_PLACES_MAX;
}

bool decimal_parse_json(struct span text, struct decimal *out)
{
    struct decimal d = {0};
    bool minus = text.len > 0 && text.ptr[0] == '-';
    int exponent = 0;
    size_t end = take_number(text, minus ? 1 : 0, &d);
    if (end != 0 && end < text.len && (text.ptr[end] == 'e' || text.ptr[end] == 'E'))
        end = take_exponent(text, end + 1, &exponent);
    if (end == 0 || end != text.len)
        return false;
    if (exponent != 0 && !apply_exponent(&d, exponent))
        return false;
    if (minus)
        d.units = -d.units;
    *out = d;
    return true;
}

bool decimal_rescale(struct decimal d, int places, struct decimal *out)
{
    if (places < 0 || places > DECIMAL_PLACES_MAX)
        return false;
    for (; d.places < places; d.places++)
        if (__builtin_mul_overflow(d.units, 10, &d.units))
            return false;
    for (; d.places > places; d.places--) {
        if (d.units % 10 != 0)
            return false;
        d.units /= 10;
    }
    *out = d;
    return true;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
    int places = a.places > b.places ? a.places : b.places;
    struct decimal sum = {.places = places};
    if (!decimal_rescale(a, places, &a) || !decimal_rescale(b, places, &b))
        return false;
    if (__builtin_add_overflow(a.units, b.units, &sum.units))
        return false;
    *out = sum;
    return true;
}

static struct decimal shortest(struct decimal d)
{
    while (d.places > 0 && d.units % 10 == 0) {
        d.units /= 10;
        d.places--;
    }
    return d;
}

bool decimal_same(struct decimal a, struct decimal b)
{
    a = shortest(a);
    b = shortest(b);
    return a.units == b.units && a.places == b.places;
}

static int64_t power_of_ten(int n)
{
    int64_t power = 1;
    while (n-- > 0)
        power *= 10;
    return power;
}

/* In parts that fit: what is before the point, and what is after it as 18 digits. Both have the sign. */
int decimal_compare(struct decimal a, struct decimal b)
{
    int64_t one_a = power_of_ten(a.places), one_b = power_of_ten(b.places);
    int64_t whole_a = a.units / one_a, whole_b = b.units / one_b;
    if (whole_a != whole_b)
        return whole_a < whole_b ? -1 : 1;
    int64_t rest_a = a.units % one_a * power_of_ten(DECIMAL_PLACES_MAX - a.places);
    int64_t rest_b = b.units % one_b * power_of_ten(DECIMAL_PLACES_MAX - b.places);
    return rest_a < rest_b ? -1 : rest_a > rest_b;
}

const char *decimal_text(struct decimal d, char out[DECIMAL_TEXT_MAX])
{
    uint64_t left = d.units < 0 ? -(uint64_t)d.units : (uint64_t)d.units;
    char reversed[DECIMAL_TEXT_MAX];
    int n = 0;
    for (int place = 0; left > 0 || place <= d.places; place++) {
        if (place == d.places && d.places > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + left % 10);
        left /= 10;
    }
    int at = 0;
    if (d.units < 0)
        out[at++] = '-';
    while (n > 0)
        out[at++] = reversed[--n];
    out[at] = '\0';
    return out;
}
