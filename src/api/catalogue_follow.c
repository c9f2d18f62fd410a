#include <string.h>

#include "api/catalogue_parts.h"
#include "base/scan.h"

#define FIRST_MS INT64_C(60000)
#define MOST_MS  (30 * FIRST_MS)

static bool read_time(const cJSON *json, int64_t *ms)
{
    return cJSON_IsString(json) && scan_duration(span_of(json->valuestring), ms) &&
           *ms > 0;
}

static int read_every(struct action_follow *f, const cJSON *json, struct err *err)
{
    bool is_pair = cJSON_IsArray(json) && cJSON_GetArraySize(json) == 2;
    if (!is_pair || !read_time(cJSON_GetArrayItem(json, 0), &f->first_ms) ||
        !read_time(cJSON_GetArrayItem(json, 1), &f->most_ms))
        return err_set(err, ERR_CONFIG,
                       "must be two times, such as [\"1m\", \"30m\"]: first and longest");
    if (f->first_ms > f->most_ms)
        return err_set(err, ERR_CONFIG, "the first time is longer than the longest");
    return 0;
}

static int read_dependants(struct action_follow *f, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"final", "accepted", NULL};
    int word = 0;
    if (part_word(json, words, &word, err))
        return -1;
    f->frees_early = word == 1;
    return 0;
}

static int read_asker(struct action_follow *f, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"user", "master", NULL};
    int word = 0;
    if (part_word(json, words, &word, err))
        return -1;
    f->by_master = word == 1;
    return 0;
}

static int read_member(struct action *a, const cJSON *json, struct err *err)
{
    if (strcmp(json->string, "good") == 0)
        return part_texts(json, &a->final_good, err);
    if (strcmp(json->string, "bad") == 0)
        return part_texts(json, &a->final_bad, err);
    if (strcmp(json->string, "one") == 0)
        return part_text(json, &a->follow.one, err);
    if (strcmp(json->string, "list") == 0)
        return part_text(json, &a->follow.list, err);
    if (strcmp(json->string, "every") == 0)
        return read_every(&a->follow, json, err);
    if (strcmp(json->string, "reason") == 0)
        return part_text(json, &a->follow.reason, err);
    if (strcmp(json->string, "acts_as") == 0)
        return read_asker(&a->follow, json, err);
    if (strcmp(json->string, "dependants") == 0)
        return read_dependants(&a->follow, json, err);
    return err_set(err, ERR_CONFIG, "there is no such member");
}

int follow_read(struct action *a, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    a->follow.first_ms = FIRST_MS;
    a->follow.most_ms = MOST_MS;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (read_member(a, item, err))
            return err_wrap(err, "%s", item->string);
    }
    if (!a->final_good || !a->final_bad)
        return err_set(err, ERR_CONFIG, "needs both good and bad states");
    return 0;
}

/* ---- rules ---- */

static bool in_both(char *const *some, char *const *others)
{
    for (; *some; some++)
        for (char *const *o = others; *o; o++)
            if (strcmp(*some, *o) == 0)
                return true;
    return false;
}

static int check_paths(const struct action *a, struct err *err)
{
    const struct action_follow *f = &a->follow;
    if (f->list && !is_path_template(a, f->list, false))
        return err_set(err, ERR_CONFIG,
                       "follow: list: starts with / and has no braces but {sent_on} and "
                       "{NAME} of a required id");
    if (f->one && (!is_path_template(a, f->one, true) || !strstr(f->one, "{id}")))
        return err_set(err, ERR_CONFIG,
                       "follow: one: starts with / and has {id} in it, and no braces but "
                       "{sent_on} and {NAME} of a required id");
    if (f->reason && f->reason[0] != '/')
        return err_set(err, ERR_CONFIG,
                       "follow: reason: a JSON pointer such as /attributes/reason");
    return 0;
}

int follow_check(const struct action *a, struct err *err)
{
    if (a->state_pointer && a->state_pointer[0] != '/')
        return err_set(err, ERR_CONFIG,
                       "state: a JSON pointer such as /attributes/status");
    if (!a->final_good)
        return 0;
    if (!a->state_pointer)
        return err_set(err, ERR_CONFIG, "follow: needs state");
    if (a->answer != ANSWER_RESOURCE)
        return err_set(err, ERR_CONFIG, "follow: needs the answer to be a resource");
    if (in_both(a->final_good, a->final_bad))
        return err_set(err, ERR_CONFIG, "follow: a state is both good and bad");
    if (a->follow.by_master && a->actor == ACTOR_MASTER)
        return err_set(err, ERR_CONFIG,
                       "follow: acts_as: the action itself is the "
                       "master's: leave it out");
    return check_paths(a, err);
}
