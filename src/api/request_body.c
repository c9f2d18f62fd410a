#include "api/request_body.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/document.h"
#include "model/http.h"

/* A member that cannot be made for want of memory must not be left out of a payment. */
static cJSON *made(cJSON *item)
{
    if (!item)
        mem_gone();
    return item;
}

/* The object that holds the last step of a dotted name; *name moves on to that step. */
static cJSON *inner_object(cJSON *object, const char **name)
{
    const char *dot;
    while ((dot = strchr(*name, '.'))) {
        char *step = mem_span((struct span){*name, (size_t)(dot - *name)});
        cJSON *inner = cJSON_GetObjectItemCaseSensitive(object, step);
        object = inner ? inner : made(cJSON_AddObjectToObject(object, step));
        free(step);
        *name = dot + 1;
    }
    return object;
}

/* cJSON keeps numbers as doubles, so the digits go in raw. They passed the field's check,
 * which leaves only what is a JSON number as well. */
/* Where the bytes of a file belong: a sign that no JSON has, and which of the action's fields it is. */
#define FILE_MARK '\x01'

static void add_file(cJSON *object, const char *name, const struct action_field *f,
                     const char *value)
{
    struct document d;
    if (!document_read(&d, span_of(value))) { /* the cell has the bytes themselves */
        made(cJSON_AddStringToObject(object, name, value));
        return;
    }
    char *text =
        mem_printf("\"data:%s;base64,%c%s%c\"", d.media, FILE_MARK, f->name, FILE_MARK);
    made(cJSON_AddRawToObject(object, name, text));
    free(text);
    document_close(&d);
}

static void add_attribute(cJSON *attributes, const struct action_field *f,
                          const char *value)
{
    const char *name = f->name;
    cJSON *object = inner_object(attributes, &name);
    if (f->type == VALUE_FILE) {
        add_file(object, name, f, value);
        return;
    }
    bool raw = f->type == VALUE_INTEGER || f->type == VALUE_BOOLEAN ||
               f->type == VALUE_JSON || (f->type == VALUE_DECIMAL && !f->as_string);
    made(raw ? cJSON_AddRawToObject(object, name, value)
             : cJSON_AddStringToObject(object, name, value));
}

static void add_relationship(cJSON *relationships, const struct action_field *f,
                             const char *value)
{
    cJSON *relationship = made(cJSON_AddObjectToObject(relationships, f->name));
    cJSON *data = made(cJSON_AddObjectToObject(relationship, "data"));
    made(cJSON_AddStringToObject(data, "type", f->resource_type));
    made(cJSON_AddStringToObject(data, "id", value));
}

static void add_user(cJSON *data, const char *user)
{
    const struct action_field f = {.name = (char[]){"user"},
                                   .resource_type = (char[]){"users"}};
    if (user[0])
        add_relationship(made(cJSON_AddObjectToObject(data, "relationships")), &f, user);
}

static void add_fields(cJSON *data, const char *member, enum field_place place,
                       const struct action *action, const struct params *values,
                       void (*add)(cJSON *, const struct action_field *, const char *))
{
    cJSON *object = cJSON_GetObjectItemCaseSensitive(data, member);
    for (size_t i = 0; i < action->field_count; i++) {
        const struct action_field *f = &action->fields[i];
        const char *value = params_get(values, f->name);
        if (f->place != place || !value)
            continue;
        if (!object)
            object = made(cJSON_AddObjectToObject(data, member));
        add(object, f, value);
    }
}

/* JSON:API 1.0, "Updating Resources": the document of a PATCH names what it changes. */
static void add_id(cJSON *data, const struct action *action, const struct params *values)
{
    const struct action_field *id = action_field(action, span_of("id"));
    const char *value = params_get(values, "id");
    if (id && id->place == FIELD_PATH && value && strcmp(action->method, "PATCH") == 0)
        made(cJSON_AddStringToObject(data, "id", value));
}

static int open_file(struct http_request *out, const char *name, const char *value,
                     struct err *err)
{
    struct document d;
    if (out->file_count == HTTP_FILES_MAX || !document_read(&d, span_of(value)))
        abort(); /* the catalogue counted them, and add_file read it */
    struct http_file file = {.at = out->body.len, .size = d.size};
    memcpy(file.sha256, d.sha256, sizeof(file.sha256));
    int rc = document_open(&d, &file.fd, err);
    if (rc == 0)
        out->files[out->file_count++] = file;
    document_close(&d);
    return rc ? err_wrap(err, "%s", name) : 0;
}

/* Text from mark to mark; every second piece is the name of a field. */
static int add_text(struct http_request *out, const char *text,
                    const struct params *values, struct err *err)
{
    for (const char *mark; (mark = strchr(text, FILE_MARK)); text = mark + 1) {
        buf_add(&out->body, text, (size_t)(mark - text));
        text = mark + 1;
        mark = strchr(text, FILE_MARK);
        char *name = mem_span((struct span){text, (size_t)(mark - text)});
        int rc = open_file(out, name, params_get(values, name), err);
        free(name);
        if (rc)
            return -1;
    }
    if (buf_add_text(&out->body, text) && !out->body.full)
        return 0;
    return err_set(err, ERR_INPUT, "the request is larger than %d bytes",
                   HTTP_REQUEST_MAX);
}

int request_body_write(struct http_request *out, const struct action *action,
                       const struct params *values, const char *user, struct err *err)
{
    cJSON *document = made(cJSON_CreateObject());
    cJSON *data = made(cJSON_AddObjectToObject(document, "data"));
    made(cJSON_AddStringToObject(data, "type", action->resource_type));
    add_id(data, action, values);
    add_fields(data, "attributes", FIELD_ATTRIBUTE, action, values, add_attribute);
    add_user(data, user);
    add_fields(data, "relationships", FIELD_RELATIONSHIP, action, values,
               add_relationship);
    char *text = cJSON_PrintUnformatted(document);
    cJSON_Delete(document);
    if (!text)
        mem_gone();
    int rc = add_text(out, text, values, err);
    explicit_bzero(text, strlen(text)); /* a password may be in it */
    cJSON_free(text);
    return rc;
}
