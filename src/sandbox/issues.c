/* What is known about a person: an issue, its seeds, what is asked back, and its end.
 *
 * Two styles are understood: an issue of its own, to which seeds point; and acting for a
 * user, whose current issue is made when it is needed. */
#include <stdio.h>

#include "sandbox/handlers.h"
#include "sandbox/machine.h"
#include "sandbox/thing.h"

static bool is_open(const struct resource *issue)
{
    return span_is(issue->state, "draft") || span_is(issue->state, "new") ||
           span_is(issue->state, "observed") || span_is(issue->state, "answered");
}

static struct span user_and_person(int64_t user, char out[192])
{
    snprintf(out, 192,
             "{\"user\":{\"data\":{\"type\":\"users\",\"id\":\"%lld\"}},"
             "\"person\":{\"data\":{\"type\":\"people\",\"id\":\"%lld\"}}}",
             (long long)user, (long long)user);
    return span_of(out);
}

/* ---- issues ---- */

void issues_create(struct call *c)
{
    struct thing t = {.extra = span_of("{\"reason_code\":\"new_client\"}")};
    char relationships[192];
    if (!call_is(c, KIND_ISSUES) || !call_owner(c, &t.owner))
        return;
    t.relationships = user_and_person(t.owner, relationships);
    thing_create(c, &t);
}

/* Made by the server for itself: nobody asked for it, so the ledger of effects has it not.
 */
static int64_t make_issue(struct call *c, int64_t user)
{
    struct buf attributes;
    char relationships[192];
    buf_init(&attributes, 1024);
    buf_add_text(&attributes, "{\"reason_code\":\"new_client\",\"created_at\":");
    machine_time(c->sandbox, span_of(KIND_ISSUES), c->now_us, &attributes);
    buf_add_text(&attributes, ",\"updated_at\":");
    machine_time(c->sandbox, span_of(KIND_ISSUES), c->now_us, &attributes);
    buf_add_char(&attributes, '}');
    struct resource r = {
        .kind = span_of(KIND_ISSUES),
        .user_id = user,
        .created_us = c->now_us,
        .attributes = buf_span(&attributes),
        .relationships = user_and_person(user, relationships),
    };
    resource_add(&c->sandbox->sql, &r);
    machine_enter(c->sandbox, KIND_ISSUES, r.id, "draft", c->now_us);
    buf_close(&attributes);
    return r.id;
}

/* The newest one, or a new one: when there is none, or `open` and it is decided. */
static void current(struct call *c, bool open, struct buf *hold, struct resource *issue)
{
    struct sql *s = &c->sandbox->sql;
    int64_t id = resource_newest(s, KIND_ISSUES, c->user);
    if (id == 0 || !resource_get(s, KIND_ISSUES, id, hold, issue) ||
        (open && !is_open(issue)))
        resource_get(s, KIND_ISSUES, make_issue(c, c->user), hold, issue);
}

void issues_show_current(struct call *c)
{
    struct buf hold;
    struct resource issue;
    buf_init(&hold, 1 << 24);
    current(c, false, &hold, &issue);
    call_show(c, &issue);
    buf_close(&hold);
}

/* The answer has only id, type and state. */
static void complete(struct call *c, struct resource *issue)
{
    if (!span_is(issue->state, "draft") && !span_is(issue->state, "new")) {
        thing_refuse(c, PROBLEM_TRANSITION);
        return;
    }
    thing_step(c, issue, "new", "complete", false);
    answer_clear(c->answer);
    buf_printf(&c->answer->body,
               "{\"data\":{\"id\":\"%lld\",\"type\":\"issues\","
               "\"attributes\":{\"state\":\"new\"}}}",
               (long long)issue->id);
}

void issues_complete(struct call *c)
{
    struct buf hold;
    struct resource issue;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, KIND_ISSUES, call_id(c), &hold, &issue))
        complete(c, &issue);
    buf_close(&hold);
}

void issues_complete_current(struct call *c)
{
    struct buf hold;
    struct resource issue;
    buf_init(&hold, 1 << 24);
    current(c, false, &hold, &issue);
    complete(c, &issue);
    buf_close(&hold);
}

/* ---- seeds ---- */

/* False: answered. A master that names no issue has none of his own to add to. */
static bool find_issue(struct call *c, struct buf *hold, struct resource *issue)
{
    int64_t id = call_related(c, "issue");
    if (id != 0)
        return thing_find(c, KIND_ISSUES, id, hold, issue);
    if (c->on_behalf) {
        current(c, true, hold, issue);
        return true;
    }
    call_problem(c, c->kind->name, "issue", PROBLEM_BLANK);
    call_refused(c);
    return false;
}

static void judge_seed(struct call *c, const struct resource *issue)
{
    if (!is_open(issue))
        call_problem(c, c->kind->name, "base", PROBLEM_NO_MORE_UPDATES);
    if (strcmp(c->kind->name, KIND_DOCKETS) == 0 &&
        resource_count_children(&c->sandbox->sql, KIND_DOCKETS, issue->id) > 0)
        call_problem(c, c->kind->name, "base", PROBLEM_ONE_PER_ISSUE);
}

void seeds_create(struct call *c)
{
    struct buf hold;
    struct resource issue;
    char relationships[128];
    buf_init(&hold, 1 << 24);
    if (call_is(c, c->kind->name) && find_issue(c, &hold, &issue)) {
        snprintf(relationships, sizeof(relationships),
                 "{\"issue\":{\"data\":{\"type\":\"issues\",\"id\":\"%lld\"}}}",
                 (long long)issue.id);
        judge_seed(c, &issue);
        thing_create(c, &(struct thing){.owner = issue.user_id,
                                        .related_id = issue.id,
                                        .relationships = span_of(relationships)});
    }
    buf_close(&hold);
}

void seeds_update(struct call *c)
{
    struct buf hold, other;
    struct resource seed, issue;
    buf_init(&hold, 1 << 24);
    buf_init(&other, 1 << 24);
    if (thing_find(c, c->kind->name, call_id(c), &hold, &seed) &&
        call_is(c, c->kind->name) &&
        thing_find(c, KIND_ISSUES, seed.related_id, &other, &issue)) {
        if (!is_open(&issue))
            call_problem(c, c->kind->name, "base", PROBLEM_NO_MORE_UPDATES);
        thing_change(c, &seed);
    }
    buf_close(&other);
    buf_close(&hold);
}

/* ---- observations ---- */

static void answer_issue(struct call *c, const struct resource *observation)
{
    struct buf hold;
    struct resource issue;
    buf_init(&hold, 1 << 24);
    if (c->answer->status == 200 && fault_applies(c->fault) &&
        resource_get(&c->sandbox->sql, KIND_ISSUES, observation->related_id, &hold,
                     &issue) &&
        span_is(issue.state, "observed"))
        machine_enter(c->sandbox, KIND_ISSUES, issue.id, "answered", c->now_us);
    buf_close(&hold);
}

void observations_update(struct call *c)
{
    struct buf hold;
    struct resource observation;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, KIND_OBSERVATIONS, call_id(c), &hold, &observation) &&
        call_is(c, KIND_OBSERVATIONS)) {
        thing_change(c, &observation);
        answer_issue(c, &observation);
        if (c->answer->status == 200 && fault_applies(c->fault))
            call_effect(c, &observation, "observations/reply", (struct span){0});
    }
    buf_close(&hold);
}
