#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"
#include "db/beside.h"
#include "store/audit.h"
#include "store/internal.h"
#include "store/look.h"

#define MACHINE_ID "/etc/machine-id"

/* ---- the state of the file ---- */

static bool has_mark(const struct store *s)
{
    return strcmp(db_path(s->db), STORE_SCRATCH) != 0;
}

/* Returns its length, 0 where there is none, -1 with err. */
static int read_machine_id(char *id, size_t room, struct err *err)
{
    int fd = open(MACHINE_ID, O_RDONLY | O_CLOEXEC);
    bool is_none = fd < 0 && (errno == ENOENT || errno == EACCES || errno == ENOTDIR);
    if (is_none)
        return 0;
    ssize_t n = fd >= 0 ? read(fd, id, room) : -1;
    if (n < 0)
        err_set(err, ERR_IO, "%s: cannot be read: %s", MACHINE_ID, strerror(errno));
    if (fd >= 0)
        close(fd);
    return (int)n;
}

/* Not the id itself, which is not to be shown around (machine-id(5)). */
static int name_machine(char out[MARK_WORD_MAX], struct err *err)
{
    char id[64], digest[SHA256_HEX_MAX];
    int n = read_machine_id(id, sizeof(id), err);
    if (n < 0)
        return -1;
    struct sha256 *sha = sha256_begin();
    sha256_add(sha, span_of("remesa mark "));
    sha256_add(sha, (struct span){id, (size_t)n});
    sha256_end(sha, digest);
    snprintf(out, MARK_WORD_MAX, "%.16s", n ? digest : "-");
    return 0;
}

static int read_identity(struct store *s, struct mark *now, bool *marked, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT uuid, marked FROM identity", err);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        snprintf(now->database, sizeof(now->database), "%s", stmt_text(q, "uuid"));
        *marked = stmt_int(q, "marked") != 0;
    }
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_SOFTWARE, "%s: it has lost its identity", db_path(s->db));
    return rc < 0 ? -1 : 0;
}

static int read_ids(struct store *s, struct mark *now, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT coalesce((SELECT max(id) FROM run), 0) AS run, "
                             "coalesce((SELECT max(id) FROM attempt), 0) AS attempt, "
                             "coalesce((SELECT max(id) FROM batch), 0) AS batch, "
                             "coalesce((SELECT max(id) FROM decision), 0) AS decision",
                             err);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        now->run = stmt_int(q, "run");
        now->attempt = stmt_int(q, "attempt");
        now->batch = stmt_int(q, "batch");
        now->decision = stmt_int(q, "decision");
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

static int read_batches(struct store *s, struct mark *now, struct err *err)
{
    struct buf name;
    struct stmt *q =
        db_stmt(s->db, "SELECT name FROM batch ORDER BY id DESC LIMIT ?", err);
    int rc;
    stmt_bind_int(q, MARK_BATCHES_MAX);
    while ((rc = stmt_step(q, err)) == 1) {
        buf_init(&name, MARK_TEXT_MAX);
        text_printable(&name, span_of(stmt_text(q, "name"))); /* one line in any case */
        now->batches[now->batch_count++] = buf_take(&name);
    }
    stmt_reset(q);
    return rc;
}

/* To be closed. */
static int read_now(struct store *s, struct mark *now, bool *marked, struct err *err)
{
    *now = (struct mark){.file = beside_file_number(db_path(s->db))};
    return name_machine(now->machine, err) || read_identity(s, now, marked, err) ||
                   read_ids(s, now, err) || audit_head(s, &now->audit, now->seal, err) ||
                   read_batches(s, now, err)
               ? -1
               : 0;
}

/* 1 when there is a mark, 0 when not. To be closed in any case. */
static int read_mark(struct store *s, struct mark *mark, struct err *err)
{
    struct buf text;
    *mark = (struct mark){0};
    buf_init(&text, MARK_TEXT_MAX);
    int rc = beside_read(db_path(s->db), MARK_SUFFIX, &text, err);
    if (rc == 1 && mark_read(mark, buf_span(&text), err))
        rc = err_wrap(err, "%s%s", db_path(s->db), MARK_SUFFIX);
    buf_close(&text);
    return rc;
}

/* ---- comparing ---- */

void look_describe(const struct look *l, const char *path, struct buf *out)
{
    char at[WALL_TEXT_MAX];
    wall_text(l->mark.at, at);
    switch (l->finding) {
    case MARK_FITS:
        return;
    case MARK_ABSENT:
        buf_printf(out,
                   "%s%s is not there: a copy of the database, or the mark was removed",
                   path, MARK_SUFFIX);
        return;
    case MARK_OTHER:
        buf_printf(out,
                   "%s%s is of another database, which made %lld attempts until %s: this "
                   "one was made anew or put in its place",
                   path, MARK_SUFFIX, (long long)l->mark.attempt, at);
        return;
    case MARK_BEHIND:
        buf_printf(out,
                   "it knows of %lld attempts in %lld runs, but there were %lld in %lld "
                   "until %s: a backup was put back",
                   (long long)l->now.attempt, (long long)l->now.run,
                   (long long)l->mark.attempt, (long long)l->mark.run, at);
        return;
    case MARK_CUT:
        buf_printf(
            out,
            "its audit trail does not have the row %lld any more that it had at %s: "
            "it was cut off or changed",
            (long long)l->mark.audit, at);
        return;
    case MARK_MOVED:
        buf_add_text(out, "it lies in another place than before: moved, or a copy of a "
                          "database that goes on elsewhere");
        return;
    }
}

void look_close(struct look *l)
{
    mark_close(&l->mark);
    mark_close(&l->now);
}

/* The row that the mark knows must be there, whatever has come after it. */
static int look_for_cut(struct look *l, struct store *s, struct err *err)
{
    char seal[SHA256_HEX_MAX];
    bool same = strcmp(l->mark.database, l->now.database) == 0;
    if (!l->mark.audit || !same || (l->finding != MARK_FITS && l->finding != MARK_MOVED))
        return 0;
    if (audit_seal_of(s, l->mark.audit, seal, err))
        return -1;
    if (strcmp(seal, l->mark.seal) != 0)
        l->finding = MARK_CUT;
    return 0;
}

/* The mark first: beside a run both go on, and it is the file that must have come as far. The first run makes
 * a mark where there was none. */
static int read_both(struct look *l, struct store *s, bool *marked, struct err *err)
{
    int there = read_mark(s, &l->mark, err);
    if (there < 0 || read_now(s, &l->now, marked, err))
        return -1;
    if (there || !*marked)
        return there;
    look_close(l);
    there = read_mark(s, &l->mark, err);
    return there < 0 || read_now(s, &l->now, marked, err) ? -1 : there;
}

/* To be closed in any case. */
int look_init(struct look *l, struct store *s, struct err *err)
{
    bool marked;
    *l = (struct look){0};
    int there = read_both(l, s, &marked, err);
    if (there < 0)
        return -1;
    l->finding = mark_compare(there ? &l->mark : NULL, &l->now, marked);
    return there ? look_for_cut(l, s, err) : 0;
}

int store_mark_look(struct store *s, enum mark_finding *finding, struct buf *found,
                    struct err *err)
{
    struct look l;
    *finding = MARK_FITS;
    if (!has_mark(s))
        return 0;
    int rc = look_init(&l, s, err);
    if (rc == 0) {
        *finding = l.finding;
        if (found)
            look_describe(&l, db_path(s->db), found);
    }
    look_close(&l);
    return rc;
}

static const char *advice(enum mark_finding finding)
{
    switch (finding) {
    case MARK_OTHER:
        return "Put the other one back; or, if everything was to begin anew, remove the "
               "mark too; or let what is in this one be looked up first: remesa doctor "
               "--accept-restore";
    case MARK_MOVED:
    case MARK_ABSENT:
        return "If it was moved, and no other copy is in use: remesa doctor "
               "--accept-move. If others may have been in use since: remesa doctor "
               "--accept-restore";
    case MARK_FITS:
    case MARK_BEHIND:
    case MARK_CUT:
        break;
    }
    return "Put the right file back; or let all that may have been sent since be looked "
           "up: remesa doctor --accept-restore";
}

int store_mark_check(struct store *s, struct err *err)
{
    struct buf found;
    enum mark_finding finding;
    buf_init(&found, ERR_TEXT_MAX);
    int rc = store_mark_look(s, &finding, &found, err);
    if (rc == 0 && finding != MARK_FITS)
        rc = err_set(err, ERR_CONFIG,
                     "%s: %s. Nothing is sent, or things might be done twice. %s",
                     db_path(s->db), found.data, advice(finding));
    buf_close(&found);
    return rc;
}

/* ---- keeping ---- */

static int write_mark(struct store *s, const struct mark *m, struct err *err)
{
    struct buf text;
    buf_init(&text, MARK_TEXT_MAX);
    mark_write(m, &text);
    int rc = text.full ? err_set(err, ERR_SOFTWARE, "the names of batches are too long")
                       : beside_write(db_path(s->db), MARK_SUFFIX, buf_span(&text), err);
    buf_close(&text);
    return rc;
}

/* After the mark is there, so that it is never missed wrongly. */
static int remember_marked(struct store *s, struct err *err)
{
    return stmt_run(
        db_stmt(s->db, "UPDATE identity SET marked = 1 WHERE marked = 0", err), err);
}

int store_mark_keep(struct store *s, struct wall now, struct err *err)
{
    struct mark m;
    bool marked = false;
    if (!has_mark(s))
        return 0;
    int rc = read_now(s, &m, &marked, err);
    m.at = now;
    if (rc == 0 && s->kept.file && m.file != s->kept.file)
        rc = err_set(err, ERR_IO,
                     "%s: it was moved, removed or replaced while it was in use; what is "
                     "written now may be lost, so nothing more is sent",
                     db_path(s->db));
    if (rc == 0 && !(marked && mark_equal(&m, &s->kept))) {
        rc = write_mark(s, &m, err);
        if (rc == 0 && !marked)
            rc = remember_marked(s, err);
        if (rc == 0) {
            mark_close(&s->kept);
            s->kept = m;
            return 0;
        }
    }
    mark_close(&m);
    return rc;
}
