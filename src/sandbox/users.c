#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/scan.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"

#define EMAIL_MAX   4096
#define PROFILE_MAX (1 << 16)

static bool may_see(const struct call *c, const struct resource *user)
{
    return user->id == c->user || (!c->on_behalf && user->user_id == MASTER_ID);
}

static bool find_user(struct call *c, int64_t id, struct buf *hold, struct resource *user)
{
    if (id > 0 && resource_get(&c->sandbox->sql, KIND_USERS, id, hold, user) &&
        may_see(c, user))
        return true;
    answer_not_found(c->answer);
    return false;
}

/* The e-mail of the document, judged. `self` is the user that may have it already. */
static void read_email(struct call *c, int64_t self, struct buf *email, bool *given)
{
    struct span raw;
    *given = call_raw(c, "email", &raw);
    if (!*given)
        return;
    if (json_type_of(raw) != JSON_STRING) {
        c->malformed = true;
        return;
    }
    json_unquote(raw, email);
    if (!scan_email(buf_span(email)))
        call_problem(c, KIND_USERS, "email", PROBLEM_INVALID);
    else if (c->sandbox->options->unique_emails &&
             resource_email_taken(&c->sandbox->sql, buf_span(email), self))
        call_problem(c, KIND_USERS, "email", PROBLEM_TAKEN);
}

/* A member of the attributes as they were; "null" when it was not there. */
static struct span old_value(const struct resource *old, const char *pointer)
{
    struct span raw;
    if (!old || !json_at(old->attributes, pointer, &raw))
        return span_of("null");
    return raw;
}

static struct span new_or_old(struct call *c, const char *name, const char *pointer,
                              const struct resource *old)
{
    struct span raw;
    return call_raw(c, name, &raw) ? raw : old_value(old, pointer);
}

static struct span truth(struct span raw)
{
    bool yes = json_type_of(raw) == JSON_TRUE || span_is(raw, "\"true\"");
    return span_of(yes ? "true" : "false");
}

/* What is not named here is dropped without a word, as the API does. */
static void write_profile(struct call *c, struct span email, const struct resource *old,
                          struct buf *out)
{
    struct jsonw w;
    struct span quiet = new_or_old(c, "do_not_email", "/do_not_email", old);
    struct span hook = new_or_old(c, "webhook_url", "/webhook_url", old);
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    jsonw_raw(&w, "name", email);
    jsonw_raw(&w, "email", email);
    jsonw_raw(&w, "kyc_accepted", truth(old_value(old, "/kyc_accepted")));
    jsonw_bool(&w, "otp_enabled", false);
    jsonw_raw(&w, "do_not_email", truth(quiet));
    jsonw_bool(&w, "trezor_login_enabled", false);
    jsonw_raw(&w, "compliance_state",
              old ? old_value(old, "/compliance_state") : span_of("\"new\""));
    if (json_type_of(hook) == JSON_STRING)
        jsonw_raw(&w, "webhook_url", hook);
    jsonw_close(&w, '}');
}

static void quote_email(const struct buf *email, bool given, struct buf *out)
{
    if (given)
        jsonw_quote(out, buf_span(email));
    else
        buf_add_text(out, "null");
}

void users_create(struct call *c)
{
    struct buf email, quoted, profile;
    bool given;
    if (c->on_behalf) { /* a managed user manages nobody */
        answer_text_error(c->answer, 401, "Not enough permissions");
        return;
    }
    if (!call_is(c, KIND_USERS))
        return;
    buf_init(&email, EMAIL_MAX);
    buf_init(&quoted, 8 * EMAIL_MAX);
    buf_init(&profile, PROFILE_MAX);
    read_email(c, 0, &email, &given);
    if (!call_refused(c)) {
        quote_email(&email, given, &quoted);
        write_profile(c, buf_span(&quoted), NULL, &profile);
        struct resource user = {
            .kind = span_of(KIND_USERS),
            .user_id = MASTER_ID,
            .reference = given ? buf_span(&email) : (struct span){0},
            .attributes = buf_span(&profile),
        };
        call_create(c, &user, (struct span){0});
    }
    buf_close(&profile);
    buf_close(&quoted);
    buf_close(&email);
}

static void change(struct call *c, struct resource *user)
{
    struct buf email, quoted, profile;
    bool given;
    buf_init(&email, EMAIL_MAX);
    buf_init(&quoted, 8 * EMAIL_MAX);
    buf_init(&profile, PROFILE_MAX);
    read_email(c, user->id, &email, &given);
    if (!call_refused(c)) {
        quote_email(&email, given, &quoted);
        struct span now = given ? buf_span(&quoted) : old_value(user, "/email");
        write_profile(c, now, user, &profile);
        user->reference = given ? buf_span(&email) : user->reference;
        user->attributes = buf_span(&profile);
        if (fault_applies(c->fault))
            resource_set(&c->sandbox->sql, KIND_USERS, user->id, user->reference,
                         user->attributes);
        call_show(c, user);
    }
    buf_close(&profile);
    buf_close(&quoted);
    buf_close(&email);
}

static void update(struct call *c, int64_t id)
{
    struct buf hold;
    struct resource user;
    buf_init(&hold, PROFILE_MAX);
    if (find_user(c, id, &hold, &user) && call_is(c, KIND_USERS))
        change(c, &user);
    buf_close(&hold);
}

static void show(struct call *c, int64_t id)
{
    struct buf hold;
    struct resource user;
    buf_init(&hold, PROFILE_MAX);
    if (find_user(c, id, &hold, &user))
        call_show(c, &user);
    buf_close(&hold);
}

void users_update(struct call *c)
{
    update(c, call_id(c));
}

void users_update_me(struct call *c)
{
    update(c, c->user);
}

void users_show(struct call *c)
{
    show(c, call_id(c));
}

void users_show_me(struct call *c)
{
    show(c, c->user);
}

/* On behalf of a user it is the list of those that he manages: none. */
void users_list(struct call *c)
{
    list_show(c, &(struct resource_filter){.kind = KIND_USERS, .user_id = c->user});
}
