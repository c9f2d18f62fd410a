/* What jobs need of each other: who may start by what has become of another, and who never will. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

/* One dependant has one need less; at none it may start, or wait for its lane. */
static int meet_one(struct store *s, int64_t id, int64_t *freed, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE job SET unmet = unmet - 1 WHERE id = ? AND state = 'queued' "
                "RETURNING unmet, on_behalf_of",
                err);
    stmt_bind_int(q, id);
    int rc = stmt_step(q, err);
    if (rc < 1)
        return rc;
    bool free_now = stmt_int(q, "unmet") == 0;
    char *lane = mem_text(stmt_text(q, "on_behalf_of"));
    stmt_reset(q);
    rc = 0;
    if (free_now)
        rc = lane ? queue_next_in_lane(s, lane, freed, err)
                  : queue_give_turn(s, id, freed, err);
    free(lane);
    return rc;
}

/* The ids first: a statement that is stepped must not see the rows that it is about
 * change. */
static int list_ids(struct stmt *q, int64_t **out, size_t *count, struct err *err)
{
    int rc;
    *out = NULL;
    *count = 0;
    while ((rc = stmt_step(q, err)) == 1) {
        if ((*count & (*count - 1)) == 0)
            *out = mem_resize(*out, *count ? *count * 2 : 1, sizeof(**out));
        (*out)[(*count)++] = stmt_int(q, "job_id");
    }
    return rc;
}

static int meet_all(struct store *s, const int64_t *ids, size_t count, int64_t *freed,
                    struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (meet_one(s, ids[i], freed, err) < 0)
            return -1;
    return 0;
}

int queue_need_met(struct store *s, int64_t id, int64_t *freed, struct err *err)
{
    int64_t *dependants;
    size_t count;
    struct stmt *q = db_stmt(
        s->db, "SELECT job_id FROM need WHERE needed_id = ? ORDER BY job_id", err);
    stmt_bind_int(q, id);
    int rc = list_ids(q, &dependants, &count, err);
    if (rc == 0)
        rc = meet_all(s, dependants, count, freed, err);
    free(dependants);
    return rc;
}

/* Whom the loss of a job takes along: what cannot go on without it, and so on. */
#define LOST_WITH                                                                        \
    "WITH RECURSIVE lost (id, why) AS ("                                                 \
    "  SELECT n.job_id, f.ref || ', which is ' || f.state FROM need n "                  \
    "  JOIN job f ON f.id = n.needed_id WHERE n.needed_id = ?1 AND n.soft = 0"           \
    "  UNION SELECT n.job_id, lost.why FROM need n JOIN lost ON n.needed_id = lost.id "  \
    "  WHERE n.soft = 0) "

/* Those that go on without one of them: once for each that they wait for in vain. */
static int list_released(struct store *s, const struct lost_need *lost, int64_t **out,
                         size_t *count, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        LOST_WITH "SELECT job_id FROM need WHERE needed_id = ?1 AND soft AND NOT ?2 "
                  "UNION ALL SELECT n.job_id FROM (SELECT DISTINCT l.id FROM lost l "
                  "JOIN job j ON j.id = l.id WHERE j.state = 'queued') AS x "
                  "JOIN need n ON n.needed_id = x.id WHERE n.soft ORDER BY 1",
        err);
    stmt_bind_int(q, lost->id);
    stmt_bind_int(q, lost->was_met);
    return list_ids(q, out, count, err);
}

static int skip_lost(struct store *s, int64_t id, struct wall now, int64_t *skipped,
                     struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                LOST_WITH "UPDATE job SET state = 'skipped', finished_at = ?2, "
                          "error = 'it needs ' || lost.why "
                          "FROM lost WHERE job.id = lost.id AND job.state = 'queued'",
                err);
    stmt_bind_int(q, id);
    stmt_bind_int(q, now.ms);
    if (stmt_run(q, err))
        return -1;
    *skipped += db_changes(s->db);
    return 0;
}

int queue_need_lost(struct store *s, const struct lost_need *lost, struct wall now,
                    struct move_effect *effect, struct err *err)
{
    int64_t *released;
    size_t count;
    int rc = list_released(s, lost, &released, &count, err);
    if (rc == 0)
        rc = skip_lost(s, lost->id, now, &effect->skipped, err);
    if (rc == 0)
        rc = meet_all(s, released, count, &effect->freed, err);
    free(released);
    return rc;
}

/* ---- what comes back ---- */

static int wait_one(struct store *s, int64_t id, int64_t *freed, struct err *err)
{
    char *lane;
    struct stmt *q =
        db_stmt(s->db, "UPDATE job SET unmet = unmet + 1, ready = 0 WHERE id = ?", err);
    stmt_bind_int(q, id);
    if (stmt_run(q, err) || queue_read_lane(s, id, &lane, err))
        return -1;
    int rc = lane ? queue_next_in_lane(s, lane, freed, err) : 0;
    free(lane);
    return rc;
}

int queue_need_again(struct store *s, int64_t id, int64_t *freed, struct err *err)
{
    int64_t *ids;
    size_t count;
    struct stmt *q = db_stmt(s->db,
                             "SELECT n.job_id FROM need n JOIN job j ON j.id = n.job_id "
                             "WHERE n.needed_id = ? AND n.soft AND j.state = 'queued'",
                             err);
    stmt_bind_int(q, id);
    int rc = list_ids(q, &ids, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = wait_one(s, ids[i], freed, err);
    free(ids);
    return rc;
}
