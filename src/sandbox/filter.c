#include "sandbox/filter.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/scan.h"
#include "sandbox/target.h"

/* The first moment of a day, in wall microseconds (days from the civil calendar, counted
 * from March so that the leap day is a year's last). */
static int64_t day_us(struct span date)
{
    int64_t year = 0, month = 0, day = 0;
    scan_int((struct span){date.ptr, 4}, 1, 9999, &year);
    scan_int((struct span){date.ptr + 5, 2}, 1, 12, &month);
    scan_int((struct span){date.ptr + 8, 2}, 1, 31, &day);
    int64_t from_march = (month + 9) % 12;
    year -= month < 3;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400 +
                   (153 * from_march + 2) / 5 + day - 1 - 719468;
    return days * 86400 * SEC_US;
}

void filter_init(struct filter *f, const struct call *c, const char *kind)
{
    *f = (struct filter){.rows = {.kind = kind, .user_id = c->user}};
    buf_init(&f->value, 1 << 16);
}

void filter_close(struct filter *f)
{
    buf_close(&f->value);
}

void filter_read_from(struct filter *f, const struct call *c)
{
    struct buf from;
    buf_init(&from, 1 << 16);
    if (query_value(c->query, "filter[from]", &from) && scan_date(buf_span(&from)))
        f->rows.from_us = day_us(buf_span(&from));
    buf_close(&from);
}

void filter_read_field(struct filter *f, const struct call *c, const char *field)
{
    char name[64];
    if (!field)
        return;
    snprintf(name, sizeof(name), "filter[%s]", field);
    if (!query_value(c->query, name, &f->value))
        return;
    f->rows.name = span_of(field);
    f->rows.value = buf_span(&f->value);
}

/* A text that is no id belongs to nothing: an empty list. */
void filter_read_parent(struct filter *f, const struct call *c, const char *name)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    if (name && query_value(c->query, name, &text) &&
        !scan_int(buf_span(&text), 1, INT64_MAX, &f->rows.related_id))
        f->rows.related_id = -1;
    buf_close(&text);
}
