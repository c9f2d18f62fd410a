#include "model/payee.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "model/ref.h"

#define CONTENT_MAX (1024 * 1024)

void payee_content(const struct action *a, const struct params *p, struct buf *out)
{
    struct ref_use use;
    for (size_t i = 0; i < p->count; i++) {
        const struct param *item = &p->items[i];
        bool is_name = a && a->tag && strcmp(item->name, a->tag) == 0;
        if (is_name || ref_read_cell(span_of(item->value), &use) == REF_CELL_USE)
            continue;
        buf_printf(out, "%s=%s\n", item->name, item->value);
    }
}

/* What a cell of a payee stands for. Of an account that says nothing of itself, its job's ref. */
static void add_cell(const char *value, payee_content_fn *content, void *ctx,
                     struct buf *out)
{
    struct ref_use use;
    size_t before = out->len;
    bool is_use = ref_read_cell(span_of(value), &use) == REF_CELL_USE;
    if (is_use && content(ctx, use.ref, out) && out->len > before)
        return;
    buf_add_text(out, value);
}

bool payee_digest(const struct action *a, const struct params *p,
                  payee_content_fn *content, void *ctx, char out[PAYEE_MAX])
{
    struct buf text;
    char digest[SHA256_HEX_MAX];
    buf_init(&text, CONTENT_MAX);
    for (char **field = a->payee; field && *field; field++) {
        const char *value = params_get(p, *field);
        if (!value)
            continue;
        buf_printf(&text, "%s:\n", *field);
        add_cell(value, content, ctx, &text);
        buf_add_char(&text, '\n');
    }
    bool has_payee = text.len > 0 && !text.full;
    struct sha256 *sha = sha256_begin();
    sha256_add(sha, buf_span(&text));
    sha256_end(sha, digest);
    snprintf(out, PAYEE_MAX, "%.*s", PAYEE_MAX - 1, digest);
    buf_close(&text);
    return has_payee;
}
