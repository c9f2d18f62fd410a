#include "report/unbalanced.h"

#include <inttypes.h>

#include "base/text.h"
#include "store/balance.h"

#define SHOWN_ROWS 10

struct printer {
    FILE *out;
    int64_t count;
};

static void print(void *ctx, const struct imbalance *i)
{
    struct printer *p = ctx;
    struct buf text, shown;
    if (p->count++ >= SHOWN_ROWS)
        return;
    buf_init(&text, 2048);
    buf_init(&shown, 8192);
    imbalance_describe(&text, i);
    text_printable(&shown, buf_span(&text));
    fprintf(p->out, "WARNING: the money does not balance: %s\n", shown.data);
    buf_close(&shown);
    buf_close(&text);
}

int unbalanced_print(FILE *out, struct store *s, const char *batch, int64_t *count,
                     struct err *err)
{
    struct printer p = {out, 0};
    const struct balance_scope scope = {true, batch};
    if (store_balance(s, &scope, print, &p, err))
        return -1;
    if (p.count > SHOWN_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", p.count - SHOWN_ROWS);
    *count = p.count;
    return 0;
}

static void write(void *ctx, const struct imbalance *i)
{
    struct jsonw *w = ctx;
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "batch", i->batch);
    jsonw_text(w, "currency", i->currency);
    jsonw_text(w, "kind", i->kind);
    jsonw_text(w, "wanted", i->wanted);
    jsonw_text(w, "found", i->found);
    jsonw_text(w, "difference", i->difference);
    jsonw_close(w, '}');
}

int unbalanced_json(struct jsonw *w, struct store *s, const char *batch, struct err *err)
{
    const struct balance_scope scope = {true, batch};
    jsonw_open(w, "unbalanced", '[');
    int rc = store_balance(s, &scope, write, w, err);
    jsonw_close(w, ']');
    return rc;
}
