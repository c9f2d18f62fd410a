#include "model/money.h"

#include <string.h>

#include "base/scan.h"

/* Why it is not a decimal: by its form, or because it has too many digits for one. */
static enum money_fault fault_of_form(struct span amount)
{
    const char *point = amount.len ? memchr(amount.ptr, '.', amount.len) : NULL;
    size_t whole = point ? (size_t)(point - amount.ptr) : amount.len;
    struct span places = {amount.ptr + amount.len, 0};
    if (point)
        places = (struct span){point + 1, amount.len - whole - 1};
    if (!scan_is_digits((struct span){amount.ptr, whole}) ||
        (whole > 1 && amount.ptr[0] == '0') || (point && !scan_is_digits(places)))
        return MONEY_NOT_DECIMAL;
    return places.len > DECIMAL_PLACES_MAX ? MONEY_TOO_MANY_PLACES : MONEY_TOO_LARGE;
}

enum money_fault money_parse(struct span amount, const char *currency, struct money *out)
{
    struct decimal d, minor;
    if (!decimal_parse_plain(amount, &d))
        return fault_of_form(amount);
    if (d.units == 0)
        return MONEY_NOT_POSITIVE;
    int places = currency_places(currency);
    if (!decimal_rescale(d, places, &minor))
        return d.places > places ? MONEY_TOO_MANY_PLACES : MONEY_TOO_LARGE;
    out->minor = minor.units;
    strncpy(out->currency, currency, sizeof(out->currency) - 1);
    out->currency[sizeof(out->currency) - 1] = '\0';
    return MONEY_OK;
}

const char *money_fault_text(enum money_fault fault)
{
    switch (fault) {
    case MONEY_OK:
        return "fine";
    case MONEY_NOT_DECIMAL:
        return "not an amount: write digits and one point, such as 1250.50";
    case MONEY_NOT_POSITIVE:
        return "an amount of nothing";
    case MONEY_TOO_MANY_PLACES:
        return "more decimals than the currency has";
    case MONEY_TOO_LARGE:
        return "too large";
    }
    return "wrong";
}

const char *money_text(struct money m, char out[DECIMAL_TEXT_MAX])
{
    return decimal_text((struct decimal){m.minor, currency_places(m.currency)}, out);
}
