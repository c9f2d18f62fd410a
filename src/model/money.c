#include "model/money.h"

#include <string.h>

#include "base/scan.h"

#define UNKNOWN_PLACES 8

static const struct {
    const char *code;
    int places;
} currencies[] = {
    {"ars", 2}, {"bob", 2}, {"brl", 2}, {"clp", 0},  {"cop", 2},  {"eur", 2},
    {"gbp", 2}, {"mxn", 2}, {"pen", 2}, {"pyg", 0},  {"usd", 2},  {"uyu", 2},
    {"btc", 8}, {"bch", 8}, {"ltc", 8}, {"usdt", 6}, {"usdc", 6},
};

bool currency_parse(struct span text, char out[CURRENCY_TEXT_MAX])
{
    if (text.len < 2 || text.len >= CURRENCY_TEXT_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
        out[i] = c;
    }
    out[text.len] = '\0';
    return true;
}

int currency_places(const char *currency)
{
    for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++)
        if (strcmp(currencies[i].code, currency) == 0)
            return currencies[i].places;
    return UNKNOWN_PLACES;
}

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
