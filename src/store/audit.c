#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/internal.h"
#include "store/person.h"

#define DETAIL_MAX (1024 * 1024)

/* ---- the seal ---- */

static void add_netstring(struct sha256 *sha, const char *text)
{
    char head[32];
    snprintf(head, sizeof(head), "%zu:", strlen(text));
    sha256_add(sha, span_of(head));
    sha256_add(sha, span_of(text));
    sha256_add(sha, span_of(","));
}

static void add_number(struct sha256 *sha, int64_t n)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, n);
    add_netstring(sha, text);
}

void audit_seal(const struct audit_row *row, char out[SHA256_HEX_MAX])
{
    struct sha256 *sha = sha256_begin();
    add_netstring(sha, row->prev);
    add_number(sha, row->id);
    add_number(sha, row->at.ms);
    add_netstring(sha, row->who);
    add_netstring(sha, row->what);
    add_netstring(sha, row->subject);
    add_netstring(sha, row->detail);
    sha256_end(sha, out);
}

/* ---- writing ---- */

void audit_open(struct audit *a)
{
    buf_init(&a->detail, DETAIL_MAX);
    jsonw_init(&a->w, &a->detail);
    jsonw_open(&a->w, NULL, '{');
}

static int insert_row(struct store *s, const struct audit_row *row, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO audit (id, at, who, what, subject, detail, prev, hash) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                err);
    stmt_bind_int(q, row->id);
    stmt_bind_int(q, row->at.ms);
    stmt_bind_text(q, row->who);
    stmt_bind_text(q, row->what);
    stmt_bind_text(q, row->subject);
    stmt_bind_text(q, row->detail);
    stmt_bind_text(q, row->prev);
    stmt_bind_text(q, row->hash);
    return stmt_run(q, err);
}

/* After the row `last`, whose seal is `prev`. */
static int append(struct store *s, int64_t last, const char *prev,
                  const struct audit_row *told, struct err *err)
{
    char who[PERSON_TEXT_MAX], hash[SHA256_HEX_MAX];
    struct audit_row row = *told;
    row.id = last + 1;
    row.who = person_text(&s->me, who);
    row.prev = prev;
    row.hash = hash;
    audit_seal(&row, hash);
    return insert_row(s, &row, err);
}

static int read_before(struct store *s, struct jsonw *w, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT batch, decision, run, hold, api FROM audit_before", err);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        jsonw_int(w, "batch", stmt_int(q, "batch"));
        jsonw_int(w, "decision", stmt_int(q, "decision"));
        jsonw_int(w, "run", stmt_int(q, "run"));
        jsonw_int(w, "hold", stmt_int(q, "hold"));
        jsonw_text(w, "api", stmt_text(q, "api"));
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

static int begin(struct store *s, struct wall now, struct err *err)
{
    struct audit a;
    audit_open(&a);
    int rc = read_before(s, &a.w, err);
    jsonw_close(&a.w, '}');
    const struct audit_row row = {.at = now,
                                  .what = "begin",
                                  .subject = "remesa " REMESA_VERSION,
                                  .detail = a.detail.data};
    if (rc == 0)
        rc = append(s, 0, AUDIT_FIRST_PREV, &row, err);
    buf_close(&a.detail);
    return rc;
}

static int add(struct store *s, const struct audit_row *row, struct err *err)
{
    char prev[SHA256_HEX_MAX];
    int64_t last;
    if (audit_head(s, &last, prev, err))
        return -1;
    if (!last && (begin(s, row->at, err) || audit_head(s, &last, prev, err)))
        return -1;
    return append(s, last, prev, row, err);
}

int audit_add(struct audit *a, struct store *s, const char *what, const char *subject,
              struct wall now, struct err *err)
{
    jsonw_close(&a->w, '}');
    const struct audit_row row = {
        .at = now, .what = what, .subject = subject, .detail = a->detail.data};
    int rc = a->detail.full
                 ? err_set(err, ERR_SOFTWARE, "a row of the audit trail is too long")
                 : add(s, &row, err);
    buf_close(&a->detail);
    return rc;
}

/* ---- the end ---- */

int audit_head(struct store *s, int64_t *id, char hash[SHA256_HEX_MAX], struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", err);
    int rc = stmt_step(q, err);
    *id = rc == 1 ? stmt_int(q, "id") : 0;
    snprintf(hash, SHA256_HEX_MAX, "%s", rc == 1 ? stmt_text(q, "hash") : "-");
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

int audit_seal_of(struct store *s, int64_t id, char hash[SHA256_HEX_MAX], struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT hash FROM audit WHERE id = ?", err);
    stmt_bind_int(q, id);
    int rc = stmt_step(q, err);
    snprintf(hash, SHA256_HEX_MAX, "%s", rc == 1 ? stmt_text(q, "hash") : "-");
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}
