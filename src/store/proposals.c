#include "store/proposals.h"

#include <string.h>

#include "base/text.h"
#include "store/audit.h"
#include "store/internal.h"

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The last word about the same thing is the one that counts. */
enum standing { NOTHING_SAID, SAID_BY_ANOTHER, SAID_BY_ME, SAID_OTHERWISE };

static enum standing judge(struct store *s, const struct proposal *p, struct stmt *q)
{
    const struct person who =
        person_of(stmt_int(q, "uid"), stmt_text(q, "proposed_by"), stmt_text(q, "sudo"));
    if (!same(stmt_text(q, "verb"), p->verb) ||
        !same(stmt_text(q, "remote_id"), p->remote_id))
        return SAID_OTHERWISE;
    return person_may_be(&who, &s->me) ? SAID_BY_ME : SAID_BY_ANOTHER;
}

static int look(struct store *s, const struct proposal *p, enum standing *out,
                struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT verb, remote_id, proposed_by, uid, sudo FROM proposal "
                "WHERE job_id = ? AND attempt = ? AND coalesce(hold_id, 0) = ? "
                "ORDER BY id DESC LIMIT 1",
                err);
    stmt_bind_int(q, p->job_id);
    stmt_bind_int(q, p->attempt);
    stmt_bind_int(q, p->hold_id);
    int rc = stmt_step(q, err);
    *out = rc == 1 ? judge(s, p, q) : NOTHING_SAID;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

static int insert(struct store *s, const struct proposal *p, struct wall now,
                  struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "INSERT INTO proposal (job_id, attempt, hold_id, verb, remote_id, reason, "
        "proposed_at, proposed_by, uid, sudo) "
        "VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?)",
        err);
    stmt_bind_int(q, p->job_id);
    stmt_bind_int(q, p->attempt);
    stmt_bind_int(q, p->hold_id);
    stmt_bind_text(q, p->verb);
    stmt_bind_text(q, p->remote_id);
    stmt_bind_text(q, p->reason);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, s->me.name);
    stmt_bind_int(q, s->me.uid);
    stmt_bind_text(q, person_sudo(&s->me));
    return stmt_run(q, err);
}

static int keep(struct store *s, const struct proposal *p, struct wall now,
                struct err *err)
{
    struct audit a;
    if (insert(s, p, now, err))
        return -1;
    int64_t id = db_last_id(s->db);
    audit_open(&a);
    jsonw_int(&a.w, "proposal", id);
    jsonw_text(&a.w, "verb", p->verb);
    jsonw_int(&a.w, p->hold_id ? "hold" : "attempt",
              p->hold_id ? p->hold_id : p->attempt);
    jsonw_text(&a.w, "reason", p->reason);
    jsonw_text(&a.w, "remote_id", p->remote_id);
    return audit_add(&a, s, "propose", p->ref, now, err);
}

/* By what is set now, or was when the batch was held for an approval: an environment cannot talk anybody out of it. */
static int takes_two(struct store *s, const struct four_eyes *four_eyes,
                     const struct proposal *p, bool *two, struct err *err)
{
    struct four_eyes then = {.required = true};
    struct stmt *q = db_stmt(s->db,
                             "SELECT b.four_eyes FROM job j JOIN batch b "
                             "ON b.id = j.batch_id WHERE j.id = ?",
                             err);
    stmt_bind_int(q, p->job_id);
    int rc = stmt_step(q, err);
    bool was = rc == 1 && !stmt_is_null(q, "four_eyes");
    if (was)
        cap_list_parse(span_of(stmt_text(q, "four_eyes")), &then.above);
    stmt_reset(q);
    *two = (four_eyes && four_eyes_concern(four_eyes, p->sum)) ||
           (was && four_eyes_concern(&then, p->sum));
    return rc < 0 ? -1 : 0;
}

int proposal_may(struct store *s, const struct four_eyes *four_eyes,
                 const struct proposal *p, struct wall now, struct err *err)
{
    enum standing standing;
    bool two;
    if (!p->sum.currency[0])
        return 1;
    if (takes_two(s, four_eyes, p, &two, err))
        return -1;
    if (!two)
        return 1;
    if (look(s, p, &standing, err))
        return -1;
    if (standing == SAID_BY_ANOTHER)
        return 1;
    return standing == SAID_BY_ME ? 0 : keep(s, p, now, err);
}

int proposal_tell(const char *ref, int64_t jobs, struct err *err)
{
    if (ref)
        return err_set(
            err, ERR_TEMPFAIL,
            "%s: kept, and not carried out: it takes a second person (four_eyes): "
            "another system user has to type the same (view proposals)",
            ref);
    return err_set(
        err, ERR_TEMPFAIL,
        "%lld of them %s kept, and not carried out: it takes a second person "
        "(four_eyes): another system user has to type the same (view proposals)",
        (long long)jobs, text_plural(jobs, "is", "are"));
}
