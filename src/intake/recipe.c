#include "intake/recipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "intake/nearest.h"
#include "intake/recipe_parts.h"
#include "intake/template.h"

extern const struct embed recipe_builtin_files[]; /* remesa_embed writes it */

const struct embed *recipe_builtin(void)
{
    return recipe_builtin_files;
}

/* ---- closing ---- */

static void recipe_close(struct recipe *r)
{
    for (size_t i = 0; i < r->step_count; i++)
        recipe_step_close(&r->steps[i]);
    for (size_t i = 0; i < r->column_count; i++)
        free(r->columns[i].name);
    free(r->steps);
    free(r->columns);
    free(r->name);
    free(r->summary);
}

void recipe_book_close(struct recipe_book *b)
{
    for (size_t i = 0; i < b->count; i++)
        recipe_close(&b->recipes[i]);
    free(b->recipes);
    *b = (struct recipe_book){0};
}

/* ---- JSON ---- */

char *recipe_unquoted(struct span raw)
{
    struct buf text;
    buf_init(&text, RECIPE_FILE_MAX);
    json_unquote(raw, &text);
    return buf_take(&text);
}

int recipe_want(struct span raw, enum json_type type, const char *name, struct err *err)
{
    if (json_type_of(raw) == type)
        return 0;
    return err_set(err, ERR_CONFIG, "wanted %s", name);
}

int recipe_text(struct span raw, char **out, struct err *err)
{
    if (recipe_want(raw, JSON_STRING, "a text", err))
        return -1;
    *out = recipe_unquoted(raw);
    return **out ? 0 : err_set(err, ERR_CONFIG, "the text is empty");
}

/* ---- steps, recipes, files ---- */

static int read_steps(struct recipe *r, enum step_scope scope, struct span raw,
                      struct err *err)
{
    struct json_cursor at = {0};
    struct span key, item, name;
    if (recipe_want(raw, JSON_ARRAY, "a list of steps", err))
        return -1;
    for (int n = 1; json_next(raw, &at, &key, &item); n++) {
        struct step s = {.scope = scope};
        if (recipe_step_read(r, &s, item, err)) {
            recipe_step_close(&s);
            bool named = json_type_of(item) == JSON_OBJECT &&
                         json_at(item, "/name", &name) &&
                         json_type_of(name) == JSON_STRING;
            return named ? err_wrap(err, "step %.*s", SPAN_ARG(name))
                         : err_wrap(err, "step %d", n);
        }
        r->steps = mem_resize(r->steps, r->step_count + 1, sizeof(*r->steps));
        r->steps[r->step_count++] = s;
    }
    return 0;
}

/* Not in the order of the text: a step uses only those that are there already. */
static int read_all_steps(struct recipe *r, struct span raw, struct err *err)
{
    static const char *const lists[] = {
        [STEP_BEFORE] = "/before", [STEP_ROW] = "/rows", [STEP_AFTER] = "/after"};
    for (int scope = STEP_BEFORE; scope <= STEP_AFTER; scope++) {
        struct span list;
        if (json_at(raw, lists[scope], &list) &&
            read_steps(r, (enum step_scope)scope, list, err))
            return err_wrap(err, "%s", lists[scope] + 1);
    }
    for (size_t i = 0; i < r->step_count; i++)
        if (r->steps[i].scope == STEP_ROW)
            return 0;
    return err_set(err, ERR_CONFIG, "rows: a recipe has at least one step for each row");
}

static int read_summary(struct recipe *r, struct span raw, struct err *err)
{
    struct span summary;
    if (!json_at(raw, "/summary", &summary))
        return err_set(err, ERR_CONFIG, "has no summary");
    return recipe_text(summary, &r->summary, err) ? err_wrap(err, "summary") : 0;
}

static int check_members(struct span raw, struct err *err)
{
    static const char *const known[] = {"summary", "before", "rows", "after"};
    struct json_cursor at = {0};
    struct span key, value;
    while (json_next(raw, &at, &key, &value)) {
        char *name = recipe_unquoted(key);
        bool found = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
            found = found || strcmp(known[i], name) == 0;
        if (!found)
            err_set(err, ERR_CONFIG, "%s: there is no such member", name);
        free(name);
        if (!found)
            return -1;
    }
    return 0;
}

static void digest(struct recipe *r, struct span raw)
{
    char hex[SHA256_HEX_MAX];
    struct sha256 *sha = sha256_begin();
    sha256_add(sha, raw);
    sha256_end(sha, hex);
    snprintf(r->digest, sizeof(r->digest), "%.8s", hex);
}

static int read_recipe(struct recipe *r, struct span raw, struct err *err)
{
    digest(r, raw);
    template_column(r, STEP_ROW, span_of("ref"));
    template_column(r, STEP_ROW, span_of("batch"));
    if (recipe_want(raw, JSON_OBJECT, "an object", err) || check_members(raw, err) ||
        read_summary(r, raw, err))
        return -1;
    return read_all_steps(r, raw, err);
}

static void put_recipe(struct recipe_book *b, struct recipe *r)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->recipes[i].name, r->name) == 0) {
            recipe_close(&b->recipes[i]);
            b->recipes[i] = *r;
            return;
        }
    b->recipes = mem_resize(b->recipes, b->count + 1, sizeof(*b->recipes));
    b->recipes[b->count++] = *r;
}

int recipe_read(struct recipe_book *b, struct span json, const char *name,
                struct err *err)
{
    struct json_cursor at = {0};
    struct span key, value;
    if (json_check(json, err) || recipe_want(json, JSON_OBJECT, "an object", err)) {
        err->code = ERR_CONFIG;
        return err_wrap(err, "%s", name);
    }
    while (json_next(json, &at, &key, &value)) {
        struct recipe r = {.name = recipe_unquoted(key)};
        if (read_recipe(&r, value, err)) {
            err_wrap(err, "%s: %s", name, r.name);
            recipe_close(&r);
            return -1;
        }
        put_recipe(b, &r);
    }
    return 0;
}

static int read_file(struct recipe_book *b, const char *path, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(err, errno == ENOENT ? ERR_NOINPUT : ERR_IO, "%s: %s", path,
                       strerror(errno));
    char *text = mem_zero(RECIPE_FILE_MAX + 1, 1);
    size_t n = fread(text, 1, RECIPE_FILE_MAX + 1, f);
    int rc = 0;
    if (ferror(f))
        rc = err_set(err, ERR_IO, "%s: cannot be read", path);
    else if (n == 0)
        rc = err_set(err, ERR_CONFIG, "%s: is empty: wanted an object of recipes", path);
    else if (n > RECIPE_FILE_MAX)
        rc = err_set(err, ERR_CONFIG, "%s: is longer than %d bytes", path,
                     RECIPE_FILE_MAX);
    else
        rc = recipe_read(b, (struct span){text, n}, path, err);
    fclose(f);
    free(text);
    return rc;
}

int recipe_book_open(struct recipe_book *b, const char *file, struct err *err)
{
    *b = (struct recipe_book){0};
    for (const struct embed *e = recipe_builtin(); e->name; e++)
        if (recipe_read(b, e->text, e->name, err))
            return -1;
    return file ? read_file(b, file, err) : 0;
}

int recipe_find(const struct recipe_book *b, const char *name, struct recipe **out,
                struct err *err)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    nearest_init(&near, span_of(name));
    for (size_t i = 0; i < b->count; i++) {
        *out = &b->recipes[i];
        if (strcmp(b->recipes[i].name, name) == 0)
            return 0;
        nearest_offer(&near, b->recipes[i].name);
    }
    return err_set(err, ERR_USAGE, "there is no recipe '%s'%s", name,
                   near.name ? nearest_hint(&near, hint)
                             : "; `remesa recipes` lists them");
}
