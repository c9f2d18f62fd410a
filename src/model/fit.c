#include "model/fit.h"

#include "model/currency.h"

#define WORD_MAX 64

static bool is_unknown_currency(struct span text)
{
    char code[CURRENCY_TEXT_MAX];
    return currency_parse(text, code) && !currency_is_known(code);
}

/* One word of ASCII: what the values of an enumeration look like. */
static bool is_word(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '"' ||
            text.ptr[i] == ',' || text.ptr[i] == ';')
            return false;
    return text.len > 0 && text.len <= WORD_MAX;
}

static bool has_form(const struct action_field *f, struct span text)
{
    char code[CURRENCY_TEXT_MAX];
    return f->type == VALUE_CURRENCY ? currency_parse(text, code) : is_word(text);
}

enum field_fit action_field_fit(const struct action_field *f, struct span text,
                                const char **want)
{
    bool accepted = action_field_accepts(f, text, want);
    if (f->choices)
        return accepted ? FIT_GOOD : has_form(f, text) ? FIT_UNSEEN : FIT_WRONG;
    if (!accepted)
        return FIT_WRONG;
    return f->type == VALUE_CURRENCY && is_unknown_currency(text) ? FIT_UNSEEN : FIT_GOOD;
}
