#include "sandbox/spoil.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"

static void set_retry_after(const struct fault *fault, struct answer *a)
{
    if (fault->word == WORD_NUMBER)
        snprintf(a->retry_after, sizeof(a->retry_after), "%" PRId64, fault->number);
    if (fault->word == WORD_DATE)
        answer_date((struct wall){clock_wall().ms + 2000}, a->retry_after);
}

/* ---- lies ---- */

/* The bytes from `at` on, `gone` of them, give way to `text`. */
static void splice(struct buf *body, size_t at, size_t gone, const char *text)
{
    struct buf whole;
    buf_init(&whole, body->max);
    buf_add(&whole, body->data, at);
    buf_add_text(&whole, text);
    buf_add(&whole, body->data + at + gone, body->len - at - gone);
    buf_close(body);
    *body = whole;
}

/* The id is a resource's first member (jsonapi.c), so a comma stands behind it. */
static void take_id_away(struct buf *body)
{
    static const char key[] = "\"id\":";
    const size_t before = sizeof(key) - 1;
    struct span id;
    if (json_at(buf_span(body), "/data/id", &id))
        splice(body, (size_t)(id.ptr - body->data) - before, before + id.len + 1, "");
}

/* 100.1 becomes 1100.1: another number, whatever it was. */
static void change_amount(struct buf *body)
{
    struct span amount;
    if (json_at(buf_span(body), "/data/attributes/amount", &amount) &&
        json_type_of(amount) == JSON_NUMBER)
        splice(body, (size_t)(amount.ptr - body->data), 0, "1");
}

static void lie(enum fault_id id, struct answer *a)
{
    if (id == FAULT_LIE_200_NO_ID)
        take_id_away(&a->body);
    if (id == FAULT_LIE_200_OTHER_AMOUNT)
        change_amount(&a->body);
    if (id == FAULT_LIE_404_APPLIED)
        answer_not_found(a);
}

void spoil(const struct fault *fault, struct answer *a)
{
    if (!fault)
        return;
    enum fault_id id = fault->kind->id;
    if (id == FAULT_500 || id == FAULT_500_AFTER_COMMIT || id == FAULT_LIST_500)
        answer_page(a, 500, "We're sorry, but something went wrong");
    if (id == FAULT_502_HTML)
        answer_page(a, 502, "Bad Gateway");
    if (id == FAULT_403_HTML)
        answer_page(a, 403, "Attention Required! | Cloudflare");
    if (id == FAULT_401)
        answer_text_error(a, 401, "Invalid Api Key");
    if (id == FAULT_404)
        answer_not_found(a);
    if (id == FAULT_422)
        answer_invalid(a, fault->attribute);
    if (id == FAULT_429) {
        answer_too_many(a);
        set_retry_after(fault, a);
    }
    if (a->status / 100 == 2)
        lie(id, a);
}
