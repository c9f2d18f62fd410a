#include <stdlib.h>
#include <string.h>

#include "api/catalogue_parts.h"
#include "base/buf.h"
#include "base/mem.h"
#include "model/http.h"

#define NAME_MAX_BYTES 64

static bool is_name(const char *name, const char *also)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t n = 0;
    while (name[n] && (strchr(letters, name[n]) || strchr(also, name[n])))
        n++;
    return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0';
}

static bool is_shown(const char *text)
{
    while (*text > ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

static bool has_type(const char *text, enum value_type type)
{
    const struct action_field f = {.type = type};
    const char *want;
    return action_field_accepts(&f, span_of(text), &want);
}

static bool has_place(const struct action *a, enum field_place place)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].place == place)
            return true;
    return false;
}

/* A field named by another member: it must be there, and of that place and type. */
static bool is_attribute(const struct action *a, const char *name, enum value_type type)
{
    const struct action_field *f = action_field(a, span_of(name));
    return f && f->place == FIELD_ATTRIBUTE && f->type == type;
}

/* ---- names ---- */

static bool is_everyones_column(const char *name)
{
    static const char *const columns[] = {"ref", "action", "on_behalf_of", "needs",
                                          "params"};
    for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
        if (strcmp(name, columns[i]) == 0)
            return true;
    return false;
}

/* "body" and "body.cbu" cannot both be: the one is a value, the other makes it an object.
 */
static bool is_inside(const char *name, const char *other)
{
    size_t n = strlen(other);
    return strncmp(name, other, n) == 0 && name[n] == '.';
}

static bool has_empty_step(const char *name)
{
    return name[0] == '.' || strstr(name, "..") || name[strlen(name) - 1] == '.';
}

static int check_name(const struct action *a, const struct action_field *f,
                      struct err *err)
{
    if (!is_name(f->name, f->place == FIELD_QUERY ? "-.[]" : "-."))
        return err_set(err, ERR_CONFIG,
                       "%s: a name has letters, digits, _ - and dots that nest", f->name);
    if (is_everyones_column(f->name))
        return err_set(err, ERR_CONFIG, "%s: a column of every file has this name",
                       f->name);
    if (has_empty_step(f->name))
        return err_set(err, ERR_CONFIG, "%s: nothing stands beside a dot", f->name);
    for (size_t i = 0; i < a->field_count; i++)
        if (is_inside(f->name, a->fields[i].name))
            return err_set(err, ERR_CONFIG, "%s: cannot be inside %s, which is a field",
                           f->name, a->fields[i].name);
    return 0;
}

static int check_names(const struct action *a, struct err *err)
{
    if (!is_name(a->name, ""))
        return err_set(err, ERR_CONFIG, "an action's name has letters, digits and _");
    for (size_t i = 0; i < a->field_count; i++)
        if (check_name(a, &a->fields[i], err))
            return -1;
    return 0;
}

/* ---- method and path ---- */

/* Copies the path with each {name} replaced by the name; the names must be fields. */
static int fill_path(const struct action *a, struct buf *out, struct err *err)
{
    for (const char *p = a->path; *p; p++) {
        size_t n = *p == '{' ? strcspn(p + 1, "{}") : 0;
        if (*p != '{') {
            buf_add_char(out, *p);
            continue;
        }
        struct span name = {p + 1, n};
        const struct action_field *f = action_field(a, name);
        if (p[1 + n] != '}' || !f || f->place != FIELD_PATH)
            return err_set(err, ERR_CONFIG, "path: {%.*s} is not in in_path",
                           SPAN_ARG(name));
        buf_add_char(out, 'x');
        p += n + 1;
    }
    return 0;
}

static int check_path(const struct action *a, struct err *err)
{
    struct buf filled;
    buf_init(&filled, 2000);
    int rc = fill_path(a, &filled, err);
    if (rc == 0 && (filled.full || !has_type(filled.data, VALUE_PATH)))
        rc = err_set(err, ERR_CONFIG, "path: starts with / and has no . or .. step");
    buf_close(&filled);
    return rc;
}

static int check_in_path(const struct action *a, const struct action_field *f,
                         struct err *err)
{
    if (f->type != VALUE_ID || !f->required)
        return err_set(err, ERR_CONFIG, "in_path: %s: must be a required id", f->name);
    char *braced = mem_printf("{%s}", f->name);
    bool there = a->path && strstr(a->path, braced);
    free(braced);
    return there ? 0
                 : err_set(err, ERR_CONFIG, "in_path: %s: the path has no {%s}", f->name,
                           f->name);
}

static int check_target(const struct action *a, struct err *err)
{
    if (a->method && !has_type(a->method, VALUE_METHOD))
        return err_set(err, ERR_CONFIG, "method: GET, POST, PUT, PATCH or DELETE");
    if (a->version && !is_shown(a->version))
        return err_set(err, ERR_CONFIG, "version: one word of visible ASCII");
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].place == FIELD_PATH && check_in_path(a, &a->fields[i], err))
            return -1;
    return a->path ? check_path(a, err) : 0;
}

/* ---- what the job itself says: the generic request ---- */

static int check_request_field(const struct action_field *f, struct err *err)
{
    static const struct {
        const char *name;
        enum value_type type;
    } known[] = {{"method", VALUE_METHOD},
                 {"path", VALUE_PATH},
                 {"body", VALUE_JSON},
                 {"version", VALUE_DECIMAL}};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(f->name, known[i].name) != 0)
            continue;
        if (f->type == known[i].type)
            return 0;
        return err_set(err, ERR_CONFIG, "request: %s: must be of type %s", f->name,
                       value_type_name(known[i].type));
    }
    return err_set(err, ERR_CONFIG, "request: %s: only method, path, body and version",
                   f->name);
}

/* Said once: by the entry or by a required field of the job, never by both. */
static int check_said_once(const struct action *a, const char *name, const char *fixed,
                           struct err *err)
{
    const struct action_field *f = action_field(a, span_of(name));
    bool asked = f && f->place == FIELD_REQUEST;
    if (fixed && asked)
        return err_set(err, ERR_CONFIG, "%s: is also in request", name);
    if (!fixed && !(asked && f->required))
        return err_set(err, ERR_CONFIG, "%s: is missing", name);
    return 0;
}

static int check_request(const struct action *a, struct err *err)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].place == FIELD_REQUEST &&
            check_request_field(&a->fields[i], err))
            return -1;
    if (check_said_once(a, "method", a->method, err))
        return -1;
    return check_said_once(a, "path", a->path, err);
}

/* ---- the user acted for, and what excludes each other ---- */

static int check_actor_in_body(const struct action *a, struct err *err)
{
    if (!a->actor_in_body)
        return 0;
    if (a->actor == ACTOR_MASTER)
        return err_set(err, ERR_CONFIG, "on_behalf: the master acts for itself");
    if (!a->method || strcmp(a->method, "POST") != 0 || !a->resource_type || a->bare_body)
        return err_set(err, ERR_CONFIG,
                       "on_behalf: relationship: needs a POST of a document with a type");
    if (action_field(a, span_of("user")))
        return err_set(err, ERR_CONFIG,
                       "on_behalf: relationship: user is a field already");
    return 0;
}

static int check_one_of(const struct action *a, struct err *err)
{
    for (size_t i = 0; a->one_of && a->one_of[i]; i++) {
        const struct action_field *f = action_field(a, span_of(a->one_of[i]));
        if (!f || f->required)
            return err_set(err, ERR_CONFIG,
                           "one_of: %s: must name a field that is not required",
                           a->one_of[i]);
    }
    if (a->one_of && !a->one_of[1])
        return err_set(err, ERR_CONFIG, "one_of: needs two fields at least");
    return 0;
}

/* ---- body ---- */

static int check_body(const struct action *a, struct err *err)
{
    bool document = has_place(a, FIELD_ATTRIBUTE) || has_place(a, FIELD_RELATIONSHIP);
    const struct action_field *body = action_field(a, span_of("body"));
    bool own = body && body->place == FIELD_REQUEST;
    bool writes =
        a->method && strcmp(a->method, "GET") != 0 && strcmp(a->method, "DELETE") != 0;
    if (own != a->bare_body)
        return err_set(err, ERR_CONFIG,
                       "bare_body: true goes with a body in request, and only with it");
    if (document && (a->bare_body || !writes))
        return err_set(err, ERR_CONFIG,
                       "attributes and relationships need a POST, PUT or PATCH "
                       "without bare_body");
    if (document && !a->resource_type)
        return err_set(err, ERR_CONFIG, "type: is missing");
    return 0;
}

/* ---- money, tag, follow ---- */

static bool is_required(const struct action *a, const char *name)
{
    return action_field(a, span_of(name))->required;
}

static int check_payee(const struct action *a, struct err *err)
{
    for (char **name = a->payee; name && *name; name++)
        if (!action_field(a, span_of(*name)))
            return err_set(err, ERR_CONFIG, "money: payee: %s: there is no such field",
                           *name);
    return a->payee && !a->amount_field
               ? err_set(err, ERR_CONFIG, "money: payee: needs amount and currency")
               : 0;
}

static int check_money(const struct action *a, struct err *err)
{
    if (!a->amount_field != !a->currency_field)
        return err_set(err, ERR_CONFIG, "money: needs both amount and currency");
    if (check_payee(a, err))
        return -1;
    if (!a->amount_field)
        return 0;
    if (!is_attribute(a, a->amount_field, VALUE_DECIMAL) ||
        !(is_required(a, a->amount_field) || action_is_one_of(a, a->amount_field)))
        return err_set(err, ERR_CONFIG,
                       "money: amount: must name a required decimal attribute");
    bool part = a->currency_part != CURRENCY_WHOLE;
    if (!is_attribute(a, a->currency_field, part ? VALUE_CHOICE : VALUE_CURRENCY) ||
        !is_required(a, a->currency_field))
        return err_set(err, ERR_CONFIG,
                       "money: currency: must name a required attribute of type %s",
                       part ? "choice, of which it is a part" : "currency");
    return 0;
}

static int check_tag(const struct action *a, struct err *err)
{
    if (!a->tag || is_attribute(a, a->tag, VALUE_TEXT) ||
        is_attribute(a, a->tag, VALUE_EMAIL))
        return 0;
    return err_set(err, ERR_CONFIG, "tag: must name an attribute of type text or email");
}

/* ---- files ---- */

static int check_fills(const struct action *a, const struct action_field *f,
                       struct err *err)
{
    static const enum value_type types[FILLS_COUNT] = {VALUE_TEXT, VALUE_CHOICE,
                                                       VALUE_INTEGER};
    for (size_t i = 0; i < FILLS_COUNT; i++) {
        if (!f->fills[i])
            continue;
        if (f->type != VALUE_FILE)
            return err_set(err, ERR_CONFIG, "%s: fills: only a file has it", f->name);
        if (!is_attribute(a, f->fills[i], types[i]))
            return err_set(err, ERR_CONFIG,
                           "%s: fills: %s: must name an attribute of "
                           "type %s",
                           f->name, f->fills[i], value_type_name(types[i]));
    }
    return 0;
}

static int check_files(const struct action *a, struct err *err)
{
    int files = 0;
    for (size_t i = 0; i < a->field_count; i++) {
        files += a->fields[i].type == VALUE_FILE;
        if (check_fills(a, &a->fields[i], err))
            return -1;
    }
    if (files > HTTP_FILES_MAX)
        return err_set(err, ERR_CONFIG, "attributes: at most %d may be files",
                       HTTP_FILES_MAX);
    return 0;
}

static int check_rate(const struct action *a, struct err *err)
{
    if (!a->milli_rate || (a->method && a->path))
        return 0;
    return err_set(err, ERR_CONFIG,
                   "rate: needs a method and a path of the action's own");
}

int action_check(const struct action *a, struct err *err)
{
    static int (*const checks[])(const struct action *, struct err *) = {
        check_names,  check_request,     check_target, check_body,   check_actor_in_body,
        check_one_of, check_money,       check_tag,    follow_check, check_rate,
        find_check,   guard_check_entry, check_files,
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
        if (checks[i](a, err))
            return -1;
    return 0;
}
