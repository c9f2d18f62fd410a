#include "intake/template.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scan.h"
#include "intake/nearest.h"

#define TEXT_MAX (64 * 1024)

void template_close(struct template *t)
{
    for (size_t i = 0; i < t->piece_count; i++)
        free(t->pieces[i].text);
    free(t->pieces);
    *t = (struct template){0};
}

bool template_uses(const struct template *t, size_t column)
{
    for (size_t i = 0; i < t->piece_count; i++)
        if (!t->pieces[i].text && t->pieces[i].column == column)
            return true;
    return false;
}

/* ---- names ---- */

int template_step(const struct recipe *r, enum step_scope scope, struct span name,
                  size_t *out, struct err *err)
{
    static const char before[] = "before.";
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    struct span rest = name;
    if (scope != STEP_BEFORE && name.len > strlen(before) &&
        memcmp(name.ptr, before, strlen(before)) == 0) {
        rest = (struct span){name.ptr + strlen(before), name.len - strlen(before)};
        scope = STEP_BEFORE;
    }
    nearest_init(&near, rest);
    for (*out = 0; *out < r->step_count; (*out)++) {
        if (r->steps[*out].scope != scope)
            continue;
        if (span_is(rest, r->steps[*out].name))
            return 0;
        nearest_offer(&near, r->steps[*out].name);
    }
    return err_set(err, ERR_CONFIG, "no step before this one is called '%.*s'%s",
                   SPAN_ARG(name), nearest_hint(&near, hint));
}

size_t template_column(struct recipe *r, enum step_scope scope, struct span name)
{
    size_t i = 0;
    while (i < r->column_count && !span_is(name, r->columns[i].name))
        i++;
    if (i == r->column_count) {
        r->columns = mem_resize(r->columns, i + 1, sizeof(*r->columns));
        r->columns[i] = (struct recipe_column){.name = mem_span(name)};
        r->column_count++;
    }
    if (scope == STEP_ROW)
        r->columns[i].of_rows = true;
    else
        r->columns[i].of_batch = true;
    return i;
}

/* ---- pieces ---- */

static void add_piece(struct template *t, char *text, size_t column)
{
    t->pieces = mem_resize(t->pieces, t->piece_count + 1, sizeof(*t->pieces));
    t->pieces[t->piece_count++] = (struct piece){text, column};
}

static void add_text(struct template *t, struct buf *text)
{
    if (text->len)
        add_piece(t, mem_text(text->data), 0);
    buf_clear(text);
}

/* From behind '{' to behind '}'. */
static int read_column(struct template *t, struct recipe *r, enum step_scope scope,
                       struct span *text, struct err *err)
{
    const char *end = memchr(text->ptr, '}', text->len);
    if (!end)
        return err_set(err, ERR_CONFIG, "a '{' is never closed ('{{' is the character)");
    struct span name = {text->ptr, (size_t)(end - text->ptr)};
    if (name.len == 0 || memchr(name.ptr, '{', name.len) ||
        !span_equal(name, scan_trim(name)))
        return err_set(err, ERR_CONFIG, "'{%.*s}' names no column", SPAN_ARG(name));
    size_t column = template_column(r, scope, name);
    if (column == RECIPE_REF && scope != STEP_ROW)
        return err_set(err, ERR_CONFIG,
                       "{ref} belongs to a row, and this step stands for all of them");
    add_piece(t, NULL, column);
    text->len -= name.len + 1;
    text->ptr = end + 1;
    return 0;
}

static int read_pieces(struct template *t, struct recipe *r, enum step_scope scope,
                       struct span text, struct buf *plain, struct err *err)
{
    while (text.len) {
        char c = *text.ptr++;
        text.len--;
        bool is_brace = c == '{' || c == '}';
        if (is_brace && text.len && *text.ptr == c) {
            text.ptr++;
            text.len--;
        } else if (c == '}') {
            return err_set(err, ERR_CONFIG, "a '}' without '{' ('}}' is the character)");
        } else if (c == '{') {
            add_text(t, plain);
            if (read_column(t, r, scope, &text, err))
                return -1;
            continue;
        }
        if (!buf_add_char(plain, c))
            return err_set(err, ERR_CONFIG, "the text is too long");
    }
    add_text(t, plain);
    return 0;
}

static int read_step(struct template *t, const struct recipe *r, enum step_scope scope,
                     struct span *text, struct err *err)
{
    bool uses = text->len > 1 && text->ptr[0] == '@' && text->ptr[1] != '@';
    if (!uses)
        return 0;
    t->is_name = text->ptr[1] == '{' && (text->len == 2 || text->ptr[2] != '{');
    if (t->is_name) {
        *text = (struct span){text->ptr + 1, text->len - 1};
        return 0;
    }
    struct span rest = {text->ptr + 1, text->len - 1}, name = rest;
    const char *slash = memchr(rest.ptr, '/', rest.len);
    if (slash)
        name.len = (size_t)(slash - rest.ptr);
    t->uses_step = true;
    *text = (struct span){rest.ptr + name.len, rest.len - name.len};
    return template_step(r, scope, name, &t->step, err);
}

int template_read(struct template *t, struct recipe *r, enum step_scope scope,
                  struct span text, struct err *err)
{
    struct buf plain;
    if (read_step(t, r, scope, &text, err))
        return -1;
    buf_init(&plain, TEXT_MAX);
    int rc = read_pieces(t, r, scope, text, &plain, err);
    buf_close(&plain);
    return rc;
}
