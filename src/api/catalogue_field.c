#include <stdlib.h>
#include <string.h>

#include "api/catalogue_parts.h"
#include "base/mem.h"
#include "base/scan.h"
#include "model/document.h"

int part_object(const cJSON *json, struct err *err)
{
    if (!cJSON_IsObject(json))
        return err_set(err, ERR_CONFIG, "must be an object: { ... }");
    return 0;
}

int part_text(const cJSON *json, char **out, struct err *err)
{
    if (!cJSON_IsString(json) || json->valuestring[0] == '\0')
        return err_set(err, ERR_CONFIG, "must be a text: \"...\"");
    free(*out);
    *out = mem_text(json->valuestring);
    return 0;
}

int part_flag(const cJSON *json, bool *out, struct err *err)
{
    if (!cJSON_IsBool(json))
        return err_set(err, ERR_CONFIG, "must be true or false");
    *out = cJSON_IsTrue(json);
    return 0;
}

int part_count(const cJSON *json, int64_t *out, struct err *err)
{
    char *digits = cJSON_IsNumber(json) ? cJSON_PrintUnformatted(json) : NULL;
    bool good = digits && scan_int(span_of(digits), 1, 1000000000, out);
    cJSON_free(digits);
    return good ? 0 : err_set(err, ERR_CONFIG, "must be a whole number from 1 on");
}

/* *out is filled even when it fails, so that action_close frees what was read. */
int part_texts(const cJSON *json, char ***out, struct err *err)
{
    if (!cJSON_IsArray(json) || !json->child)
        return err_set(err, ERR_CONFIG, "must be a list of texts: [\"...\", ...]");
    char **texts = mem_zero((size_t)cJSON_GetArraySize(json) + 1, sizeof(*texts));
    *out = texts;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (part_text(item, texts++, err))
            return -1;
    }
    return 0;
}

int part_word(const cJSON *json, const char *const words[], int *out, struct err *err)
{
    char listed[256] = "";
    for (int i = 0; words[i]; i++) {
        if (cJSON_IsString(json) && strcmp(json->valuestring, words[i]) == 0) {
            *out = i;
            return 0;
        }
        strncat(listed, i ? ", " : "", sizeof(listed) - strlen(listed) - 1);
        strncat(listed, words[i], sizeof(listed) - strlen(listed) - 1);
    }
    return err_set(err, ERR_CONFIG, "must be one of: %s", listed);
}

static int read_type(struct action_field *f, const cJSON *json, struct err *err)
{
    if (f->place == FIELD_RELATIONSHIP) {
        f->type = VALUE_ID;
        return part_text(json, &f->resource_type, err);
    }
    if (!cJSON_IsString(json) || !value_type_parse(span_of(json->valuestring), &f->type))
        return err_set(err, ERR_CONFIG, "no such type; actions/README.md lists them");
    return 0;
}

static int read_fills(struct action_field *f, const cJSON *json, struct err *err)
{
    static const char *const words[FILLS_COUNT] = {"name", "type", "size"};
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        size_t i = 0;
        while (i < FILLS_COUNT && strcmp(words[i], item->string) != 0)
            i++;
        if (i == FILLS_COUNT)
            return err_set(err, ERR_CONFIG, "%s: there is no such member", item->string);
        if (part_text(item, &f->fills[i], err))
            return err_wrap(err, "%s", item->string);
    }
    return 0;
}

static int read_member(struct action_field *f, const cJSON *json, struct err *err)
{
    if (strcmp(json->string, "type") == 0)
        return read_type(f, json, err);
    if (strcmp(json->string, "required") == 0)
        return part_flag(json, &f->required, err);
    if (strcmp(json->string, "help") == 0)
        return part_text(json, &f->help, err);
    if (strcmp(json->string, "as_string") == 0)
        return part_flag(json, &f->as_string, err);
    if (strcmp(json->string, "choices") == 0)
        return part_texts(json, &f->choices, err);
    if (strcmp(json->string, "max") == 0)
        return part_count(json, &f->max, err);
    if (strcmp(json->string, "fills") == 0)
        return read_fills(f, json, err);
    if (strcmp(json->string, "header") == 0)
        return part_text(json, &f->header, err);
    if (strcmp(json->string, "digits") == 0)
        return part_count(json, &f->digits, err);
    if (strcmp(json->string, "sample") == 0)
        return part_text(json, &f->sample, err);
    return err_set(err, ERR_CONFIG, "there is no such member");
}

/* A sample is a cell of a row that stands alone, so no @ref of another job. */
static int check_sample(const struct action_field *f, struct err *err)
{
    const char *want;
    if (!f->sample || action_field_accepts(f, span_of(f->sample), &want))
        return 0;
    return err_set(err, ERR_CONFIG, "sample: must be %s", want);
}

static int check_file(const struct action_field *f, struct err *err)
{
    if (f->place != FIELD_ATTRIBUTE)
        return err_set(err, ERR_CONFIG, "type: only an attribute may be a file");
    if (f->max > DOCUMENT_MAX)
        return err_set(err, ERR_CONFIG, "max: of a file at most %d", DOCUMENT_MAX);
    for (size_t i = 0; f->choices && f->choices[i]; i++)
        if (!document_media_is_known(f->choices[i]))
            return err_set(err, ERR_CONFIG,
                           "choices: %s: files of that kind cannot be told",
                           f->choices[i]);
    return 0;
}

static bool is_header_name(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
    return n > 0 && name[n] == '\0';
}

static int check_secret(const struct action_field *f, struct err *err)
{
    if (f->type == VALUE_SECRET && f->place != FIELD_ATTRIBUTE)
        return err_set(err, ERR_CONFIG, "type: only an attribute may be a secret");
    if ((f->type == VALUE_ONE_TIME) != (f->place == FIELD_HEADER))
        return err_set(
            err, ERR_CONFIG,
            "type: a one_time_password stands in headers, and nothing else does");
    if (!f->header != (f->place != FIELD_HEADER))
        return err_set(err, ERR_CONFIG,
                       "header: is the name of the header, of a field of headers alone");
    if (f->header && !is_header_name(f->header))
        return err_set(err, ERR_CONFIG, "header: has letters and -");
    return 0;
}

static int check_field(const struct action_field *f, struct err *err)
{
    if (f->as_string && f->type != VALUE_DECIMAL)
        return err_set(err, ERR_CONFIG, "as_string: only a decimal may have it");
    if (f->type == VALUE_CHOICE && !f->choices)
        return err_set(err, ERR_CONFIG, "choices: is missing");
    if (f->type != VALUE_CHOICE && f->type != VALUE_CURRENCY && f->type != VALUE_FILE &&
        f->choices)
        return err_set(err, ERR_CONFIG,
                       "choices: only a field of type choice, currency or file has them");
    if (f->max && f->type != VALUE_TEXT && f->type != VALUE_FILE)
        return err_set(err, ERR_CONFIG, "max: only a text or a file has it");
    if (f->digits && f->type != VALUE_TEXT)
        return err_set(err, ERR_CONFIG, "digits: only a text has it");
    if (f->type == VALUE_FILE && check_file(f, err))
        return -1;
    return check_secret(f, err) ? -1 : check_sample(f, err);
}

static int read_field(struct action_field *f, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (read_member(f, item, err))
            return err_wrap(err, "%s", item->string);
    }
    if (!cJSON_GetObjectItemCaseSensitive(json, "type"))
        return err_set(err, ERR_CONFIG, "type: is missing");
    return check_field(f, err);
}

/* The field is the action's before it is read: action_close frees it either way. */
int fields_read(struct action *a, enum field_place place, const cJSON *group,
                struct err *err)
{
    if (part_object(group, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, group)
    {
        if (action_field(a, span_of(item->string)))
            return err_set(err, ERR_CONFIG, "%s: there is a field of this name already",
                           item->string);
        a->fields = mem_resize(a->fields, a->field_count + 1, sizeof(*a->fields));
        struct action_field *f = &a->fields[a->field_count++];
        *f = (struct action_field){.name = mem_text(item->string), .place = place};
        if (read_field(f, item, err))
            return err_wrap(err, "%s", item->string);
    }
    return 0;
}
