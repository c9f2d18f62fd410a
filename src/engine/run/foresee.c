#include "engine/run/foresee.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scan.h"
#include "engine/run/internal.h"
#include "engine/run/lookup_parts.h"
#include "engine/run/poll_parts.h"

#define ID_PREFIX                                                                        \
    "9990077" /* with the job's id in eleven digits: unlike any id of theirs */
#define ANSWER       "{\"foreseen\":true}"
#define NEVER        (-1)
#define EVENTS_MAX   INT64_C(100000000)  /* of a night that would not end */
#define STARTS_AT_US INT64_C(1000000000) /* 0 means something to the core */

/* ---- time ---- */

struct mono foresight_mono(const struct foresight *f)
{
    return (struct mono){STARTS_AT_US + f->now_us};
}

struct wall foresight_wall(const struct foresight *f)
{
    return (struct wall){f->begins.ms + f->now_us / MS_US};
}

void foresight_sleep(struct foresight *f, struct mono until)
{
    int64_t at = until.us - STARTS_AT_US;
    f->wake_us = at > f->now_us ? at : f->now_us;
}

/* ---- ids and answers ---- */

static void make_id(char out[FORESEEN_ID_LEN + 1], int64_t job_id)
{
    snprintf(out, FORESEEN_ID_LEN + 1, ID_PREFIX "%011lld", (long long)job_id);
}

int64_t foreseen_id_job(struct span digits)
{
    int64_t id = 0;
    size_t prefix = strlen(ID_PREFIX);
    if (digits.len != FORESEEN_ID_LEN || memcmp(digits.ptr, ID_PREFIX, prefix) != 0)
        return 0;
    for (size_t i = prefix; i < digits.len; i++)
        id = id * 10 + (digits.ptr[i] - '0');
    return id;
}

/* The text is a foreseen one's only here: a server that answers with it is not believed by a real run. */
const char *foresight_answer(const char *answer)
{
    return answer && strcmp(answer, ANSWER) == 0 ? request_foreseen : answer;
}

static void answer_flight(struct run *r, struct flight *f)
{
    char id[FORESEEN_ID_LEN + 1];
    make_id(id, f->job.id);
    flight_foreseen(f, id, ANSWER);
    run_answered(r, f);
}

static const struct find_page good_page = {
    .usable = true, .outcome = OUTCOME_ACCEPTED, .retry_after_ms = -1};

static void answer_poll(struct run *r, struct poll *p)
{
    for (int i = 0; i < p->count; i++) {
        struct watched *w = &p->members[i];
        w->is_seen = true;
        w->state = mem_text(w->question.action->final_good[0]);
        w->row = mem_text(ANSWER);
    }
    p->seen = p->count;
    p->walk.is_whole = true;
    run_looked(r, p->id, &good_page, false);
}

static void answer_lookup(struct run *r, struct lookup *l)
{
    for (int i = 0; i < l->count; i++) {
        struct member *m = &l->members[i];
        char id[FORESEEN_ID_LEN + 1];
        make_id(id, m->doubt.job.id);
        m->matches = 1;
        m->id = mem_text(id);
        m->state = mem_text(FLIGHT_NOT_FINAL);
        m->row = mem_text(ANSWER);
    }
    l->walk.is_whole = true;
    run_looked(r, l->id, &good_page, false);
}

static void answer(struct run *r, int64_t tag)
{
    struct flight *f = idmap_get(&r->flights, tag);
    struct lookup *l = lookup_of(r, tag);
    struct poll *p = poll_of(r, tag);
    if (f)
        answer_flight(r, f);
    else if (l)
        answer_lookup(r, l);
    else if (p)
        answer_poll(r, p);
}

/* ---- the transport ---- */

static struct foreseen describe(struct run *r, int64_t tag)
{
    const struct flight *f = idmap_get(&r->flights, tag);
    const struct lookup *l = f ? NULL : lookup_of(r, tag);
    const struct poll *p = f || l ? NULL : poll_of(r, tag);
    if (f)
        return (struct foreseen){FORESEEN_SEND, .ref = f->job.ref,
                                 .action = f->job.action, .jobs = 1};
    if (l)
        return (struct foreseen){FORESEEN_LOOK_UP, .ref = l->members[0].doubt.job.ref,
                                 .action = l->members[0].doubt.job.action,
                                 .jobs = l->count};
    return (struct foreseen){FORESEEN_POLL, .ref = p->members[0].follower.job.ref,
                             .action = p->members[0].follower.job.action,
                             .jobs = p->count};
}

static void keep_answer(struct foresight *f, int64_t tag)
{
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 64;
        f->answers = mem_resize(f->answers, f->room, sizeof(*f->answers));
    }
    f->answers[f->count++] =
        (struct foreseen_answer){tag, f->now_us + f->answer_after_us};
}

static void take_request(void *ctx, const struct http_request *request, int64_t tag)
{
    struct foresight *f = ctx;
    struct foreseen told = describe(f->run, tag);
    told.after_us = f->now_us;
    told.job_id = tag;
    told.request = request;
    f->each(f->ctx, &told);
    f->run->counts.sent++;
    keep_answer(f, tag);
}

static void ignore(void *ctx)
{
    (void)ctx;
}

/* ---- the events, one after the other ---- */

static bool is_sooner(int64_t a, int64_t b)
{
    return a != NEVER && (b == NEVER || a < b);
}

static void take_answer(struct foresight *f)
{
    struct foreseen_answer next = f->answers[f->first++];
    if (f->first == f->count)
        f->first = f->count = 0;
    answer(f->run, next.tag);
}

/* An answer before a wake-up of the same moment: it may free what would start then. */
static int next_event(struct foresight *f, int64_t *stop_us, struct err *err)
{
    int64_t answer_us = f->first < f->count ? f->answers[f->first].due_us : NEVER;
    int64_t at = is_sooner(f->wake_us, answer_us) ? f->wake_us : answer_us;
    if (is_sooner(*stop_us, at))
        at = *stop_us;
    if (at == NEVER)
        return err_set(err, ERR_SOFTWARE, "the foreseen run waits for nothing");
    if (at > f->now_us)
        f->now_us = at;
    if (at == *stop_us) {
        *stop_us = NEVER;
        run_stop(f->run);
    } else if (at == answer_us) {
        take_answer(f);
    } else {
        f->wake_us = NEVER;
        run_step(f->run, &(struct core_event){.type = CORE_WOKEN});
    }
    return 0;
}

static int play(struct foresight *f, int64_t stop_us, struct err *err)
{
    struct run *r = f->run;
    for (int64_t events = 0; events < EVENTS_MAX; events++) {
        run_turn(r);
        if (r->over)
            return 0;
        if (r->pending_count == 0 && next_event(f, &stop_us, err))
            return -1;
    }
    return err_set(err, ERR_SOFTWARE, "the foreseen run does not end");
}

static int begin_and_play(struct foresight *f, const struct run_options *o,
                          struct foresaw *out, struct err *err)
{
    const struct transport seam = {f, take_request, ignore, ignore};
    enum core_end end = CORE_END_DONE;
    f->wake_us = NEVER;
    run_start(f->run, &seam, NULL, NULL);
    if (play(f, o->stop_after_ms > 0 ? o->stop_after_ms * MS_US : NEVER, err) ||
        run_result(f->run, &end, err))
        return -1;
    *out = (struct foresaw){f->now_us, end == CORE_END_STOPPED};
    return 0;
}

int run_foresee(struct foresight *f, const struct run_options *options,
                struct foresaw *out, struct err *err)
{
    struct run_options o = *options;
    o.foresight = f;
    o.arrivals = NULL;
    if (run_open(&f->run, NULL, &o, err))
        return -1;
    int rc = begin_and_play(f, &o, out, err);
    run_close(f->run);
    free(f->answers);
    f->run = NULL;
    f->answers = NULL;
    return rc;
}
