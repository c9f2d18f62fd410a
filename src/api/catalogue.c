#include "api/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/catalogue_parts.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

extern const struct embed catalogue_builtin_files[]; /* remesa_embed writes it */

#define TEXT_OF(number) #number
#define DOTTED(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *catalogue_library(void)
{
    static char text[64];
    snprintf(text, sizeof(text),
             "cJSON %s (built with " DOTTED(CJSON_VERSION_MAJOR, CJSON_VERSION_MINOR,
                                            CJSON_VERSION_PATCH) ")",
             cJSON_Version());
    return text;
}

const struct embed *catalogue_builtin(void)
{
    return catalogue_builtin_files;
}

/* ---- the members of an action ---- */

static int read_actor(struct action *a, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"master", "user", "either", NULL};
    int word = ACTOR_MASTER;
    if (part_word(json, words, &word, err))
        return -1;
    a->actor = (enum action_actor)word;
    return 0;
}

static int read_answer(struct action *a, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"resource", "list", "nothing", "any", NULL};
    int word = ANSWER_RESOURCE;
    if (part_word(json, words, &word, err))
        return -1;
    a->answer = (enum action_answer)word;
    return 0;
}

static int read_repeat(struct action *a, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"unsafe", "safe", NULL};
    int word = 0;
    if (part_word(json, words, &word, err))
        return -1;
    a->repeat_safe = word == 1;
    return 0;
}

static int read_on_behalf(struct action *a, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"header", "relationship", NULL};
    int word = 0;
    if (part_word(json, words, &word, err))
        return -1;
    a->actor_in_body = word == 1;
    return 0;
}

static int read_one_of(struct action *a, const cJSON *json, struct err *err)
{
    return part_texts(json, &a->one_of, err);
}

static int read_bare_body(struct action *a, const cJSON *json, struct err *err)
{
    return part_flag(json, &a->bare_body, err);
}

static int read_part(struct action *a, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"whole", "first", "last", NULL};
    int word = CURRENCY_WHOLE;
    if (part_word(json, words, &word, err))
        return -1;
    a->currency_part = (enum currency_part)word;
    return 0;
}

static int read_money(struct action *a, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        char **out = NULL;
        if (strcmp(item->string, "part") == 0) {
            if (read_part(a, item, err))
                return err_wrap(err, "part");
            continue;
        }
        if (strcmp(item->string, "payee") == 0) {
            if (part_texts(item, &a->payee, err))
                return err_wrap(err, "payee");
            continue;
        }
        if (strcmp(item->string, "amount") == 0)
            out = &a->amount_field;
        else if (strcmp(item->string, "currency") == 0)
            out = &a->currency_field;
        if (!out)
            return err_set(err, ERR_CONFIG, "%s: there is no such member", item->string);
        if (part_text(item, out, err))
            return err_wrap(err, "%s", item->string);
    }
    return 0;
}

static int read_find(struct action *a, const cJSON *json, struct err *err)
{
    return find_read(&a->find, json, err);
}

#define GROUP(name, place)                                                               \
    static int read_##name(struct action *a, const cJSON *json, struct err *err)         \
    {                                                                                    \
        return fields_read(a, place, json, err);                                         \
    }
GROUP(attributes, FIELD_ATTRIBUTE)
GROUP(relationships, FIELD_RELATIONSHIP)
GROUP(in_path, FIELD_PATH)
GROUP(query, FIELD_QUERY)
GROUP(request, FIELD_REQUEST)
GROUP(headers, FIELD_HEADER)
GROUP(limits, FIELD_LIMIT)

#define TEXT(name, member)                                                               \
    static int read_##name(struct action *a, const cJSON *json, struct err *err)         \
    {                                                                                    \
        return part_text(json, &a->member, err);                                         \
    }
TEXT(summary, summary)
TEXT(method, method)
TEXT(path, path)
TEXT(version, version)
TEXT(type, resource_type)
TEXT(tag, tag)
TEXT(state, state_pointer)

static const struct {
    const char *name;
    bool required;
    int (*read)(struct action *a, const cJSON *json, struct err *err);
} members[] = {
    {"summary", true, read_summary},
    {"method", false, read_method},
    {"path", false, read_path},
    {"version", false, read_version},
    {"acts_as", true, read_actor},
    {"on_behalf", false, read_on_behalf},
    {"type", false, read_type},
    {"attributes", false, read_attributes},
    {"relationships", false, read_relationships},
    {"in_path", false, read_in_path},
    {"query", false, read_query},
    {"request", false, read_request},
    {"headers", false, read_headers},
    {"limits", false, read_limits},
    {"require", false, guard_read},
    {"bare_body", false, read_bare_body},
    {"one_of", false, read_one_of},
    {"money", false, read_money},
    {"answer", false, read_answer},
    {"state", false, read_state},
    {"follow", false, follow_read},
    {"find", false, read_find},
    {"tag", false, read_tag},
    {"repeat", false, read_repeat},
    {"rate", false, rate_read},
};
#define MEMBER_COUNT (sizeof(members) / sizeof(*members))

static int read_member(struct action *a, const cJSON *json, struct err *err)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (strcmp(members[i].name, json->string) == 0)
            return members[i].read(a, json, err);
    return err_set(err, ERR_CONFIG, "there is no such member");
}

static int read_action(struct action *a, const cJSON *json, struct err *err)
{
    a->name = mem_text(json->string);
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (read_member(a, item, err))
            return err_wrap(err, "%s", item->string);
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].required &&
            !cJSON_GetObjectItemCaseSensitive(json, members[i].name))
            return err_set(err, ERR_CONFIG, "%s: is missing", members[i].name);
    if (a->method && strcmp(a->method, "GET") == 0)
        a->repeat_safe = true;
    return action_check(a, err);
}

/* ---- the file ---- */

static void put(struct catalogue *c, struct action a)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->actions[i].name, a.name) == 0) {
            action_close(&c->actions[i]);
            c->actions[i] = a;
            return;
        }
    c->actions = mem_resize(c->actions, c->count + 1, sizeof(*c->actions));
    c->actions[c->count++] = a;
}

/* "users" of "/etc/remesa/users.json" */
static char *family_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    return mem_span((struct span){name, strcspn(name, ".")});
}

static int read_actions(struct catalogue *c, const cJSON *tree, const char *name,
                        struct err *err)
{
    if (part_object(tree, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, tree)
    {
        struct action a = {.family = family_of(name)};
        if (read_action(&a, item, err)) {
            action_close(&a);
            return err_wrap(err, "%s", item->string);
        }
        put(c, a);
    }
    return budgets_number(c, err);
}

/* json_check comes first: cJSON keeps repeated keys and accepts bad UTF-8. */
int catalogue_read(struct catalogue *c, struct span json, const char *name,
                   struct err *err)
{
    if (json_check(json, err)) {
        err->code = ERR_CONFIG;
        return err_wrap(err, "%s", name);
    }
    errno = 0;
    cJSON *tree = cJSON_ParseWithLength(json.ptr, json.len);
    if (!tree && errno == ENOMEM)
        mem_gone();
    int rc = tree ? read_actions(c, tree, name, err)
                  : err_set(err, ERR_CONFIG, "cannot be read as JSON");
    cJSON_Delete(tree);
    return rc ? err_wrap(err, "%s", name) : 0;
}

static int read_all(int fd, struct buf *out, const char *path, struct err *err)
{
    char piece[16384];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
        if (!buf_add(out, piece, (size_t)n))
            return err_set(err, ERR_CONFIG, "%s: larger than %d bytes", path,
                           CATALOGUE_FILE_MAX);
    }
    return 0;
}

int catalogue_read_file(struct catalogue *c, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set(err, ERR_NOINPUT, "%s: cannot be opened: %s", path,
                       strerror(errno));
    struct stat st;
    struct buf text;
    buf_init(&text, CATALOGUE_FILE_MAX);
    int rc = 0;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        rc = err_set(err, ERR_NOINPUT, "%s: not a regular file", path);
    if (rc == 0)
        rc = read_all(fd, &text, path, err);
    if (rc == 0)
        rc = catalogue_read(c, buf_span(&text), path, err);
    buf_close(&text);
    close(fd);
    return rc;
}
