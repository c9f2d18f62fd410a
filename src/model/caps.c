#include "model/caps.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *sent;
} caps[CAP_COUNT] = {
    [CAP_JOB] = {"cap_job", NULL},
    [CAP_PAYEE] = {"cap_payee", "sent to this payee today"},
    [CAP_BATCH] = {"cap_batch", "sent of this batch"},
    [CAP_DAY] = {"cap_day", "sent today"},
};

const char *cap_name(enum cap cap)
{
    return caps[cap].name;
}

const struct money *cap_list_find(const struct cap_list *list, const char *currency)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->limits[i].currency, currency) == 0)
            return &list->limits[i];
    return NULL;
}

/* One "ars=5000000" into the list. */
static bool add_limit(struct cap_list *list, struct span text)
{
    char currency[CURRENCY_TEXT_MAX];
    const char *equals = text.len ? memchr(text.ptr, '=', text.len) : NULL;
    if (!equals || list->count == CAP_LIST_MAX)
        return false;
    size_t name = (size_t)(equals - text.ptr);
    struct span amount = {equals + 1, text.len - name - 1};
    if (!currency_parse((struct span){text.ptr, name}, currency) ||
        cap_list_find(list, currency))
        return false;
    return money_parse(amount, currency, &list->limits[list->count++]) == MONEY_OK;
}

bool cap_list_parse(struct span text, struct cap_list *out)
{
    struct cap_list list = {.count = 0};
    while (text.len) {
        const char *comma = memchr(text.ptr, ',', text.len);
        size_t n = comma ? (size_t)(comma - text.ptr) : text.len;
        size_t passed = comma ? n + 1 : n;
        bool ends_in_comma = comma && passed == text.len;
        if (!add_limit(&list, (struct span){text.ptr, n}) || ends_in_comma)
            return false;
        text = (struct span){text.ptr + passed, text.len - passed};
    }
    *out = list;
    return true;
}

void cap_list_write(const struct cap_list *list, struct buf *out)
{
    char amount[DECIMAL_TEXT_MAX];
    for (int i = 0; i < list->count; i++)
        buf_printf(out, "%s%s=%s", i ? "," : "", list->limits[i].currency,
                   money_text(list->limits[i], amount));
}

bool caps_are_set(const struct caps *c)
{
    for (int i = 0; i < CAP_COUNT; i++)
        if (c->of[i].count)
            return true;
    return false;
}

/* "1234567.50" as "1,234,567.50": such numbers are compared by eye. */
static void add_grouped(struct buf *out, struct money m)
{
    char text[DECIMAL_TEXT_MAX];
    money_text(m, text);
    size_t whole = strcspn(text, ".");
    for (size_t i = 0; text[i]; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            buf_add_char(out, ',');
        buf_add_char(out, text[i]);
    }
}

void cap_describe(struct buf *out, enum cap cap, struct money sent, struct money more,
                  struct money limit)
{
    buf_printf(out, "%s: ", caps[cap].name);
    if (caps[cap].sent) {
        add_grouped(out, sent);
        buf_printf(out, " %s %s + ", sent.currency, caps[cap].sent);
    }
    add_grouped(out, more);
    if (!caps[cap].sent)
        buf_printf(out, " %s", more.currency);
    buf_add_text(out, " > ");
    add_grouped(out, limit);
}
